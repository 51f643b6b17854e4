"""Numbers as commune tables spell them: days with fractions, fees with Vietnamese thousands."""

from __future__ import annotations

import re
from decimal import Decimal
from enum import Enum

MAX_DAYS = Decimal(10_000)
MAX_FEE = 10**12
UNIT = "working_day"

_NUMBER = re.compile(r"[+-]?\d{1,40}([.,]\d{1,4})?")
_PLAIN_FEE = re.compile(r"\d{1,13}")
_GROUPED_FEE = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*")
_CURRENCY = re.compile(r"\s*(đ|đồng|vnd|vnđ)\.?$")


class Unreadable(Enum):
    """Marks a value that is there but means nothing."""

    VALUE = "unreadable"
    TOO_LARGE = "too-large"


def read_days(raw: object) -> Decimal | Unreadable | None:
    """Return a number of days; None when there is none, `Unreadable` when it is no number or beyond `MAX_DAYS`."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return Unreadable.VALUE
    if isinstance(raw, int | float) and abs(raw) > int(MAX_DAYS):
        return Unreadable.TOO_LARGE
    text = str(raw).strip()
    if not text.isascii() or not _NUMBER.fullmatch(text):
        return Unreadable.VALUE
    days = Decimal(text.replace(",", "."))
    return days if abs(days) <= MAX_DAYS else Unreadable.TOO_LARGE


def read_fee(raw: object) -> int | Unreadable | None:
    """Return a fee in đồng; None when unknown, `Unreadable.VALUE` when it is no amount.

    `50000`, `50.000` and `50,000` are the same fee: a group of three digits after the mark is thousands here.
    """
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, bool) or not isinstance(raw, str | int):
        return Unreadable.VALUE
    if isinstance(raw, int) and abs(raw) > MAX_FEE:
        return Unreadable.VALUE
    text = _CURRENCY.sub("", str(raw).strip().lower())
    if not text.isascii() or not (_PLAIN_FEE.fullmatch(text) or _GROUPED_FEE.fullmatch(text)):
        return Unreadable.VALUE
    fee = int(text.replace(".", "").replace(",", ""))
    return fee if fee <= MAX_FEE else Unreadable.VALUE


def format_days(days: Decimal) -> str:
    """Return an amount of working days in its one spelling, e.g. `11.5 working_day`."""
    text = format(days, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text} {UNIT}"
