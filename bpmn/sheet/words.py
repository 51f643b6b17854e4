"""How people write step tables: the names of columns, yes and no, lengths of time; Vietnamese and English."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


HOURS_A_DAY = 8  #: of a working day, where a table counts a step in hours

# What stands above a column, folded, to the field that it fills. docs/howto/add-a-procedure.md lists them for people.
COLUMNS: dict[str, str] = {
    name: field
    for field, names in {
        "code": "code|ma thu tuc|ma tthc|ma thu tuc hanh chinh|ma quy trinh|ma so thu tuc",
        "procedure_name": "procedure_name|procedure name|procedure|ten thu tuc|ten tthc|thu tuc|ten quy trinh"
        "|ten thu tuc hanh chinh|thu tuc hanh chinh",
        "total_days": "total_days|total days|total|tong thoi han|tong thoi gian|tong so ngay|tong thoi han giai quyet"
        "|tong thoi gian giai quyet",
        "fee": "fee|fee_vnd|phi|le phi|phi le phi|phi va le phi",
        "field": "field|linh vuc",
        "no": "no|stt|tt|so tt|so thu tu|buoc so",
        "id": "id|ma buoc|key",
        "name": "name|step|step name|buoc|ten buoc|buoc thuc hien|cac buoc|trinh tu|trinh tu thuc hien"
        "|buoc cong viec|noi dung cong viec|cong viec|ten cong viec|trinh tu cac buoc",
        "unit": "unit|ma don vi|unit code",
        "unit_label": "unit_label|unit name|don vi|ten don vi|don vi thuc hien|trach nhiem|trach nhiem thuc hien"
        "|nguoi thuc hien|bo phan|bo phan thuc hien|don vi nguoi thuc hien|don vi xu ly|noi thuc hien",
        "limit_days": "limit_days|limit days|limit|days|thoi gian|thoi han|thoi gian thuc hien|thoi han thuc hien"
        "|thoi gian giai quyet|thoi han giai quyet|so ngay|thoi han buoc|thoi gian xu ly|thoi han xu ly",
        "stage_limit_days": "stage_limit_days|stage limit days|stage limit|thoi han chang|thoi gian chang"
        "|thoi han giai doan",
        "next": "next|buoc sau|buoc tiep theo|buoc ke tiep|chuyen den buoc",
        "single_officer": "single_officer|single officer|mot nguoi|mot nguoi thuc hien|mot can bo",
        "pauses_clock": "pauses_clock|pauses clock|pauses|tam dung|tam dung dong ho|dung tinh gio",
        "resumes_clock": "resumes_clock|resumes clock|resumes|tinh tiep|tinh tiep thoi gian|tiep tuc tinh gio",
        "ends_processing": "ends_processing|ends processing|ends|ket thuc xu ly|ket thuc|co ket qua",
    }.items()
    for name in names.split("|")
}
# Columns that such tables carry for people; nothing reads them, and nobody misspelt them.
FOR_PEOPLE = _words("ghi chu|bieu mau|ket qua|ket qua san pham|san pham|can cu|ho so|note|notes|dien giai")
# Above the table, beside a label, a limit is that of the whole procedure.
ABOVE: dict[str, str] = COLUMNS | {
    name: "total_days" for name in ("thoi han", "thoi gian", "thoi han giai quyet", "thoi gian giai quyet")
}
YES = _words("x|co|yes|y|true|1|✓|✔|dung|v")
NO = _words("|khong|no|n|false|0|-|k|sai")
FREE = _words("khong|khong thu|mien phi|mien|khong co|khong quy dinh|none|free")
LAST = _words("het|ket thuc|end|-|khong")
SUMS = ("tong cong", "tong thoi gian", "tong thoi han", "tong so", "tong", "cong", "total")

_PARENTHESES = re.compile(r"[(\[][^)\]]*[)\]]")
_SIGNS = re.compile(r"[^\w/✓✔-]+")
_PART = re.compile(r"(\d+(?:[.,]\d+)?(?:/\d+)?)([a-z ]*)")
_LEAD = re.compile(r"(khong qua|toi da|trong vong|trong|within) ")
_DAYS = _words("|ngay|ngay lam viec|nlv|ngay lv|d|day|days|working day|working days|working_day")
_HOURS = _words("gio|gio lam viec|h|hour|hours|working hours|tieng")
_CLOCK = re.compile(r"(?<![a-z])(gio|tieng|h|hours?|phut|p|min|minutes?)(?![a-z])")
_MINUTES = _words("phut|p|min|minute|minutes")


class BadLength(StrEnum):
    """Why a cell is no length of time."""

    WORDS = "words"
    DATE = "date"  #: Excel took 1/2 for the first of February
    NEGATIVE = "negative"


def plain(text: object) -> str:
    """Return a text in lower case without accents and doubled spaces: how names are compared."""
    apart = unicodedata.normalize("NFD", str(text).replace("Đ", "D").replace("đ", "d"))
    return " ".join("".join(sign for sign in apart if not unicodedata.combining(sign)).casefold().split())


def column_of(title: object, names: dict[str, str]) -> str | None:
    """Return the field that a title stands for, ``""`` for a column that is for people only, None when it is unknown.

    ``Trách nhiệm/Đơn vị`` and ``Thời gian (ngày)`` are known by their parts and without what is in parentheses.
    """
    bare = plain(_PARENTHESES.sub(" ", str(title))).strip(" :.*")
    whole = " ".join(_SIGNS.sub(" ", bare.replace("/", " ")).split())
    parts = [part.strip() for part in re.split(r"[/,;&]| va ", bare)]
    known = {field for part in (whole, *parts) if (field := names.get(part)) is not None}
    if len(known) == 1:
        return known.pop()
    return "" if any(part in FOR_PEOPLE for part in (whole, *parts)) else None


def unit_of_title(title: object) -> str:
    """Return the unit that bare numbers under a title have: ``gio`` for *Thời gian (giờ)*, else days."""
    inside = plain(" ".join(_PARENTHESES.findall(str(title)))).strip(" ()[]")
    return next((unit for unit in ("gio", "phut") if unit in inside.split()), "ngay")


def read_length(raw: object, unit: str = "ngay") -> Decimal | BadLength | None:
    """Return working days with at most four decimals: ``0,5``, ``2 ngày``, ``4 giờ`` (of eight), ``1 ngày 4 giờ``.

    None: the cell is empty. ``unit`` is that of a number without one.
    """
    if isinstance(raw, datetime | date | time | timedelta):
        return BadLength.DATE
    if isinstance(raw, bool):
        return BadLength.WORDS
    text = plain("" if raw is None else raw)
    if not text:
        return None
    text = _LEAD.sub("", text, count=1).rstrip(". ")
    if text.startswith("-") and text[1:2].isdigit():
        return BadLength.NEGATIVE
    days, end = Decimal(0), 0
    for part in _PART.finditer(text):
        length = _days(part[1], part[2].strip() or unit)
        if length is None or text[end : part.start()].strip(" ,+"):
            return BadLength.WORDS
        days, end = days + length, part.end()
    if end == 0 or text[end:].strip():
        return BadLength.WORDS
    return days.quantize(Decimal("0.0001"))


def is_hours(raw: object, unit: str = "ngay") -> bool:
    """Whether a length is written in hours or minutes, so that somebody should be told how a day is counted."""
    text = plain("" if raw is None else raw)
    return _CLOCK.search(text) is not None or (unit != "ngay" and text != "")


def _days(number: str, unit: str) -> Decimal | None:
    whole, _slash, divisor = number.replace(",", ".").partition("/")
    if len(number) > 20 or (divisor and int(divisor) == 0):
        return None
    amount = Decimal(whole) / (Decimal(divisor) if divisor else 1)
    if unit in _DAYS:
        return amount
    if unit in _HOURS:
        return amount / HOURS_A_DAY
    return amount / (60 * HOURS_A_DAY) if unit in _MINUTES else None


def slug(text: str, longest: int = 40) -> str:
    """Return a text as a code: ``Bộ phận Một cửa`` is ``BO_PHAN_MOT_CUA``; cut at a word."""
    words = re.sub(r"[^a-z0-9]+", " ", plain(text)).split()
    made = ""
    for word in words:
        longer = f"{made}_{word}" if made else word[:longest]
        if len(longer) > longest:
            break
        made = longer
    return made.upper()
