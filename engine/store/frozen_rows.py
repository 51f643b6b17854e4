"""The rows that reports of a closed period read, as lines of canonical JSON, and a database made of them again.

First line: what the period is. Then for each table a line with its name and columns and one line a row, in the order of
its key; last the number of rows of each table. The same rows give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, func, insert, or_, select, text, true
from sqlalchemy.orm import Session, aliased

from engine.domain.ids import AgencyId
from engine.errors import InvalidInputError
from engine.store import schema
from engine.store.base import Base, UTCDateTime
from engine.store.calendars import CalendarVersion
from engine.store.deadlines import Pause
from engine.store.facts import DossierFact
from engine.store.indicators import IndicatorFigure, PlanTarget, PlanTask
from engine.store.people import Officer
from engine.store.periods import ReportPeriod, ReportSchedule
from engine.store.procedures import Procedure
from engine.store.unit_of_work import Database

FORMAT = "motcua-report-period-1"
AT_ONCE = 500  # rows fetched or inserted together


class FrozenContentError(InvalidInputError):
    """The frozen content of a period cannot be read: it is cut off, or of another version."""

    code = "frozen-content-unreadable"


@dataclass(frozen=True, slots=True)
class Extent:
    """What of the database concerns the periods of an agency: its facts that were not closed before ``since``."""

    agency: AgencyId
    since: date

    @property
    def facts(self) -> ColumnElement[bool]:
        """The condition on facts: the agency receives, resolves or returns."""
        of_agency = or_(
            DossierFact.resolving_agency_id == self.agency,
            DossierFact.receiving_agency_id == self.agency,
            DossierFact.returning_agency_id == self.agency,
        )
        return and_(of_agency, DossierFact.closed_on >= self.since)


def _all(_extent: Extent) -> ColumnElement[bool]:
    return true()


def _officers(extent: Extent) -> ColumnElement[bool]:
    doing = select(DossierFact.officer_id).where(extent.facts)
    return or_(Officer.id.in_(doing), Officer.owner_agency_id == extent.agency)


def _procedures(extent: Extent) -> ColumnElement[bool]:
    # all of a code: reports call it what the first agency calls it, whichever counts it
    same, counted = aliased(Procedure), select(DossierFact.procedure_id).where(extent.facts)
    wanted = or_(same.owner_agency_id == extent.agency, same.id.in_(counted))
    return Procedure.code.in_(select(same.code).where(wanted))


def _calendars(_extent: Extent) -> ColumnElement[bool]:
    other = aliased(CalendarVersion)
    newest = select(func.max(other.no)).where(other.owner_agency_id == CalendarVersion.owner_agency_id)
    is_newest: ColumnElement[bool] = CalendarVersion.no == newest.correlate(CalendarVersion).scalar_subquery()
    return is_newest


def _pauses(extent: Extent) -> ColumnElement[bool]:
    return Pause.dossier_id.in_(select(DossierFact.dossier_id).where(extent.facts))


def _owned(row: Any) -> Callable[[Extent], ColumnElement[bool]]:
    def condition(extent: Extent) -> ColumnElement[bool]:
        owned: ColumnElement[bool] = row.owner_agency_id == extent.agency
        return owned

    return condition


def _facts(extent: Extent) -> ColumnElement[bool]:
    return extent.facts


_TABLES: dict[str, Callable[[Extent], ColumnElement[bool]]] = {
    "agency": _all,
    "unit": _all,
    "officer": _officers,
    "procedure": _procedures,
    "calendar_version": _calendars,
    "report_schedule": _owned(ReportSchedule),
    "report_period": _owned(ReportPeriod),
    "indicator_figure": _owned(IndicatorFigure),
    "plan_target": _owned(PlanTarget),
    "plan_task": _owned(PlanTask),
    "dossier_fact": _facts,
    "pause": _pauses,
}
# What no report reads, and what a closed period must not keep of people: left out, the first value is put in again.
_LEFT_OUT: dict[str, dict[str, Any]] = {
    "agency": {"chair_id": None, "phone": ""},
    "officer": {
        "title": "", "email": None, "password_hash": None, "is_active": True, "session_epoch": 0,
        "created_at": datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
    },
    "pause": {"ground": "", "started_by": None},
    "report_period": {"content": {}},
}  # fmt: skip


def lines(session: Session, extent: Extent, head: dict[str, Any]) -> Iterator[bytes]:
    """Yield the lines that freeze what concerns the extent, each ended by a newline; rows are streamed.

    Args:
        head: what the first line says beside the format; JSON values only.
    """
    schema.load_rows()
    yield _line({"format": FORMAT, **head})
    counts: dict[str, int] = {}
    for name, condition in _TABLES.items():
        table = Base.metadata.tables[name]
        columns = [column for column in table.columns if column.name not in _LEFT_OUT.get(name, {})]
        yield _line({"table": name, "columns": [column.name for column in columns]})
        counts[name] = 0
        for row in session.execute(_rows(table, columns, condition(extent))):
            counts[name] += 1
            yield _line([_plain(value) for value in row])
    yield _line({"rows": counts})


def _rows(table: Table, columns: list[Column[Any]], condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    query = select(*columns).where(condition).order_by(*table.primary_key.columns)
    return query.execution_options(yield_per=AT_ONCE)


def load(database: Database, content: Iterable[bytes]) -> dict[str, Any]:
    """Fill an empty database in memory with frozen rows and return what the first line says.

    Raises:
        FrozenContentError: the lines are none of this format, are cut off, or lack what this version needs.
    """
    schema.create(database)
    reader = iter(content)
    head = _object(next(reader, b""))
    if head.get("format") != FORMAT:
        raise FrozenContentError(f"the frozen content is of no format that this version reads; it reads {FORMAT}")
    _pragma(database, "foreign_keys=OFF")  # rows name dossiers and versions that are not frozen
    with database.engine.begin() as connection:
        found = _fill(connection, reader)
    if found is None or found["rows"] != found["read"] or next(reader, None) is not None:
        raise FrozenContentError("the frozen content is cut off")
    return head


def seal(database: Database) -> None:
    """Let nobody write into a database in memory any more."""
    _pragma(database, "query_only=ON")


def image_of(database: Database) -> bytes:
    """Return a database in memory as bytes from which it is there again at once (``restore``)."""
    connection = database.engine.raw_connection()
    try:
        image: bytes = connection.driver_connection.serialize()  # type: ignore[union-attr]  # it is open
        return image
    finally:
        connection.close()


def restore(database: Database, image: bytes) -> None:
    """Make an empty database in memory what another one was."""
    connection = database.engine.raw_connection()
    try:
        connection.driver_connection.deserialize(image)  # type: ignore[union-attr]  # it is open
    finally:
        connection.close()


def _fill(connection: Connection, reader: Iterator[bytes]) -> dict[str, Any] | None:
    """Insert all rows; return how many there were and should be, None when the last line is missing."""
    read: dict[str, int] = {}
    name, batch = "", []
    decode: Callable[[list[Any]], dict[str, Any]] = _nothing
    for line in reader:
        said = _json(line)
        if isinstance(said, list):
            batch.append(decode(said))
            read[name] += 1
            if len(batch) < AT_ONCE:
                continue
        if batch:
            connection.execute(insert(Base.metadata.tables[name]), batch)
            batch = []
        if isinstance(said, dict) and "rows" in said:
            return {"rows": said["rows"], "read": read}
        if isinstance(said, dict):
            name, decode = said["table"], _decoder(said["table"], said["columns"])
            read[name] = 0
    return None


def _nothing(_values: list[Any]) -> dict[str, Any]:
    raise FrozenContentError("the frozen content begins with a row of no table")


def _decoder(name: str, columns: list[str]) -> Callable[[list[Any]], dict[str, Any]]:
    """Return what turns a row of a table into values for the present columns of it."""
    table = Base.metadata.tables.get(name)
    if table is None:
        raise FrozenContentError(f"this version has no table {name!r}", table=name)
    kept = [(place, column) for place, column in enumerate(columns) if column in table.columns]
    read = [(place, column, _reader(table.columns[column])) for place, column in kept]
    usual = dict(_LEFT_OUT.get(name, {}))
    lacking = [each.name for each in table.columns if each.name not in usual and each.name not in columns]
    for column in lacking:  # of a schema that is older than this version
        usual[column] = _default(table.columns[column])

    def decode(values: list[Any]) -> dict[str, Any]:
        return usual | {column: turn(values[place]) for place, column, turn in read}

    return decode


def _default(column: Column[Any]) -> Any:
    if column.nullable:
        return None
    if column.default is not None and column.default.is_scalar:
        return column.default.arg  # type: ignore[attr-defined]  # a scalar default has its value
    where = f"{column.table.name}.{column.name}"
    raise FrozenContentError(f"the frozen content lacks {where}, which this version needs", column=where)


_PARSERS: dict[type, Callable[[str], Any]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    UUID: UUID,
}


def _reader(column: Column[Any]) -> Callable[[Any], Any]:
    kind: type[Any] = datetime if isinstance(column.type, UTCDateTime) else column.type.python_type
    if issubclass(kind, Enum):
        return lambda value: None if value is None else kind(value)
    parse = _PARSERS.get(kind)
    if parse is None:
        return lambda value: value
    return lambda value: None if value is None else parse(value)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.value if isinstance(value, Enum) else value


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def _json(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError as error:
        raise FrozenContentError("a line of the frozen content is no JSON") from error


def _object(line: bytes) -> dict[str, Any]:
    said = _json(line)
    return said if isinstance(said, dict) else {}


def _pragma(database: Database, setting: str) -> None:
    """Set something on the one connection of a database in memory, outside any transaction."""
    connection = database.engine.raw_connection()
    try:
        connection.cursor().execute(f"PRAGMA {setting}")
    finally:
        connection.close()


def since_of(session: Session, agency: AgencyId, from_on: date) -> date:
    """Return the first date whose closed facts reports of a period may ask for.

    Three years before the period, and the years that the plan's targets of the agency begin in or compare with.
    """
    bases = select(PlanTarget.base_year, PlanTarget.from_on).where(PlanTarget.owner_agency_id == agency)
    days = [date(from_on.year - 3, 1, 1)]
    for base_year, first in session.execute(bases):
        days += [min(first, from_on)] if base_year is None else [date(base_year, 1, 1)]
    return min(days)


def facts(session: Session, extent: Extent, *, to_on: date) -> Iterator[DossierFact]:
    """Yield the facts of an extent that were received by ``to_on``, in the order of their key."""
    query = select(DossierFact).where(extent.facts, DossierFact.received_on <= to_on)
    yield from session.scalars(query.order_by(DossierFact.dossier_id).execution_options(yield_per=AT_ONCE))


def hold_still(session: Session) -> None:
    """Let all reads of this transaction see one state of the database; the first statement of it (SQLite does so)."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("set transaction isolation level repeatable read, read only"))
