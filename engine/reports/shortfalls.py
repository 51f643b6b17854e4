"""What the dossiers of ``will_be_late`` are missing, all of a queue at once, to sort them by it (peers.md §4, 7)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from engine.domain import foresight
from engine.domain.calendar import CalendarGapError
from engine.domain.dossier import DeadlineKind, DeadlineState, TaskState
from engine.domain.foresight import Ledger
from engine.domain.ids import DossierId
from engine.domain.limits import Limit
from engine.reports.localities import Localities
from engine.reports.stage_runs import StageRuns
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

Rank = tuple[int, datetime, DossierId]  #: minutes missing, negated; due instant; id


def ranked(
    uow: UnitOfWork, wanted: ColumnElement[bool], localities: Localities, *, at: datetime, after: Sequence[Any] | None
) -> list[Rank]:
    """Return the wanted dossiers of ``will_be_late`` by what they miss at ``at``, largest first, then by due instant.

    A few queries and an exact sum for each row: no column holds what depends on the calendar and the hour; a queue
    of thousands is sorted in a fraction of a second.

    Args:
        wanted: condition on ``Dossier``, inside the queue.
        after: the rank of a page's last row; those up to it are left out.
    """
    running = and_(
        Deadline.dossier_id == Dossier.id,
        Deadline.kind == DeadlineKind.PROMISE,
        Deadline.state == DeadlineState.RUNNING,
    )
    facts = (Dossier.id, Dossier.resolving_agency_id, Dossier.version_id, Dossier.foreseen_at)
    kept = (Deadline.promise_no, Deadline.limit, Deadline.rest, Deadline.running_from, Deadline.due_at)
    found = uow.session.execute(select(*facts, *kept).join(Deadline, running).where(wanted)).all()
    tasks = _tasks(uow, wanted)
    runs = StageRuns(uow, Event.dossier_id.in_(select(Dossier.id).where(wanted)))
    ranks = []
    for row in found:
        minutes = _minutes(runs, row, tasks.get(row.id, []), localities, at)
        ranks.append((-minutes, row.due_at, row.id))
    return sorted(rank for rank in ranks if after is None or rank > tuple(after))


def _minutes(runs: StageRuns, row: Any, tasks: list[Any], localities: Localities, at: datetime) -> int:
    ledger = Ledger(Limit.parse(row.limit), Limit.parse(row.rest), row.running_from, row.due_at)
    stage = runs.of(row, row.promise_no, ledger, tasks)
    if stage is None or row.foreseen_at is None:
        return 0
    # the list must show even when next year's calendar is missing
    with suppress(CalendarGapError):
        calendar = localities.calendar(row.resolving_agency_id)
        return foresight.missing_minutes(calendar, stage, foreseen_at=row.foreseen_at, due_at=row.due_at, at=at)
    return 0


def _tasks(uow: UnitOfWork, wanted: ColumnElement[bool]) -> dict[DossierId, list[Any]]:
    inside = Task.dossier_id.in_(select(Dossier.id).where(wanted))
    query = select(Task.dossier_id, Task.stage, Task.opened_at, Task.due_at).where(inside, Task.state == TaskState.OPEN)
    tasks: dict[DossierId, list[Any]] = {}
    for row in uow.session.execute(query):
        tasks.setdefault(row.dossier_id, []).append(row)
    return tasks
