"""All that a paper prints, as plain values: whoever keeps them can print the same paper again, byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.domain.official_forms import CURRENT, FormKind, OfficialForm, form_of

RECEIPT = form_of(CURRENT, FormKind.RECEIPT)
APOLOGY = form_of(CURRENT, FormKind.APOLOGY)


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper that was handed in, with how many originals and copies of it."""

    name: str
    originals: int
    copies: int


@dataclass(frozen=True, slots=True)
class Book:
    """Where the dossier stands in the register: *Quyển số* and *Số thứ tự*."""

    volume: str
    entry: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Authoriser:
    """The person for whom someone else hands the dossier in, and the paper that says so."""

    name: str
    address: str | None
    identity_number: str | None
    phone: str | None
    email: str | None
    paper: str | None  #: e.g. "Giấy ủy quyền số 12 ngày 01/03/2026"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification:
    """What is certified, on the receipt of such a procedure (domain.md §2.3, local additions)."""

    pages: int  #: of the paper
    copies: int  #: on paper
    electronic: bool  #: an electronic copy is signed, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Reissue:
    """That a receipt replaces one that was handed out before; instants are aware."""

    no: int  #: of this issue, from 2
    issued_at: datetime
    replaces_at: datetime  #: when the one before was issued


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacedValues:
    """What is marked on a receipt that was replaced. Instants are aware; they print in ``zone``."""

    agency_name: str
    code: str
    no: int  #: of the issue that was replaced; the next one counts
    issued_at: datetime
    replaced_at: datetime
    reason: str
    zone: str  #: IANA name of the agency's zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptValues:
    """All that forms 01 and CT04 print: *Giấy tiếp nhận hồ sơ và hẹn trả kết quả* (domain.md §2.2-2.4).

    A text that is None prints as a dotted line to be filled in by hand. Instants are aware; they print in ``zone``.
    """

    form: OfficialForm = RECEIPT  #: of whichever set the dossier keeps

    superior_body: str  #: "Ủy ban nhân dân phường …"; printed in capitals
    unit_name: str  #: the receiving unit, "Trung tâm Phục vụ hành chính công"; printed in capitals in the head
    place: str  #: the place name before the date
    number: str | None  #: "5", or "05/<symbol>" with a symbol of its own; None prints dots
    symbol: str = "TTPVHCC (BPTNTKQ)"  #: printed after a number that has none (domain.md §2.2)
    code: str  #: the dossier code
    applicant_name: str
    identity_number: str | None
    address: str | None
    phone: str | None
    email: str | None
    authoriser: Authoriser | None
    procedure_code: str
    procedure_name: str
    papers: tuple[PaperLine, ...]
    dossier_count: int  #: sets of papers handed in
    limit_text: str  #: "15 ngày làm việc"; see ``words.limit``
    second_limit_text: str | None = None  #: of the appointment after payment, where there are two (domain.md §1.8)
    received_at: datetime
    due_at: datetime  #: the promise; of two appointments the first
    provisional: bool  #: the calendar of the due date's year is not decided yet
    result_place: str  #: where or how the result will be fetched
    book: Book | None
    receiver_name: str
    tracking_url: str  #: what the QR code opens
    channel: str  #: ``direct``, ``online`` (then only the receiver signs, domain.md §2.3 S) or ``postal``
    zone: str  #: IANA name of the agency's zone
    reissue: Reissue | None = None  #: what it replaces, when it is not the first
    fee_text: str | None = None  #: "50.000 đồng (thu trước)"; None: nothing is printed about it
    certification: Certification | None = None


@dataclass(frozen=True, slots=True)
class PadSlip:
    """A slip of a pad: its number, and what the QR code opens."""

    code: str
    tracking_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PadValues:
    """All that a pad of blank slips prints; everything else is written by hand. Instants are aware."""

    superior_body: str
    unit_name: str
    counter: str
    reserved_at: datetime
    reserved_by: str
    slips: tuple[PadSlip, ...]
    zone: str  #: IANA name of the agency's zone


@dataclass(frozen=True, slots=True, kw_only=True)
class ApologyValues:
    """All that form 04 prints: *Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết* (domain.md §2.2, §2.5).

    What may be None prints as a dotted line, in a draft only. Instants are aware; they print in ``zone``.
    """

    form: OfficialForm = APOLOGY  #: of whichever set the dossier keeps

    superior_body: str  #: printed in capitals
    agency_name: str  #: whose letter it is; printed in capitals in the head
    place: str
    number: str | None  #: "5", or "05/<symbol>" with a symbol of its own
    symbol: str = "PXL"  #: printed after a number that has none (domain.md §2.2)
    addressee: str  #: *Kính gửi*
    received_at: datetime
    receiving_unit: str
    procedure_code: str
    procedure_name: str
    applicant_name: str
    identity_number: str | None  #: dots when the applicant has none, in a final letter too
    code: str  #: the dossier code
    due_at: datetime  #: the promise printed on the receipt
    reason: str | None
    new_due_at: datetime | None
    new_due_provisional: bool  #: the calendar of the new date's year is not decided yet
    met_at: datetime | None = None  #: the first of two appointments, met late by now: the letter states that instead
    finished_at: datetime | None = None  #: finished late by now: the letter states it, and asks for no extension
    ended_at: datetime | None = None  #: ended without a result by now (withdrawn, stopped): neither
    issued_at: datetime | None
    signer_title: str  #: "TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH"; a line each
    signer_name: str | None
    recipients: tuple[str, ...]  #: *Nơi nhận*, e.g. ("Như trên", "Lưu: VT, TTPVHCC")
    draft: bool  #: prints a visible "BẢN NHÁP"
    zone: str  #: IANA name of the agency's zone
    caused_by: str | None = None  #: the unit that let the time pass, where the office names it (domain.md §2.5)
    tracking_url: str | None = None  #: what the QR code opens; None: no code


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line of the account of a date, and what it takes of the limit where it takes something."""

    text: str
    amount: str | None  #: "2 ngày làm việc"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValues:
    """All that the account of a date prints: *Giải trình thời hạn giải quyết hồ sơ*, no official form.

    Instants are aware; they print in ``zone``.
    """

    agency_name: str  #: which resolves the dossier; printed in capitals
    place: str
    code: str  #: the dossier code
    applicant_name: str
    procedure_code: str
    procedure_name: str
    limit_text: str
    received_at: datetime
    due_at: datetime  #: the promise in force, or the one before the clock stopped
    paused: bool  #: the clock stands
    provisional: bool
    lines: tuple[AccountLine, ...]  #: in order, to the promise
    beside: tuple[AccountLine, ...]  #: what was said and moves nothing
    as_of: datetime  #: of the last event that is accounted for
    zone: str  #: IANA name of the agency's zone
