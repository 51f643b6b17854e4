"""Make any text safe to print: keep back what the vendored font cannot show and what would disturb the lines."""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"  #: Liberation Serif 2.1.5; Debian's 1.07 lacks Vietnamese letters

LINE = 500  #: characters of a field; the longest procedure name of the national catalogue at hand has 245
HEAD = 160  #: characters of a name in the head or below a signature
LINES = 150  #: of a text with line feeds; each is a paragraph of its own
CODE = 64  #: characters of a code, a number or a place

ELLIPSIS = "…"
UNKNOWN = "□"  #: stands where the font has no glyph; PDF/A forbids to print without one

_MARKS_PER_LETTER = 2  # Vietnamese needs none after NFC; a pile of them would blacken the lines above
_UNBROKEN = re.compile(r"[^\s/\-]{40,}")  # longer than any Vietnamese word, shorter than a line
_PIECE = re.compile(r".{20}(?=.)")
_BREAK = "\u200b"  # allows a line break and prints nothing


def printable(text: str, *, limit: int) -> str:
    """Return the text as it can be printed, in NFC, with line feeds kept and other white space as single spaces.

    Control and format characters (bidirectional overrides, zero-width ones, lone surrogates) are dropped; a character
    that no face of the font has is printed by its compatibility form, or as ``□``. A text of more than ``limit``
    characters, or ``LINES`` lines, is cut and ends in an ellipsis. Very long words get break
    opportunities (zero-width spaces).
    """
    # four code points a character is more than NFC needs, and bounds the work on a hostile text
    cut = len(text) > 4 * limit
    normal = unicodedata.normalize("NFC", text[: 4 * limit].replace("\r\n", "\n"))
    shown = _collapse(_show(normal))
    if cut or len(shown) > limit:
        shown = shown[: limit - 1].rstrip() + ELLIPSIS
    return _UNBROKEN.sub(lambda run: _PIECE.sub(rf"\g<0>{_BREAK}", run[0]), shown)


def one_line(text: str, *, limit: int) -> str:
    """Return the text as it can be printed, without line feeds."""
    return printable(text, limit=limit).replace("\n", " ")


def _show(text: str) -> str:
    shown: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS_PER_LETTER:
            shown.append(_glyphs(char))
    return "".join(shown)


@lru_cache(maxsize=8192)
def _glyphs(char: str) -> str:
    category = unicodedata.category(char)
    if char == "\n" or category in ("Zl", "Zp"):
        return "\n"
    if char.isspace() or category == "Zs":
        return " "
    if category.startswith("C"):
        return ""
    if char in font_characters():
        return char
    if category.startswith("M"):
        return ""
    compatible = unicodedata.normalize("NFKC", char)
    return compatible if set(compatible) <= font_characters() else UNKNOWN


def _collapse(text: str) -> str:
    lines = [line for line in (" ".join(each.split()) for each in text.split("\n")) if line]
    return "\n".join([*lines[: LINES - 1], ELLIPSIS] if len(lines) > LINES else lines)


@cache
def font_characters() -> frozenset[str]:
    """Return the characters that every face of the vendored font has."""
    faces = [_characters(path.read_bytes()) for path in sorted(FONTS.glob("*.ttf"))]
    return frozenset.intersection(*faces)


def _characters(font: bytes) -> frozenset[str]:
    """Read a TrueType file's Windows Unicode map, which in this font is a format 4 subtable."""
    tables = {
        font[at : at + 4]: struct.unpack_from(">I", font, at + 8)[0]
        for at in range(12, 12 + 16 * int(struct.unpack_from(">H", font, 4)[0]), 16)
    }
    cmap = tables[b"cmap"]
    subtables = struct.iter_unpack(">HHI", font[cmap + 4 : cmap + 4 + 8 * font[cmap + 3]])
    start = next(cmap + offset for platform, encoding, offset in subtables if (platform, encoding) == (3, 1))
    format_, _, _, doubled = struct.unpack_from(">HHHH", font, start)
    if format_ != 4:
        raise ValueError(f"the font's Unicode map has format {format_}, not 4")
    lasts = struct.unpack_from(f">{doubled // 2}H", font, start + 14)
    firsts = struct.unpack_from(f">{doubled // 2}H", font, start + 16 + doubled)
    return frozenset(
        chr(point)
        for first, last in zip(firsts, lasts, strict=True)
        for point in range(first, last + 1)
        if point < 0xFFFF
    )
