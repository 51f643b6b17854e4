"""What the dossiers of ``will_be_late`` are missing, all of a queue at once, to sort them by it (peers.md §4, 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from engine.domain import foresight
from engine.domain.calendar import CalendarGapError
from engine.domain.dossier import DeadlineKind, DeadlineState
from engine.domain.foresight import Ledger
from engine.domain.ids import DossierId
from engine.domain.limits import Limit
from engine.reports.filters import is_open
from engine.reports.localities import Localities
from engine.reports.stage_runs import StageRuns
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.procedures import ProcedureVersion
from engine.store.tasks import Placed, Task
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Step:
    """What an open step says of where its dossier is."""

    stage: int
    opened_at: datetime
    due_at: datetime | None


Rank = tuple[int, datetime, DossierId]  #: minutes missing, negated; due instant; id


def ranked(
    uow: UnitOfWork, wanted: ColumnElement[bool], localities: Localities, *, at: datetime, after: Sequence[Any] | None
) -> list[Rank]:
    """Return the wanted dossiers of ``will_be_late`` by what they miss at ``at``, largest first, then by due instant.

    One statement and an exact sum for each row: no column holds what depends on the calendar and the hour. Lists ask
    for it while the queue is short (``worklists.MOST_RANKED``).

    Args:
        wanted: condition on ``Dossier``, inside the queue.
        after: the rank of a page's last row; those up to it are left out.
    """
    running = and_(
        Deadline.dossier_id == Dossier.id,
        Deadline.kind == DeadlineKind.PROMISE,
        Deadline.state == DeadlineState.RUNNING,
    )
    opened = and_(Task.dossier_id == Dossier.id, is_open())
    facts = (Dossier.id, Dossier.resolving_agency_id, Dossier.version_id, Dossier.foreseen_at)
    kept = (Deadline.promise_no, Deadline.limit, Deadline.rest, Deadline.running_from, Deadline.due_at)
    steps = (Task.stage, Task.opened_at, Task.due_at.label("stage_due_at"))
    query = select(*facts, *kept, *steps, ProcedureVersion.content_hash).join(Deadline, running)
    query = query.join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id).outerjoin(Task, opened)
    found = uow.session.execute(query.where(wanted)).all()
    tasks: dict[DossierId, list[_Step]] = {row.id: [] for row in found}
    for row in found:
        if row.stage is not None:
            tasks[row.id].append(_Step(row.stage, row.opened_at, row.stage_due_at))
    inside = Event.dossier_id.in_(select(Dossier.id).where(wanted))
    runs = StageRuns(uow, inside, {row.version_id: row.content_hash for row in found})
    ranks = []
    for row in {row.id: row for row in found}.values():
        minutes = _minutes(runs, row, tasks[row.id], localities, at)
        ranks.append((-minutes, row.due_at, row.id))
    return sorted(rank for rank in ranks if after is None or rank > tuple(after))


def _minutes(runs: StageRuns, row: Any, tasks: Iterable[Placed], localities: Localities, at: datetime) -> int:
    ledger = Ledger(Limit.parse(row.limit), Limit.parse(row.rest), row.running_from, row.due_at)
    stage = runs.of(row, row.promise_no, ledger, tasks)
    if stage is None or row.foreseen_at is None:
        return 0
    # the list must show even when next year's calendar is missing
    with suppress(CalendarGapError):
        calendar = localities.calendar(row.resolving_agency_id)
        return foresight.missing_minutes(calendar, stage, foreseen_at=row.foreseen_at, due_at=row.due_at, at=at)
    return 0
