"""Numbering and sending a letter of apology, and what shows that it arrived (domain.md §1.9)."""

from __future__ import annotations

from engine.context import Context
from engine.documents.letters import apology_pdf
from engine.domain import permissions
from engine.domain.actors import SYSTEM, Actor
from engine.domain.dossier import LetterState
from engine.domain.events import EventKind
from engine.domain.ids import LetterId
from engine.domain.numbering import letter_number
from engine.services import letter_rules, letter_values
from engine.services.case import Case, allow, iso, open_case, record
from engine.services.transactions import Answer, Request, transact
from engine.store.letters import Letter
from engine.store.unit_of_work import UnitOfWork

SYMBOL = "PXL"


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
        case, letter = letter_rules.open_letter(ctx, uow, by, letter_id, expected)
        allow(case, permissions.check_can_approve_letter, agency=letter.owner_agency_id)
        letter_rules.need_state(letter, LetterState.APPROVED)
        _issue(case, letter)
        return letter_rules.answer(case, letter)

    return transact(ctx, by=by, request=request, work=work)


def mark_delivered(ctx: Context, uow: UnitOfWork, *, letter_id: str) -> None:
    """Record that the mail server took the letter; a second report changes nothing."""
    letter = uow.letters.get(LetterId(letter_rules.known_id(letter_id)))
    if letter.delivered_at is not None:
        return
    case = open_case(ctx, uow, by=SYSTEM, reference=str(letter.dossier_id))
    letter.delivered_at = case.now
    record(case, EventKind.LETTER_DELIVERED, {"letter": str(letter.id)})


def _issue(case: Case, letter: Letter) -> None:
    ctx, uow, dossier = case.ctx, case.uow, case.dossier
    letter_rules.check_fresh(case, letter)
    letter_rules.check_new_date(case, letter, letter.new_due_at)
    applicant = uow.dossiers.parties(dossier.id)["applicant"]
    year = case.calendar.local_date(case.now).year
    number = uow.numbers.take(letter.owner_agency_id, "letter-04", str(year))
    letter.number = letter_number(number, SYMBOL)
    letter.sent_at, letter.sent_by = case.now, case.by.id
    letter.sent_how = "email" if applicant.email else "print"
    letter.state = LetterState.SENT
    letter.file_sha256 = ctx.files.put(apology_pdf(letter_values.of(uow, letter)))
    payload = {
        "letter": str(letter.id),
        "number": letter.number,
        "counter": number,
        "year": year,
        "how": letter.sent_how,
        "file": letter.file_sha256,
    }
    record(case, EventKind.LETTER_SENT, payload)
    if letter_values.asks_for_time(uow, letter):
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
