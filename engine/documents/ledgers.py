"""Form 07 (old set: 06): *Sổ theo dõi hồ sơ*, a part of it to print (domain.md §2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine.documents import short_words, words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm

RESULT_CHANNELS = {"desk": "Tại Bộ phận Một cửa", "postal": "Bưu chính công ích", "online": "Trực tuyến"}
NO_NUMBER = "–"  #: of a receipt from before there were running numbers, and of a number that was never used


class RemarkKind(StrEnum):
    """What is said beside a line of the ledger. Values are kept with papers: never rename one."""

    RESERVED = "reserved"  #: entered from a pad of reserved numbers
    LATE_ENTRY = "late-entry"  #: written down after the day of the receipt
    CORRECTED = "corrected"  #: the receipt was corrected and issued again
    RECEIPT_VOID = "receipt-void"  #: the receipt with this number was voided
    EXTENDED = "extended"  #: an apology names a new date
    REFUSED = "refused"  #: the result is a refusal
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    NUMBER_VOID = "number-void"  #: a reserved number that was never used


REMARKS = {
    RemarkKind.RESERVED: "Nhập từ sổ dự phòng",
    RemarkKind.LATE_ENTRY: "Vào sổ sau ngày nhận",
    RemarkKind.CORRECTED: "Đính chính, cấp lại giấy tiếp nhận",
    RemarkKind.RECEIPT_VOID: "Giấy tiếp nhận đã hủy",
    RemarkKind.EXTENDED: "Xin lỗi, hẹn lại đến",
    RemarkKind.REFUSED: "Từ chối giải quyết",
    RemarkKind.WITHDRAWN: "Rút hồ sơ",
    RemarkKind.STOPPED: "Dừng giải quyết",
    RemarkKind.NUMBER_VOID: "Số dự phòng đã hủy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRemark:
    """What is said beside a line, of when, and why."""

    kind: RemarkKind
    at: datetime
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """A line of the book: a receipt, or a reserved number that was never used. Instants are aware."""

    entry: int | None  #: running number of the receipt; None: see NO_NUMBER
    year: int | None = None  #: of the running number: *Quyển số*
    entered_at: datetime  #: when it went into the book
    code: str
    procedure_code: str | None = None
    procedure_name: str | None = None
    applicant_name: str | None = None
    address: str | None = None
    phone: str | None = None
    resolving_name: str | None = None
    received_at: datetime | None = None
    due_at: datetime | None = None
    returned_at: datetime | None = None
    result_channel: str | None = None  #: a key of RESULT_CHANNELS
    receiver_name: str | None = None  #: who took the result
    remarks: tuple[LedgerRemark, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerValues:
    """A part of the book to print; instants print in ``zone``."""

    form: OfficialForm
    superior_body: str
    unit_name: str
    place: str
    symbol: str  #: ``STD-TTPVHCC``
    first_on: date  #: of the period by the day on which a receipt went into the book
    last_on: date
    field: str | None  #: only procedures of this field; None: all
    part: int  #: from 1
    parts: int
    total: int  #: lines of the whole period
    lines: tuple[LedgerLine, ...]
    printed_at: datetime
    printed_by: str
    zone: str


def fields(values: LedgerValues) -> dict[str, Any]:
    """Return what the part prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    years = sorted({line.year for line in values.lines if line.year is not None})
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        "number": None,
        "symbol": one_line(values.symbol, limit=CODE),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.printed_at, values.zone),
        "form": words.form_line(values.form),
        "book": ", ".join(str(year) for year in years) or None,
        "period": f"từ ngày {_day(values.first_on)} đến ngày {_day(values.last_on)}",
        "field": None if values.field is None else one_line(values.field, limit=LINE),
        "part": None if values.parts == 1 else f"Phần {values.part}/{values.parts}",
        "total": values.total,
        "lines": [_line(line, values.zone) for line in values.lines],
        "printed_by": one_line(values.printed_by, limit=HEAD),
        "as_of": words.moment(values.printed_at, values.zone),
    }


def made_at(values: LedgerValues) -> datetime:
    """Return when the part was made."""
    return values.printed_at


def remark_text(remark: LedgerRemark, zone: str) -> str:
    """Return a remark in words: ``Rút hồ sơ 05/03/2026: lý do``."""
    reason = "" if not remark.text else f": {one_line(remark.text, limit=LINE)}"
    return f"{REMARKS[remark.kind]} {short_words.short_date(remark.at, zone)}{reason}"


def entry_text(line: LedgerLine) -> str:
    """Return the running number as it stands in the book."""
    return NO_NUMBER if line.entry is None else words.number(str(line.entry))


def _line(line: LedgerLine, zone: str) -> dict[str, Any]:
    contact = [_text(each) for each in (line.address, line.phone) if each]
    procedure = _text(line.procedure_name)
    return {
        "entry": entry_text(line),
        "code": one_line(line.code, limit=CODE),
        "procedure": procedure,
        "person": _text(line.applicant_name),
        "contact": "; ".join(each for each in contact if each) or None,
        "resolving": _text(line.resolving_name),
        "received": _short(line.received_at, zone),
        "due": _short(line.due_at, zone),
        "returned": _short(line.returned_at, zone),
        "how": None if line.result_channel is None else RESULT_CHANNELS[line.result_channel],
        "receiver": _text(line.receiver_name),
        "remarks": [remark_text(remark, zone) for remark in line.remarks],
    }


def _text(text: str | None) -> str | None:
    return None if text is None else one_line(text, limit=LINE)


def _short(at: datetime | None, zone: str) -> str | None:
    return None if at is None else short_words.short_moment(at, zone)


def _day(on: date) -> str:
    return f"{on:%d/%m/%Y}"
