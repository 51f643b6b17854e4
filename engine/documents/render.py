"""Template and values to PDF, by typst. Values are data: nothing in them is read as markup."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import typst

from engine.documents.printable import FONTS, printable

TEMPLATES = Path(__file__).parent / "templates"
LONGEST = 4000  #: characters of one value; the rest is cut with an ellipsis

_CHILD_SECONDS = 60


class _Typst:
    """Which process typst's threads live in: they do not survive a fork, and compiling without them waits for ever."""

    process: int | None = None


def pdf(
    template: str, values: Mapping[str, Any], *, made_at: datetime, images: Mapping[str, str] | None = None
) -> bytes:
    """Return a PDF/A-2b of a template; the same arguments give the same bytes, in any thread or process.

    Args:
        template: name of a file in ``templates`` without its ending.
        values: JSON-ready; every text in it is made printable and reaches the template as a string.
        made_at: the aware instant that the file carries as its date of creation.
        images: SVG of our own making, by name.

    Raises:
        ValueError: ``made_at`` is naive.
    """
    return _made(_order(template, values, images, made_at=_stamp(made_at)))


def archive(template: str, values: Mapping[str, Any], *, made_at: datetime, files: Mapping[str, bytes]) -> bytes:
    """Return a PDF/A-3b of a template with files attached, unchanged; the same arguments give the same bytes.

    Args:
        files: by a name of our own making (no path); the template attaches them by that name.

    Raises:
        ValueError: ``made_at`` is naive, or a name is a path.
    """
    with tempfile.TemporaryDirectory(prefix="motcua-archive-") as folder:
        root = Path(folder)
        for source in TEMPLATES.glob("*.typ"):
            shutil.copyfile(source, root / source.name)
        for name, content in files.items():
            if Path(name).name != name or name.endswith(".typ"):
                raise ValueError(f"{name!r} is no plain name of an attached file")
            (root / name).write_bytes(content)
        return _made(_order(template, values, made_at=_stamp(made_at), root=folder))


def over(template: str, values: Mapping[str, Any], *, made_at: datetime, under: bytes, pages: int) -> bytes | None:
    """Return a PDF of a template that draws over the pages of another one; None when that has fewer pages.

    It is for reading, no PDF/A: a PDF inside another is none.

    Args:
        under: a PDF of our own making; the template finds it as ``under``, and the number of pages in ``values``.

    Raises:
        ValueError: ``made_at`` is naive.
    """
    order = _order(template, {**values, "pages": pages}, made_at=_stamp(made_at), under=json.dumps(list(under)))
    try:
        return _made(order)
    except (typst.TypstError, subprocess.CalledProcessError):
        return None


def found(template: str, values: Mapping[str, Any], label: str, images: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what a template marks with a label, as ``pdf`` would lay it out: the elements of typst's query."""
    elements: list[dict[str, Any]] = json.loads(_made(_order(template, values, images, label=label)))
    return elements


def _order(
    template: str, values: Mapping[str, Any], images: Mapping[str, str] | None = None, **more: str | int
) -> dict[str, Any]:
    """Return what typst is told, as it can be handed to another process; every text in the values is made printable."""
    return {
        "template": template,
        "values": json.dumps(_printable(values), ensure_ascii=False, sort_keys=True),
        "images": json.dumps(dict(images or {}), sort_keys=True),
        **more,
    }


def _stamp(made_at: datetime) -> int:
    if made_at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return int(made_at.astimezone(UTC).timestamp())


def _made(order: Mapping[str, Any]) -> bytes:
    if _Typst.process not in (None, os.getpid()):
        return _in_a_new_process(order)
    _Typst.process = os.getpid()
    return _compile(order)


def _compile(order: Mapping[str, Any]) -> bytes:
    inputs = {name: order[name] for name in ("values", "images", "under") if name in order}
    if "label" in order:
        return _query(order, inputs)
    root = Path(order.get("root", TEMPLATES))  # all that a template can read
    made = typst.compile(
        str(root / f"{order['template']}.typ"),
        root=str(root),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        pdf_standards=["a-3b"] if "root" in order else [] if "under" in order else ["a-2b"],
        timestamp=order["made_at"],
    )
    if not isinstance(made, bytes):
        raise TypeError(f"typst made {type(made).__name__}, not one file")
    return made


def _query(order: Mapping[str, Any], inputs: dict[str, str]) -> bytes:
    elements = typst.query(
        str(TEMPLATES / f"{order['template']}.typ"),
        order["label"],
        root=str(TEMPLATES),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
    )
    return elements.encode()


def _in_a_new_process(order: Mapping[str, Any]) -> bytes:
    """Compile outside of this process, which was forked (by rq, say) from one that has compiled before."""
    done = subprocess.run(
        [sys.executable, "-m", "engine.documents.render"],
        input=json.dumps(order).encode(),
        capture_output=True,
        cwd=Path(__file__).parents[2],
        timeout=_CHILD_SECONDS,
        check=True,
    )
    return done.stdout


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value, limit=LONGEST)
    if isinstance(value, Mapping):
        return {key: _printable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(item) for item in value]
    return value


if __name__ == "__main__":
    sys.stdout.buffer.write(_compile(json.load(sys.stdin.buffer)))
