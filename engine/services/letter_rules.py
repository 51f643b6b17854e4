"""What holds for every act upon a letter: who may know of it, its state, its dates, and how it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.dossier import DeadlineKind, LetterState
from engine.domain.ids import LetterId, UnitId
from engine.errors import ConflictError, InvalidInputError
from engine.services import views
from engine.services.case import Case, as_uuid, iso, open_case
from engine.services.letter_values import asks_for_time
from engine.services.transactions import Answer
from engine.store.agencies import Unit
from engine.store.letters import Letter, LetterNotFoundError
from engine.store.unit_of_work import UnitOfWork


class ExtensionUsedError(ConflictError):
    """The date was moved once; a second extension is impossible (domain.md §1.9)."""

    code = "extension-used"


class LetterStateError(ConflictError):
    """The letter is not in the state that this act needs."""

    code = "letter-state"


class LetterStaleError(ConflictError):
    """The letter says what is no longer so: another date was promised, or what it prints was corrected."""

    code = "letter-stale"


class LetterIncompleteError(InvalidInputError):
    """An apology needs cause, reason and new date before it can be approved."""

    code = "letter-incomplete"


class LetterReasonError(InvalidInputError):
    """The reason says no more than the name of its cause: a citizen is owed what really happened (peers.md §4.9)."""

    code = "letter-reason-empty"


class NewDateError(InvalidInputError):
    """The new date must be a working moment later than the old one and later than now."""

    code = "new-date-invalid"


def readable(uow: UnitOfWork, *, by: Actor, letter_id: str) -> Letter:
    """Return the letter with that id, if the actor may know of it.

    Raises:
        LetterNotFoundError: there is none, or it is not the actor's to know; the two are not told apart (S05).
    """
    letter = uow.letters.get(LetterId(known_id(letter_id)))
    if not permissions.can_read(by, [letter.owner_agency_id]):
        raise LetterNotFoundError(f"there is no letter {letter_id}")
    return letter


def open_letter(ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, expected: int | None) -> tuple[Case, Letter]:
    """Open a letter with its dossier for change; other writers wait until the transaction ends.

    Raises:
        LetterNotFoundError, VersionMismatchError.
    """
    letter = readable(uow, by=by, letter_id=letter_id)
    case = open_case(ctx, uow, by=by, reference=str(letter.dossier_id), expected=expected)
    uow.session.refresh(letter)  # read before the lock was held
    return case, letter


def need_state(letter: Letter, state: LetterState) -> None:
    """Check that the letter has come so far.

    Raises:
        LetterStateError: it has not, or it has gone on.
    """
    if letter.state is not state:
        raise LetterStateError(
            f"the letter is {letter.state.value}, this needs {state.value}", state=letter.state.value
        )


def check_fresh(case: Case, letter: Letter) -> None:
    """Check that the letter names the promise as it stands.

    Raises:
        LetterStaleError: it has moved since.
    """
    if letter.old_due_at != promised_at(case, letter):
        raise LetterStaleError("the promise has moved since the letter was written; write it anew")


def promised_at(case: Case, letter: Letter) -> datetime:
    """Return the due instant of the promise that the letter is about."""
    limits = case.uow.deadlines.all_of(case.dossier.id)
    return next(row.due_at for row in limits if (row.kind, row.promise_no) == (DeadlineKind.PROMISE, letter.promise_no))


def check_not_extended(case: Case, letter: Letter) -> None:
    """Check that the letter asks for no second extension.

    Raises:
        ExtensionUsedError: it does.
    """
    if case.dossier.extension_count >= 1 and asks_for_time(case.uow, letter):
        raise ExtensionUsedError("the date was extended once; it cannot be moved again")


def check_new_date(case: Case, letter: Letter, new_due_at: datetime | None) -> None:
    """Check the new date of a letter that asks for time (domain.md §1.9).

    Raises:
        ExtensionUsedError, LetterIncompleteError, NewDateError.
    """
    if not asks_for_time(case.uow, letter):
        return
    check_not_extended(case, letter)
    if new_due_at is None:
        raise LetterIncompleteError("name the new date of return", field="new_due_at")
    if new_due_at <= letter.old_due_at or new_due_at <= case.now:
        raise NewDateError("the new date must be later than the old one and later than now", field="new_due_at")
    if not case.calendar.is_working_moment(new_due_at):
        raise NewDateError("the new date must lie in working hours of a working day", field="new_due_at")


def answer(case: Case, letter: Letter) -> Answer:
    """Return what an act upon a letter answers: the letter, and its dossier."""
    units = units_of(case.uow, [letter])
    return {"letter": view(letter, case.dossier.code, units), "dossier": views.summary(case)}


def units_of(uow: UnitOfWork, letters: Iterable[Letter]) -> dict[UnitId, Unit]:
    """Return the units that caused the latenesses of letters, in one query."""
    wanted = {letter.caused_by_unit_id for letter in letters if letter.caused_by_unit_id is not None}
    return uow.agencies.some_units(wanted) if wanted else {}


def view(letter: Letter, code: str | None, units: Mapping[UnitId, Unit]) -> dict[str, Any]:
    """Return a letter as lists and the API show it, instants in UTC; ``units`` names who caused the lateness."""
    unit = None if letter.caused_by_unit_id is None else units[letter.caused_by_unit_id]
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
        "caused_by": None if unit is None else {"code": unit.code, "name": unit.name},
        "signed_at": iso(letter.signed_at),
        "number": letter.number,
        "numbered_at": iso(letter.numbered_at),
        "sent_at": iso(letter.sent_at),
        "sent_how": letter.sent_how,
        "delivered_at": iso(letter.delivered_at),
        "withdrawn_at": iso(letter.withdrawn_at),
    }


def known_id(letter_id: str) -> UUID:
    """Return the id that a text spells.

    Raises:
        LetterNotFoundError: it spells none.
    """
    known = as_uuid(letter_id)
    if known is None:
        raise LetterNotFoundError(f"{letter_id!r} is no letter id")
    return known
