"""Template and fields to .docx. A template is taken apart once a process; filling it in is text and one zip."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
from jinja2 import Template, TemplateError
from jinja2.meta import find_undeclared_variables

from engine.documents import forms
from engine.documents.docx.compiling import filled_parts, pictures_of
from engine.documents.docx.language import FormEnvironment
from engine.documents.docx.package import BadPackageError, unpack
from engine.documents.printable import printable
from engine.documents.render import LONGEST
from engine.domain.official_forms import FormKind, OfficialForm, UnknownFormError
from engine.errors import ConflictError

TEMPLATES = Path(__file__).parent / "templates"
LINK = "tracking_url"  #: the field whose QR code takes the place of the picture called ``qr``

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE = 0o600 << 16


class TemplateOutdatedError(ConflictError):
    """The template that the office uses does not fit the form any more: a field that it prints is gone."""

    code = "form-template-outdated"


@dataclass(frozen=True, slots=True)
class Compiled:
    """A template taken apart: what stays the same, and the parts that are filled in."""

    base: bytes  #: a zip of all that stays the same
    printed: tuple[tuple[str, Template], ...]
    pictures: tuple[tuple[str, bytes], ...]  #: parts that become the QR code, and what they are without one
    names: frozenset[str]  #: top fields that it prints


def render_docx(form: OfficialForm, values: Any, *, template: bytes | None = None) -> bytes:
    """Print a form as .docx from the same fields as the PDF; the same arguments give the same bytes.

    Args:
        template: an office's own, checked before (``sandbox.check``); None: ours.

    Raises:
        UnknownFormError, TypeError, ValueError: see ``forms.fields_of``; or there is no .docx of this kind.
        TemplateOutdatedError: the office's template prints a field that the form has no more.
    """
    return fill(shipped(form) if template is None else template, forms.fields_of(form, values))


def fill(template: bytes, fields: Mapping[str, Any]) -> bytes:
    """Return a template filled in with fields.

    Raises:
        TemplateOutdatedError: it prints a field that is not there, or is no template that passed a check.
    """
    try:
        compiled = _compiled(template)
        gone = sorted(compiled.names - set(fields))
        if gone:
            message = f"the template prints {', '.join(gone)}, which the form has no more: check and replace it"
            raise TemplateOutdatedError(message, fields=gone)
        data = _printable(dict(fields))
        made = {name: part.render(data).encode() for name, part in compiled.printed}
    except (BadPackageError, TemplateError) as problem:
        raise TemplateOutdatedError(f"the template cannot be filled in: {problem}") from problem
    link = fields.get(LINK) if compiled.pictures else None
    made |= {name: qr_png(link) if link else blank for name, blank in compiled.pictures}
    return _zipped(compiled.base, made)


def shipped(form: OfficialForm) -> bytes:
    """Return the template of a form that comes with the engine.

    Raises:
        UnknownFormError: there is none of that kind.
    """
    content = _shipped(forms.template_of(form))
    if content is None:
        raise UnknownFormError(f"there is no .docx of the form {form.kind}", kind=form.kind)
    return content


def kinds() -> tuple[FormKind, ...]:
    """Return the kinds of which there is a .docx."""
    return tuple(kind for kind in forms.PRINTS if (TEMPLATES / f"{kind.value}.docx").exists())


@lru_cache(maxsize=64)  # a page of the archive asks for both PDF and .docx
def qr_png(text: str) -> bytes:
    """Return the text as a QR code in PNG, with the quiet zone of four modules that the standard asks for."""
    out = BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=4, border=4)
    return out.getvalue()


@lru_cache(maxsize=64)
def _compiled(template: bytes) -> Compiled:
    package, environment = unpack(template), FormEnvironment()
    parts = filled_parts(package, environment)
    known: set[str] = set().union(*(find_undeclared_variables(tree) for _name, _source, tree in parts))
    pictures = pictures_of(package)
    changing = {name for name, _source, _tree in parts} | set(pictures)
    return Compiled(
        base=_zipped(b"", {name: content for name, content in package.parts.items() if name not in changing}),
        printed=tuple((name, environment.from_string(tree)) for name, _source, tree in parts),
        pictures=tuple((name, package.parts[name]) for name in pictures),
        names=frozenset(known - {"loop"}),
    )


@cache
def _shipped(name: str) -> bytes | None:
    path = TEMPLATES / f"{name}.docx"
    return path.read_bytes() if path.exists() else None


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value, limit=LONGEST)
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    return value


def _zipped(base: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Return a zip with the parts added; no clock and no machine shows in it."""
    out = BytesIO(base)
    with zipfile.ZipFile(out, "a" if base else "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _ZIP_EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, _FILE
            archive.writestr(entry, content)
    return out.getvalue()
