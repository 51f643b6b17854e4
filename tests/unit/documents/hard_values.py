"""Values that are hard to print: every text of a paper replaced, long names, many papers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

from engine.domain.official_forms import OfficialForm

#: Texts that are codes of ours, and so are never what a citizen or an officer typed.
OURS = frozenset({"form", "zone", "channel", "requested_how", "symbol", "tracking_url"})

LOWER = (  #: every letter of the Vietnamese alphabet, with every mark
    "aàáảãạăằắẳẵặâầấẩẫậbcdđeèéẻẽẹêềếểễệfghiìíỉĩịjklmnoòóỏõọôồốổỗộơờớởỡợpqrstuùúủũụưừứửữựvwxyỳýỷỹỵz"
)
UPPER = LOWER.upper()

LONG = "Nguyễn Thị Ngọc Ánh Tuyết Hường " * 10  #: 320 characters, cut to 300 below


def with_texts(values: Any, make: Callable[[str], str]) -> Any:
    """Return the values with each text replaced by what ``make`` gives for its place."""
    return _replaced(values, make, "")


def _replaced(value: Any, make: Callable[[str], str], place: str) -> Any:
    if isinstance(value, OfficialForm):
        return value
    if isinstance(value, str):
        return make(place)
    if isinstance(value, tuple):
        return tuple(_replaced(item, make, f"{place}{at}") for at, item in enumerate(value))
    if is_dataclass(value) and not isinstance(value, type):
        own = [each.name for each in fields(value) if each.name not in OURS]
        return replace(value, **{key: _replaced(getattr(value, key), make, f"{place}.{key}") for key in own})
    return value
