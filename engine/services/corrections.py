"""Correct and reissue: what a receipt says wrongly is put right with a reason, and the next issue replaces it.

One event ``dossier.corrected`` names everything that changed, without personal data; the dates follow from it
(``corrected_dates``), and another procedure begins its process anew (``corrected_process``). A paper that was written
down by mistake is struck out: its row stays with no originals and no copies, and the receipt does not list it any more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain import forms, permissions_receipts
from engine.domain.actors import Actor
from engine.domain.acts import Act
from engine.domain.dossier import UNFINISHED, Channel, ResultChannel, Status
from engine.domain.events import EventKind, digest
from engine.domain.messages import check_choice
from engine.errors import ConflictError, InvalidInputError
from engine.services import (
    corrected_dates,
    corrected_parts,
    corrected_process,
    fees,
    lateness,
    receipt_issues,
    views,
)
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.corrected_parts import Difference, PaperChange
from engine.services.intake import LONGEST_BACKDATE, DateInFutureError, Person
from engine.services.transactions import Answer, Request, transact
from engine.store.unit_of_work import UnitOfWork

LONGEST_REASON = 500
LONGEST_TEXT = 120  # of a case and of a paper that authorises
NEVER_NONE = frozenset({"channel", "result_channel", "notify_by", "notify_language"})  # None leaves these as they are


class CorrectionReasonError(InvalidInputError):
    """A correction names its reason in words: it stands on the replaced receipt and in the history."""

    code = "correction-reason"


class NothingCorrectedError(InvalidInputError):
    """Nothing differs from what the dossier says already."""

    code = "nothing-corrected"


class NotCorrectableError(ConflictError):
    """The dossier is not received yet, or is decided."""

    code = "not-correctable"


@dataclass(frozen=True, slots=True)
class Correction:
    """What should be otherwise; None leaves a thing as it is."""

    reason: str
    applicant: Person | None = None
    owner: Person | None = None
    no_owner: bool = False  # the applicant files for themselves after all
    papers: tuple[PaperChange, ...] = ()
    channel: Channel | None = None
    result_channel: ResultChannel | None = None
    notify_by: str | None = None  # of ``engine.domain.messages.CHOICES``
    notify_language: str | None = None
    case: str | None = None  # empty: none
    authorisation: str | None = None  # empty: none
    received_at: datetime | None = None
    facts: Mapping[str, Any] | None = None  # answers to the form; those not named stay
    procedure_code: str | None = None  # of the resolving agency


def correct(
    ctx: Context, *, by: Actor, dossier: str, correction: Correction, expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Correct a dossier from its receipt until it is decided; the receipt in force is replaced by the next issue.

    A receiving time lies within 30 days before the receipt was written down, and not after that. Limit and date are
    counted again where time, facts or procedure make them others; pauses stay. Another procedure is taken as it was in
    force at the receipt, while no step of processing is done.

    Raises:
        NotCorrectableError: see there. NotAllowedError: ``permissions_receipts.check_can_correct``.
        CorrectionReasonError, NothingCorrectedError: there is no reason, or no difference.
        CorrectionBlockedError: the date or the procedure cannot be changed any more; the message says why.
        DateInFutureError, ApplicantMissingError, InvalidIdentityError, PaperUnknownError, InvalidFieldsError,
        ProcedureNotFoundError, ProcedureClosedError, DecisionFailedError, CalendarGapError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        return views.summary(_correct(case, correction, replaced=receipt_issues.replace)[0])

    return transact(ctx, by=by, request=request, work=work)


def preview(
    ctx: Context, *, by: Actor, dossier: str, correction: Correction, expected: int | None = None
) -> dict[str, Any]:
    """Return what ``correct`` would do; it is done and rolled back, so that both say the same.

    Returns:
        ``differences`` (``what``, ``before``, ``after``), ``due_before`` and ``due_at``, ``limit_before`` and
        ``limit``, ``late``, ``cancels`` and ``opens`` (names of steps), ``withdraws_letter``, ``issue``.

    Raises:
        As ``correct``.
    """
    try:
        with ctx.unit_of_work() as uow:
            case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
            allow(case, permissions_receipts.check_can_correct, receiving=case.dossier.receiving_agency_id)
            check_open(case)
            before = views.summary(case) | {"limit": corrected_dates.limit_text(case)}
            after, found = _correct(case, correction, replaced=None)
            raise _PreviewError(_previewed(before, after, found))
    except _PreviewError as shown:
        return shown.content


def offered(case: Case) -> set[Act]:
    """Return the act of correcting where the actor may do it now."""
    if not _is_correctable(case):
        return set()
    may = case.by.may_as(case.dossier.receiving_agency_id, permissions_receipts.CORRECTING)
    return {Act.CORRECT} if may else set()


class _PreviewError(Exception):
    """Carries what was found out of the transaction that is rolled back."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__("preview")
        self.content = content


def _is_correctable(case: Case) -> bool:
    return case.dossier.received_at is not None and case.status in UNFINISHED - {Status.SUBMITTED}


def _correct(case: Case, wish: Correction, *, replaced: Any) -> tuple[Case, list[Difference]]:
    """Write a correction; return the case as it goes on, with what changed."""
    allow(case, permissions_receipts.check_can_correct, receiving=case.dossier.receiving_agency_id)
    reason = _checked(case, wish)
    no = receipt_issues.of(case)[-1].no + 1
    after = corrected_process.version_of(case, wish.procedure_code, at=wish.received_at)
    planned = _planned(case, wish, after)
    if not planned.differences:
        raise NothingCorrectedError("nothing differs from what the dossier says; change what is wrong", field="reason")
    file = replaced(case, reason=reason).file_sha256 if replaced is not None else None
    corrected_parts.write(case, planned)
    facts: dict[str, Any] = {
        "reason": reason,
        "changed": [each.what for each in planned.differences],
        "receipt_no": no,
        "replaced_file": file,
        **planned.facts,
    }
    case, dates = _moved(case, after)
    facts |= dates | {
        "printed": corrected_dates.printed(case),
        "fee_vnd": _fee(case),
    }
    event = record(case, EventKind.CORRECTED, facts)
    if replaced is not None:
        receipt_issues.issue_next(case, event, no=no)
    corrected_process.go_on(case, dates)
    _look_again(case, dates)
    return case, planned.differences


def _fee(case: Case) -> int | None:
    row = case.dossier
    at = row.received_at or case.now
    return fees.fee_of(case.uow, case.version, row.facts, channel=row.channel, case=row.case, at=at)


def _moved(case: Case, after: Case | None) -> tuple[Case, dict[str, Any]]:
    """Begin the process of another procedure, if there is one, and count the dates again."""
    if after is None:
        return case, corrected_dates.recount(case)
    began = corrected_process.begin_anew(case, after)
    return after, began | corrected_dates.recount(after, anew=True)


def _look_again(case: Case, dates: Mapping[str, Any]) -> None:
    promise = case.uow.deadlines.promise(case.dossier.id)
    if promise is None:
        return
    if "due_at" in dates:
        lateness.take_back_letter(case, promise)
    lateness.schedule(case, promise)


def check_open(case: Case) -> None:
    """Refuse what can be corrected no more, or not yet.

    Raises:
        NotCorrectableError: see there.
    """
    if not _is_correctable(case):
        message = "a dossier is corrected from its receipt until it is decided"
        raise NotCorrectableError(message, status=case.dossier.status)


def _checked(case: Case, wish: Correction) -> str:
    check_open(case)
    reason = wish.reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        message = f"say in 1 to {LONGEST_REASON} characters why the receipt is replaced: it is printed on the old one"
        raise CorrectionReasonError(message, field="reason")
    if wish.received_at is not None:
        receipt = case.uow.events.of_kind(case.dossier.id, EventKind.RECEIVED)[0]
        entered_at, slip = receipt.at, receipt.payload.get("slip")
        first = entered_at - LONGEST_BACKDATE
        if slip is not None:  # filled in by hand: no pad had it before
            first = max(first, datetime.fromisoformat(slip["reserved_at"]))
        if not first <= wish.received_at <= entered_at:
            message = (
                "received_at must lie within the 30 days before the receipt was written down, not after that, and not "
                "before the slip was reserved"
            )
            raise DateInFutureError(
                message, field="received_at", entered_at=case.calendar.local(entered_at).isoformat()
            )
    return reason


def _planned(case: Case, wish: Correction, after: Case | None) -> corrected_parts.Planned:
    planned = corrected_parts.Planned()
    check_choice(wish.notify_by or case.dossier.notify_by, wish.notify_language or case.dossier.notify_language)
    corrected_parts.plan_people(case, planned, applicant=wish.applicant, owner=wish.owner, no_owner=wish.no_owner)
    corrected_parts.plan_papers(case, planned, wish.papers)
    row = case.dossier
    simple: tuple[tuple[str, Any, Any], ...] = (
        ("channel", row.channel, wish.channel),
        ("result_channel", row.result_channel, wish.result_channel),
        ("notify_by", row.notify_by, wish.notify_by),
        ("notify_language", row.notify_language, wish.notify_language),
        ("case", row.case, _typed(wish.case, row.case)),
        ("authorisation", row.authorisation, _typed(wish.authorisation, row.authorisation)),
    )
    for name, before, value in simple:
        if value != before and not (value is None and name in NEVER_NONE):
            planned.change(name, before, value, said=value)
    if planned.columns.get("authorisation"):  # it may name people
        planned.facts["authorisation"] = digest([str(row.id), planned.columns["authorisation"]])
    if wish.received_at is not None and wish.received_at != row.received_at:
        planned.change("received_at", row.received_at, wish.received_at, said=iso(wish.received_at))
    if after is not None:
        planned.differences.append(Difference("procedure", _procedure(case), _procedure(after)))
    answers = _answers(case, wish, after)
    if answers != row.facts:
        planned.change("facts", row.facts, answers, said=answers)
    return planned


def _procedure(case: Case) -> str:
    return f"{case.facts.code} – {case.facts.name}"


def _typed(wish: str | None, before: str | None) -> str | None:
    """Return a text as it should be; an empty one is none, and None leaves it."""
    return before if wish is None else wish.strip()[:LONGEST_TEXT] or None


def _answers(case: Case, wish: Correction, after: Case | None) -> Mapping[str, Any]:
    """Return the answers to the form of the procedure that the dossier is of from now on.

    Raises:
        InvalidFieldsError: one does not fit the form, or a required one is missing.
    """
    if wish.facts is None and after is None:
        return case.dossier.facts
    form = (after or case).version.form
    fields = forms.fields_of(form)
    kept = {name: value for name, value in case.dossier.facts.items() if name in fields}
    return forms.check_facts(form, {**kept, **(wish.facts or {})})


def _previewed(before: Mapping[str, Any], case: Case, found: list[Difference]) -> dict[str, Any]:
    after = views.summary(case)
    then = {task["id"]: task["name"] for task in before["open_tasks"]}
    now = {task["id"]: task["name"] for task in after["open_tasks"]}
    letter = case.uow.letters.of_promise(case.dossier.id, 1)
    return {
        "differences": [each.as_json(case.calendar.tz) for each in found],
        "due_before": before["due_at"],
        "due_at": after["due_at"],
        "limit_before": before["limit"],
        "limit": corrected_dates.limit_text(case),
        "late": after["late"],
        "cancels": [name for task, name in then.items() if task not in now],
        "opens": [name for task, name in now.items() if task not in then],
        "withdraws_letter": letter is not None and letter.withdrawn_at == case.now,
        "issue": receipt_issues.of(case)[-1].no + 1,
    }
