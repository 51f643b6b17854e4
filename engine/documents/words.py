"""Administrative Vietnamese: dates, limits, money and numbers as papers write them (domain.md §2.3, §2.9)."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from engine.documents.printable import CODE, one_line
from engine.domain import official_forms
from engine.domain.official_forms import OfficialForm
from engine.errors import InvalidInputError

CHANNELS = {"direct": "Trực tiếp", "online": "Trực tuyến", "postal": "Bưu chính công ích"}  # (domain.md §1.3)
UNITS = {"working_day": "ngày làm việc", "working_hour": "giờ làm việc", "calendar_day": "ngày"}  # (domain.md §1.5)
FORM_SETS = {  # (domain.md §2.1)
    official_forms.CURRENT: "Thông tư số 03/2025/TT-VPCP",
    official_forms.OLD: "Thông tư số 01/2018/TT-VPCP",
    official_forms.RESIDENCE: "Thông tư số 66/2023/TT-BCA",
}

_SEGMENT = re.compile(r"\s*(\d{1,6}(?:\.\d{1,6})?) (working_day|working_hour|calendar_day)\s*", re.ASCII)


class UnknownWordError(InvalidInputError):
    """There is no Vietnamese wording for a code."""

    code = "unknown-word"


def date(at: datetime, zone: str) -> str:
    """Return the local date of an aware instant: ``ngày 05 tháng 03 năm 2026``.

    Raises:
        ValueError: the instant is naive.
    """
    local = _local(at, zone)
    return f"ngày {local.day:02} tháng {local.month:02} năm {local.year}"


def moment(at: datetime, zone: str) -> str:
    """Return the local time and date of an aware instant: ``09 giờ 00 phút, ngày 05 tháng 03 năm 2026``.

    Raises:
        ValueError: the instant is naive.
    """
    local = _local(at, zone)
    return f"{local.hour:02} giờ {local.minute:02} phút, {date(at, zone)}"


def limit(text: str) -> str:
    """Return a time limit in words: ``0.5 working_day`` is ``0,5 ngày làm việc``; segments stay joined by ``+``.

    A limit of 0 days, which ends on the day of receipt, reads ``trong ngày làm việc`` or ``trong ngày``.

    Raises:
        UnknownWordError: the text is not a limit such as ``15 working_day``.
    """
    return " + ".join(_segment(part, text) for part in text.split("+"))


def _segment(part: str, text: str) -> str:
    match = _SEGMENT.fullmatch(part)
    if match is None:
        raise UnknownWordError(f"{text!r} is not a time limit; write one like '15 working_day'", limit=text)
    amount = Decimal(match[1])
    unit = UNITS[match[2]]
    if amount == 0 and match[2] != "working_hour":
        return f"trong {unit}"
    return f"{decimal(amount)} {unit}"


def decimal(amount: Decimal) -> str:
    """Return a number with a decimal comma and no idle zeros: ``0,5``."""
    return f"{amount.normalize():f}".replace(".", ",")


def money(amount: int) -> str:
    """Return an amount in đồng: ``50.000 đồng``."""
    return f"{amount:,}".replace(",", ".") + " đồng"


def number(text: str) -> str:
    """Return a document's number with the leading 0 that numbers below 10 get: ``05`` (domain.md §2.9)."""
    return text.zfill(2) if text.isdecimal() else text


def numbered(text: str | None, symbol: str) -> dict[str, str | None]:
    """Return number and symbol of a document as printed; a number such as ``05/PXL`` brings its own symbol."""
    first, slash, own = (text or "").partition("/")
    return {
        "number": one_line(number(first), limit=CODE) if first else None,
        "symbol": one_line(own if slash else symbol, limit=CODE),
    }


def form_line(form: OfficialForm) -> str | None:
    """Return which form a paper is, for its foot: ``Mẫu số 01, Thông tư số 03/2025/TT-VPCP``; None for our own slips.

    Raises:
        UnknownWordError: the set is not known.
    """
    if form.form_set == official_forms.OWN:
        return None
    if form.form_set not in FORM_SETS:
        raise UnknownWordError(f"{form.form_set!r} is not a set of forms", form_set=form.form_set)
    named = "Mẫu số" if form.key.isdecimal() else "Mẫu"
    return f"{named} {form.key}, {FORM_SETS[form.form_set]}"


def channel(code: str) -> str:
    """Return how a dossier was handed in, in words.

    Raises:
        UnknownWordError: the code is none of ``direct``, ``online``, ``postal``.
    """
    if code not in CHANNELS:
        raise UnknownWordError(f"{code!r} is not a channel; known are {', '.join(CHANNELS)}", channel=code)
    return CHANNELS[code]


def _local(at: datetime, zone: str) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    return at.astimezone(ZoneInfo(zone))
