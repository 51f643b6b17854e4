"""What the dossiers of ``will_be_late`` are missing, all of a queue at once, to sort them by it (peers.md §4, 7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from engine.domain import foresight
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.dossier import DeadlineKind, DeadlineState, TaskState
from engine.domain.ids import DossierId
from engine.reports.localities import Localities
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier
from engine.store.tasks import Task, stage_run
from engine.store.unit_of_work import UnitOfWork

Rank = tuple[int, datetime, DossierId]  #: minutes missing, negated; due instant; id


def ranked(
    uow: UnitOfWork, wanted: ColumnElement[bool], localities: Localities, *, at: datetime, after: Sequence[Any] | None
) -> list[Rank]:
    """Return the wanted dossiers of ``will_be_late`` by what they miss at ``at``, largest first, then by due instant.

    Two queries and an exact sum for each row, since no column holds what depends on the calendar and the hour; a queue
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
    found = uow.session.execute(select(Dossier, Deadline).join(Deadline, running).where(wanted)).all()
    tasks = _tasks(uow, wanted)
    ranks = []
    for dossier, promise in found:
        calendar = localities.calendar(dossier.resolving_agency_id)
        minutes = _minutes(calendar, dossier, promise, tasks.get(dossier.id, []), at)
        ranks.append((-minutes, promise.due_at, dossier.id))
    return sorted(rank for rank in ranks if after is None or rank > tuple(after))


def _tasks(uow: UnitOfWork, wanted: ColumnElement[bool]) -> dict[DossierId, list[Task]]:
    query = select(Task).where(Task.dossier_id.in_(select(Dossier.id).where(wanted)), Task.state == TaskState.OPEN)
    tasks: dict[DossierId, list[Task]] = {}
    for task in uow.session.scalars(query):
        tasks.setdefault(task.dossier_id, []).append(task)
    return tasks


def _minutes(calendar: WorkingCalendar, dossier: Dossier, promise: Deadline, tasks: list[Task], at: datetime) -> int:
    stage = stage_run(tasks, running_from=promise.running_from)
    if stage is None or dossier.foreseen_at is None:
        return 0
    unit = promise.ledger.limit.segments[0].unit
    try:
        found = foresight.missing(calendar, stage, foreseen_at=dossier.foreseen_at, at=at, unit=unit)
    except CalendarGapError:  # the list must show even when next year's calendar is missing
        return 0
    return 0 if found is None else found.minutes
