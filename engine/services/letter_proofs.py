"""What shows that a letter of apology reached its citizen where no channel could say so (domain.md §1.9)."""

from __future__ import annotations

from engine.context import Context
from engine.domain import permissions_letters
from engine.domain.actors import Actor
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind, digest
from engine.errors import InvalidInputError
from engine.services import letter_rules
from engine.services.attachments import media_type_of
from engine.services.case import allow, record
from engine.services.transactions import Answer, Request, transact
from engine.store.unit_of_work import UnitOfWork

WAYS = ("handed-over", "posted")
LONGEST_NOTE = 500


class ProofMissingError(InvalidInputError):
    """A proof is a picture or a note, and says how the letter was given."""

    code = "letter-proof-missing"


def record_proof(
    ctx: Context, *, by: Actor, letter_id: str, how: str, note: str = "", photo: tuple[str, bytes] | None = None,
    expected: int | None = None, request: Request | None = None,
) -> Answer:  # fmt: skip
    """Record that a letter was handed over or posted, with a note, a picture, or both.

    Args:
        how: ``handed-over`` or ``posted``.
        note: who took it and when, or the number of the posting; kept with the letter, not in the history.
        photo: name and content of a file, such as the signed receipt.

    Raises:
        ProofMissingError: no way is named, there is neither note nor picture, or the note is too long.
        FileNotAllowedError: the picture is no file that is taken.
        LetterStateError: the letter is not sent, or has its proof already.
        LetterNotFoundError, NotAllowedError, VersionMismatchError.
    """
    said = " ".join(note.split())
    if how not in WAYS:
        raise ProofMissingError(f"how is one of {', '.join(WAYS)}", field="how")
    if not said and photo is None:
        raise ProofMissingError("write who took the letter, or attach a picture", field="note")
    if len(said) > LONGEST_NOTE or not said.isprintable():
        raise ProofMissingError(f"the note has at most {LONGEST_NOTE} printable characters", field="note")
    sha256 = None
    if photo is not None:
        media_type_of(*photo)
        sha256 = ctx.files.put(photo[1])  # before the row names it

    def work(uow: UnitOfWork) -> Answer:
        case, letter = letter_rules.open_letter(ctx, uow, by, letter_id, expected)
        allow(case, permissions_letters.check_can_prove_letter, agency=letter.owner_agency_id)
        letter_rules.need_state(letter, LetterState.SENT)
        if letter.delivered_at is not None:
            raise letter_rules.LetterStateError("the letter has its proof", state=letter.state.value)
        letter.proof_sha256, letter.proof_note, letter.delivered_at = sha256, said or None, case.now
        facts = {"letter": str(letter.id), "how": how, "proof": sha256, "note": note_digest(letter_id, said)}
        record(case, EventKind.LETTER_DELIVERED, facts)
        return letter_rules.answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def note_digest(letter_id: str, note: str) -> str | None:
    """Return what the history keeps of a note, which may name people."""
    return digest([letter_id.lower(), note]) if note else None
