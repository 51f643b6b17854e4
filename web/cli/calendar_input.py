"""What ``motcua calendar`` reads, and how it refuses: one line that names file, row and field (contract §2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.office_hours import DayRule, InvalidCalendarError, OfficeHours, Shift, parse_shifts
from engine.services import calendar_files
from engine.services.calendar_changes import DecisionKnownError
from engine.services.calendar_files import InvalidCalendarFileError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AGENCY = click.option("--agency", metavar="CODE", help="The agency whose calendar it is; the default agency without.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")

Rows = Mapping[int, DayRule]  #: days by their row in the file


class BadInput(click.ClickException):
    """Input that cannot be used: one line on stderr, exit status 2."""

    exit_code = 2


@contextmanager
def opened() -> Iterator[Context]:
    """Give the context of the environment and close its database afterwards."""
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()


def read_decision(file: Path) -> Rows:
    """Read a decision: one row a day.

    Raises:
        BadInput: the file cannot be used.
    """
    try:
        with file.open("rb") as table:
            content = table.read(calendar_files.LARGEST + 1)
        return calendar_files.read_rows(content, str(file))
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    except InvalidCalendarFileError as error:
        raise BadInput(error.message) from error


@contextmanager
def placed(file: Path, rows: Rows) -> Iterator[None]:
    """Name the row that is meant when a decision contradicts the calendar, or is in it already."""
    try:
        yield
    except (InvalidCalendarError, DecisionKnownError) as error:
        meant = (row for row, rule in rows.items() if rule.on.year == error.details.get("year"))
        row = next(iter(rows)) if isinstance(error, DecisionKnownError) else next(meant, None)
        column = ", column date" if error.details.get("problem", "").startswith("year-") else ""
        where = f"{file}: " if row is None else f"{file}: row {row}{column}: "
        raise BadInput(f"{where}{error.message}") from error


def read_hours(valid_from: str, week: str, decision: str, note: str) -> OfficeHours:
    """Read weekly hours from the options of ``calendar hours``.

    Raises:
        BadInput: an option cannot be used; the line names it.
    """
    try:
        begins = date.fromisoformat(valid_from)
    except ValueError:
        raise BadInput(f'--from: "{valid_from}" is not a date such as 2027-01-04') from None
    for name, text in (("--decision", decision), ("--note", note)):
        if len(text) > calendar_files.LONGEST_TEXT:
            raise BadInput(f"{name}: has {len(text)} characters; shorten it to {calendar_files.LONGEST_TEXT}")
    if not decision.strip():
        raise BadInput("--decision: name the decision that declares the hours")
    try:
        return OfficeHours(begins, read_week(week), decision=decision.strip(), note=note.strip())
    except InvalidCalendarError as error:
        raise BadInput(f"--week: {error.message}") from error


def read_week(text: str) -> tuple[tuple[Shift, ...], ...]:
    """Read ``mon-fri 07:00-11:30,13:30-17:00; sat 07:00-11:30`` as seven days; a day that is not named is off.

    Raises:
        InvalidCalendarError: a part is no such text, a day is named twice, or shifts overlap.
    """
    week: dict[int, tuple[Shift, ...]] = {}
    for part in (part.strip() for part in text.split(";")):
        days, _, shifts = part.partition(" ")
        if not shifts.strip():
            raise InvalidCalendarError(f'"{part}" names no day and its hours, such as mon-fri 07:00-11:30,13:30-17:00')
        for day in _days(days):
            if day in week:
                raise InvalidCalendarError(f'{WEEKDAYS[day]} is named again in "{part}"')
            week[day] = parse_shifts(shifts)
    return tuple(week.get(day, ()) for day in range(len(WEEKDAYS)))


def _days(text: str) -> range:
    first, _, last = text.lower().partition("-")
    try:
        begins, ends = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    except ValueError:
        known = ",".join(WEEKDAYS)
        raise InvalidCalendarError(f'"{text}" is neither a weekday of {known} nor days such as mon-fri') from None
    if begins > ends:
        raise InvalidCalendarError(f'"{text}" runs backwards; write it as two parts')
    return range(begins, ends + 1)
