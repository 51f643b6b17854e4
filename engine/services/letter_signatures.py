"""The two signatures of a letter: the head signs the approved text, the agency seals what was numbered (decision 0025).

Signing takes place outside of any transaction: a signing service may take its time. Before it, a transaction reads what
is to be signed; after it, another one looks again, under the dossier's lock, and keeps the file only when nothing has
changed. So a letter that is written anew, withdrawn or signed by somebody else meanwhile keeps no trace of this one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from engine.context import Context
from engine.documents import stamps
from engine.documents.letters import apology_pdf, places
from engine.documents.values import ApologyValues
from engine.domain import permissions_letters
from engine.domain.actors import Actor
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind
from engine.domain.official_forms import FormKind, symbol_of
from engine.domain.signing import ELECTRONIC, REVISIONS, SEAL_FIELD, SIGNATURE_FIELD
from engine.errors import ConflictError
from engine.integrations import pades
from engine.integrations.signing_keys import SigningPinWrongError
from engine.ports import Filling, SigningKey
from engine.services import letter_rules, letter_values, signing_keys
from engine.services.case import Case, allow, iso, record
from engine.services.signing_keys import Known
from engine.services.transactions import Answer, Request, told_before, transact
from engine.store.letters import Letter
from engine.store.signatures import PaperSignature
from engine.store.unit_of_work import UnitOfWork

LONGEST_SUBJECT = 300


class SigningOffError(ConflictError):
    """The agency signs its letters on paper."""

    code = "signing-off"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed letter, what of the letter went into it, and with which key it was sealed when."""

    pdf: bytes
    signed_sha256: str  #: the head's file
    number: str
    key: Known
    at: datetime


@dataclass(frozen=True, slots=True)
class _Order:
    """What is to be signed, as it was read before."""

    values: ApologyValues
    version: int  # of the letter's row
    key: Known


def sign(
    ctx: Context, *, by: Actor, letter_id: str, pin: str, expected: int | None = None, request: Request | None = None
) -> Answer:
    """Sign an approved letter with the actor's own key; its text is fixed from then on.

    Args:
        pin: of the key; it goes to the key and nowhere else.
        expected: row version of the dossier that the caller has seen.

    Raises:
        LetterStateError: it is not approved; SigningOffError: the agency signs on paper.
        LetterStaleError: it changed while it was being signed, or names another date than the promised one.
        SigningKeyMissingError, SigningKeyRestingError, SigningPinWrongError: the key cannot be used.
        SignerUnavailableError, SignerRefusedError, SignatureUnusableError: the signing service did not sign.
    """
    earlier = told_before(ctx, by=by, request=request)
    if earlier is not None:
        return earlier
    at = ctx.clock.now()
    order = _order(ctx, by, letter_id, expected, at)
    signed = _signed(ctx, by, order, pin, at)

    def work(uow: UnitOfWork) -> Answer:
        case, letter = _open_to_sign(ctx, uow, by, letter_id, expected)
        if letter.version != order.version or _values(case.ctx, uow, letter, by, at) != order.values:
            raise letter_rules.LetterStaleError("the letter changed while it was being signed; read it again")
        letter.state, letter.signed_by, letter.signed_at = LetterState.SIGNED, by.id, at
        letter.signed_sha256 = ctx.files.put(signed)
        _note(uow, by, letter, SIGNATURE_FIELD, order.key, letter.signed_sha256, at)
        payload = {
            "letter": str(letter.id),
            "file": letter.signed_sha256,
            "certificate": order.key.facts.sha256,
            "key": order.key.id,
            "signed_at": iso(at),
        }
        record(case, EventKind.LETTER_SIGNED, payload)
        return letter_rules.answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def seal(ctx: Context, *, by: Actor, letter_id: str, pin: str | None) -> Sealed:
    """Return a numbered letter with number, day and the agency's seal; nothing is kept.

    Who may do so is for the caller to check, as is that the letter is still the same when the file is kept.

    Raises:
        LetterStateError: it is not signed and numbered.
        SigningKeyMissingError, SigningKeyRestingError, SigningPinWrongError: the key cannot be used.
        SignerUnavailableError, SignerRefusedError, SignatureUnusableError: the signing service did not sign.
    """
    at = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
        letter_rules.need_state(letter, LetterState.NUMBERED)
        agency = uow.agencies.get(letter.owner_agency_id)
        key = signing_keys.in_use(uow, agency=agency.id, officer=None, at=at)
    number, dated, file = letter.number, letter.numbered_at, letter.signed_sha256
    if number is None or dated is None or file is None:
        raise letter_rules.LetterStateError(
            "the letter has no number, or nobody has signed it", state=letter.state.value
        )
    head_signed = ctx.files.get(file)
    where = pades.places_of(head_signed)

    def sealed(opened: SigningKey) -> bytes:
        return pades.number_and_seal(
            head_signed,
            key=opened,
            at=at,
            number=Filling(*stamps.number_drawn(where.number, number, at=at)),
            dated=Filling(*stamps.date_drawn(where.dated, dated, zone=agency.zone, at=at)),
            stamp=stamps.stamp(where.seal, name=agency.name, office="", at=at, zone=agency.zone, seal=True),
        )

    return Sealed(_with_key(ctx, by, key, pin, sealed), file, number, key, at)


def note_seal(uow: UnitOfWork, *, by: Actor, letter: Letter, sealed: Sealed, file: str) -> None:
    """Write down, in the caller's transaction, with which key the file was sealed.

    Raises:
        LetterStaleError: the letter was signed or numbered anew since the seal was made.
    """
    if (letter.signed_sha256, letter.number) != (sealed.signed_sha256, sealed.number):
        raise letter_rules.LetterStaleError("the letter was signed or numbered anew while it was being sealed")
    _note(uow, by, letter, SEAL_FIELD, sealed.key, file, sealed.at)


def _order(ctx: Context, by: Actor, letter_id: str, expected: int | None, at: datetime) -> _Order:
    with ctx.unit_of_work() as uow:
        _case, letter = _open_to_sign(ctx, uow, by, letter_id, expected)
        key = signing_keys.in_use(uow, agency=letter.owner_agency_id, officer=by.id, at=at)
        return _Order(_values(ctx, uow, letter, by, at), letter.version, key)


def _open_to_sign(
    ctx: Context, uow: UnitOfWork, by: Actor, letter_id: str, expected: int | None
) -> tuple[Case, Letter]:
    case, letter = letter_rules.open_letter(ctx, uow, by, letter_id, expected)
    allow(case, permissions_letters.check_can_approve_letter, agency=letter.owner_agency_id)
    if uow.agencies.get(letter.owner_agency_id).signs_letters != ELECTRONIC:
        raise SigningOffError("the agency signs its letters on paper; an administrator can change that")
    letter_rules.need_state(letter, LetterState.APPROVED)
    letter_rules.check_fresh(case, letter)
    letter_rules.check_new_date(case, letter, letter.new_due_at)
    return case, letter


def _values(ctx: Context, uow: UnitOfWork, letter: Letter, by: Actor, at: datetime) -> ApologyValues:
    """Return what is signed: by whom and when it really is, without number and day."""
    assert by.id is not None  # noqa: S101 - the system approves and signs nothing
    told = letter_values.of(uow, letter, public_url=ctx.settings.public_url)
    agency, head = uow.agencies.get(letter.owner_agency_id), uow.people.get(by.id)
    symbol = symbol_of(FormKind.APOLOGY, desk_symbol=agency.desk_symbol, own=agency.paper_symbols)
    return replace(
        told,
        number=None,
        symbol=symbol,
        issued_at=at,
        draft=False,
        signer_name=head.name,
        signer_title=head.title.upper() if head.title else told.signer_title,
    )


def _signed(ctx: Context, by: Actor, order: _Order, pin: str, at: datetime) -> bytes:
    values = order.values
    where = places(values)
    stamp = stamps.stamp(
        where.signature, name=values.signer_name or "", office=values.agency_name, at=at, zone=values.zone
    )
    text = apology_pdf(values, blank_number=True)

    def signed(opened: SigningKey) -> bytes:
        return pades.sign_text(text, key=opened, at=at, places=where, stamp=stamp)

    return _with_key(ctx, by, order.key, pin, signed)


def _with_key(ctx: Context, by: Actor, key: Known, pin: str | None, use: Callable[[SigningKey], bytes]) -> bytes:
    """Open a key, use it, and write down when the PIN was wrong."""
    try:
        return use(signing_keys.opened(ctx, key, pin or ""))
    except SigningPinWrongError as error:
        if not pin:
            raise
        left = signing_keys.note_wrong_pin(ctx, by=by, known=key)
        raise SigningPinWrongError(
            f"the PIN is wrong; {left} more may be, then the key rests", field="pin", left=left
        ) from error


def _note(uow: UnitOfWork, by: Actor, letter: Letter, field: str, key: Known, file: str, at: datetime) -> None:
    """Keep who signed a revision; that of a letter which was written anew since takes the place of the former."""
    facts = {
        "owner_agency_id": letter.owner_agency_id,
        "key_id": key.id,
        "officer_id": by.id,
        "subject": key.facts.subject[:LONGEST_SUBJECT],
        "certificate_sha256": key.facts.sha256,
        "file_sha256": file,
        "signed_at": at,
    }
    revision = REVISIONS[field]
    row = next((each for each in uow.signatures.of_document(letter.id) if each.revision == revision), None)
    if row is None:
        uow.signatures.add(PaperSignature(document_id=letter.id, revision=revision, **facts))
        return
    for name, value in facts.items():
        setattr(row, name, value)
