"""How a dossier ends: decided and handed over, refused, withdrawn by the citizen, or stopped (domain.md §1.10–1.11)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain import deadlines, permissions
from engine.domain.actors import Actor
from engine.domain.dossier import Decision, Status, check_transition
from engine.domain.events import EventKind
from engine.domain.messages import MessageKind
from engine.domain.official_forms import FormKind
from engine.errors import ConflictError, InvalidInputError
from engine.services import (
    extensions,
    intake,
    issuing,
    lateness,
    messages,
    paper_values,
    promises,
    receivers,
    steps,
    views,
)
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.receivers import CAPACITIES as CAPACITIES  # part of this module's interface, as the next two are
from engine.services.receivers import WAYS as WAYS
from engine.services.receivers import Receiver as Receiver
from engine.services.transactions import Answer, Request, transact
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork


class AlreadyDecidedError(ConflictError):
    """The result exists; the dossier can neither be withdrawn, stopped nor refused any more."""

    code = "already-decided"


class NotFinishedError(ConflictError):
    """There is no result to hand over, or a step before the hand-over is still open."""

    code = "not-finished"


class GroundMissingError(InvalidInputError):
    """The act needs a reason or legal ground in words."""

    code = "ground-missing"


class ResultInPostError(ConflictError):
    """The result is on its way by post; it cannot be handed over at the desk meanwhile."""

    code = "result-in-post"


def refuse(
    ctx: Context, *, by: Actor, dossier: str, reason: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Refuse a dossier in words: at reception while it is only filed (status 3), later its result (status 9).

    Raises:
        AlreadyDecidedError, GroundMissingError, NotAllowedError, InvalidTransitionError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        if case.status is Status.SUBMITTED:
            intake.turn_away(case, reason)
        else:
            _refuse_result(case, reason)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def withdraw(
    ctx: Context, *, by: Actor, dossier: str, reason: str = "", expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """End the dossier at the citizen's wish, while there is no decision: status 7 (form 05)."""

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_withdraw, receiving=case.dossier.receiving_agency_id)
        _check_undecided(case)
        end(case, EventKind.WITHDRAWN, message="withdrawn", reason=reason or "theo đề nghị của người nộp hồ sơ")
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def stop(
    ctx: Context, *, by: Actor, dossier: str, ground: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """End the dossier on a legal ground of the agency: status 8 (form 05)."""

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_stop, resolving=case.dossier.resolving_agency_id)
        _check_undecided(case)
        _need(ground, "ground")
        end(case, EventKind.STOPPED, message="stopped", reason=ground)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def hand_over_result(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    receiver: Receiver,
    note: str | None = None,
    signature: bytes | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Hand the result to the citizen: does the last step and ends the dossier, status 9 to 10.

    Args:
        signature: PNG that was drawn on the screen, or None.

    Raises:
        NotFinishedError: there is no result yet, or the step before (such as the fee) is open.
        ResultInPostError: it was posted, and nobody has said what became of it.
        TaskClaimedError: another officer has claimed the last step.
        ReceiverMissingError, SecondReceiverMissingError, AuthorisationMissingError, SignatureNotReadableError.
        InvalidInputError: unknown capacity or way of the receiver.
    """
    receivers.check(receiver)
    sha256 = receivers.store_signature(ctx, signature)

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_return, returning=case.dossier.returning_agency_id)
        row = uow.results.find(case.dossier.id)
        if row is not None and row.posted_at is not None:
            raise ResultInPostError("the result is in the post; record what became of it first")
        hand_over(case, receiver, note=note, signature_sha256=sha256)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def hand_over(
    case: Case, receiver: Receiver, *, note: str | None, signature_sha256: str | None, at: datetime | None = None
) -> None:
    """Do the last step and end the dossier, inside the caller's transaction.

    Args:
        signature_sha256: of the drawn signature, or of the signed slip.
        at: when the receiver took it, where that was before now (by post).

    Raises:
        NotFinishedError, TaskClaimedError, SecondReceiverMissingError, InvalidIdentityError.
    """
    task = check_can_end(case)
    who = case.uow.people.get(task.assignee_id).name if task.assignee_id else None
    allow(case, permissions.check_unclaimed, assignee=task.assignee_id, who=who)
    steps.complete(case, task, {"outcome": "done"})
    steps.close(case, task, outcome="done", note=note)
    case.dossier.ended_at = case.now
    row = case.uow.results.of(case.dossier)
    row.signature = None if receiver.signature is None else receiver.signature.value
    row.signature_sha256 = signature_sha256
    row.originals_collected = receiver.originals_collected
    row.handed_over_by, row.handed_over_at = case.by.id, at or case.now
    payload: dict[str, Any] = {
        "receiver": receivers.keep(case, receiver),
        "ended_at": iso(case.now),
        "handed_over_at": iso(row.handed_over_at),
        "signature": row.signature,
        "signature_sha256": signature_sha256,
        "originals_collected": receiver.originals_collected,
        "receipt_given_back": receiver.receipt_given_back,
    }
    record(case, EventKind.RETURNED, payload, status=Status.RETURNED)
    steps.follow(case, done=task)


def finish(case: Case, decision: Decision, *, reason: str | None = None, suggestion: int | None = None) -> None:
    """Freeze the end of processing: from here on the promise is kept or broken (domain.md §1.11).

    Args:
        suggestion: number of the suggested refusal that is taken over.
    """
    promises.end_outside(case)
    dossier = case.dossier
    promise = promises.current(case)
    dossier.finished_at, dossier.decision = case.now, decision
    standing = deadlines.punctuality(
        case.calendar,
        finished_at=case.now,
        due_at=promise.due_at,
        late_after=promise.late_after,
        missed_late_after=dossier.missed_late_after,
    )
    payload = {"decision": decision.value, "reason": reason, "finished_at": iso(case.now), "standing": standing.value}
    named = {} if suggestion is None else {"suggestion": suggestion}
    record(case, EventKind.FINISHED, {**payload, **named}, status=Status.FINISHED)
    lateness.settle(case, promise, ended_at=case.now)
    extensions.settle(case, promise_no=promise.promise_no, ended_at=case.now)
    messages.order(case, MessageKind.RESULT_READY if decision is Decision.GRANTED else MessageKind.REFUSED)
    if decision is Decision.REFUSED:
        values = paper_values.refusal(case, reason=reason or "", at_reception=False)
        issuing.issue(case, FormKind.REFUSAL, values)


def end(case: Case, kind: EventKind, *, message: str, reason: str) -> None:
    """End a dossier before its decision, inside the caller's transaction."""
    status, before = Status.WITHDRAWN if kind is EventKind.WITHDRAWN else Status.STOPPED, case.status
    check_transition(before, status)
    steps.send(case, message)
    case.dossier.ended_at = case.now
    record(case, kind, {"reason": reason, "ended_at": iso(case.now)}, status=status)
    promises.end_answer(case)
    promises.close_pause(case)
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is not None:
        lateness.settle(case, promise, ended_at=case.now)
        extensions.settle(case, promise_no=promise.promise_no, ended_at=case.now)
    steps.follow(case)
    if kind is EventKind.STOPPED:  # who withdraws knows it
        messages.order(case, MessageKind.STOPPED)
    by_request = kind is EventKind.WITHDRAWN
    values = paper_values.stop(case, reason=reason, before=before, by_request=by_request)
    issuing.issue(case, FormKind.STOP, values, agency=paper_values.issuer(case, at_reception=by_request))


def is_last(case: Case, task: Task) -> bool:
    """Whether this task hands the result over."""
    if task.phase != "return":
        return False
    return case.facts.steps[task.node].last


def last_task(case: Case) -> Task | None:
    """Return the open task that hands the result over, None while another step is before it."""
    return next((task for task in case.uow.tasks.open_of(case.dossier.id) if is_last(case, task)), None)


def check_can_end(case: Case) -> Task:
    """Return the open task that hands the result over.

    Raises:
        NotFinishedError: there is none; the steps that are open are named.
    """
    task = last_task(case)
    if task is None:
        names = [each.name for each in case.uow.tasks.open_of(case.dossier.id)]
        said = f"the result cannot be handed over yet; open: {', '.join(names) or 'nothing'}"
        raise NotFinishedError(said, open=names)
    return task


def _refuse_result(case: Case, reason: str) -> None:
    allow(case, permissions.check_can_decide_refusal, resolving=case.dossier.resolving_agency_id)
    _check_undecided(case)
    _need(reason, "reason")
    if case.status is Status.RECEIVED:
        record(case, EventKind.PROCESSING_STARTED, status=Status.PROCESSING)
    check_transition(case.status, Status.FINISHED)
    steps.send(case, "refused")
    finish(case, Decision.REFUSED, reason=reason, suggestion=_taken_over(case))
    steps.follow(case)


def _taken_over(case: Case) -> int | None:
    """Mark the suggested refusal as accepted; None where nobody suggested one."""
    row = case.uow.consultations.open_suggestion(case.dossier.id)
    if row is None:
        return None
    row.decision, row.decided_by, row.decided_at = "accepted", case.by.id, case.now
    return row.no


def _check_undecided(case: Case) -> None:
    if case.dossier.finished_at is not None:
        raise AlreadyDecidedError("the dossier is decided; the result exists", status=case.dossier.status)


def _need(text: str, field: str) -> None:
    if not text.strip():
        raise GroundMissingError(f"{field} must say why in words", field=field)
