"""What to write instead of a limit that cannot be read: people write ``1,5 ngày`` and ``3 working_days``."""

from __future__ import annotations

import re

from engine.domain.text import fold

_PARTS = re.compile(r"(?P<sign>[-−])?\s*(?P<number>[0-9.,/]*)(?P<exponent>e[+-]?[0-9]+)?\s*(?P<unit>.*)", re.I | re.S)
_DECIMAL = re.compile(r"(?P<whole>[0-9]*)[.,](?P<places>[0-9]{1,2}|[0-9]{4,})")  # three digits may be thousands
_WHOLE_OR_FRACTION = re.compile(r"[0-9]+|[0-9]+/0*[1-9][0-9]*")

_UNITS = _WORKING_DAY, _WORKING_HOUR, _CALENDAR_DAY = "working_day", "working_hour", "calendar_day"
_DAYS = frozenset({"", "ngay", "day", "days", "d"})
_MEANT = {
    **dict.fromkeys(("working day", "working days", "workday", "workdays", "ngay lam viec"), _WORKING_DAY),
    **dict.fromkeys(("working hour", "working hours", "gio lam viec"), _WORKING_HOUR),
    **dict.fromkeys(("calendar day", "calendar days", "ngay lich", "ngay duong lich"), _CALENDAR_DAY),
}


def remedy(part: str) -> str:
    """Say what to write instead of a part such as ``1,5 ngày``, as the end of a sentence.

    The text to write stands in it where the meaning is clear; where days may be working or calendar days, both do.
    """
    found = _PARTS.fullmatch(part)
    if found is None or not part:
        return 'write an amount and a unit, such as "1.5 working_day"'
    if found["sign"]:
        return "a limit cannot be negative"
    if found["exponent"]:
        return "write the amount in digits, 10000 at most"
    number = _number(found["number"])
    unit = fold(found["unit"].replace("_", " ").replace("-", " "))
    if number is None:
        return 'write the amount in digits with a decimal point, such as "1.5 working_day" or "1/3 working_hour"'
    if unit in _DAYS:
        return f'days are working or calendar days: write "{number} {_WORKING_DAY}" or "{number} {_CALENDAR_DAY}"'
    if unit in _MEANT:
        return f'write "{number} {_MEANT[unit]}"'
    return f'units are {", ".join(_UNITS)}: write it like "15 {_WORKING_DAY} + 1.5 {_CALENDAR_DAY}"'


def _number(text: str) -> str | None:
    if match := _DECIMAL.fullmatch(text):
        return f"{match['whole'] or '0'}.{match['places']}"
    return text if _WHOLE_OR_FRACTION.fullmatch(text) else None
