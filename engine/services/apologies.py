"""The apology desk: draft and approve; one letter a lateness, at most one extension (domain.md §1.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.documents.letters import apology_pdf
from engine.domain import apology_reasons, permissions, permissions_letters
from engine.domain.actors import Actor
from engine.domain.dossier import Cause, DeadlineState, LetterState
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId
from engine.services import lateness, letter_causes, letter_rules, letter_values, promises
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.letters import Letter
from engine.store.unit_of_work import UnitOfWork

LONGEST_LIST = 10_000
WRITTEN_ANEW = "Thư được viết lại trước khi gửi"  #: why the number of a letter that was numbered is void


@dataclass(frozen=True, slots=True)
class Draft:
    """What the officer writes into an apology."""

    cause: Cause
    reason: str
    new_due_at: datetime | None  # None only when what was promised is done already


def listed(
    ctx: Context, *, by: Actor, kind: str | None = None, state: LetterState | None = None,
    after: tuple[datetime, UUID] | None = None, limit: int = LONGEST_LIST,
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the letters of the actor's agencies, oldest order first.

    Args:
        after: ``ordered_at`` and id of the letter after which the list goes on.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        letters = uow.letters.listed(agencies=_readable_agencies(by), kind=kind, state=state, after=after, limit=limit)
        codes = uow.dossiers.codes([letter.dossier_id for letter in letters])
        units = letter_rules.units_of(uow, letters)
        return [letter_rules.view(letter, codes[letter.dossier_id], units) for letter in letters]


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
        allow(case, permissions_letters.check_can_draft_letter, agency=case.dossier.resolving_agency_id)
        if case.dossier.received_at is None:
            raise letter_rules.LetterStateError("a dossier that is not received has no promise to apologise for")
        promise = promises.current(case)
        if promise.state is DeadlineState.ENDED and uow.letters.of_promise(case.dossier.id, promise.promise_no) is None:
            raise letter_rules.LetterStateError("the promise was kept; there is nothing to apologise for")
        lateness.ensure_letter(case, promise, trigger="officer")
        letter = uow.letters.of_promise(case.dossier.id, promise.promise_no)
        assert letter is not None  # noqa: S101 - ensured one line above
        _write(case, letter, draft)
        lateness.schedule(case, promise)
        return letter_rules.answer(case, letter)

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
        case, letter = letter_rules.open_letter(ctx, uow, by, letter_id, expected)
        allow(case, permissions_letters.check_can_draft_letter, agency=letter.owner_agency_id)
        _write(case, letter, draft)
        return letter_rules.answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def approve(
    ctx: Context, *, by: Actor, letter_id: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Approve a complete draft; its content is fixed from then on.

    Raises:
        LetterIncompleteError, LetterReasonError: cause or reason are missing, or the reason says nothing.
        LetterStaleError, LetterStateError, NewDateError, ExtensionUsedError, NotAllowedError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, letter = letter_rules.open_letter(ctx, uow, by, letter_id, expected)
        allow(case, permissions_letters.check_can_approve_letter, agency=letter.owner_agency_id)
        letter_rules.need_state(letter, LetterState.DRAFT)
        if letter.cause is None or not letter.reason:
            raise letter_rules.LetterIncompleteError("write cause and reason before approving", letter=letter_id)
        letter_rules.check_fresh(case, letter)
        letter_rules.check_new_date(case, letter, letter.new_due_at)
        _check_reason(letter.cause, letter.reason)
        letter.state, letter.approved_by, letter.approved_at = LetterState.APPROVED, by.id, case.now
        letter.caused_by_unit_id = letter_causes.unit_of(case)
        record(case, EventKind.LETTER_APPROVED, {"letter": str(letter.id), "caused_by": letter.caused_by_unit_id})
        return letter_rules.answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def pdf(ctx: Context, *, by: Actor, letter_id: str) -> bytes:
    """Return the letter as PDF: the very bytes that were sent or signed, or a marked draft."""
    with ctx.unit_of_work(read_only=True) as uow:
        letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
        kept = letter.file_sha256 or letter.signed_sha256
        if kept is not None:
            return ctx.files.get(kept)
        return apology_pdf(letter_values.of(uow, letter, public_url=ctx.settings.public_url))


def _write(case: Case, letter: Letter, draft: Draft) -> None:
    if letter.state not in lateness.TAKES_BACK:
        letter_rules.check_not_extended(case, letter)  # the clearer word for who wants to extend again
        raise letter_rules.LetterStateError(
            f"the letter is {letter.state.value} and cannot change", state=letter.state.value
        )
    # A pause or a restart may have moved it since the letter was ordered.
    letter.old_due_at = letter_rules.promised_at(case, letter)
    if not draft.reason.strip():
        raise letter_rules.LetterIncompleteError("the reason must say in words why the dossier is late", field="reason")
    _check_reason(draft.cause, draft.reason)
    letter_rules.check_new_date(case, letter, draft.new_due_at)
    if letter.state is LetterState.NUMBERED:  # its number is void then, which is not the officer's to decide
        allow(case, permissions_letters.check_can_approve_letter, agency=letter.owner_agency_id)
        lateness.void_number(case, letter, reason=WRITTEN_ANEW)
    lateness.unapprove(letter)  # what changed is not approved
    letter.state = LetterState.DRAFT
    letter.cause, letter.reason, letter.new_due_at = draft.cause, draft.reason.strip(), draft.new_due_at
    payload = {
        "letter": str(letter.id),
        "cause": draft.cause.value,
        "reason": letter.reason,
        "old_due_at": iso(letter.old_due_at),
        "new_due_at": iso(draft.new_due_at),
    }
    record(case, EventKind.LETTER_DRAFTED, payload)


def _readable_agencies(by: Actor) -> frozenset[AgencyId] | None:
    return None if by.is_system else permissions.agencies_read(by)


def _check_reason(cause: Cause, reason: str) -> None:
    if not apology_reasons.says_something(cause, reason):
        message = "say in a few words what really happened; the name of the cause alone is no reason"
        raise letter_rules.LetterReasonError(message, field="reason")
