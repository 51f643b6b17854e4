"""The filtered list of dossiers as a file: one row a dossier, streamed, so that a million needs no more memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.dossier import LetterState
from engine.errors import InvalidInputError
from engine.reports.filters import Filters, Queue, in_queue, matching, visible
from engine.reports.localities import Localities
from engine.reports.render.cells import Cell, csv_text
from engine.reports.render.new_files import replacing
from engine.reports.render.workbooks import SheetCell, write_list
from engine.reports.standing import is_late, standing
from engine.store.deadlines import Pause
from engine.store.dossiers import Dossier, Party
from engine.store.letters import Letter
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

AT_ONCE = 500  # rows fetched together
SHEET = "Hồ sơ"  # name of the worksheet
COLUMNS = (
    "code", "procedure_code", "procedure_name", "field", "channel", "receiving_agency", "resolving_agency",
    "returning_agency", "status", "decision", "submitted_at", "received_at", "due_at", "late_after",
    "extended_due_at", "finished_at", "ended_at", "standing", "late", "paused", "pause_count", "supplement_count",
    "extension_count", "letter_state", "letter_number", "source",
)  # fmt: skip
PEOPLE = ("applicant_name", "applicant_identity_number", "applicant_phone", "applicant_email", "applicant_address")


class UnknownFormatError(InvalidInputError):
    """The file's name does not say which format is wanted."""

    code = "unknown-format"


class Format(StrEnum):
    """What an export can be written as; the value is the file's suffix."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    JSONL = "jsonl"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which dossiers, and whether personal data goes with them."""

    filters: Filters = field(default_factory=Filters)
    queue: Queue = Queue.ALL
    with_people: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of the file."""
        return COLUMNS + PEOPLE if self.with_people else COLUMNS


def format_of(path: Path) -> Format:
    """Return the format that a file's suffix names.

    Raises:
        UnknownFormatError: it names none.
    """
    try:
        return Format(path.suffix.lower().removeprefix("."))
    except ValueError:
        raise UnknownFormatError(f"{path}: the name must end in .csv, .xlsx, .json or .jsonl") from None


def export_dossiers(ctx: Context, *, by: Actor, to: Path, selection: Selection | None = None) -> int:
    """Write the dossiers that the actor may read to a file, whole or not at all; return how many.

    Raises:
        UnknownFormatError, InvalidFilterError, InvalidDateError.
    """
    wanted = format_of(to)
    with replacing(to) as file:
        return write_dossiers(ctx, by=by, to=file, wanted=wanted, selection=selection)


def write_dossiers(ctx: Context, *, by: Actor, to: BinaryIO, wanted: Format, selection: Selection | None = None) -> int:
    """Write the dossiers that the actor may read, by time of filing; return how many.

    Columns that are instants are local to the resolving agency: dates of the sheet in a workbook, whose sheets hold
    1,048,575 dossiers each; ISO 8601 with offset in all other formats.
    """
    selection = selection or Selection()
    with ctx.unit_of_work(read_only=True) as uow:
        rows = _Counted(dossier_rows(ctx, uow, by=by, selection=selection, as_dates=wanted is Format.XLSX))
        if wanted is Format.XLSX:
            return write_list(to, selection.columns, rows, sheet=SHEET, created=ctx.clock.now())
        _WRITERS[wanted](to, selection.columns, rows)
        return rows.count


class _Counted:
    """Rows that are counted while they pass."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self.count = 0
        self._rows = rows

    def __iter__(self) -> Iterator[Sequence[Any]]:
        for row in self._rows:
            self.count += 1
            yield row


def dossier_rows(
    ctx: Context, uow: UnitOfWork, *, by: Actor, selection: Selection, as_dates: bool
) -> Iterator[Sequence[SheetCell]]:
    """Yield the cells of the dossiers that the actor may read, as ``selection.columns`` names them.

    Args:
        as_dates: instants as such, local to the resolving agency; else as ISO 8601 with offset.
    """
    now = ctx.clock.now()
    localities = Localities.read(uow)
    condition = and_(
        visible(by),
        matching(selection.filters, localities=localities),
        in_queue(selection.queue, by=by, now=now),
    )
    query = dossier_query(with_people=selection.with_people).where(condition).execution_options(yield_per=AT_ONCE)
    for row in uow.session.execute(query):
        yield _cells(row, localities, now, as_dates=as_dates)


def dossier_query(*, with_people: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement of which ``dossier_rows`` makes cells: a row a dossier, by id."""
    latest = aliased(Letter)
    newest = select(func.max(latest.promise_no)).where(latest.dossier_id == Dossier.id, latest.kind == "apology")
    pauses = select(func.count()).select_from(Pause).where(Pause.dossier_id == Dossier.id)
    people = [Party.name, Party.identity_number, Party.phone, Party.email, Party.address] if with_people else []
    query = (
        select(
            *(getattr(Dossier, name) for name in _FACTS),
            Procedure.code.label("procedure_code"), Procedure.name.label("procedure_name"), Procedure.field,
            Letter.state.label("letter_state"), Letter.number.label("letter_number"),
            pauses.scalar_subquery().label("pause_count"), *people,
        )
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(
            Letter,
            and_(
                Letter.dossier_id == Dossier.id, Letter.kind == "apology",
                Letter.promise_no == newest.scalar_subquery(),
            ),
        )
        .order_by(Dossier.id)
    )  # fmt: skip
    if with_people:
        query = query.outerjoin(Party, and_(Party.dossier_id == Dossier.id, Party.role == "applicant"))
    return query


_FACTS = (
    "code", "channel", "receiving_agency_id", "resolving_agency_id", "returning_agency_id", "status", "decision",
    "submitted_at", "received_at", "due_at", "late_after", "missed_late_after", "extended_due_at", "finished_at",
    "ended_at", "is_paused", "supplement_count", "extension_count", "source",
)  # fmt: skip
_PEOPLE_FROM = len(_FACTS) + 6  # the columns before those of people


def _cells(row: Any, localities: Localities, now: datetime, *, as_dates: bool) -> Sequence[SheetCell]:
    calendar = localities.calendar(row.resolving_agency_id)
    agencies = localities.agencies
    instants = (
        row.submitted_at, row.received_at, row.due_at, row.late_after, row.extended_due_at, row.finished_at,
        row.ended_at,
    )  # fmt: skip
    local = [None if at is None else calendar.local(at) for at in instants]
    return (
        row.code,
        row.procedure_code,
        row.procedure_name,
        row.field,
        row.channel.value,
        agencies[row.receiving_agency_id].code,
        agencies[row.resolving_agency_id].code,
        agencies[row.returning_agency_id].code,
        row.status,
        row.decision and row.decision.value,
        *(local if as_dates else [at and at.isoformat() for at in local]),
        standing(row, calendar, now).value,
        int(is_late(row, now)),
        int(row.is_paused),
        row.pause_count,
        row.supplement_count,
        row.extension_count,
        row.letter_state and LetterState(row.letter_state).value,
        row.letter_number,
        row.source,
        *row[_PEOPLE_FROM:],
    )


def _write_csv(to: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    for text in csv_text(columns, rows):
        to.write(text.encode())


def _write_jsonl(to: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    for row in rows:
        to.write(_document(columns, row) + b"\n")


def _write_json(to: BinaryIO, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    separator = b"[\n"
    for row in rows:
        to.write(separator + _document(columns, row))
        separator = b",\n"
    to.write(b"\n]\n" if separator == b",\n" else b"[]\n")


def _document(columns: Sequence[str], row: Sequence[Cell]) -> bytes:
    return json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False).encode()


_WRITERS: dict[Format, Callable[[BinaryIO, Sequence[str], Iterable[Sequence[Cell]]], None]] = {
    Format.CSV: _write_csv,
    Format.JSON: _write_json,
    Format.JSONL: _write_jsonl,
}
