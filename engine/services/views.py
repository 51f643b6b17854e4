"""What a caller is told of a dossier: JSON-ready facts, the same for every route and screen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.domain import deadlines, foresight
from engine.domain.dossier import LABELS, UNFINISHED, Status
from engine.domain.forms import fields_of
from engine.services import lateness
from engine.services.case import Case
from engine.store.dossiers import Dossier
from engine.store.tasks import Task


def is_late(dossier: Dossier, now: datetime) -> bool:
    """Whether the dossier broke a promise: derived, never stored."""
    return deadlines.is_broken(
        finished_at=dossier.finished_at,
        ended_at=dossier.ended_at,
        late_after=dossier.late_after,
        missed_late_after=dossier.missed_late_after,
        now=now,
    )


def summary(case: Case) -> dict[str, Any]:
    """Return the answer to a change: id, code, status, dates, version and the tasks that are open now."""
    case.uow.flush()  # the row version is that of the written row
    dossier = case.dossier
    return {
        "id": str(dossier.id),
        "code": dossier.code,
        "status": dossier.status,
        "status_label": LABELS[Status(dossier.status)],
        "procedure_code": case.facts.code,
        "channel": dossier.channel.value,
        "received_at": _local(case, dossier.received_at),
        "due_at": _local(case, dossier.due_at),
        "late_after": _local(case, dossier.late_after),
        "provisional": dossier.is_provisional,
        "paused": dossier.is_paused,
        "extended_due_at": _local(case, dossier.extended_due_at),
        "finished_at": _local(case, dossier.finished_at),
        "late": is_late(dossier, case.now),
        "unfinished": Status(dossier.status) in UNFINISHED,
        **clock(case),
        "version": dossier.version,
        "open_tasks": [task_view(case, task) for task in case.uow.tasks.open_of(dossier.id)],
    }


def clock(case: Case) -> dict[str, Any]:
    """Return how the dossier's clock stands now: state, used share, what it will be missing (``foresight.facts``)."""
    dossier = case.dossier
    promise = case.uow.deadlines.promise(dossier.id)
    return foresight.facts(
        case.calendar,
        dossier.marks(late=is_late(dossier, case.now)),
        None if promise is None else promise.ledger,
        None if promise is None else lateness.current_stage(case, promise),
        at=dossier.counts_at(case.now),
        is_dated=dossier.due_at is not None,
    )


def task_view(case: Case, task: Task) -> dict[str, Any]:
    """Return the facts of a task."""
    return {
        "id": str(task.id),
        "node": task.node,
        "name": task.name,
        "phase": task.phase,
        "unit": case.uow.agencies.unit(task.unit_id).code,
        "assignee": case.uow.people.get(task.assignee_id).username if task.assignee_id else None,
        "due_at": _local(case, task.due_at),
        **_asked(case, task),
    }


def _asked(case: Case, task: Task) -> dict[str, Any]:
    """Return how a task can be done: outcomes, fields to fill in, the role that it needs, the papers that it issues."""
    step = case.facts.steps.get(task.node)
    if step is None:  # of a version that the dossier has left
        return {"outcomes": [], "inputs": [], "role": None, "form": None, "issues": [], "own_limit": None}
    known = fields_of(case.version.form)
    return {
        "outcomes": [{"value": value, "label": label} for value, label in step.outcomes],
        "inputs": [known[name].as_json() if name in known else _free(name) for name in step.inputs],
        "role": step.role,
        "form": step.form,
        "issues": list(step.issues),
        "own_limit": step.own_limit,
    }


def _free(name: str) -> dict[str, Any]:
    return {"name": name, "label": name, "type": "text", "choices": [], "required": False}


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
