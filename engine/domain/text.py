"""Vietnamese text for search: without accents, đ as d, lower case."""

from __future__ import annotations

import unicodedata

_D = str.maketrans({"đ": "d", "Đ": "d"})


def fold(text: str) -> str:
    """Return the text as people type it in a hurry: 'Đặng Thị Ễ' becomes 'dang thi e' (libraries.md §11)."""
    decomposed = unicodedata.normalize("NFD", text.translate(_D))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())
