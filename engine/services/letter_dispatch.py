"""Numbering and sending a letter of apology, and what shows that it arrived (domain.md §1.9; decision 0010).

A letter that is signed by hand is numbered and sent in one transaction. One that the head has signed electronically
takes three steps: a transaction numbers it, the agency's seal is made outside of any, another transaction sends it.
Whoever dies in between leaves a numbered letter; to send it again goes on with the same number.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.context import Context
from engine.documents import forms
from engine.documents.values import ApologyValues
from engine.domain import permissions_letters
from engine.domain.actors import SYSTEM, Actor
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind
from engine.domain.ids import LetterId
from engine.domain.messages import MessageKind
from engine.domain.official_forms import FormKind, OfficialForm
from engine.domain.signing import ELECTRONIC
from engine.services import extensions, issuing, letter_rules, letter_signatures, letter_values, messages
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.paper_prints import form_of_paper, values_of_paper
from engine.services.transactions import Answer, Request, told_before, transact
from engine.store.letters import Letter
from engine.store.papers import IssuedPaper, PaperId
from engine.store.unit_of_work import UnitOfWork

PRINTED = frozenset({"applicant.name", "applicant.identity_number", "received_at", "procedure"})  #: in form 04
SEALED = (LetterState.SIGNED, LetterState.NUMBERED)  #: states in which a letter waits for number or seal


def dispatch(
    ctx: Context, *, by: Actor, letter_id: str, pin: str | None = None, expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Number a letter and send it, by the channel of the citizen, or as a print for who has none.

    The number is taken in the transaction that issues, so there is no gap and no double.

    Args:
        pin: of the agency's seal; only a letter that was signed electronically needs it.
        expected: row version of the dossier; not asked of a letter that has its number, for that cannot change.

    Raises:
        LetterStateError: it is not approved, or not signed where the agency signs electronically.
        LetterStaleError: what it says is true no more; write it anew.
        ExtensionUsedError: the dossier was extended before.
        SigningKeyMissingError, SigningKeyRestingError, SigningPinWrongError: the seal cannot be used.
        SignerUnavailableError, SignerRefusedError, SignatureUnusableError: the signing service did not seal; as with
            those above the letter keeps its number and waits.
    """
    if _state(ctx, by, letter_id) not in SEALED:
        return transact(
            ctx, by=by, request=request, work=lambda uow: _send_on_paper(ctx, uow, by, letter_id, expected)
        )  # fmt: skip
    earlier = told_before(ctx, by=by, request=request)
    if earlier is not None:
        return earlier
    transact(ctx, by=by, request=None, work=lambda uow: _number(ctx, uow, by, letter_id, expected))
    sealed = letter_signatures.seal(ctx, by=by, letter_id=letter_id, pin=pin)
    file = ctx.files.put(sealed.pdf)  # before the row names it
    return transact(ctx, by=by, request=request, work=lambda uow: _send_sealed(ctx, uow, by, letter_id, sealed, file))


def mark_delivered(ctx: Context, uow: UnitOfWork, *, letter_id: str) -> None:
    """Record that the citizen's channel took the letter; a second report changes nothing."""
    letter = uow.letters.get(LetterId(letter_rules.known_id(letter_id)))
    if letter.delivered_at is not None:
        return
    case = open_case(ctx, uow, by=SYSTEM, reference=str(letter.dossier_id))
    letter.delivered_at = case.now
    record(case, EventKind.LETTER_DELIVERED, {"letter": str(letter.id)})


def _state(ctx: Context, by: Actor, letter_id: str) -> LetterState:
    with ctx.unit_of_work(read_only=True) as uow:
        return letter_rules.readable(uow, by=by, letter_id=letter_id).state


def _open(ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, expected: int | None) -> tuple[Case, Letter]:
    case, letter = letter_rules.open_letter(ctx, uow, by, letter_id, expected)
    allow(case, permissions_letters.check_can_send_letter, agency=letter.owner_agency_id)
    return case, letter


def _send_on_paper(ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, expected: int | None) -> Answer:
    case, letter = _open(ctx, uow, by, letter_id, expected)
    letter_rules.need_state(letter, LetterState.APPROVED)
    if uow.agencies.get(letter.owner_agency_id).signs_letters == ELECTRONIC:
        raise letter_rules.LetterStateError(
            "the agency signs electronically: the head signs the letter first", state=letter.state.value
        )
    _check_true(case, letter)
    paper = _issue(case, letter)
    file = ctx.files.put(forms.render_pdf(form_of_paper(paper), values_of_paper(paper)))
    paper.file_sha256 = file
    _send(case, letter, paper, file)
    return letter_rules.answer(case, letter)


def _number(ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, expected: int | None) -> Answer:
    """Give a signed letter its number and day; one that has them keeps them."""
    case, letter = _open(ctx, uow, by, letter_id, None)
    if letter.state is LetterState.NUMBERED:
        return {}
    if expected is not None:
        case, letter = _open(ctx, uow, by, letter_id, expected)
    letter_rules.need_state(letter, LetterState.SIGNED)
    _check_true(case, letter)
    paper = _issue(case, letter)
    letter.state = LetterState.NUMBERED
    record(case, EventKind.LETTER_NUMBERED, {"letter": str(letter.id), **_numbered(paper)})
    return {}


def _send_sealed(
    ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, sealed: letter_signatures.Sealed, file: str
) -> Answer:
    """Send a letter whose seal was made; it may have been sent, or taken back, since it was numbered."""
    case, letter = _open(ctx, uow, by, letter_id, None)
    letter_rules.need_state(letter, LetterState.NUMBERED)
    _check_true(case, letter)
    letter_signatures.note_seal(uow, by=by, letter=letter, sealed=sealed, file=file)
    paper = _paper(case, letter)
    paper.signed_sha256 = file
    _send(case, letter, paper, file)
    return letter_rules.answer(case, letter)


def _check_true(case: Case, letter: Letter) -> None:
    """Check that what the letter says is still so: promise, new date, and that a signed request for time is needed."""
    letter_rules.check_fresh(case, letter)
    letter_rules.check_new_date(case, letter, letter.new_due_at)
    is_fixed = letter.state in SEALED  # one on paper is printed as things stand now
    if is_fixed and letter.new_due_at is not None and not letter_values.asks_for_time(case.uow, letter):
        raise letter_rules.LetterStaleError("it was signed before the result was there; write it anew")
    if is_fixed and _is_corrected_since(case, letter):
        raise letter_rules.LetterStaleError("what it prints was corrected after it was signed; write it anew")


def _is_corrected_since(case: Case, letter: Letter) -> bool:
    """Tell whether the signed text names people, procedure or receipt as they were before a correction."""
    told = case.uow.events.of_kinds(case.dossier.id, (EventKind.LETTER_SIGNED, EventKind.CORRECTED))
    signed = max(each.seq for each in told if each.payload.get("letter") == str(letter.id))
    corrections = (each for each in told if each.kind == EventKind.CORRECTED and each.seq > signed)
    return any(PRINTED.intersection(each.payload["changed"]) for each in corrections)


def _issue(case: Case, letter: Letter) -> IssuedPaper:
    def values(form: OfficialForm, number: str | None, symbol: str) -> ApologyValues:
        told = letter_values.of(case.uow, letter, public_url=case.ctx.settings.public_url)
        return replace(told, form=form, number=number, symbol=symbol, issued_at=case.now, draft=False)

    paper = issuing.issue(
        case, FormKind.APOLOGY, values, subject_no=letter.promise_no, agency=letter.owner_agency_id
    )  # fmt: skip
    letter.number, letter.paper_id = paper.number, paper.id
    letter.numbered_at, letter.numbered_by = case.now, case.by.id
    return paper


def _numbered(paper: IssuedPaper) -> dict[str, Any]:
    return {"number": paper.number, "counter": paper.counter, "year": paper.year, "paper": str(paper.id)}


def _paper(case: Case, letter: Letter) -> IssuedPaper:
    assert letter.paper_id is not None  # noqa: S101 - whatever is numbered is an issued paper
    return case.uow.papers.get(PaperId(letter.paper_id))


def _send(case: Case, letter: Letter, paper: IssuedPaper, file: str) -> None:
    letter.state, letter.file_sha256 = LetterState.SENT, file
    letter.sent_at, letter.sent_by = case.now, case.by.id
    message = messages.order(
        case,
        MessageKind.APOLOGY,
        subject_no=letter.promise_no,
        attachment=(file, f"xin-loi-{case.dossier.code}.pdf"),
    )
    letter.sent_how = "print" if message is None else message.channel
    payload = {"letter": str(letter.id), **_numbered(paper), "how": letter.sent_how, "file": file}
    record(case, EventKind.LETTER_SENT, payload | ({} if message is None else {"message": str(message.id)}))
    _extend(case, letter)


def _extend(case: Case, letter: Letter) -> None:
    """Keep the new date beside the promise, which never moves; once only (domain.md §1.15, invariant 3)."""
    if not letter_values.asks_for_time(case.uow, letter):
        return
    case.dossier.extended_due_at, case.dossier.extension_count = letter.new_due_at, 1
    extension = {"promise": letter.promise_no, "new_due_at": iso(letter.new_due_at), "letter": str(letter.id)}
    record(case, EventKind.EXTENDED, extension | extensions.begin(case, letter))
