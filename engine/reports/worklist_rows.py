"""The rows of a worklist: everything that a list shows of some dossiers, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, Subquery, and_, func, select
from sqlalchemy.orm import aliased, defer

from engine.domain import foresight
from engine.domain.actors import Actor
from engine.domain.dossier import LABELS, UNFINISHED, DeadlineKind, Status
from engine.domain.ids import DossierId
from engine.reports.filters import Queue, is_open
from engine.reports.lateness_sql import is_late
from engine.reports.localities import Localities
from engine.reports.stage_runs import StageRuns
from engine.store.agencies import Unit
from engine.store.deadlines import Deadline, Pause
from engine.store.dossiers import Dossier, Party, Supplement
from engine.store.events import Event
from engine.store.letters import Letter
from engine.store.people import Officer
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Found:
    """A row with the keys by which it was found: what the source had, the id last."""

    keys: tuple[Any, ...]
    item: dict[str, Any]

    @property
    def id(self) -> DossierId:
        """Whose row it is."""
        dossier_id: DossierId = self.keys[-1]
        return dossier_id


def read(
    uow: UnitOfWork, source: Subquery, localities: Localities, *, now: datetime, by: Actor, queue: Queue,
    task: str | None = None,
) -> list[Found]:  # fmt: skip
    """Return the rows of the dossiers that a query with their ids in its last column ``id`` finds, in any order.

    Of several open steps a row names the one that its queue is about, or ``task``; ``open_tasks`` tells how many there
    are. One statement, and one more when a dossier of the page is past its first appointment.
    """
    rows = uow.session.execute(_rows(source, now)).all()
    grouped = groupby(sorted(rows, key=lambda row: row.Dossier.id), key=lambda row: row.Dossier.id)
    dossiers = [list(group) for _, group in grouped]
    ids = [group[0].Dossier.id for group in dossiers]
    runs = StageRuns(uow, Event.dossier_id.in_(ids), {row.Dossier.version_id: row.content_hash for row in rows})
    width = len(source.c)
    found = []
    for group in dossiers:
        row, tasks = group[0], sorted({each.task_id: each for each in group if each.task_id}.values(), key=_by_opening)
        fitting = [(str(each.task_id) == task, _fits(each, queue, by), at) for at, each in enumerate(tasks)]
        shown = tasks[max(fitting)[-1]] if tasks else None
        item = _item(row, localities) | {"task": None if shown is None else _task(shown, len(tasks), localities, by)}
        found.append(Found(tuple(row[:width]), item | _clock(row, tasks, localities, runs, now)))
    return found


def _rows(source: Subquery, now: datetime) -> Select[Any]:
    """Select a row for each open step of the dossiers, and one for a dossier without any."""
    has = Dossier.id
    latest_promise = _latest(Deadline, DeadlineKind.PROMISE)
    latest_letter = _latest(Letter, "apology")
    return (
        select(
            *source.c, Dossier,
            Procedure.code.label("procedure_code"), Procedure.name.label("procedure_name"),
            ProcedureVersion.content_hash, Party.name.label("applicant"), Party.phone,
            Deadline, Letter.id.label("letter_id"), Letter.state.label("letter_state"),
            Pause.started_at.label("paused_since"), Supplement.items.label("missing_papers"),
            Task.id.label("task_id"), Task.name.label("step"), Task.stage, Task.opened_at, Task.due_at, Task.unit_id,
            Task.assignee_id,
            Unit.code.label("unit"), Unit.name.label("unit_name"),
            Officer.username, Officer.name.label("officer_name"), is_late(now).label("late"),
        )
        .select_from(source)
        .join(Dossier, has == source.c.id)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .join(ProcedureVersion, ProcedureVersion.id == Dossier.version_id)
        .outerjoin(Party, and_(Party.dossier_id == has, Party.role == "applicant"))
        .outerjoin(
            Deadline,
            and_(
                Deadline.dossier_id == has, Deadline.kind == DeadlineKind.PROMISE, Deadline.promise_no == latest_promise
            ),
        )
        .outerjoin(Letter, and_(Letter.dossier_id == has, Letter.kind == "apology", Letter.promise_no == latest_letter))
        .outerjoin(Pause, and_(Pause.dossier_id == has, Pause.ended_at.is_(None), Dossier.is_paused.is_(True)))
        .outerjoin(
            Supplement,
            and_(Supplement.dossier_id == has, Supplement.completed_at.is_(None), Supplement.lapsed_at.is_(None)),
        )
        .outerjoin(Task, and_(Task.dossier_id == has, is_open()))
        .outerjoin(Unit, Unit.id == Task.unit_id)
        .outerjoin(Officer, Officer.id == Task.assignee_id)
        .options(defer(Dossier.facts), defer(Dossier.search))
    )  # fmt: skip


def _latest(kind: type[Deadline] | type[Letter], value: str) -> Any:
    """Return the number of the latest promise of which the dossier has such a row."""
    other = aliased(kind)
    same = (other.dossier_id == Dossier.id, other.kind == value)
    return select(func.max(other.promise_no)).where(*same).correlate(Dossier).scalar_subquery()


def _by_opening(row: Any) -> tuple[datetime, Any]:
    return row.opened_at, row.task_id


def _fits(task: Any, queue: Queue, by: Actor) -> bool:
    """Whether the row is in its queue for this step."""
    if queue is Queue.MINE:
        return task.assignee_id is not None and task.assignee_id in {by.id, *by.covers}
    return queue is Queue.UNCLAIMED and task.assignee_id is None and task.unit_id in by.reached_units


def _clock(row: Any, tasks: Iterable[Any], localities: Localities, runs: StageRuns, now: datetime) -> dict[str, Any]:
    dossier, promise = row.Dossier, row.Deadline
    ledger = None if promise is None else promise.ledger
    stage = None
    if promise is not None and dossier.foreseen_at is not None:  # nothing else is told of a stage
        stage = runs.of(dossier, promise.promise_no, promise.ledger, tasks)
    return foresight.facts(
        localities.calendar(dossier.resolving_agency_id),
        dossier.marks(late=bool(row.late)),
        ledger,
        stage,
        at=dossier.counts_at(now),
        is_dated=dossier.due_at is not None,
    )


def _item(row: Any, localities: Localities) -> dict[str, Any]:
    dossier = row.Dossier
    home, status = dossier.resolving_agency_id, Status(dossier.status)

    def local(at: datetime | None) -> str | None:
        return localities.text(home, at)

    return {
        "id": str(dossier.id),
        "code": dossier.code,
        "status": dossier.status,
        "status_label": LABELS[status],
        "procedure_code": row.procedure_code,
        "procedure_name": row.procedure_name,
        "applicant": row.applicant,
        "phone": row.phone,
        "channel": dossier.channel.value,
        "receiving_agency": localities.agencies[dossier.receiving_agency_id].code,
        "resolving_agency": localities.agencies[home].code,
        "submitted_at": local(dossier.submitted_at),
        "received_at": local(dossier.received_at),
        "due_at": local(dossier.due_at),
        "late_after": local(dossier.late_after),
        "extended_due_at": local(dossier.extended_due_at),
        "finished_at": local(dossier.finished_at),
        "returned_at": local(dossier.ended_at) if status is Status.RETURNED else None,
        "provisional": dossier.is_provisional,
        "paused": dossier.is_paused,
        "paused_since": local(row.paused_since),
        "missing_papers": row.missing_papers or [],
        "late": bool(row.late),
        "unfinished": status in UNFINISHED,
        "version": dossier.version,
        "source": dossier.source,
        "letter": None if row.letter_id is None else {"id": str(row.letter_id), "state": row.letter_state.value},
    }


def _task(row: Any, open_tasks: int, localities: Localities, by: Actor) -> dict[str, Any]:
    return {
        "id": str(row.task_id),
        "name": row.step,
        "unit": row.unit,
        "unit_name": row.unit_name,
        "assignee": row.username,
        "assignee_name": row.officer_name,
        "claimable": row.assignee_id is None and row.unit_id in by.reached_units,
        "due_at": localities.text(row.Dossier.resolving_agency_id, row.due_at),
        "open_tasks": open_tasks,
    }
