"""Paragraphs, tables and parts of WordprocessingML, as NĐ 30/2020 lays papers out (domain.md §2.9).

Only the script that builds our own templates uses this (``python -m engine.documents.docx.build``).
"""

from __future__ import annotations

import zlib
from struct import pack
from xml.sax.saxutils import escape

FONT = "Times New Roman"  # the clerk's word processor has it; Liberation Serif has its metrics
PAGE = (11906, 16838)  # twips, A4
MARGINS = {"top": 1134, "bottom": 1134, "left": 1701, "right": 1021}  # twips: 20, 20, 30 and 18 mm
TEXT_WIDTH = PAGE[0] - MARGINS["left"] - MARGINS["right"]
LANDSCAPE_WIDTH = PAGE[1] - 2 * MARGINS["right"]
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
SPACES = (
    f'xmlns:w="{_W}" xmlns:r="{_R}" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
_EMU = 36000  # of a millimetre
_APART = "<w:trPr><w:cantSplit/></w:trPr>"  # no row is torn


def run(
    text: str, *, bold: bool = False, italic: bool = False, size: float = 0, grey: bool = False, struck: bool = False
) -> str:
    """Return text of one look; ``size`` in points, 0: that of the paper."""
    look = "<w:b/>" * bold + "<w:i/>" * italic + "<w:strike/>" * struck + '<w:color w:val="595959"/>' * grey
    look += f'<w:sz w:val="{round(size * 2)}"/><w:szCs w:val="{round(size * 2)}"/>' if size else ""
    return f'<w:r>{f"<w:rPr>{look}</w:rPr>" if look else ""}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def par(*parts: str, align: str = "both", first: int = 0, after: int = 120, keep: bool = False, rule: int = 0) -> str:
    """Return a paragraph; plain texts become runs.

    Args:
        first: indent of the first line, twips.
        after: space below, twentieths of a point.
        keep: stays on the page of what follows.
        rule: a line as wide as the cell less this indent (twips) on both sides stands in its place.
    """
    made = "".join(part if part.startswith("<w:") else run(part) for part in parts)
    look = "<w:keepNext/>" * keep
    if rule:
        look += '<w:pBdr><w:top w:val="single" w:sz="6" w:space="1" w:color="auto"/></w:pBdr>'
    height = ' w:line="60" w:lineRule="exact"' if rule else ""
    look += f'<w:spacing w:before="0" w:after="{after}"{height}/>'
    indents = f'<w:ind w:left="{rule}" w:right="{rule}"/>' if rule else ""
    indents = f'<w:ind w:firstLine="{first}"/>' if first else indents
    return f'<w:p><w:pPr>{look}{indents}<w:jc w:val="{align}"/></w:pPr>{made}</w:p>'


def when(condition: str, *content: str, otherwise: tuple[str, ...] = ()) -> str:
    """Return paragraphs or tables that are printed only if the condition holds."""
    other = (_tag("else"), *otherwise) if otherwise else ()
    return "".join((_tag(f"if {condition}"), *content, *other, _tag("endif")))


def each(loop: str, *content: str) -> str:
    """Return paragraphs that are printed for each item: ``each("line in lines", …)``."""
    return "".join((_tag(f"for {loop}"), *content, _tag("endfor")))


def _tag(text: str) -> str:
    return f"<w:p><w:r><w:t>{{%p {escape(text)} %}}</w:t></w:r></w:p>"


def grid(widths: tuple[int, ...], *cells: str, keep: bool = False) -> str:
    """Return a row of cells without borders; widths in twips."""
    row = "".join(_cell(width, content) for width, content in zip(widths, cells, strict=True))
    apart = _APART if keep else ""
    return _table(widths, f"<w:tr>{apart}{row}</w:tr>", borders=False) + par(after=0)


def table(
    widths: tuple[int, ...],
    head: tuple[str, ...],
    loop: str,
    row: tuple[str, ...],
    *,
    size: float = 11.5,
    instead: tuple[str, str] | None = None,
    group: tuple[int, str] | None = None,
) -> str:
    """Return a table with a head that comes again on each page, and a row for each item.

    Args:
        loop: ``paper in papers``.
        row: text of each cell, centred; one that begins with ``<`` is placed to the left, paragraphs as they are.
        instead: a condition, and the text of a row across the table for items of which it holds.
        group: how many of the last columns stand under a common head, and that head.
    """
    cells = "".join(_filled(width, text, size) for width, text in zip(widths, row, strict=True))
    repeated = f"<w:tr>{_APART}{cells}</w:tr>"
    if instead is not None:
        across = _cell(sum(widths), par(run(instead[1], italic=True, size=size), align="left", after=0), len(widths))
        repeated = "".join(
            (_row_tag(widths, f"if {instead[0]}"), f"<w:tr>{_APART}{across}</w:tr>",
             _row_tag(widths, "else"), repeated, _row_tag(widths, "endif"))
        )  # fmt: skip
    rows = _head_rows(widths, head, size, group) + _row_tag(widths, f"for {loop}") + repeated
    return _table(widths, rows + _row_tag(widths, "endfor"), borders=True) + par(after=60)


def _head_rows(widths: tuple[int, ...], head: tuple[str, ...], size: float, group: tuple[int, str] | None) -> str:
    named = "<w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>"
    texts = [par(run(text, bold=True, size=size), align="center", after=0) for text in head]
    if group is None:
        return f"<w:tr>{named}{''.join(map(_cell, widths, texts))}</w:tr>"
    count, title = group
    upper = [_cell(width, text, merge="restart") for width, text in zip(widths, texts, strict=True)][:-count]
    upper.append(_cell(sum(widths[-count:]), par(run(title, bold=True, size=size), align="center", after=0), count))
    lower = [_cell(width, par(after=0), merge="continue") for width in widths[:-count]]
    lower += map(_cell, widths[-count:], texts[-count:])
    return f"<w:tr>{named}{''.join(upper)}</w:tr><w:tr>{named}{''.join(lower)}</w:tr>"


def picture(relation: str, name: str, text: str, *, millimetres: int) -> str:
    """Return a square picture in a run; ``name`` says which picture a rendering puts there."""
    side = millimetres * _EMU
    size = f'cx="{side}" cy="{side}"'
    return (
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr id="1" name="{name}" descr="{escape(text)}"/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic>'
        f'<pic:nvPicPr><pic:cNvPr id="1" name="{name}"/><pic:cNvPicPr/></pic:nvPicPr>'
        f'<pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>'
        f'<pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext {size}/></a:xfrm><a:prstGeom prst="rect"/></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def body(content: str, *, landscape: bool = False) -> str:
    """Return the document part: the content on A4, numbers on top from the second page on, the form in the foot."""
    wide, high = PAGE[::-1] if landscape else PAGE
    margins = MARGINS | ({"left": MARGINS["right"], "top": MARGINS["left"]} if landscape else {})
    edges = " ".join(f'w:{side}="{twips}"' for side, twips in margins.items())
    section = (
        '<w:headerReference w:type="default" r:id="rId2"/><w:footerReference w:type="default" r:id="rId3"/>'
        '<w:footerReference w:type="first" r:id="rId3"/>'
        f'<w:pgSz w:w="{wide}" w:h="{high}"{" w:orient=" + chr(34) + "landscape" + chr(34) if landscape else ""}/>'
        f'<w:pgMar {edges} w:header="567" w:footer="567" w:gutter="0"/><w:titlePg/>'
    )
    return f"<w:document {SPACES}><w:body>{content}<w:sectPr>{section}</w:sectPr></w:body></w:document>"


def white_png() -> bytes:
    """Return a white pixel, in whose place a rendering puts the QR code."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))

    header = pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = (chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(b"\0\xff")), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _filled(width: int, text: str, size: float) -> str:
    if text.startswith("<w:"):
        return _cell(width, text)
    left = text.startswith("<")
    return _cell(width, par(run(text.removeprefix("<"), size=size), align="left" if left else "center", after=0))


def _row_tag(widths: tuple[int, ...], text: str) -> str:
    first = _cell(widths[0], f"<w:p><w:r><w:t>{{%tr {escape(text)} %}}</w:t></w:r></w:p>")
    return f"<w:tr>{first}{''.join(_cell(width, par()) for width in widths[1:])}</w:tr>"


def _cell(width: int, content: str, span: int = 1, merge: str = "") -> str:
    end = "" if content.endswith("</w:p>") and not content.endswith(" %}</w:t></w:r></w:p>") else par(after=0)
    look = f'<w:tcW w:w="{width}" w:type="dxa"/>' + (f'<w:gridSpan w:val="{span}"/>' if span > 1 else "")
    look += f'<w:vMerge w:val="{merge}"/>' if merge else ""
    return f"<w:tc><w:tcPr>{look}</w:tcPr>{content}{end}</w:tc>"


def _table(widths: tuple[int, ...], rows: str, *, borders: bool) -> str:
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="auto"/>' for side in sides)
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f'{f"<w:tblBorders>{lines}</w:tblBorders>" if borders else ""}<w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr>'
        f"<w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl>"
    )
