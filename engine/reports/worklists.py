"""Worklists: one page of dossiers in a queue, and how many each queue holds under the same filters (contract §3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, select

from engine.context import Context
from engine.domain import foresight
from engine.domain.actors import Actor
from engine.domain.dossier import LABELS, UNFINISHED, DeadlineKind, Status, TaskState
from engine.domain.ids import DossierId
from engine.errors import InvalidInputError
from engine.reports import cursors, shortfalls
from engine.reports.filters import Filters, InvalidFilterError, Queue, in_queue, matching, visible
from engine.reports.lateness_sql import is_late
from engine.reports.localities import Localities
from engine.reports.stage_runs import StageRuns
from engine.store.agencies import Unit
from engine.store.base import UTCDateTime
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier, Party
from engine.store.events import Event
from engine.store.letters import Letter
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

LONGEST_PAGE = 200
FAR = datetime(9000, 1, 1, tzinfo=UTC)  # sorts what has no date last


class InvalidPageError(InvalidInputError):
    """A page has between 1 and 200 rows."""

    code = "invalid-page"


class Sort(StrEnum):
    """Orders of a list; the id decides between equals."""

    DUE = "due"  #: overdue first, then by due instant, without one last
    RECEIVED = "received"  #: oldest receipt (or filing) first
    NEWEST = "-received"  #: newest receipt (or filing) first
    MISSING = "missing"  #: the queue ``will_be_late`` alone: what misses most office time first


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, the cursor of the next page (None on the last) and the size of each queue."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    counts: dict[Queue, int]


@dataclass(frozen=True, slots=True)
class _Order:
    """A sort as keys; ``at`` is the instant of the first page, so that ranks stay put while somebody pages on."""

    sort: Sort
    at: datetime

    @property
    def keys(self) -> list[tuple[ColumnElement[Any], bool]]:
        """The sort keys as (expression that is never null, descending)."""
        if self.sort is Sort.DUE:
            unfinished = Dossier.status.in_(sorted(status.value for status in UNFINISHED))
            rank = case((and_(unfinished, is_late(self.at)), 0), else_=1)
            due = func.coalesce(Dossier.due_at, literal(FAR, UTCDateTime()), type_=UTCDateTime())
            return [(rank, False), (due, False), (_ID, False)]
        received = func.coalesce(Dossier.received_at, Dossier.submitted_at, type_=UTCDateTime())
        return [(received, self.sort is Sort.NEWEST), (_ID, self.sort is Sort.NEWEST)]

    @property
    def kinds(self) -> list[type]:
        """What each key's value is in a cursor."""
        return [int, datetime, str] if self.sort in (Sort.DUE, Sort.MISSING) else [datetime, str]


_ID: ColumnElement[Any] = Dossier.__table__.c.id


def page(
    ctx: Context,
    *,
    by: Actor,
    queue: Queue = Queue.ALL,
    filters: Filters | None = None,
    sort: Sort | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page:
    """Return one page of the dossiers that the actor may read; as many queries for one row as for 200.

    Args:
        sort: None: ``missing`` in the queue ``will_be_late``, otherwise ``due``.
        cursor: ``next_cursor`` of the page before, taken with the same queue, filters and sort.
        limit: rows, 1 to 200.

    Raises:
        InvalidCursorError, InvalidPageError, InvalidFilterError, InvalidDateError.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidPageError(f"limit must lie between 1 and {LONGEST_PAGE}", field="limit")
    now = ctx.clock.now()
    order, values = _position(_sort(sort, queue), cursor, now)
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        matches = and_(visible(by), matching(filters or Filters(), localities=localities))
        conditions = {each: in_queue(each, by=by, now=now) for each in Queue}
        wanted = and_(matches, conditions[queue])
        rows: Sequence[Sequence[Any]]
        if order.sort is Sort.MISSING:
            rows = shortfalls.ranked(uow, wanted, localities, at=order.at, after=values)[: limit + 1]
        else:
            after = [] if values is None else [cursors.after(order.keys, values)]
            rows = uow.session.execute(_rows(order).where(wanted, *after).limit(limit + 1)).all()
        return Page(
            items=_items(uow, [row[-1] for row in rows[:limit]], localities, now),
            next_cursor=_cursor(order, rows[limit - 1]) if len(rows) > limit else None,
            counts=_counts(uow, matches, conditions),
        )


def _sort(sort: Sort | None, queue: Queue) -> Sort:
    if sort is None:
        return Sort.MISSING if queue is Queue.WILL_BE_LATE else Sort.DUE
    if sort is Sort.MISSING and queue is not Queue.WILL_BE_LATE:
        raise InvalidFilterError("only the queue will_be_late can be sorted by what is missing", field="sort")
    return sort


def _position(sort: Sort, cursor: str | None, now: datetime) -> tuple[_Order, list[Any] | None]:
    if cursor is None:
        return _Order(sort, now), None
    name, at, *values = cursors.decode(cursor, kinds=[str, datetime, *_Order(sort, now).kinds])
    try:
        values[-1] = UUID(values[-1])
    except ValueError as error:
        raise cursors.InvalidCursorError("this cursor names no dossier") from error
    if name != sort.value:
        raise cursors.InvalidCursorError(f"this cursor belongs to the order {name!r}")
    return _Order(sort, at), values


def _cursor(order: _Order, row: Sequence[Any]) -> str:
    keys = [value.isoformat() if isinstance(value, datetime) else value for value in row[:-1]]
    return cursors.encode([order.sort.value, order.at.isoformat(), *keys, row[-1].hex])


def _rows(order: _Order) -> Select[*tuple[Any, ...]]:
    """Select nothing but the sort keys, the id last: what is sorted stays narrow, ``_items`` reads the rest."""
    directed = (key.desc() if descending else key for key, descending in order.keys)
    return select(*(key for key, _ in order.keys)).select_from(Dossier).order_by(*directed)


def _counts(
    uow: UnitOfWork, matches: ColumnElement[bool], conditions: dict[Queue, ColumnElement[bool]]
) -> dict[Queue, int]:
    sizes = [func.count().filter(condition) for condition in conditions.values()]
    row = uow.session.execute(select(*sizes).select_from(Dossier).where(matches)).one()
    return dict(zip(conditions, row, strict=True))


def _items(uow: UnitOfWork, ids: list[DossierId], localities: Localities, now: datetime) -> list[dict[str, Any]]:
    tasks, letters, promises = _open_tasks(uow, ids), _letters(uow, ids), _promises(uow, ids)
    runs = StageRuns(uow, Event.dossier_id.in_(ids))
    rows = uow.session.execute(
        select(Dossier, Procedure.code, Procedure.name, Party.name, is_late(now))
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(Party, and_(Party.dossier_id == Dossier.id, Party.role == "applicant"))
        .where(Dossier.id.in_(ids))
    )
    items = {
        row[0].id: _item(row, localities, tasks.get(row[0].id, []), letters.get(row[0].id))
        | _clock(row[0], bool(row[-1]), promises.get(row[0].id), tasks.get(row[0].id, []), localities, runs, now)
        for row in rows
    }
    return [items[key] for key in ids]


def _clock(
    dossier: Dossier, late: bool, promise: Deadline | None, tasks: list[Sequence[Any]], localities: Localities,
    runs: StageRuns, now: datetime,
) -> dict[str, Any]:  # fmt: skip
    ledger = None if promise is None else promise.ledger
    stage = None
    if promise is not None and dossier.foreseen_at is not None:  # nothing else is told of a stage
        stage = runs.of(dossier, promise.promise_no, promise.ledger, [row[0] for row in tasks])
    return foresight.facts(
        localities.calendar(dossier.resolving_agency_id),
        dossier.marks(late=late),
        ledger,
        stage,
        at=dossier.counts_at(now),
    )


def _item(
    row: Sequence[Any], localities: Localities, tasks: list[Sequence[Any]], letter: Letter | None
) -> dict[str, Any]:
    dossier, procedure_code, procedure_name, applicant, late = row
    home = dossier.resolving_agency_id
    task = tasks[-1] if tasks else None
    return {
        "id": str(dossier.id),
        "code": dossier.code,
        "status": dossier.status,
        "status_label": LABELS[Status(dossier.status)],
        "procedure_code": procedure_code,
        "procedure_name": procedure_name,
        "applicant": applicant,
        "channel": dossier.channel.value,
        "receiving_agency": localities.agencies[dossier.receiving_agency_id].code,
        "resolving_agency": localities.agencies[home].code,
        "submitted_at": localities.text(home, dossier.submitted_at),
        "received_at": localities.text(home, dossier.received_at),
        "due_at": localities.text(home, dossier.due_at),
        "late_after": localities.text(home, dossier.late_after),
        "extended_due_at": localities.text(home, dossier.extended_due_at),
        "finished_at": localities.text(home, dossier.finished_at),
        "provisional": dossier.is_provisional,
        "paused": dossier.is_paused,
        "late": bool(late),
        "unfinished": Status(dossier.status) in UNFINISHED,
        "version": dossier.version,
        "task": None if task is None else _task(task, localities.text(home, task[0].due_at)),
        "letter": None if letter is None else {"id": str(letter.id), "state": letter.state.value},
    }


def _task(row: Sequence[Any], due_at: str | None) -> dict[str, Any]:
    task, unit_code, unit_name, username, name, open_tasks = row
    return {
        "id": str(task.id),
        "name": task.name,
        "unit": unit_code,
        "unit_name": unit_name,
        "assignee": username,
        "assignee_name": name,
        "due_at": due_at,
        "open_tasks": open_tasks,
    }


def _open_tasks(uow: UnitOfWork, ids: list[DossierId]) -> dict[DossierId, list[Sequence[Any]]]:
    """Return the open steps of each dossier, the one opened last at the end, each with how many there are."""
    rows = uow.session.execute(
        select(
            Task, Unit.code, Unit.name, Officer.username, Officer.name,
            func.count().over(partition_by=Task.dossier_id),
        )
        .join(Unit, Unit.id == Task.unit_id)
        .outerjoin(Officer, Officer.id == Task.assignee_id)
        .where(Task.dossier_id.in_(ids), Task.state == TaskState.OPEN)
        .order_by(Task.opened_at, Task.id)
    )  # fmt: skip
    found: dict[DossierId, list[Sequence[Any]]] = {}
    for row in rows:
        found.setdefault(row[0].dossier_id, []).append(row)
    return found


def _promises(uow: UnitOfWork, ids: list[DossierId]) -> dict[DossierId, Deadline]:
    """Return the latest promise of each dossier that has one."""
    query = select(Deadline).where(Deadline.dossier_id.in_(ids), Deadline.kind == DeadlineKind.PROMISE)
    return {promise.dossier_id: promise for promise in uow.session.scalars(query.order_by(Deadline.promise_no))}


def _letters(uow: UnitOfWork, ids: list[DossierId]) -> dict[DossierId, Letter]:
    """Return the apology of the latest promise of each dossier that has one."""
    rows = uow.session.scalars(
        select(Letter).where(Letter.dossier_id.in_(ids), Letter.kind == "apology").order_by(Letter.promise_no)
    )
    return {letter.dossier_id: letter for letter in rows}
