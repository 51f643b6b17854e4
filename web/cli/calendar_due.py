"""``motcua calendar due``: a due date with what was counted, or those of a file (contract §2)."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import click

from engine import bootstrap
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import Cutoff, Due, LateRule, due, late_after
from engine.domain.explanations import StartRule, instant_text
from engine.domain.limits import Limit
from engine.errors import InvalidInputError
from engine.seeds.calendar_vn import default_calendar
from engine.services import calendars
from engine.settings import from_env
from web.cli.calendar_input import AGENCY, AS_JSON, BadInput, opened

_START_SOURCES: dict[str, str] = {
    StartRule.INSIDE: "as asked",
    StartRule.RECEIPT: "as asked",
    StartRule.CUTOFF: "as asked",
    StartRule.BEFORE_OPENING: "office hours",
    StartRule.BREAK: "office hours",
}  #: the others come from the decree whether a procedure is named or not
_COLUMNS = ("received_at", "limit", "cutoff")


class InvalidReceiptTimeError(InvalidInputError):
    """The time of receipt is not a date with a time of day."""

    code = "invalid-time"


class FieldError(Exception):
    """A field of a request cannot be used."""

    def __init__(self, field: str, cause: InvalidInputError) -> None:
        super().__init__(f"{field}: {cause.message}")
        self.field = field
        self.cause = cause


@click.command("due")
@click.option("--received", metavar="ISO", help="Time of receipt; without a zone it is local time.")
@click.option("--limit", metavar="LIMIT", help='Such as "3 working_day" or "15 working_day + 2.5 calendar_day".')
@click.option(
    "--cutoff", metavar="HH:MM|last-hour", help="A receipt strictly after it counts from the next working day."
)
@AGENCY
@click.option("--explain", is_flag=True, help="Say what was counted.")
@AS_JSON
@click.option(
    "--batch",
    metavar="FILE.csv",
    type=click.Path(path_type=Path),
    help="Columns received_at,limit,cutoff; prints one JSON document a line.",
)
@click.pass_context
def due_command(
    ctx: click.Context,
    received: str | None,
    limit: str | None,
    cutoff: str | None,
    agency: str | None,
    explain: bool,
    as_json: bool,
    batch: Path | None,
) -> None:
    """Compute a due date, or those of a file."""
    days, late_rule = calendar_of(agency)
    if batch is not None:
        if received is not None or limit is not None or cutoff is not None:
            raise click.UsageError("--batch takes received_at, limit and cutoff from its file")
        ctx.exit(1 if print_batch(days, late_rule, batch) else 0)
    if received is None or limit is None:
        raise click.UsageError("give --received and --limit, or --batch FILE.csv")
    try:
        answer = compute(days, late_rule, {"received": received, "limit": limit, "cutoff": cutoff}, prefix="--")
    except FieldError as error:
        raise BadInput(str(error)) from error
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        click.echo(as_text(answer, explain=explain))


def calendar_of(agency: str | None) -> tuple[WorkingCalendar, LateRule]:
    """Find the calendar and late rule of an agency; where there is no database yet, the national calendar.

    Raises:
        AgencyNotFoundError: no agency has that code.
    """
    if agency is None and not bootstrap.has_database(from_env(os.environ)):
        return default_calendar(), LateRule.DAY
    with opened() as ctx:
        return calendars.of_agency(ctx, code=agency)


def compute(
    days: WorkingCalendar, late_rule: LateRule, fields: Mapping[str, str | None], *, prefix: str = ""
) -> dict[str, Any]:
    """Compute one due date from the texts ``received`` (or ``received_at``), ``limit`` and ``cutoff``.

    Raises:
        FieldError: a text cannot be used; it names the field, with ``prefix``.
    """
    name = "received" if "received" in fields else "received_at"
    field = name
    try:
        received_at = parse_received(days, fields[name] or "")
        days.require(days.local_date(received_at))
        field = "limit"
        limit = Limit.parse(fields["limit"] or "")
        field = "cutoff"
        cutoff = Cutoff.parse(fields.get("cutoff"))
        field = "limit"  # one that ends after the calendar does
        found = due(days, received_at=received_at, limit=limit, cutoff=cutoff)
        return answer_of(days, late_rule, received_at, limit, cutoff, found)
    except InvalidInputError as error:
        raise FieldError(prefix + field, error) from error


def parse_received(days: WorkingCalendar, text: str) -> datetime:
    """Read an ISO 8601 date and time; without a zone it is local time.

    Raises:
        InvalidReceiptTimeError: it is none, or has no time of day.
    """
    try:
        at = datetime.fromisoformat(text.strip())
        has_clock = ":" in text or "T" in text
    except ValueError:
        has_clock = False
    if not has_clock:
        raise InvalidReceiptTimeError(f'"{text}" is not a date and time such as 2026-02-12T09:00')
    try:
        return days.at_local(at) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        raise InvalidReceiptTimeError(f'"{text}" lies outside every calendar') from None


def answer_of(
    days: WorkingCalendar, late_rule: LateRule, received_at: datetime, limit: Limit, cutoff: Cutoff | None, found: Due
) -> dict[str, Any]:
    """Lay a due date out as the JSON document of the contract."""
    late_at = late_after(days, found.due_at, late_rule)
    return {
        "received_at": instant_text(days.local(received_at)),
        "limit": str(limit),
        "cutoff": None if cutoff is None else str(cutoff),
        "counted_from": instant_text(days.local(found.counted_from)),
        "due_at": instant_text(days.local(found.due_at)),
        "late_after": instant_text(days.local(late_at)),
        "late_rule": late_rule.value,
        "provisional": found.provisional,
        "calendar": days.version,
        "explanation": [_as_asked(line.as_json(days.tz)) for line in found.explanation],
    }


def _as_asked(line: dict[str, Any]) -> dict[str, Any]:
    """Name the sources of a start that no procedure stands behind: what was asked, and the office hours."""
    if line.get("rule") in _START_SOURCES:
        return line | {"source": _START_SOURCES[line["rule"]]}
    return line


def as_text(answer: dict[str, Any], *, explain: bool) -> str:
    """Write a due date for people, with its explanation when asked."""
    lines = [f"due {answer['due_at']}{' (provisional)' if answer['provisional'] else ''}"]
    lines.append(f"late after {answer['late_after']}")
    if explain:
        lines += [f"- {line['text']}" for line in answer["explanation"]]
    return "\n".join(lines)


def print_batch(days: WorkingCalendar, late_rule: LateRule, file: Path) -> int:
    """Print one JSON document for each row; return how many rows were refused.

    Raises:
        BadInput: the file cannot be read or lacks a column.
    """
    refused = 0
    try:
        with file.open(encoding="utf-8-sig", newline="") as table:
            for number, row in _rows(file, table):
                try:
                    document = {"row": number, **compute(days, late_rule, row)}
                except FieldError as error:
                    refused += 1
                    where = {"file": str(file), "row": number, "field": error.field}
                    document = {
                        "row": number,
                        "error": {"code": error.cause.code, "message": error.cause.message, **where},
                    }
                    click.echo(f"{file}: row {number}: {error}", err=True)
                click.echo(json.dumps(document, ensure_ascii=False))
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: is not UTF-8 text") from error
    except csv.Error as error:
        raise BadInput(f"{file}: is not CSV: {error}") from error
    return refused


def _rows(file: Path, table: TextIO) -> Iterable[tuple[int, dict[str, str | None]]]:
    """Yield the rows with their line in the file; the heading is line 1."""
    heading = table.readline()  # a Vietnamese Excel separates by semicolons
    reader = csv.DictReader(chain([heading], table), restval=None, delimiter=";" if ";" in heading else ",")
    missing = [name for name in _COLUMNS[:2] if name not in (reader.fieldnames or ())]
    if missing:
        raise BadInput(f"{file}: row 1: column {missing[0]} is missing (expected {','.join(_COLUMNS)})")
    for row in reader:
        yield reader.line_num, {name: row.get(name) for name in _COLUMNS}
