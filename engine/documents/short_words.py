"""Words for tables and for money: short dates, and amounts spelled out as receipts of money ask for."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", "nghìn", "triệu")
_GROUP = 1000
_BILLION = 10**9


def short_date(at: datetime, zone: str) -> str:
    """Return the local date of an aware instant: ``05/03/2026``.

    Raises:
        ValueError: the instant is naive.
    """
    return f"{_local(at, zone):%d/%m/%Y}"


def short_moment(at: datetime, zone: str) -> str:
    """Return the local time and date of an aware instant: ``09:00 05/03/2026``.

    Raises:
        ValueError: the instant is naive.
    """
    return f"{_local(at, zone):%H:%M %d/%m/%Y}"


def money_in_words(amount: int) -> str:
    """Return an amount of đồng in words: ``Năm mươi nghìn đồng``.

    Raises:
        ValueError: it is below 0.
    """
    if amount < 0:
        raise ValueError("an amount is 0 or more")
    words = " ".join(_number(amount)) or _DIGITS[0]
    return f"{words[0].upper()}{words[1:]} đồng"


def _number(amount: int, *, after: bool = False) -> list[str]:
    """Return the words of a number; ``after``: others stand before it, so that its hundreds are said even if none."""
    if amount >= _BILLION:
        rest = amount % _BILLION
        return [*_number(amount // _BILLION, after=after), "tỷ", *(_number(rest, after=True) if rest else [])]
    groups = [amount // _GROUP**power % _GROUP for power in (2, 1, 0)]
    found: list[str] = []
    for power, group in zip((2, 1, 0), groups, strict=True):
        if group:
            found += _three(group, after=after or bool(found))
            found += [_GROUPS[power]] if power else []
    return found


def _three(group: int, *, after: bool) -> list[str]:
    hundreds, tens, ones = group // 100, group // 10 % 10, group % 10
    found = [_DIGITS[hundreds], "trăm"] if hundreds or after else []
    if tens == 0:
        if ones:
            found += ["linh"] if found else []
            found.append(_DIGITS[ones])
        return found
    found += ["mười"] if tens == 1 else [_DIGITS[tens], "mươi"]
    if ones == 1 and tens > 1:
        found.append("mốt")
    elif ones == 5:
        found.append("lăm")
    elif ones:
        found.append(_DIGITS[ones])
    return found


def _local(at: datetime, zone: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return at.astimezone(ZoneInfo(zone))
