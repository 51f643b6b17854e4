"""Parts of a template as Jinja sees them, and the pictures that a rendering replaces."""

from __future__ import annotations

from io import BytesIO

from docxtpl import DocxTemplate
from jinja2 import TemplateError, nodes
from lxml import etree

from engine.documents.docx.findings import error
from engine.documents.docx.language import FormEnvironment, names_used
from engine.documents.docx.package import BadPackageError, Package, parse, unpack

PICTURE = "qr"  #: name or alternative text of that picture

_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


def filled_parts(package: Package, environment: FormEnvironment) -> list[tuple[str, str, nodes.Template]]:
    """Return name, source and syntax tree of the parts whose placeholders are filled in.

    Raises:
        BadPackageError: a part is no XML, or a placeholder cannot be read.
    """
    found = []
    for name in package.printed():
        source = source_of(parse(name, package.parts[name]))
        try:
            found.append((name, source, environment.parse(source)))
        except TemplateError as problem:
            raise BadPackageError(error("syntax", what=str(problem)[:200])) from problem
    return found


def source_of(root: etree._Element) -> str:
    """Return a part as a template: placeholders that a word processor cut into runs are put together again."""
    xml = etree.tostring(root, encoding="unicode")
    return str(DocxTemplate(BytesIO()).patch_xml(xml))


def pictures_of(package: Package) -> tuple[str, ...]:
    """Return the parts that are pictures of the name ``qr``."""
    found = []
    for name in package.printed():
        targets = _targets(package, name)
        for drawing in parse(name, package.parts[name]).iter("{*}inline", "{*}anchor"):
            names = {each.get(key) for each in drawing.iter("{*}docPr", "{*}cNvPr") for key in ("name", "descr")}
            if PICTURE in names:
                found += [targets.get(each.get(f"{_RELATIONS}embed") or "", "") for each in drawing.iter("{*}blip")]
    return tuple(sorted({each for each in found if each in package.parts}))


def names_of(template: bytes) -> frozenset[str]:
    """Return the dotted names of the fields that a template mentions."""
    parts = filled_parts(unpack(template), FormEnvironment())
    return frozenset().union(*(names_used(tree) for _name, _source, tree in parts))


def _targets(package: Package, part: str) -> dict[str, str]:
    folder, _slash, name = part.rpartition("/")
    relations = package.parts.get(f"{folder}/_rels/{name}.rels")
    if relations is None:
        return {}
    return {
        each.get("Id", ""): f"{folder}/{each.get('Target', '')}".removeprefix(f"{folder}//")
        for each in parse(f"{part}.rels", relations).iter("{*}Relationship")
    }
