"""Why a dossier is late, said on its page when no letter of apology says it (domain.md §6.4: one cause a late dossier).

The cause counts in table II.07. A note may say more; like every note it stays out of the history.
"""

from __future__ import annotations

from engine.context import Context
from engine.domain import permissions_letters
from engine.domain.actors import Actor
from engine.domain.acts import Act
from engine.domain.dossier import Cause, LetterState
from engine.domain.events import EventKind
from engine.errors import ConflictError
from engine.services import notes, views
from engine.services.case import Case, allow, open_case
from engine.services.case import record as append
from engine.services.transactions import Answer, Request, transact
from engine.store.unit_of_work import UnitOfWork


class NotLateError(ConflictError):
    """The dossier has broken no promise, so nothing caused its lateness."""

    code = "dossier-not-late"


class CauseInLetterError(ConflictError):
    """The letter of apology names the cause; one dossier has one cause."""

    code = "late-cause-in-letter"


def record(
    ctx: Context, *, by: Actor, dossier: str, cause: Cause, note: str = "", expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Say why a dossier is or was late; said again, the later one stands.

    Args:
        cause: of the controlled list (domain.md §6.4).
        note: more in words, for colleagues; empty for none.

    Raises:
        NotLateError: it has broken no promise.
        CauseInLetterError: a letter of apology names the cause already.
        InvalidNoteError: the note is too long.
        NotAllowedError: the actor drafts no apologies in the resolving agency.
        DossierNotFoundError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected, of_history=True)
        allow(case, permissions_letters.check_can_draft_letter, agency=case.dossier.resolving_agency_id)
        if not views.is_late(case.dossier, case.now):
            raise NotLateError("the dossier has broken no promise", status=case.dossier.status)
        if is_told_by_letter(case):
            raise CauseInLetterError("the letter of apology of this dossier names the cause", field="cause")
        case.dossier.late_cause = cause.value
        append(case, EventKind.LATE_CAUSE_GIVEN, {"cause": cause.value})
        if note.strip():
            notes.write(case, note)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def offered(case: Case) -> set[Act]:
    """Return the act of saying the cause where the actor may do it now."""
    if not views.is_late(case.dossier, case.now):
        return set()
    if not case.by.may_as(case.dossier.resolving_agency_id, permissions_letters.DRAFTING):
        return set()
    return set() if is_told_by_letter(case) else {Act.LATE_CAUSE}


def is_told_by_letter(case: Case) -> bool:
    """Whether a letter of apology that was not withdrawn names the cause."""
    letters = case.uow.letters.of_dossier(case.dossier.id)
    return any(letter.cause is not None and letter.state is not LetterState.WITHDRAWN for letter in letters)
