"""Processing: officers claim tasks, do them, and the dossier moves on; exactly one officer wins each task."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain import forms, permissions
from engine.domain.actors import Actor
from engine.domain.dossier import Decision, PauseReason, Status, TaskState
from engine.domain.events import EventKind
from engine.domain.fields import check_fields
from engine.domain.ids import TaskId
from engine.errors import ConflictError, InvalidInputError
from engine.services import endings, promises, steps, views
from engine.services.case import Case, allow, as_uuid, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.dossiers import DossierNotFoundError
from engine.store.tasks import Task, TaskNotFoundError
from engine.store.unit_of_work import UnitOfWork

DONE = "done"  #: the outcome of a step that offers none


class TaskGoneError(ConflictError):
    """The task is no longer open; the details say who did what and when."""

    code = "task-gone"


class DossierWaitsError(ConflictError):
    """The dossier waits for the citizen; steps go on when the answer is here."""

    code = "dossier-waits"


class InvalidOutcomeError(InvalidInputError):
    """The task has no such outcome."""

    code = "invalid-outcome"


class ReceiverNeededError(InvalidInputError):
    """The last step hands the result over and needs to know to whom."""

    code = "receiver-needed"


def claim(
    ctx: Context, *, by: Actor, task_id: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Take a task for oneself; claiming one's own task again changes nothing.

    Raises:
        TaskNotFoundError, TaskNotYoursError, TaskClaimedError, TaskGoneError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = open_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        check_may_work(case, task)
        if task.assignee_id is None:
            task.assignee_id, task.claimed_at = case.by.in_name_of, case.now
            record(case, EventKind.TASK_CLAIMED, {"task": str(task.id), "officer": task.assignee_id})
            steps.take_over(case, task)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def release(
    ctx: Context, *, by: Actor, task_id: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Put one's task back for the unit.

    Raises:
        As ``claim``.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = open_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        check_may_work(case, task)
        if task.assignee_id is not None:
            task.assignee_id = task.claimed_at = None
            record(case, EventKind.TASK_RELEASED, {"task": str(task.id)})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def assign(
    ctx: Context, *, by: Actor, task_id: str, username: str | None, note: str | None = None,
    expected: int | None = None, request: Request | None = None,
) -> Answer:  # fmt: skip
    """Give a task to an officer of its unit, or back to the unit with ``username`` None; a supervisor's act.

    Raises:
        InvalidInputError: the officer is not of the unit.
        TaskNotFoundError, TaskGoneError, NotAllowedError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = open_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        permissions.check_can_assign(by, agency=task.owner_agency_id)
        officer = None
        if username is not None:
            members = {member.username: member for member in uow.people.members(task.unit_id)}
            if username not in members:
                raise InvalidInputError(f"{username!r} does not work in the task's unit", field="username")
            officer = members[username].id
        task.assignee_id, task.claimed_at = officer, case.now if officer else None
        record(case, EventKind.TASK_ASSIGNED, {"task": str(task.id), "officer": officer, "note": note})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def complete(
    ctx: Context,
    *,
    by: Actor,
    task_id: str,
    outcome: str = DONE,
    note: str | None = None,
    fields: dict[str, Any] | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Complete a task; the process moves on, and clock, hand-over and status follow.

    Args:
        outcome: one of those that the step offers, else ``done``.
        fields: what the officer filled in; those that the step asks for must fit the form of the procedure, and the
            process reads them.

    Raises:
        TaskGoneError: somebody was faster; the details name them.
        DossierWaitsError: the dossier waits for a supplement or a payment.
        InvalidOutcomeError: the step does not offer the outcome; the details list those that it offers.
        InvalidFieldsError: see ``check_fields`` and ``forms.check_inputs``.
        ProcessStuckError: the model leads nowhere with this outcome and these fields.
        ReceiverNeededError: the step hands the result over; use the hand-over, which records the receiver.
        TaskNotFoundError, TaskNotYoursError, TaskClaimedError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = open_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        check_completion(case, task, outcome=outcome)
        advance(case, task, outcome=outcome, note=note, fields=fields)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def issue_result(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    number: str,
    outcome: str = DONE,
    note: str | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Record that the decision is signed, numbered and issued: does the step that ends processing, status 4 to 9.

    Args:
        number: number of the issued document.
        outcome: one of those that the step offers, else ``done``.

    Raises:
        NotFinishedError: the step that ends processing is not open yet.
        And those of ``complete``.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        if not number.strip():
            raise InvalidInputError("a result has the number under which it was issued", field="number")
        tasks = [task for task in uow.tasks.open_of(case.dossier.id) if case.facts.steps[task.node].ends_processing]
        if not tasks:
            raise endings.NotFinishedError("the step that decides is not open", status=case.dossier.status)
        check_may_work(case, tasks[0])
        check_outcome(case, tasks[0], outcome)
        check_not_waiting(case, tasks[0])
        advance(case, tasks[0], outcome=outcome, note=note, fields={"number": number.strip()})
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def advance(
    case: Case, task: Task, *, outcome: str = DONE, note: str | None = None, fields: dict[str, Any] | None = None
) -> None:
    """Do a task and what follows from it, inside the caller's transaction; the task keeps what taking it back needs.

    Raises:
        InvalidFieldsError: see ``check_fields`` and ``forms.check_inputs``.
        ProcessStuckError: the model leads nowhere with this outcome and these fields.
    """
    before, first_seq = case.uow.tasks.process(case.dossier.id).state, case.dossier.event_seq + 1
    _do(case, task, outcome=outcome, note=note, fields=fields or {})
    task.before, task.first_seq, task.last_seq = before, first_seq, case.dossier.event_seq


def check_completion(case: Case, task: Task, *, outcome: str) -> None:
    """Refuse a task that the actor cannot do with this outcome now; what a confirmation shows, and the act itself.

    Raises:
        TaskNotYoursError, TaskClaimedError, InvalidOutcomeError, DossierWaitsError, ReceiverNeededError.
    """
    check_may_work(case, task)
    check_outcome(case, task, outcome)
    check_not_waiting(case, task)
    if endings.is_last(case, task):
        raise ReceiverNeededError("this step hands the result over; record the receiver with the hand-over")


def check_fields_of(case: Case, task: Task, fields: dict[str, Any]) -> dict[str, Any]:
    """Return what the step asks for, out of what was filled in.

    Raises:
        InvalidFieldsError: see ``check_fields`` and ``forms.check_inputs``.
    """
    asked = forms.check_inputs(case.version.form, case.facts.steps[task.node].inputs, fields)
    check_fields({**fields, **asked})
    return asked


def _do(case: Case, task: Task, *, outcome: str, note: str | None, fields: dict[str, Any]) -> None:
    step, form = case.facts.steps[task.node], case.version.form
    asked = check_fields_of(case, task, fields)
    said = {**fields, **asked}
    steps.complete(case, task, {"outcome": outcome, **forms.routed(form, asked)})
    steps.close(case, task, outcome=outcome, note=note, fields=said)
    ends = step.ends_processing and case.dossier.finished_at is None
    runs_on = case.dossier.finished_at is None and not ends  # else there is no clock left to pause
    stands = case.dossier.is_paused and not promises.is_outside(case)
    if step.pauses_clock and runs_on and not stands:
        ground = f"bước {step.name} của quy trình"
        promises.pause(case, reason=PauseReason.STEP, ground=ground, status=Status.OBLIGATION, done=task)
    elif case.status is Status.OBLIGATION and (step.resumes_clock or ends):
        promises.resume(case, status=Status.PROCESSING)
    if ends:
        decision = Decision(step.decision)
        endings.finish(case, decision, reason=note if decision is Decision.REFUSED else None)
    steps.follow(case, done=task)


def outcomes_of(case: Case, task: Task) -> list[str]:
    """Return the outcomes with which a task can be done."""
    return [value for value, _ in case.facts.steps[task.node].outcomes] or [DONE]


def check_outcome(case: Case, task: Task, outcome: str) -> None:
    """Refuse an outcome that the step does not offer.

    Raises:
        InvalidOutcomeError: it lists those that the step offers.
    """
    offered = outcomes_of(case, task)
    if outcome not in offered:
        message = f"the step {task.name!r} has no outcome {outcome!r}; it must be one of {', '.join(offered)}"
        raise InvalidOutcomeError(message, field="outcome", outcomes=offered)


def open_task(
    ctx: Context, uow: UnitOfWork, *, by: Actor, task_id: str, expected: int | None = None
) -> tuple[Case, Task]:
    """Open the case of a task that must still be open.

    Raises:
        TaskNotFoundError: no such task, or its dossier is not the actor's to know.
        TaskGoneError: it is closed.
    """
    known = as_uuid(task_id)
    if known is None:
        raise TaskNotFoundError(f"{task_id!r} is no task id")
    task = uow.tasks.get(TaskId(known))
    try:
        case = open_case(ctx, uow, by=by, reference=str(task.dossier_id), expected=None)
    except DossierNotFoundError:
        raise TaskNotFoundError(f"there is no task with id {known}") from None  # as if there were none (S05)
    uow.session.refresh(task)  # read before the lock was held
    if task.state is not TaskState.OPEN:
        raise gone(case, task)
    if expected is not None:
        case = open_case(ctx, uow, by=by, reference=str(task.dossier_id), expected=expected)
    return case, task


def gone(case: Case, task: Task) -> TaskGoneError:
    """Return the error that says who closed a task, and when."""
    who = case.uow.people.get(task.closed_by).name if task.closed_by else None
    return TaskGoneError(
        f"the task {task.name!r} is {task.state.value}, by {who or 'the system'}",
        state=task.state.value,
        by=who,
        at=case.calendar.local(task.closed_at).isoformat() if task.closed_at else None,
    )


def check_may_work(case: Case, task: Task) -> None:
    """Refuse a task that is another unit's, or that somebody else has claimed.

    Raises:
        TaskNotYoursError, TaskClaimedError.
    """
    who = case.uow.people.get(task.assignee_id).name if task.assignee_id else None
    allow(
        case,
        permissions.check_can_work_on,
        agency=task.owner_agency_id,
        unit=task.unit_id,
        phase=task.phase,
        assignee=task.assignee_id,
        role=case.facts.steps[task.node].role,
        who=who,
    )


def check_not_waiting(case: Case, task: Task) -> None:
    """Refuse a step of a dossier that waits for the citizen.

    Raises:
        DossierWaitsError.
    """
    if case.status is Status.SUBMITTED:
        raise DossierWaitsError("the dossier is not received yet; receive or refuse it", status=1)
    if case.facts.steps[task.node].own_limit is not None:
        return  # no pause of the promise touches its time: who is asked may answer before silence speaks for them
    paused_by_step = case.dossier.is_paused and (
        case.uow.deadlines.pauses(case.dossier.id)[-1].reason is PauseReason.STEP
    )
    waits = case.status is Status.SUPPLEMENT or (case.status is Status.OBLIGATION and not paused_by_step)
    if waits:
        raise DossierWaitsError(
            f"task {task.name!r} has to wait: the dossier is in status {case.status.value}", status=case.status.value
        )
