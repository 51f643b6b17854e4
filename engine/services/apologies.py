"""The apology desk: draft, approve, number and send; one letter a lateness, at most one extension (domain.md §1.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.documents.letters import apology_pdf
from engine.documents.values import ApologyValues
from engine.domain import permissions
from engine.domain.actors import SYSTEM, Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Cause, DeadlineKind, DeadlineState, LetterState
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, LetterId
from engine.domain.numbering import letter_number
from engine.errors import ConflictError, InvalidInputError
from engine.services import appointments, calendars, lateness, promises, views
from engine.services.case import Case, allow, as_uuid, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.letters import Letter, LetterNotFoundError
from engine.store.unit_of_work import UnitOfWork

SYMBOL = "PXL"
LONGEST_LIST = 10_000


class ExtensionUsedError(ConflictError):
    """The date was moved once; a second extension is impossible (domain.md §1.9)."""

    code = "extension-used"


class LetterStateError(ConflictError):
    """The letter is not in the state that this act needs."""

    code = "letter-state"


class LetterStaleError(ConflictError):
    """The letter names a date that is no longer the promised one."""

    code = "letter-stale"


class LetterIncompleteError(InvalidInputError):
    """An apology needs cause, reason and new date before it can be approved."""

    code = "letter-incomplete"


class NewDateError(InvalidInputError):
    """The new date must be a working moment later than the old one and later than now."""

    code = "new-date-invalid"


@dataclass(frozen=True, slots=True)
class Draft:
    """What the officer writes into an apology."""

    cause: Cause
    reason: str
    new_due_at: datetime | None  # None only when what was promised is done already


def listed(
    ctx: Context, *, by: Actor, kind: str | None = None, state: LetterState | None = None, limit: int = LONGEST_LIST
) -> list[dict[str, Any]]:
    """Return the letters of the actor's agencies, oldest order first."""
    with ctx.unit_of_work(read_only=True) as uow:
        letters = uow.letters.listed(agencies=_readable_agencies(by), kind=kind, state=state, limit=limit)
        codes = uow.dossiers.codes([letter.dossier_id for letter in letters])
        return [_view(letter, codes[letter.dossier_id]) for letter in letters]


def counts(ctx: Context, *, by: Actor) -> dict[str, int]:
    """Return how many letters of the actor's agencies are in each state."""
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.letters.counts(agencies=_readable_agencies(by))


def extend(
    ctx: Context, *, by: Actor, dossier: str, draft: Draft, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Write the apology of a dossier that will be late, whether or not the clock has ordered it yet.

    Raises:
        ExtensionUsedError, LetterStateError: it was extended once; the letter is approved or sent already.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        allow(case, permissions.check_can_draft_letter, agency=case.dossier.resolving_agency_id)
        if case.dossier.received_at is None:
            raise LetterStateError("a dossier that is not received has no promise to apologise for")
        promise = promises.current(case)
        if promise.state is DeadlineState.ENDED and uow.letters.of_promise(case.dossier.id, promise.promise_no) is None:
            raise LetterStateError("the promise was kept; there is nothing to apologise for")
        lateness.ensure_letter(case, promise, trigger="officer")
        letter = uow.letters.of_promise(case.dossier.id, promise.promise_no)
        assert letter is not None  # noqa: S101 - ensured one line above
        _write(case, letter, draft)
        lateness.schedule(case, promise)
        return _answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def write(
    ctx: Context,
    *,
    by: Actor,
    letter_id: str,
    draft: Draft,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Fill in cause, reason and new date of an ordered letter; one that was approved has to be approved again."""

    def work(uow: UnitOfWork) -> Answer:
        case, letter = _open(ctx, uow, by, letter_id, expected)
        allow(case, permissions.check_can_draft_letter, agency=letter.owner_agency_id)
        _write(case, letter, draft)
        return _answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def approve(
    ctx: Context, *, by: Actor, letter_id: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Approve a complete draft; its content is fixed from then on.

    Raises:
        LetterIncompleteError, LetterStateError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, letter = _open(ctx, uow, by, letter_id, expected)
        allow(case, permissions.check_can_approve_letter, agency=letter.owner_agency_id)
        _need_state(letter, LetterState.DRAFT)
        if letter.cause is None or not letter.reason:
            raise LetterIncompleteError("write cause and reason before approving", letter=letter_id)
        _check_fresh(case, letter)
        _check_new_date(case, letter, letter.new_due_at)
        letter.state, letter.approved_by, letter.approved_at = LetterState.APPROVED, by.id, case.now
        record(case, EventKind.LETTER_APPROVED, {"letter": str(letter.id)})
        return _answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def dispatch(
    ctx: Context, *, by: Actor, letter_id: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Number the approved letter and send it: by e-mail through the outbox, or as a print for who has none.

    The number is taken in the transaction that issues, so there is no gap and no double.

    Raises:
        LetterStateError: it is not approved.
        ExtensionUsedError: the dossier was extended before.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, letter = _open(ctx, uow, by, letter_id, expected)
        allow(case, permissions.check_can_approve_letter, agency=letter.owner_agency_id)
        _need_state(letter, LetterState.APPROVED)
        _issue(case, letter)
        return _answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def mark_delivered(ctx: Context, uow: UnitOfWork, *, letter_id: str) -> None:
    """Record that the mail server took the letter; a second report changes nothing."""
    letter = uow.letters.get(LetterId(_known(letter_id)))
    if letter.delivered_at is not None:
        return
    case = open_case(ctx, uow, by=SYSTEM, reference=str(letter.dossier_id))
    letter.delivered_at = case.now
    record(case, EventKind.LETTER_DELIVERED, {"letter": str(letter.id)})


def pdf(ctx: Context, *, by: Actor, letter_id: str) -> bytes:
    """Return the letter as PDF: the very bytes that were sent, or a marked draft."""
    with ctx.unit_of_work(read_only=True) as uow:
        letter = readable(uow, by=by, letter_id=letter_id)
        if letter.file_sha256 is not None:
            return ctx.files.get(letter.file_sha256)
        return apology_pdf(_values(uow, letter))


def readable(uow: UnitOfWork, *, by: Actor, letter_id: str) -> Letter:
    """Return the letter with that id, if the actor may know of it.

    Raises:
        LetterNotFoundError: there is none, or it is not the actor's to know; the two are not told apart (S05).
    """
    letter = uow.letters.get(LetterId(_known(letter_id)))
    if not permissions.can_read(by, [letter.owner_agency_id]):
        raise LetterNotFoundError(f"there is no letter {letter_id}")
    return letter


def asks_for_time(uow: UnitOfWork, letter: Letter) -> bool:
    """Whether the letter names a new date: what was promised is not done yet; otherwise it only apologises."""
    dossier = uow.dossiers.get(letter.dossier_id)
    met_at = appointments.met_at(uow, dossier, letter.promise_no)
    return dossier.finished_at is None and dossier.ended_at is None and met_at is None


def _write(case: Case, letter: Letter, draft: Draft) -> None:
    if letter.state not in (LetterState.DRAFT, LetterState.APPROVED):
        _check_not_extended(case, letter)  # the clearer word for who wants to extend again
        raise LetterStateError(f"the letter is {letter.state.value} and cannot change", state=letter.state.value)
    letter.old_due_at = _promised_at(case, letter)  # a pause or restart may have moved it since it was ordered
    if not draft.reason.strip():
        raise LetterIncompleteError("the reason must say in words why the dossier is late", field="reason")
    _check_new_date(case, letter, draft.new_due_at)
    letter.state, letter.approved_by, letter.approved_at = LetterState.DRAFT, None, None  # what changed is not approved
    letter.cause, letter.reason, letter.new_due_at = draft.cause, draft.reason.strip(), draft.new_due_at
    payload = {
        "letter": str(letter.id),
        "cause": draft.cause.value,
        "reason": letter.reason,
        "old_due_at": iso(letter.old_due_at),
        "new_due_at": iso(draft.new_due_at),
    }
    record(case, EventKind.LETTER_DRAFTED, payload)


def _check_fresh(case: Case, letter: Letter) -> None:
    if letter.old_due_at != _promised_at(case, letter):
        raise LetterStaleError("the promise has moved since the letter was written; write it anew")


def _promised_at(case: Case, letter: Letter) -> datetime:
    limits = case.uow.deadlines.all_of(case.dossier.id)
    return next(row.due_at for row in limits if (row.kind, row.promise_no) == (DeadlineKind.PROMISE, letter.promise_no))


def _check_not_extended(case: Case, letter: Letter) -> None:
    if case.dossier.extension_count >= 1 and asks_for_time(case.uow, letter):
        raise ExtensionUsedError("the date was extended once; it cannot be moved again")


def _check_new_date(case: Case, letter: Letter, new_due_at: datetime | None) -> None:
    if not asks_for_time(case.uow, letter):
        return
    _check_not_extended(case, letter)
    if new_due_at is None:
        raise LetterIncompleteError("name the new date of return", field="new_due_at")
    if new_due_at <= letter.old_due_at or new_due_at <= case.now:
        raise NewDateError("the new date must be later than the old one and later than now", field="new_due_at")
    if not case.calendar.is_working_moment(new_due_at):
        raise NewDateError("the new date must lie in working hours of a working day", field="new_due_at")


def _issue(case: Case, letter: Letter) -> None:
    ctx, uow, dossier = case.ctx, case.uow, case.dossier
    _check_fresh(case, letter)
    _check_new_date(case, letter, letter.new_due_at)
    applicant = uow.dossiers.parties(dossier.id)["applicant"]
    year = case.calendar.local_date(case.now).year
    number = uow.numbers.take(letter.owner_agency_id, "letter-04", str(year))
    letter.number = letter_number(number, SYMBOL)
    letter.sent_at, letter.sent_by = case.now, case.by.id
    letter.sent_how = "email" if applicant.email else "print"
    letter.state = LetterState.SENT
    letter.file_sha256 = ctx.files.put(apology_pdf(_values(uow, letter)))
    payload = {
        "letter": str(letter.id),
        "number": letter.number,
        "counter": number,
        "year": year,
        "how": letter.sent_how,
        "file": letter.file_sha256,
    }
    record(case, EventKind.LETTER_SENT, payload)
    if asks_for_time(uow, letter):
        dossier.extended_due_at, dossier.extension_count = letter.new_due_at, 1
        extension = {"promise": letter.promise_no, "new_due_at": iso(letter.new_due_at), "letter": str(letter.id)}
        record(case, EventKind.EXTENDED, extension)
    if applicant.email:
        _order_mail(case, letter, applicant.email)


def _order_mail(case: Case, letter: Letter, to: str) -> None:
    payload = {
        "letter_id": str(letter.id),
        "to": to,
        "subject": f"Xin lỗi về việc chậm trả kết quả hồ sơ {case.dossier.code}",
        "text": (
            f"Kính gửi Ông/Bà,\n\nVăn bản xin lỗi về việc giải quyết hồ sơ {case.dossier.code} chậm hạn "
            "được gửi kèm thư này.\n\nTrân trọng."
        ),
        "file_sha256": letter.file_sha256,
        "file_name": f"xin-loi-{case.dossier.code}.pdf",
    }
    case.uow.outbox.add(
        agency=letter.owner_agency_id, topic="letter.email", key=str(letter.id), payload=payload, at=case.now
    )


def _values(uow: UnitOfWork, letter: Letter) -> ApologyValues:
    dossier = uow.dossiers.get(letter.dossier_id)
    applicant = uow.dossiers.parties(dossier.id)["applicant"]
    agency = uow.agencies.get(letter.owner_agency_id)
    procedure = uow.procedures.get(dossier.procedure_id)
    calendar = calendars.in_force(uow, agency.id)
    signer = uow.people.get(letter.approved_by) if letter.approved_by else None
    assert dossier.received_at is not None  # noqa: S101 - a letter belongs to a promise, so it was received
    return ApologyValues(
        superior_body=agency.superior_name,
        agency_name=agency.name,
        place=agency.place,
        number=letter.number,
        addressee=applicant.name,
        received_at=dossier.received_at,
        receiving_unit=uow.agencies.get(dossier.receiving_agency_id).name,
        procedure_code=procedure.code,
        procedure_name=procedure.name,
        applicant_name=applicant.name,
        identity_number=applicant.identity_number,
        code=dossier.code or "",
        due_at=letter.old_due_at,
        reason=letter.reason,
        new_due_at=letter.new_due_at,
        met_at=appointments.met_at(uow, dossier, letter.promise_no),
        finished_at=dossier.finished_at,
        ended_at=dossier.ended_at if dossier.finished_at is None else None,
        new_due_provisional=_is_provisional(calendar, letter.new_due_at),
        issued_at=letter.sent_at,
        signer_title=(signer.title if signer and signer.title else "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ").upper(),
        signer_name=signer.name if signer else None,
        recipients=("Như trên", "Lưu: VT"),
        draft=letter.state is not LetterState.SENT,
        zone=agency.zone,
    )


def _is_provisional(calendar: WorkingCalendar, at: datetime | None) -> bool:
    return at is not None and calendar.is_provisional(calendar.local_date(at), calendar.local_date(at))


def _open(ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, expected: int | None) -> tuple[Case, Letter]:
    letter = readable(uow, by=by, letter_id=letter_id)
    case = open_case(ctx, uow, by=by, reference=str(letter.dossier_id), expected=expected)
    uow.session.refresh(letter)  # read before the lock was held
    return case, letter


def _readable_agencies(by: Actor) -> frozenset[AgencyId] | None:
    return None if by.is_system else permissions.agencies_read(by)


def _known(letter_id: str) -> Any:
    known = as_uuid(letter_id)
    if known is None:
        raise LetterNotFoundError(f"{letter_id!r} is no letter id")
    return known


def _need_state(letter: Letter, state: LetterState) -> None:
    if letter.state is not state:
        raise LetterStateError(
            f"the letter is {letter.state.value}, this needs {state.value}", state=letter.state.value
        )


def _answer(case: Case, letter: Letter) -> Answer:
    return {"letter": _view(letter, case.dossier.code), "dossier": views.summary(case)}


def _view(letter: Letter, code: str | None) -> dict[str, Any]:
    return {
        "id": str(letter.id),
        "kind": letter.kind,
        "state": letter.state.value,
        "dossier": str(letter.dossier_id),
        "dossier_code": code,
        "promise": letter.promise_no,
        "trigger": letter.trigger,
        "cause": letter.cause.value if letter.cause else None,
        "reason": letter.reason,
        "old_due_at": iso(letter.old_due_at),
        "new_due_at": iso(letter.new_due_at),
        "ordered_at": iso(letter.ordered_at),
        "approved_at": iso(letter.approved_at),
        "number": letter.number,
        "sent_at": iso(letter.sent_at),
        "sent_how": letter.sent_how,
        "delivered_at": iso(letter.delivered_at),
        "withdrawn_at": iso(letter.withdrawn_at),
    }
