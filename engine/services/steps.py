"""The only driver of the process runner: moves the process instance and makes task rows and hand-over lines follow."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bpmn import runner
from bpmn.errors import BpmnError
from bpmn.model import StepFacts
from engine.domain import deadlines
from engine.domain.dossier import Status, TaskState
from engine.domain.events import EventKind
from engine.domain.going_back import TAKEN_BACK
from engine.domain.ids import TaskId
from engine.domain.limits import Limit
from engine.domain.stages import Grant, shares_of
from engine.domain.version_moves import stage_end_over
from engine.errors import ConflictError
from engine.services import appointments, lateness, outside_limit, process_effects, process_waits, step_units
from engine.services.case import Case, iso, record
from engine.services.step_units import one_stop_unit as one_stop_unit  # part of this module's interface
from engine.services.step_units import unit_of as unit_of
from engine.store.agencies import Unit
from engine.store.tasks import Handover, ProcessInstance, Task


class ProcessStuckError(ConflictError):
    """The model of the procedure cannot go on with what was said; its administrator has to mend it."""

    code = "process-stuck"


def start(case: Case, data: Mapping[str, runner.Scalar] | None = None) -> None:
    """Start the process instance of a dossier; its first task is the check of completeness.

    Args:
        data: the facts of the dossier that the process may ask for.

    Raises:
        ProcessStuckError: the model cannot begin with these facts.
    """
    with _mending():
        step = runner.start(_model(case), data or {})
    process = ProcessInstance(
        dossier_id=case.dossier.id,
        owner_agency_id=case.dossier.owner_agency_id,
        version_id=case.version.id,
        state=step.state,
    )
    case.uow.tasks.add(process)
    _keep(case, process, step)


def restart(case: Case, data: Mapping[str, runner.Scalar]) -> None:
    """Begin the process anew on the version of the case, in place of the one that runs; rows follow with ``follow``.

    Raises:
        ProcessStuckError: the model cannot begin with these facts.
    """
    with _mending():
        step = runner.start(_model(case), data)
    process = case.uow.tasks.process(case.dossier.id)
    process.version_id = case.version.id
    _keep(case, process, step)


def complete(case: Case, task: Task, data: Mapping[str, runner.Scalar]) -> runner.Step:
    """Complete the task in the process instance; rows follow with ``follow``.

    Raises:
        ProcessStuckError: no gateway behind it leads anywhere with these values.
    """
    process = case.uow.tasks.process(case.dossier.id)
    with _mending():
        step = runner.complete(_model(case), process.state, task.process_task, data)
    return _keep(case, process, step)


def send(
    case: Case, message: str, data: Mapping[str, runner.Scalar] | None = None, *, token: str | None = None
) -> runner.Step:
    """Deliver a message to the process instance; rows follow with ``follow``.

    Args:
        token: the wait that it is for; None: whatever has waited longest for it.

    Raises:
        ProcessStuckError: nothing waits for it, or the model cannot go on.
    """
    process = case.uow.tasks.process(case.dossier.id)
    with _mending():
        step = runner.send(_model(case), process.state, message, data, token=token)
    return _keep(case, process, step)


def awaited(case: Case) -> frozenset[str]:
    """Return the names of the messages that the process waits for."""
    return runner.awaited(_model(case), case.uow.tasks.process(case.dossier.id).state)


def close(case: Case, task: Task, *, outcome: str, note: str | None, fields: dict[str, Any] | None = None) -> None:
    """Mark a task done by the actor and write it into the history."""
    take_over(case, task)
    task.state, task.closed_at, task.closed_by = TaskState.DONE, case.now, case.by.id
    task.assignee_id = task.assignee_id or case.by.in_name_of
    task.outcome, task.note = outcome, note
    payload = {"task": str(task.id), "node": task.node, "outcome": outcome, "note": note, "fields": fields or {}}
    record(case, EventKind.TASK_COMPLETED, payload)


def take_over(case: Case, task: Task) -> None:
    """Sign the hand-over line that brought the task here: the receiver takes the dossier with its first act."""
    for line in case.uow.tasks.handovers(case.dossier.id):
        if line.taken_at is None and line.to_unit_id == task.unit_id:
            line.taken_at, line.taken_by = case.now, case.by.id
            record(case, EventKind.HANDOVER_RECEIVED, {"no": line.no})


def send_back(case: Case, task: Task, node: str) -> runner.Step:
    """Put the token of an open task back to an earlier one in the process instance; rows follow with ``follow``.

    Raises:
        NoWayBackError: others came with it, joined it, or wait for it.
    """
    process = case.uow.tasks.process(case.dossier.id)
    return _keep(case, process, runner.sent_back(_model(case), process.state, task.process_task, node))


def can_go_back(case: Case, task: Task, node: str) -> bool:
    """Tell whether ``send_back`` would put the token of an open task there."""
    try:
        runner.sent_back(_model(case), case.uow.tasks.process(case.dossier.id).state, task.process_task, node)
    except BpmnError:
        return False
    return True


def restore(case: Case, state: bytes) -> None:
    """Put the process instance back to a state that it had; the caller makes the rows agree."""
    case.uow.tasks.process(case.dossier.id).state = state
    case.process_digest = hashlib.sha256(state).hexdigest()


def follow(case: Case, *, done: Task | None = None, back_to: Task | None = None) -> list[Task]:
    """Make task rows agree with the process instance: cancel what it left, open what it reached.

    Args:
        done: the task that was completed; a step in another unit than its own is a hand-over.
        back_to: the earlier task to which ``done`` was sent back: what is opened came from where that one came from.

    Returns:
        The tasks that were opened.
    """
    step = case.step
    assert step is not None  # noqa: S101 - the process has just moved
    waiting = {task.id: task for task in step.open}
    known = {task.process_task: task for task in case.uow.tasks.open_of(case.dossier.id)}
    for process_task, row in known.items():
        if process_task not in waiting:
            row.state, row.closed_at, row.closed_by = TaskState.CANCELLED, case.now, case.by.id
            record(case, EventKind.TASK_CANCELLED, {"task": str(row.id)})
    outside_limit.run_on(case, [case.facts.steps[task.node] for task in step.open])
    before = back_to.came_from if back_to is not None else done.id if done is not None else None
    opened = [
        _open(case, task, done, came_from=before) for process_task, task in waiting.items() if process_task not in known
    ]
    if any(node.wait for node in _model(case).net.nodes.values()):
        process_waits.follow(case, step.waits)
    outside_limit.stand_still(case)
    process_effects.carry_out(case)
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is not None:
        lateness.schedule(case, promise)
    return opened


def _keep(case: Case, process: ProcessInstance, step: runner.Step) -> runner.Step:
    process.state = step.state
    case.process_digest = hashlib.sha256(step.state).hexdigest()
    case.step = step
    case.effects.extend(step.effects)
    return step


def _model(case: Case) -> runner.Model:
    return runner.load(case.version.model, case.version.decisions)


@contextmanager
def _mending() -> Iterator[None]:
    try:
        yield
    except BpmnError as error:
        message = f"the process cannot go on: {error} Ask the administrator of the procedure to mend it"
        raise ProcessStuckError(message, rule=error.code) from error


def _open(case: Case, waiting: runner.OpenTask, done: Task | None, *, came_from: TaskId | None) -> Task:
    step = case.facts.steps[waiting.node]
    if step.phase == "processing" and case.status is Status.RECEIVED:
        record(case, EventKind.PROCESSING_STARTED, status=Status.PROCESSING)
    unit = unit_of(case, step, item=waiting.item)
    step_units.let_see(case, unit)
    due_at, counted = _stage_end(case, step, done)
    task = Task(
        id=TaskId(case.ctx.new_id()),
        dossier_id=case.dossier.id,
        owner_agency_id=unit.owner_agency_id,
        process_task=waiting.id,
        node=step.node,
        name=step.name,
        phase=step.phase.value,
        stage=step.stage,
        unit_id=unit.id,
        state=TaskState.OPEN,
        opened_at=case.now,
        due_at=due_at,
        came_from=came_from,
    )
    case.uow.tasks.add(task)
    if done is not None and done.unit_id != unit.id:
        hand_over(case, done, to=unit)
    payload = {
        "task": str(task.id),
        "process_task": waiting.id,
        "node": step.node,
        "name": step.name,
        "phase": step.phase.value,
        "stage": step.stage,
        "unit": unit.id,
        "agency": unit.owner_agency_id,
        "due_at": iso(task.due_at),
        **counted,
        **({} if waiting.loop is None else {"item": waiting.item, "loop": waiting.loop}),
        **({} if came_from is None else {"came_from": str(came_from)}),
    }
    record(case, EventKind.TASK_OPENED, payload)
    return task


def hand_over(case: Case, giver: Task, *, to: Unit, note: str | None = None) -> None:
    """Write a line of the control slip: giver, receiver, time, and how the giver's stage stood (domain.md §2.7)."""
    lines = case.uow.tasks.handovers(case.dossier.id)
    line = Handover(
        dossier_id=case.dossier.id,
        no=len(lines) + 1,
        owner_agency_id=giver.owner_agency_id,
        from_unit_id=giver.unit_id,
        to_unit_id=to.id,
        given_by=case.by.id,
        given_at=case.now,
        result=_standing(case, giver.due_at).value,
        note=note,
    )
    case.uow.tasks.add(line)
    payload = {"no": line.no, "from": giver.unit_id, "to": to.id, "result": line.result, "note": note}
    record(case, EventKind.HANDED_OVER, payload)


def _standing(case: Case, due_at: datetime | None) -> deadlines.Punctuality:
    if due_at is None:  # a stage without share cannot be late
        return deadlines.Punctuality.ON_TIME
    late_after = deadlines.late_after(case.calendar, due_at, case.late_rule)
    return deadlines.punctuality(case.calendar, finished_at=case.now, due_at=due_at, late_after=late_after)


def _stage_end(case: Case, step: StepFacts, done: Task | None) -> tuple[datetime | None, dict[str, str | None]]:
    """Return when the step's stage should be done and what that was counted from; steps of one stage share it."""
    if step.own_limit is not None and case.dossier.received_at is not None:
        return _own_end(case, step.own_limit)
    counted: dict[str, str | None] = {"stage_from": None, "stage_share": None, "calendar": None}
    if done is not None and done.stage == step.stage and done.due_at is not None and not _is_apart(case, done):
        return done.due_at, counted
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is None or step.stage == 0:
        return None, counted
    stages = lateness.stages_of(case)
    shares = shares_of(stages, current=step.stage, total=appointments.limit_now(case, promise))
    if shares is None or step.phase == "return" or step.stage not in {stage.no for stage in stages}:
        return None, counted
    grant = _stage_that_runs(case, step, shares.own) or Grant(
        max(case.now, promise.running_from or case.now), shares.own
    )
    counted = {"stage_from": iso(grant.begins_at), "stage_share": str(grant.share), "calendar": case.calendar.version}
    pauses = [(pause.started_at, pause.ended_at) for pause in case.uow.deadlines.pauses(case.dossier.id)]
    return stage_end_over(case.calendar, grant, pauses), counted


def _stage_that_runs(case: Case, step: StepFacts, share: Limit) -> Grant | None:
    """Return what the step's stage has had since it began, where a join, a wait or a step apart lies between.

    A stage that was left for another one begins anew: its work has come back.
    """
    known = [
        task
        for task in case.uow.tasks.all_of(case.dossier.id)
        if task.node in case.facts.steps and task.outcome != TAKEN_BACK  # of this version, and not taken back
    ]
    opened = [task for task in known if task.stage > 0 and not _is_apart(case, task)]
    last = max(opened, key=lambda task: int(task.process_task), default=None)  # many open at one moment
    if last is None or last.stage != step.stage or last.due_at is None:
        return None
    grant = lateness.granted(case, last)
    return grant if grant is not None and str(grant.share) == str(share) else None


def _own_end(case: Case, limit: str) -> tuple[datetime, dict[str, str | None]]:
    """Return when a step should be done that has a limit of its own, counted as any limit from its receipt."""
    due = deadlines.due(case.calendar, received_at=case.now, limit=Limit.parse(limit))
    counted = {"stage_from": iso(due.counted_from), "stage_share": None, "calendar": case.calendar.version}
    return due.due_at, counted | {"own_limit": limit}


def _is_apart(case: Case, task: Task) -> bool:
    return case.facts.steps[task.node].own_limit is not None
