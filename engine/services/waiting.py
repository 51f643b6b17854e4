"""The dossier waits for the citizen: supplements and financial obligations stop the clock (domain.md §1.6, §1.8)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.dossier import ClockPolicy, PauseReason, Status, check_transition
from engine.domain.events import EventKind
from engine.domain.messages import MessageKind
from engine.domain.official_forms import FormKind
from engine.errors import ConflictError, InvalidInputError
from engine.services import endings, intake, issuing, messages, paper_values, promises, steps, views
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.dossiers import Obligation, Supplement
from engine.store.unit_of_work import UnitOfWork

SETTLED_HOW = ("paid", "exempt", "deferred")
PAID_BY = ("cash", "transfer", "online")
LARGEST_AMOUNT_VND = 10**13  # đồng; a typing mistake beyond


class SupplementUsedUpError(ConflictError):
    """The procedure allows no further request to supplement (domain.md §1.6)."""

    code = "supplement-used-up"


class NotWaitingError(ConflictError):
    """The dossier does not wait for this."""

    code = "not-waiting"


class SupplementEmptyError(InvalidInputError):
    """A request names each missing paper and the reason, in one go (form 02)."""

    code = "supplement-empty"


def request_supplement(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    items: Sequence[str],
    reason: str,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Ask the citizen to complete the dossier (form 02): status 5, the clock stands, the citizen's limit runs.

    Raises:
        SupplementUsedUpError: the procedure's number of requests is used up.
        SupplementEmptyError: no item or no reason.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        _check_may_interrupt(case)
        check_transition(case.status, Status.SUPPLEMENT)
        wanted = [item.strip() for item in items if item.strip()]
        if not wanted or not reason.strip():
            raise SupplementEmptyError("name each missing paper and the reason", field="items")
        policy = case.version.policy["supplement"]
        if case.dossier.supplement_count >= policy["max"]:
            raise SupplementUsedUpError(
                f"this procedure allows {policy['max']} request(s) to supplement, and they are used up",
                count=case.dossier.supplement_count,
            )
        _ask(case, wanted, reason.strip())
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def complete_supplement(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    papers: Sequence[intake.PaperLine] = (),
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Take the missing papers: the clock runs again or anew, by the procedure's policy.

    Raises:
        NotWaitingError: no supplement is asked for.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_receive, receiving=case.dossier.receiving_agency_id)
        if case.status is not Status.SUPPLEMENT:
            raise NotWaitingError("no supplement is asked for", status=case.dossier.status)
        _take(case, papers)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def raise_obligation(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    amount_vnd: int,
    notice: str,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Tell the citizen what to pay: status 6, the clock stands until it is settled (domain.md §1.8).

    Args:
        amount_vnd: đồng, from 0 to LARGEST_AMOUNT_VND.

    Raises:
        InvalidInputError: another amount, or no notice.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        _check_may_interrupt(case)
        check_transition(case.status, Status.OBLIGATION)
        _check_obligation(amount_vnd, notice)
        no = len(uow.dossiers.obligations(case.dossier.id)) + 1
        row = Obligation(
            dossier_id=case.dossier.id,
            no=no,
            owner_agency_id=case.dossier.resolving_agency_id,
            amount_vnd=amount_vnd,
            notice=notice.strip(),
            raised_by=by.id,
            raised_at=case.now,
        )
        uow.dossiers.add_part(row)
        steps.send(case, "obligation.raised")
        record(case, EventKind.OBLIGATION_RAISED, {"no": no, "amount_vnd": amount_vnd, "notice": row.notice})
        promises.pause(case, reason=PauseReason.OBLIGATION, ground=row.notice, status=Status.OBLIGATION)
        steps.follow(case)
        messages.order(case, MessageKind.OBLIGATION, subject_no=no)
        issuing.issue(case, FormKind.OBLIGATION, paper_values.obligation(case, row), subject_no=no)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def settle_obligation(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    how: str = "paid",
    paid_by: str | None = None,
    reference: str | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Record that the obligation is paid, exempt or deferred: the clock runs again with what was left.

    Args:
        paid_by: ``cash``, ``transfer`` or ``online`` (domain.md §1.8), of what was paid; None: nobody said.

    Raises:
        NotWaitingError: nothing is owed.
        InvalidInputError: another way to settle or to pay, or a way to pay what was not paid.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        if by.may_as(case.dossier.receiving_agency_id, (Role.DESK,)):  # the desk takes the money
            allow(case, permissions.check_can_receive, receiving=case.dossier.receiving_agency_id)
        else:
            _check_may_interrupt(case)
        _check_settled(how, paid_by)
        owed = [row for row in uow.dossiers.obligations(case.dossier.id) if row.settled_at is None]
        if not owed or case.status is not Status.OBLIGATION:
            raise NotWaitingError("nothing is owed", status=case.dossier.status)
        owed[-1].settled_at, owed[-1].settled_how, owed[-1].reference = case.now, how, reference
        owed[-1].paid_by = paid_by
        steps.send(case, "obligation.settled")
        told = {"no": owed[-1].no, "how": how, "paid_by": paid_by, "reference": reference}
        record(case, EventKind.OBLIGATION_SETTLED, told)
        promises.resume(case, status=_status_before(case))
        steps.follow(case)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def _check_settled(how: str, paid_by: str | None) -> None:
    if how not in SETTLED_HOW:
        raise InvalidInputError(f"how must be one of {', '.join(SETTLED_HOW)}", field="how")
    if paid_by is not None and (how != "paid" or paid_by not in PAID_BY):
        message = f"paid_by is one of {', '.join(PAID_BY)}, and only for what was paid"
        raise InvalidInputError(message, field="paid_by")


def _check_obligation(amount_vnd: int, notice: str) -> None:
    if not 0 <= amount_vnd <= LARGEST_AMOUNT_VND:
        raise InvalidInputError(f"an amount lies between 0 and {LARGEST_AMOUNT_VND} đồng", field="amount_vnd")
    if not notice.strip():
        raise InvalidInputError("an obligation needs its notice: the number, or what it is for", field="notice")


def lapse(case: Case) -> None:
    """Close a dossier whose citizen did not answer in time: status 8 with notice (domain.md §1.6)."""
    asked = case.uow.dossiers.supplements(case.dossier.id)[-1]
    asked.lapsed_at = case.now
    record(case, EventKind.SUPPLEMENT_LAPSED, {"no": asked.no})
    ground = "quá thời hạn bổ sung hồ sơ mà không có bổ sung"
    endings.end(case, EventKind.STOPPED, message="stopped", reason=ground)


def _ask(case: Case, items: list[str], reason: str) -> None:
    policy = case.version.policy["supplement"]
    at_reception = case.status is Status.SUBMITTED
    if at_reception:
        check = intake.check_task(case)
        steps.complete(case, check, {"outcome": "supplement"})
        steps.close(case, check, outcome="supplement", note=reason)
    else:
        steps.send(case, "supplement.requested")
    case.dossier.supplement_count += 1
    no = case.dossier.supplement_count
    answer = promises.ask_answer(case, no=no, limit=policy["answer_limit"])
    row = Supplement(
        dossier_id=case.dossier.id,
        no=no,
        owner_agency_id=case.dossier.resolving_agency_id,
        stage="reception" if at_reception else "appraisal",
        clock=ClockPolicy(policy["clock"]).value,
        reason=reason,
        items=items,
        requested_by=case.by.id,
        requested_at=case.now,
        answer_due_at=answer.due_at,
    )
    case.uow.dossiers.add_part(row)
    payload = {
        "no": no,
        "stage": row.stage,
        "clock": row.clock,
        "reason": reason,
        "items": items,
        "answer_limit": answer.limit,
        "answer_from": iso(answer.running_from),
        "answer_due_at": iso(answer.due_at),
        "answer_late_after": iso(answer.late_after),
        "calendar": answer.calendar_version,
        "late_rule": case.late_rule.value,
    }
    record(case, EventKind.SUPPLEMENT_REQUESTED, payload, status=Status.SUPPLEMENT if at_reception else None)
    if not at_reception:
        promises.pause(case, reason=PauseReason.SUPPLEMENT, ground=reason, status=Status.SUPPLEMENT)
    steps.follow(case)
    messages.order(case, MessageKind.SUPPLEMENT, subject_no=no)
    values = paper_values.supplement(case, row, at_reception=at_reception)
    agency = paper_values.issuer(case, at_reception=at_reception)
    issuing.issue(case, FormKind.SUPPLEMENT, values, subject_no=no, agency=agency)


def _take(case: Case, papers: Sequence[intake.PaperLine]) -> None:
    asked = case.uow.dossiers.supplements(case.dossier.id)[-1]
    asked.completed_at = case.now
    added = intake.add_papers(case, papers, supplement=asked.no)
    steps.send(case, "supplement.received")
    promises.end_answer(case)
    at_reception = asked.stage == "reception"
    status = Status.SUBMITTED if at_reception else None
    record(case, EventKind.SUPPLEMENT_COMPLETED, {"no": asked.no, "papers": added}, status=status)
    if not at_reception:
        move = promises.restart if asked.clock == ClockPolicy.RESTART.value else promises.resume
        move(case, status=_status_before(case))
    steps.follow(case)


def _status_before(case: Case) -> Status:
    """Return where a waiting dossier goes back to: reception while only the desk has it, else processing."""
    phases = {task.phase for task in case.uow.tasks.open_of(case.dossier.id)}
    return Status.RECEIVED if phases == {"reception"} else Status.PROCESSING


def _check_may_interrupt(case: Case) -> None:
    tasks = case.uow.tasks.open_of(case.dossier.id)
    allow(
        case,
        permissions.check_can_interrupt,
        places=[(task.owner_agency_id, task.unit_id) for task in tasks],
        resolving=case.dossier.resolving_agency_id,
    )
    if case.dossier.finished_at is not None:
        raise endings.AlreadyDecidedError("the dossier is decided; the result exists", status=case.dossier.status)
