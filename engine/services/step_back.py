"""Going back: a step that was just done is taken back as if it had not been, one that is open goes to the step before.

Taking back undoes an act exactly or not at all: while nothing has happened to the dossier since, and only what the act
changed in rows that nobody outside has heard of (``going_back.lasts``). Sending back is an act of its own that the
history keeps: the step before is open once more, for who had done it, and the clock goes on (peers.md §4, 6).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from bpmn.errors import NoWayBackError as NotAloneError
from engine.context import Context
from engine.domain import going_back, permissions
from engine.domain.actors import Actor
from engine.domain.acts import Act
from engine.domain.dossier import Status, TaskState
from engine.domain.events import EventKind
from engine.domain.ids import TaskId
from engine.errors import ConflictError, ForbiddenError
from engine.services import endings, lateness, processing, steps, views
from engine.services.case import Case, as_uuid, open_case, record
from engine.services.lateness import JUST_AFTER
from engine.services.transactions import Answer, Request, transact
from engine.store.dossiers import DossierNotFoundError
from engine.store.events import Event
from engine.store.tasks import Task, TaskNotFoundError
from engine.store.unit_of_work import UnitOfWork
from engine.store.waits import ProcessWait, WaitState


class ActedSinceError(ConflictError):
    """Somebody has acted on the dossier since the step was done; the details say who did what and when."""

    code = "acted-since"


class StepNotReversibleError(ConflictError):
    """The step cannot be taken back: it is not done, or it had an effect that cannot be undone; see the details."""

    code = "step-not-reversible"


class NoStepBeforeError(ConflictError):
    """The dossier cannot go back from this step; the detail ``reason`` says why.

    ``first``: the receipt was before it. ``not-alone``: other steps began or ended with it.
    ``clock``: the step before stopped or started the clock, or decided. ``not-done``: no person did the step before.
    """

    code = "no-step-before"


def take_back(
    ctx: Context, *, by: Actor, task_id: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Take a step back that was just done, by who did it or a supervisor: it is open again, for who had it.

    Raises:
        ActedSinceError, StepNotReversibleError, NotAllowedError, TaskNotFoundError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = closed_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        undo(case, task)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def send_back(
    ctx: Context, *, by: Actor, task_id: str, reason: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Send the dossier from an open step to the one before, with the reason, to who did that.

    Raises:
        NoStepBeforeError, GroundMissingError, DossierWaitsError, TaskGoneError, TaskNotFoundError, TaskNotYoursError,
        TaskClaimedError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = processing.open_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        processing.check_may_work(case, task)
        processing.check_not_waiting(case, task)
        if not reason.strip():
            raise endings.GroundMissingError("say why the dossier goes back to the step before", field="reason")
        _go_back(case, task, step_before(case, task), reason.strip())
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def facts(case: Case, chosen: Task | None) -> dict[str, Any]:
    """Return what the forms of the two acts need, None for an act that is not open to the actor now.

    ``send_back`` names the step before and who did it, ``take_back`` the step that was just done.

    Args:
        chosen: the open task that they may do.
    """
    before = None if chosen is None else where_back(case, chosen)
    done = just_done(case)
    return {
        "send_back": None if before is None else _named(case, before),
        "take_back": None if done is None else _named(case, done),
    }


def offered(told: dict[str, Any]) -> set[Act]:
    """Return which of the two acts are open by ``facts``."""
    acts = {Act.SEND_BACK: told["send_back"], Act.TAKE_BACK: told["take_back"]}
    return {act for act, fact in acts.items() if fact is not None}


def where_back(case: Case, task: Task) -> Task | None:
    """Return the step to which an open one could be sent back now, None without one."""
    try:
        processing.check_not_waiting(case, task)
        before = step_before(case, task)
    except ConflictError:
        return None
    return before if steps.can_go_back(case, task, before.node) else None


def just_done(case: Case) -> Task | None:
    """Return the step that the actor could take back now, None without one."""
    tasks = case.uow.tasks.all_of(case.dossier.id)
    task = next((each for each in tasks if each.last_seq == case.dossier.event_seq), None)
    if task is None:
        return None
    try:
        _check(case, task)
    except (ConflictError, ForbiddenError):
        return None
    return task


def step_before(case: Case, task: Task) -> Task:
    """Return the task whose completion alone opened this one.

    Raises:
        NoStepBeforeError: there is none, or the dossier cannot go back to it.
    """
    if task.came_from is None:
        raise NoStepBeforeError("no person's step led here, so there is none to go back to", reason="not-done")
    tasks = case.uow.tasks.all_of(case.dossier.id)
    before = next(each for each in tasks if each.id == task.came_from)
    step = case.facts.steps.get(before.node)
    if before.first_seq is None or step is None:
        message = "the step before was done with the receipt, or on another version; ask for a supplement instead"
        raise NoStepBeforeError(message, reason="first")
    if step.pauses_clock or step.resumes_clock or step.ends_processing:
        message = f"the step before, {before.name!r}, stopped or started the clock, or decided"
        raise NoStepBeforeError(message, reason="clock", step=before.name)
    opened = [event for event in _act(case, before) if event.kind == EventKind.TASK_OPENED]
    if len(opened) != 1:
        raise NoStepBeforeError("other steps began together with this one", reason="not-alone", step=before.name)
    return before


def closed_task(
    ctx: Context, uow: UnitOfWork, *, by: Actor, task_id: str, expected: int | None = None
) -> tuple[Case, Task]:
    """Open the case of a task that may be closed.

    Raises:
        TaskNotFoundError: no such task, or its dossier is not the actor's to know.
        VersionMismatchError.
    """
    known = as_uuid(task_id)
    if known is None:
        raise TaskNotFoundError(f"{task_id!r} is no task id")
    task = uow.tasks.get(TaskId(known))
    try:
        case = open_case(ctx, uow, by=by, reference=str(task.dossier_id), expected=expected)
    except DossierNotFoundError:
        raise TaskNotFoundError(f"there is no task with id {known}") from None  # as if there were none (S05)
    uow.session.refresh(task)  # read before the lock was held
    return case, task


# --- taking back -----------------------------------------------------------------------------------------------------


def undo(case: Case, task: Task, *, batch: UUID | None = None) -> None:
    """Undo the act that completed a task, inside the caller's transaction: process, tasks, waits, hand-over, status.

    Raises:
        ActedSinceError, StepNotReversibleError, NotAllowedError.
    """
    events = _check(case, task)
    waits = {row.process_wait: row for row in case.uow.waits.of(case.dossier.id)}
    resumed = _waits_to_resume(case, [waits[name] for name in _said(events, EventKind.WAIT_CANCELLED, "wait")])
    dropped = [waits[name] for name in _said(events, EventKind.WAIT_OPENED, "wait") if name in waits]
    first_seq, last_seq, state = task.first_seq, task.last_seq, task.before
    assert state is not None  # noqa: S101 - looked at by the check
    steps.restore(case, state)
    opened = [_task(case, each) for each in _said(events, EventKind.TASK_OPENED, "task")]
    reopened = [task, *(_task(case, each) for each in _said(events, EventKind.TASK_CANCELLED, "task"))]
    for each in opened:
        each.state, each.closed_at, each.closed_by = TaskState.CANCELLED, case.now, case.by.id
        each.outcome = going_back.TAKEN_BACK
    for each in reopened:
        case.uow.tasks.reopen(each)
    task.claimed_at = task.claimed_at or case.now
    task.before = task.first_seq = task.last_seq = None
    lines = _withdraw_handovers(case, _said(events, EventKind.HANDED_OVER, "no"))
    _put_waits(case, dropped, resumed)
    payload = {
        "task": str(task.id),
        "first_seq": first_seq,
        "last_seq": last_seq,
        "cancelled": [str(each.id) for each in opened],
        "tasks": [_held(each) for each in reopened],
        "waits_dropped": [row.process_wait for row in dropped],
        "waits_resumed": [row.process_wait for row, _ in resumed],
        "handovers": lines,
        **({} if batch is None else {"batch": str(batch)}),
    }
    began = any(event.kind == EventKind.PROCESSING_STARTED for event in events)
    record(case, EventKind.STEP_TAKEN_BACK, payload, status=Status.RECEIVED if began else None)
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is not None:
        lateness.schedule(case, promise)


def _check(case: Case, task: Task) -> list[Event]:
    """Return the events of the act that completed a task, if it can be taken back."""
    if task.state is not TaskState.DONE or task.first_seq is None or task.last_seq is None:
        message = f"the step {task.name!r} is {task.state.value}; nothing of it can be taken back"
        raise StepNotReversibleError(message, effect=None)
    permissions.check_can_take_back(case.by, done_by=task.closed_by, agency=task.owner_agency_id)
    later = next((event for event in case.uow.events.of(case.dossier.id) if event.seq > task.last_seq), None)
    if later is not None:
        who = case.uow.people.get(later.actor_id).name if later.actor_id else None
        raise ActedSinceError(
            f"the dossier has gone on since: {later.kind} by {who or 'the system'}",
            by=who,
            kind=str(later.kind),
            at=case.calendar.local(later.at).isoformat(),
        )
    events = _act(case, task)
    lasting = next((event for event in events if going_back.lasts(event.kind, event.payload)), None)
    if lasting is not None:
        message = f"the step {task.name!r} had an effect that cannot be undone: {lasting.kind}"
        raise StepNotReversibleError(message, effect=str(lasting.kind))
    return events


def _act(case: Case, task: Task) -> list[Event]:
    """Return the events of the act that completed a task."""
    first, last = task.first_seq or 0, task.last_seq or 0
    return [event for event in case.uow.events.of(case.dossier.id) if first <= event.seq <= last]


def _said(events: list[Event], kind: EventKind, name: str) -> list[Any]:
    return [event.payload[name] for event in events if event.kind == kind]


def _task(case: Case, task_id: str) -> Task:
    return case.uow.tasks.get(TaskId(UUID(task_id)))


def _held(task: Task) -> dict[str, Any]:
    """Return who has a task that is open again, as ``task.opened`` and ``task.claimed`` say it."""
    return {
        "task": str(task.id),
        "node": task.node,
        "name": task.name,
        "stage": task.stage,
        "unit": task.unit_id,
        "agency": task.owner_agency_id,
        "officer": task.assignee_id,
    }


def _withdraw_handovers(case: Case, numbers: list[int]) -> list[int]:
    """Take the lines of the control slip away that the act wrote: nobody has signed them."""
    lines = {line.no: line for line in case.uow.tasks.handovers(case.dossier.id)}
    for no in sorted(numbers, reverse=True):
        case.uow.tasks.withdraw(lines[no])
    return numbers


def _waits_to_resume(case: Case, cancelled: list[ProcessWait]) -> list[tuple[ProcessWait, datetime]]:
    """Return the waits that the act ended with the last moment of each, as it was told when they were opened."""
    if not cancelled:
        return []
    told = case.uow.events.of_kinds(case.dossier.id, (EventKind.WAIT_OPENED, EventKind.PROMISE_MOVED))
    lasts = {event.payload["wait"]: event.payload["last_at"] for event in told if event.kind == EventKind.WAIT_OPENED}
    moved = {
        each["key"]
        for event in told
        if event.kind == EventKind.PROMISE_MOVED
        for each in event.payload["moves"]
        if each["what"] == "wait"
    }
    if any(row.process_wait in moved for row in cancelled):
        message = "the calendar has moved the end of a wait that this step ended; it cannot run again as it did"
        raise StepNotReversibleError(message, effect=EventKind.WAIT_CANCELLED.value)
    return [(row, datetime.fromisoformat(lasts[row.process_wait])) for row in cancelled]


def _put_waits(case: Case, dropped: list[ProcessWait], resumed: list[tuple[ProcessWait, datetime]]) -> None:
    for row in dropped:
        case.uow.waits.remove(row)
    for row, last_at in resumed:
        row.state, row.closed_at = WaitState.OPEN, None
        row.wake_at = last_at + JUST_AFTER


def _named(case: Case, task: Task) -> dict[str, Any]:
    who = case.uow.people.get(task.closed_by).name if task.closed_by else None
    return {"task": str(task.id), "step": task.name, "who": who}


# --- sending back ----------------------------------------------------------------------------------------------------


def _go_back(case: Case, task: Task, before: Task, reason: str) -> None:
    try:
        steps.send_back(case, task, before.node)
    except NotAloneError:
        message = "other steps began or ended on the way here, so this one cannot go back alone"
        raise NoStepBeforeError(message, reason="not-alone", step=before.name) from None
    steps.take_over(case, task)
    task.state, task.closed_at, task.closed_by = TaskState.DONE, case.now, case.by.id
    task.assignee_id = task.assignee_id or case.by.in_name_of
    task.outcome, task.note = going_back.SENT_BACK, reason
    payload = {"task": str(task.id), "to_task": str(before.id), "to_node": before.node, "reason": reason}
    record(case, EventKind.TASK_SENT_BACK, payload)
    for opened in steps.follow(case, done=task, back_to=before):
        _give(case, opened, before)


def _give(case: Case, opened: Task, before: Task) -> None:
    """Give the step to who did it, while they still work in its unit."""
    members = {member.id for member in case.uow.people.members(opened.unit_id)}
    if before.assignee_id is not None and before.assignee_id in members:
        opened.assignee_id, opened.claimed_at = before.assignee_id, case.now
        payload = {"task": str(opened.id), "officer": before.assignee_id, "note": None}
        record(case, EventKind.TASK_ASSIGNED, payload)
