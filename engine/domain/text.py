"""Vietnamese text for search: without accents, đ as d, lower case; telephone numbers as they are dialled."""

from __future__ import annotations

import re
import unicodedata

_TELEPHONE = re.compile(r"0[0-9]{8,10}")  # as one dials inside the country
_SHORTEST_PART = 6  # digits; fewer are no part of a number that anybody would write in groups
_D = str.maketrans({"đ": "d", "Đ": "d"})


def fold(text: str) -> str:
    """Return the text as people type it in a hurry: 'Đặng Thị Ễ' becomes 'dang thi e' (libraries.md §11)."""
    decomposed = unicodedata.normalize("NFD", text.translate(_D))
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(bare.casefold().split())


def dialled(text: str) -> str | None:
    """Return a telephone number, or a part of six digits or more, without what stands between its groups; else None.

    '+84 912.345.678', '(0912) 345 678' and '0912-345-678' are all '0912345678'.
    """
    bare = re.sub(r"[\s.()-]", "", text)
    national = f"0{bare[3:]}" if bare.startswith("+84") else bare
    return national if national.isascii() and national.isdigit() and len(national) >= _SHORTEST_PART else None


def telephone(text: str) -> str:
    """Return a telephone number of the country as it is dialled, any other text as it is."""
    number = dialled(text)
    return number if number is not None and _TELEPHONE.fullmatch(number) else text
