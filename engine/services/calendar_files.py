"""A decision on days off and make-up days as a CSV file: read whole, or refused with every bad field named."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from io import StringIO

from engine.domain.calendar_layers import AWAITED
from engine.domain.office_hours import YEARS, DayKind, DayRule, InvalidCalendarError, Shift, parse_shifts
from engine.errors import InvalidInputError

COLUMNS = ("date", "kind", "decision", "note")
HALF_DAYS = "shifts"  #: a further column that may be left out
LARGEST = 200_000  #: bytes; a year of days has some 3,000
LONGEST_TEXT = 200  #: characters of a decision, a note or shifts

_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLASHED = re.compile(r"(?P<day>[0-9]{1,2})[/.-](?P<month>[0-9]{1,2})[/.-](?P<year>[0-9]{4})")
_EXPECTED = f"the columns {','.join(COLUMNS)} and, for half days, {HALF_DAYS}"
_SAVE = 'in Excel, save it as "CSV UTF-8"'


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file is refused, and where: ``row`` is a line of the file (the heading is 1), ``column`` counts from 1."""

    code: str
    message: str
    row: int = 0  # 0: the file as a whole
    column: int = 0  # 0: the row as a whole
    field: str = ""

    def __str__(self) -> str:
        if not self.row:
            return self.message
        where = f"row {self.row}" + (f", column {self.column} ({self.field})" if self.column else "")
        return f"{where}: {self.message}"


class InvalidCalendarFileError(InvalidInputError):
    """A file of days cannot be used; nothing of it was taken.

    ``details`` has ``file`` and ``problems``: a list of ``{"code", "message", "row", "column", "field"}``, by row.
    """

    code = "invalid-calendar-file"

    def __init__(self, name: str, problems: Sequence[Problem]) -> None:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        listed = [{key: getattr(each, key) for key in Problem.__slots__} for each in problems]
        super().__init__(f"{name}: {problems[0]}{more}", file=name, problems=listed)


@dataclass(slots=True)
class _Reading:
    """What was read so far, by row, and what was wrong."""

    rules: dict[int, DayRule] = field(default_factory=dict)
    row_of: dict[date, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_days(text: str | bytes, name: str) -> list[DayRule]:
    """Read the days of a decision; see ``read_rows``.

    Raises:
        InvalidCalendarFileError: something in it cannot be used.
    """
    return list(read_rows(text, name).values())


def read_rows(text: str | bytes, name: str) -> dict[int, DayRule]:
    """Read the days of a decision by their row: columns ``date,kind,decision,note`` and, for half days, ``shifts``.

    Commas or semicolons separate (a Vietnamese Excel writes semicolons); a byte order mark and empty rows are skipped.
    ``shifts`` are such as ``07:00-11:30``, several joined by ``;``, and belong to ``work`` days.

    Args:
        name: of the file, for messages.

    Raises:
        InvalidCalendarFileError: something in it cannot be used; it lists all that is wrong.
    """
    reading = _Reading()
    try:
        _read(_decoded(text), reading)
    except _UnreadableError as error:
        reading.problems.append(error.problem)
    if not reading.problems and not reading.rules:
        reading.problems.append(Problem("no-day", "declares no day: each further row is a day", row=1))
    if reading.problems:
        raise InvalidCalendarFileError(name, sorted(reading.problems, key=lambda each: (each.row, each.column)))
    return reading.rules


class _UnreadableError(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _decoded(content: str | bytes) -> str:
    if len(content) > LARGEST:
        raise _UnreadableError(Problem("too-large", f"has more than {LARGEST} bytes: no decision is as long"))
    try:
        text = content if isinstance(content, str) else content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = error.object[: error.start].count(b"\n") + 1
        raise _UnreadableError(Problem("not-utf-8", f"is not UTF-8 text: {_SAVE}", row=row)) from None
    if "\0" in text:
        row = text[: text.index("\0")].count("\n") + 1
        raise _UnreadableError(Problem("not-text", f"holds a NUL byte and is no text: {_SAVE}", row=row))
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise _UnreadableError(Problem("empty", f"is empty: its first row names {_EXPECTED}"))
    return text


def _read(text: str, reading: _Reading) -> None:
    heading = text.partition("\n")[0]
    rows = _rows(text, ";" if ";" in heading else ",")
    _, names = next(rows)
    columns = _columns(names)
    for row, cells in rows:
        if len(cells) > len(columns):
            reading.problems.append(Problem("too-many-fields", f"has more fields than the {len(columns)} columns", row))
            continue
        _take(row, {name: _Cell(row, number, name, cells) for name, number in columns.items()}, reading)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not empty with the line on which each begins."""
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield begins, [" ".join(cell.split()) for cell in cells]
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _UnreadableError(Problem("not-csv", f"is not CSV: {error}", row=begins)) from None


def _columns(names: list[str]) -> dict[str, int]:
    """Return the number of each column, counted from 1."""
    columns: dict[str, int] = {}
    for number, name in enumerate((name.lower() for name in names), 1):
        if name not in (*COLUMNS, HALF_DAYS) or name in columns:
            why = "is named twice" if name in columns else "is no column of a decision"
            raise _UnreadableError(Problem("unknown-column", f"{why}: name {_EXPECTED}", 1, number, name))
        columns[name] = number
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise _UnreadableError(Problem("column-missing", f"column {missing[0]} is missing: name {_EXPECTED}", row=1))
    return columns


class _Cell:
    """One field of a row, which knows its place."""

    def __init__(self, row: int, column: int, name: str, cells: list[str]) -> None:
        self.row, self.column, self.name = row, column, name
        self.text = cells[column - 1] if column <= len(cells) else ""

    def problem(self, code: str, message: str) -> Problem:
        return Problem(code, message, self.row, self.column, self.name)


def _take(row: int, cells: dict[str, _Cell], reading: _Reading) -> None:
    """Read a row, and note all that is wrong with it."""
    found = len(reading.problems)
    on, kind = _date(cells["date"], reading), _kind(cells["kind"], reading)
    _check_decision(cells["decision"], reading)
    _check_length(cells["note"], reading)
    half = cells.get(HALF_DAYS)
    shifts = _shifts(half, kind, reading) if half is not None and half.text else ()
    if len(reading.problems) == found and on is not None and kind is not None:
        rule = DayRule(on, kind, cells["decision"].text, cells["note"].text, shifts=shifts)
        _put(row, rule, cells["date"], reading)


def _put(row: int, rule: DayRule, cell: _Cell, reading: _Reading) -> None:
    first = reading.row_of.setdefault(rule.on, row)
    if first == row:
        reading.rules[row] = rule
        return
    known = reading.rules[first].kind
    twice = "declared" if known is rule.kind else f"both {rule.kind} and {known}: declared {known}"
    message = f"{rule.on} is {twice} in row {first} already; keep one of the two rows"
    reading.problems.append(cell.problem("day-twice", message))


def _date(cell: _Cell, reading: _Reading) -> date | None:
    on = _iso_date(cell.text)
    if on is None:
        message = f'"{cell.text[:40]}" is not a date such as 2027-02-04: write year-month-day{_instead(cell.text)}'
        reading.problems.append(cell.problem("date-unreadable", message))
    elif on.year not in YEARS:
        message = f"{on} lies outside the years {YEARS[0]} to {YEARS[-1]} that a calendar may cover"
        reading.problems.append(cell.problem("date-out-of-range", message))
    return on


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _ISO.fullmatch(text) else None
    except ValueError:
        return None


def _instead(text: str) -> str:
    """Suggest what to write for 03/04/2026, which is 3 April in Viet Nam and 4 March elsewhere."""
    slashed = _SLASHED.fullmatch(text)
    meant = _iso_date(f"{slashed['year']}-{slashed['month']:0>2}-{slashed['day']:0>2}") if slashed else None
    return "" if meant is None else f", {meant} if {meant.day} {meant:%B} is meant (in Excel, as text)"


def _kind(cell: _Cell, reading: _Reading) -> DayKind | None:
    try:
        return DayKind(cell.text.lower())
    except ValueError:
        message = f'"{cell.text[:40]}" is neither off (a day off) nor work (a make-up day or a half day)'
        reading.problems.append(cell.problem("kind-unknown", message))
        return None


def _check_decision(cell: _Cell, reading: _Reading) -> None:
    if not cell.text or cell.text.startswith(AWAITED):
        message = "name the decision that declares the day, such as 12729/VPCP-KGVX"
        reading.problems.append(cell.problem("decision-missing", message))
    _check_length(cell, reading)


def _check_length(cell: _Cell, reading: _Reading) -> None:
    if len(cell.text) > LONGEST_TEXT:
        message = f"has {len(cell.text)} characters; shorten it to {LONGEST_TEXT}"
        reading.problems.append(cell.problem("too-long", message))


def _shifts(cell: _Cell, kind: DayKind | None, reading: _Reading) -> tuple[Shift, ...]:
    if kind is DayKind.OFF:
        message = "a day off has no shifts: a half day is a work day with the hours that remain"
        reading.problems.append(cell.problem("off-with-shifts", message))
        return ()
    _check_length(cell, reading)
    try:
        return parse_shifts(cell.text)
    except InvalidCalendarError as error:
        reading.problems.append(cell.problem("shifts-unreadable", error.message[:LONGEST_TEXT]))
        return ()
