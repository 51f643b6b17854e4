"""Notes of officers on a dossier, for their colleagues; the history keeps the digest alone (issue 5)."""

from __future__ import annotations

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.events import EventKind, digest
from engine.errors import InvalidInputError
from engine.services import views
from engine.services.case import Case, allow, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.consultations import Note
from engine.store.unit_of_work import UnitOfWork

LONGEST = 4000  # characters


class InvalidNoteError(InvalidInputError):
    """A note is empty or too long."""

    code = "invalid-note"


def add(
    ctx: Context, *, by: Actor, dossier: str, text: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Write a note that every officer who may read the dossier sees; it cannot be changed or removed.

    A note is no personal data's place, yet people will name people there: its text stays out of the history.

    Raises:
        InvalidNoteError: it is empty or longer than LONGEST.
        NotAllowedError: the actor neither works in an agency of the dossier nor supervises there.
        DossierNotFoundError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected, of_history=True)
        allow(case, permissions.check_can_write_notes, agencies=uow.dossiers.agencies(case.dossier.id))
        write(case, text)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def write(case: Case, text: str) -> None:
    """Write a note into a dossier that is open for change.

    Raises:
        InvalidNoteError: it is empty or longer than LONGEST.
    """
    said = text.strip()
    if not 0 < len(said) <= LONGEST:
        raise InvalidNoteError(f"a note has 1 to {LONGEST} characters", field="text")
    no = case.uow.consultations.note_count(case.dossier.id) + 1
    row = Note(
        dossier_id=case.dossier.id,
        no=no,
        owner_agency_id=case.dossier.owner_agency_id,
        text=said,
        made_by=case.by.id,
        made_at=case.now,
    )
    case.uow.consultations.add(row)
    record(case, EventKind.NOTE_ADDED, {"no": no, "digest": digest([str(case.dossier.id), no, said])})
