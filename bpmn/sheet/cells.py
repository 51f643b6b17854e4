"""The cells of a step table, each read by what its column means; what is no value is an error that names the cell."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from bpmn.findings import Finding, error, warning
from bpmn.sheet.files import Value
from bpmn.sheet.words import FREE, HOURS_A_DAY, LAST, NO, YES, BadLength, is_hours, plain, read_length, slug

_CODE = re.compile(r"[A-Z0-9]+(?:[_.-][A-Z0-9]+)*")
_NATIONAL = re.compile(r"\d[.,]\d{1,6}")
_NATIONAL_DIGITS = 6  #: after the point of a code such as 1.001193 (domain.md §1.2)


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell with something in it: where it is, and the formula or Excel error that stands there instead of a value."""

    where: str
    value: Value
    formula: str | None = None
    unit: str = "ngay"  #: of a bare number, as the title of the column says
    spread: bool = False  #: it is covered by a merged cell that begins in a row above


def read_text(cell: Cell | None, name: str, findings: list[Finding]) -> str | None:
    """Return the text of a cell; a whole number is a text without fraction, a date is an error."""
    if cell is None or _broken(cell, findings) or cell.value is None:
        return None
    if isinstance(cell.value, datetime | date | time | timedelta):
        message = f"`{name}` is a date; format the cell as text and write it again."
        findings.append(error("sheet-cell-date", cell.where, message))
        return None
    if isinstance(cell.value, float) and cell.value.is_integer():
        return str(int(cell.value))
    return " ".join(str(cell.value).split()) or None


def read_code(cell: Cell | None, findings: list[Finding]) -> str | None:
    """Return a procedure's code; Excel takes 1.001190 for a number and drops its zeros, which are put back."""
    said = read_text(cell, "code", findings)
    if said is None or cell is None:
        return None
    if isinstance(cell.value, float) and not cell.value.is_integer():
        said = f"{cell.value:.{_NATIONAL_DIGITS}f}"
        if said != str(cell.value):
            message = f"The code is a number in the file and is read as {said}; format the column as text."
            findings.append(warning("sheet-code-number", cell.where, message))
    elif "," in said and _NATIONAL.fullmatch(said):
        message = f"The code {said} is read as {said.replace(',', '.')}; format the column as text."
        findings.append(warning("sheet-code-number", cell.where, message))
        said = said.replace(",", ".")
    return said


def read_days(cell: Cell | None, name: str, findings: list[Finding]) -> str | None:
    """Return a length of time in working days as text, e.g. ``0.5``; None when the cell is empty."""
    if cell is None or _broken(cell, findings):
        return None
    if cell.spread:
        return None  # it was counted with the row at which the merged cell begins
    days = read_length(cell.value, cell.unit)
    if days is None:
        return None
    if isinstance(days, BadLength):
        findings.append(error(*_bad_length(days, cell, name)))
        return None
    if is_hours(cell.value, cell.unit):
        message = f"`{cell.value}` is read as {_text(days)} working days of {HOURS_A_DAY} hours."
        findings.append(warning("hours-as-days", cell.where, message))
    return _text(days)


def read_fee(cell: Cell, findings: list[Finding]) -> str | None:
    """Return a fee in đồng as text: 0 where it says that there is none; other words are left to the table's rules."""
    if _broken(cell, findings) or cell.value is None or cell.spread:
        return None
    if isinstance(cell.value, float | int) and not isinstance(cell.value, bool):
        if cell.value < 0 or cell.value != int(cell.value):
            message = f"`fee` is {cell.value}; a fee is a whole number of đồng."
            findings.append(error("sheet-fee", cell.where, message))
            return None
        return str(int(cell.value))
    said = read_text(cell, "fee", findings)
    return "0" if said is not None and plain(said) in FREE else said


def read_flag(cell: Cell, name: str, findings: list[Finding]) -> bool:
    """Return whether a cell says yes: x, có, ✓, true, 1; empty, không, 0 and - say no."""
    if _broken(cell, findings) or cell.value is None:
        return False
    said = read_text(cell, name, findings)
    if said is None:
        return False
    if plain(said) in YES:
        return True
    if plain(said) not in NO:
        message = f"`{name}` is {said[:40]!r}; write x for yes and leave the cell empty for no."
        findings.append(error("sheet-flag", cell.where, message))
    return False


def unit_code(name: str) -> str:
    """Return the code of a unit from its name; what is a code already stays."""
    return name if _CODE.fullmatch(name) else slug(name, 60) or "DON_VI"


def is_last(said: str) -> bool:
    """Whether a cell of the column *next* says that nothing follows."""
    return plain(said) in LAST


def add_days(lengths: Iterable[str | None]) -> str | None:
    """Return the sum of lengths of time; None when there is none among them."""
    known = [Decimal(length) for length in lengths if length is not None]
    return _text(sum(known, Decimal(0))) if known else None


def _text(days: Decimal) -> str:
    text = format(days, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bad_length(problem: BadLength, cell: Cell, name: str) -> tuple[str, str, str]:
    said = str(cell.value)[:40]
    messages = {
        BadLength.DATE: "Excel made a date of it; format the cell as text and write 1/2 as 0,5.",
        BadLength.NEGATIVE: f"`{name}` is {said}, less than nothing; write the working days.",
        BadLength.WORDS: f"`{name}` is {said!r}; write working days or hours, such as 2, 0,5, 2 ngày or 4 giờ.",
    }
    rule = "sheet-cell-date" if problem is BadLength.DATE else "sheet-length"
    return rule, cell.where, messages[problem]


def _broken(cell: Cell, findings: list[Finding]) -> bool:
    if cell.formula is None:
        return False
    what = "an Excel error" if cell.formula.startswith("#") else "a formula"
    message = f"The cell holds {what}, {cell.formula}; put its value there (copy, paste as values)."
    findings.append(error("sheet-formula", cell.where, message))
    return True
