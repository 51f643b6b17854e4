"""Word files for tests: a template with other parts or another text, and what a rendering says."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from xml.sax.saxutils import escape

import docx
from docx.blkcntnr import BlockItemContainer
from docx.table import Table

DOCUMENT = "word/document.xml"


def parts_of(content: bytes) -> dict[str, bytes]:
    """Return the parts of a .docx by name."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """Return a .docx of parts."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_parts(content: bytes, **changed: bytes | None) -> bytes:
    """Return a .docx with other parts; names with ``__`` for slashes, None takes a part away."""
    parts = parts_of(content)
    for key, new in changed.items():
        name = key.replace("__", "/")
        parts.pop(name, None)
        if new is not None:
            parts[name] = new
    return zipped(parts)


def with_xml(content: bytes, xml: str, part: str = DOCUMENT) -> bytes:
    """Return a .docx whose document begins with more XML in its body (another part: at its end)."""
    parts = parts_of(content)
    text = parts[part].decode()
    if part == DOCUMENT:
        parts[part] = text.replace("<w:body>", f"<w:body>{xml}", 1).encode()
    else:
        end = text.rindex("</")
        parts[part] = (text[:end] + xml + text[end:]).encode()
    return zipped(parts)


def with_text(content: bytes, *texts: str) -> bytes:
    """Return a .docx that begins with a paragraph for each text."""
    paragraphs = (f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>' for text in texts)
    return with_xml(content, "".join(paragraphs))


def text_of(content: bytes) -> str:
    """Return what a .docx says, body first, then heads and feet; each line break and cell is a blank."""
    document = docx.Document(BytesIO(content))
    places: list[BlockItemContainer] = [document._body]
    for section in document.sections:
        places += [section.header, section.footer]
    return re.sub(r"\s+", " ", " ".join(line for place in places for line in _lines(place))).strip()


def _lines(place: BlockItemContainer) -> Iterator[str]:
    for item in place.iter_inner_content():
        if isinstance(item, Table):
            for row in item.rows:
                for cell in row.cells:
                    yield from _lines(cell)
        else:
            yield item.text
