"""One dossier taken to another version, or back: its rows and the one event that says so.

Everything that a move replaces is named in its event, so that the undo needs only the state of the process besides.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from bpmn import runner
from engine.domain.dossier import DeadlineState
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.stages import Grant
from engine.domain.version_moves import Recounted
from engine.services import appointments, lateness, process_waits, promises, steps
from engine.services.case import Case, iso, record
from engine.services.version_places import model_of
from engine.services.version_plans import Plan, TaskPlan, Wish, on_version
from engine.store.deadlines import Deadline
from engine.store.dossiers import DossierAgency
from engine.store.procedures import ProcedureVersion
from engine.store.tasks import Task
from engine.store.version_moves import VersionMove
from engine.store.waits import WaitState

Facts = dict[str, Any]


def carry_out(case: Case, wish: Wish, plan: Plan, move: VersionMove) -> None:
    """Write what a plan says: version, state, tasks, dates, and the event ``version.moved``."""
    promise = case.uow.deadlines.promise(case.dossier.id)
    after = on_version(case, wish.to)
    facts: Facts = {
        "move": move.id,
        "ground": move.ground,
        "from": case.version.id,
        "to": wish.to.id,
        "dates": move.dates,
        "cutoff": wish.to.policy["cutoff"],
        "mapping": plan.mapping,
        "stages": {str(old): new for old, new in plan.stages.items()},
        "left_at": plan.left_at,
        "tasks": [planned(each) for each in plan.tasks],
        "was": {
            "tasks": [_as_it_is(each.task, each.was) for each in plan.tasks],
            "promise": None if plan.promise is None else _promise_facts(case, promise),
            "left_at": appointments.left_at(case),
        },
    }
    if plan.promise is not None and promise is not None:
        facts |= promise_facts(case, promise, plan.promise)
    _write(after, facts, EventKind.VERSION_MOVED, plan.state)


def take_back(case: Case, move: VersionMove, version: ProcedureVersion, state: bytes, ground: str) -> None:
    """Put a dossier back to where the move took it from; nothing has happened to it since.

    Args:
        version: the one it was on.
        state: of its process, as it was.
    """
    made = case.uow.events.of_kind(case.dossier.id, EventKind.VERSION_MOVED)[-1].payload
    was = made["was"]
    facts: Facts = {
        "move": move.id,
        "ground": ground,
        "from": case.version.id,
        "to": version.id,
        "cutoff": version.policy["cutoff"],
        "left_at": was["left_at"],
        "tasks": was["tasks"],
    }
    if was["promise"] is not None:
        facts |= was["promise"] | {"due_before": made["due_at"]}
    _write(on_version(case, version), facts, EventKind.VERSION_UNDONE, state)


def can_take_back(case: Case, old: ProcedureVersion, state: bytes) -> bool:
    """Tell whether the waits of the process are those that it had before the move: a cancelled one runs no more."""
    before = {wait.id for wait in runner.waits(model_of(old), state)}
    known = {row.process_wait for row in case.uow.waits.of(case.dossier.id) if row.state is not WaitState.CANCELLED}
    return before <= known


def _write(case: Case, facts: Facts, kind: EventKind, state: bytes) -> None:
    """Write version, state, event, tasks and promise; the case is that of the version gone to."""
    uow, dossier = case.uow, case.dossier
    dossier.version_id = case.version.id
    process = uow.tasks.process(dossier.id)
    process.version_id, process.state = case.version.id, state
    case.process_digest = hashlib.sha256(state).hexdigest()
    record(case, kind, facts)
    tasks = {str(task.id): task for task in uow.tasks.open_of(dossier.id)}
    for each in facts["tasks"]:
        _write_task(case, tasks[each["task"]], each, facts["ground"])
    promise = uow.deadlines.promise(dossier.id)
    if promise is not None and "due_at" in facts:
        write_promise(case, promise, facts)
    armed = runner.waits(model_of(case.version), state)
    if armed or uow.waits.open_of(dossier.id):
        process_waits.follow(case, armed)
    if promise is not None:
        lateness.schedule(case, promise)


def _write_task(case: Case, task: Task, said: Facts, ground: str) -> None:
    if said["unit"] != task.unit_id:  # the papers go there: a line of the control slip (domain.md §1.15, invariant 5)
        steps.hand_over(case, task, to=case.uow.agencies.unit(UnitId(said["unit"])), note=ground)
        if said["agency"] not in case.uow.dossiers.agencies(case.dossier.id):
            agency = AgencyId(said["agency"])
            case.uow.dossiers.add_part(DossierAgency(dossier_id=case.dossier.id, owner_agency_id=agency))
    task.node, task.name, task.phase, task.stage = said["node"], said["name"], said["phase"], said["stage"]
    task.unit_id, task.owner_agency_id = UnitId(said["unit"]), AgencyId(said["agency"])
    task.assignee_id = None if said["officer"] is None else OfficerId(said["officer"])
    task.claimed_at, task.due_at = _when(said["claimed_at"]), _when(said["due_at"])


def write_promise(case: Case, promise: Deadline, said: Facts) -> None:
    """Write a promise that was counted again, as its event says it."""
    promise.limit, promise.rest = said["limit"], said["rest"]
    promise.running_from = _when(said["running_from"])
    promise.due_at, promise.late_after = (
        datetime.fromisoformat(said["due_at"]),
        datetime.fromisoformat(said["late_after"]),
    )
    promise.calendar_version = said["calendar"]
    row = case.dossier
    row.due_at, row.late_after = promise.due_at, promise.late_after
    if promise.state is DeadlineState.PAUSED:
        row.late_after = None
    row.is_provisional, row.calendar_version = said["provisional"], said["calendar"]


def promise_facts(case: Case, promise: Deadline, new: Recounted) -> Facts:
    """Return a promise that was counted again as the event that does so says it."""
    return {
        "promise": promise.promise_no,
        "limit": str(new.limit),
        "rest": str(new.rest),
        "running_from": iso(new.running_from),
        "counted_from": iso(new.counted_from),
        "due_before": iso(promise.due_at),
        "due_at": iso(new.due_at),
        "late_after": iso(new.late_after),
        "late_rule": case.late_rule.value,
        "calendar": case.calendar.version,
        "provisional": new.is_provisional,
    }


def planned(plan: TaskPlan) -> Facts:
    """Return a task as the event that moves its dates says it."""
    task, stays = plan.task, plan.unit.id == plan.task.unit_id
    return {
        "task": str(task.id),
        "node": plan.step.node,
        "name": plan.step.name,
        "phase": plan.step.phase.value,
        "stage": plan.step.stage,
        "unit": plan.unit.id,
        "agency": plan.unit.owner_agency_id,
        "officer": task.assignee_id if stays else None,
        "claimed_at": iso(task.claimed_at) if stays else None,
        "due_at": iso(plan.due_at),
        **_granted(plan.grant),
    }


def _as_it_is(task: Task, was: Grant | None) -> Facts:
    return {
        "task": str(task.id),
        "node": task.node,
        "name": task.name,
        "phase": task.phase,
        "stage": task.stage,
        "unit": task.unit_id,
        "agency": task.owner_agency_id,
        "officer": task.assignee_id,
        "claimed_at": iso(task.claimed_at),
        "due_at": iso(task.due_at),
        **_granted(was),
    }


def _granted(grant: Grant | None) -> Facts:
    if grant is None:
        return {"stage_from": None, "stage_share": None}
    return {"stage_from": iso(grant.begins_at), "stage_share": str(grant.share)}


def _promise_facts(case: Case, promise: Deadline | None) -> Facts | None:
    if promise is None:
        return None
    return {
        "promise": promise.promise_no,
        "limit": promise.limit,
        "rest": promise.rest,
        "running_from": iso(promise.running_from),
        "counted_from": iso(promise.running_from or promises.counted_from(case)),
        "due_at": iso(promise.due_at),
        "late_after": iso(promise.late_after),
        "late_rule": case.late_rule.value,
        "calendar": promise.calendar_version,
        "provisional": case.dossier.is_provisional,
    }


def _when(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
