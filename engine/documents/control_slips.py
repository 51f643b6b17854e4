"""Form 06 (old set: 05): *Phiếu kiểm soát quá trình giải quyết hồ sơ* (domain.md §2.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm
from engine.domain.slip_lines import LineKind, Mark

RESULTS = {"early": "Trước hạn", "on_time": "Đúng hạn", "late": "Quá hạn"}
MARKS = {
    Mark.TRANSFERRED: "Chuyển đơn vị xử lý.",
    Mark.BY_PROCESS: "Quy trình tự chuyển, không có bước giao.",
    Mark.TAKEN_BACK: "Đã thu hồi, lần giao nhận này không tính.",
}
REMARKS = {
    LineKind.TAKEN_BACK: "Thu hồi bước vừa làm",
    LineKind.SENT_BACK: "Trả lại bước trước",
    LineKind.VERSION_MOVED: "Chuyển sang phiên bản quy trình",
    LineKind.VERSION_UNDONE: "Trở lại phiên bản quy trình",
    LineKind.PROCEDURE_CHANGED: "Đính chính thủ tục, quy trình làm lại từ đầu",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlLine:
    """A hand-over, or a remark across the table; instants are aware. A text that is None prints as dots."""

    kind: LineKind
    at: datetime
    by: str | None  #: who gave, or did what the remark says; None: the system
    from_unit: str | None = None
    to_unit: str | None = None  #: None: nobody has it yet
    taken_at: datetime | None = None
    taken_by: str | None = None
    result: str | None = None  #: a key of RESULTS; None where the giver had no stage
    note: str | None = None
    marks: tuple[Mark, ...] = ()
    subject: str | None = None  #: of a remark: the versions, or the numbers of the hand-overs that count no more


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlSlipValues:
    """All that the control slip prints (domain.md §2.7). Instants are aware; they print in ``zone``."""

    form: OfficialForm
    superior_body: str
    unit_name: str  #: the one-stop unit that received the dossier
    place: str
    number: str | None  #: the running number of the receipt with the slip's own symbol; None prints dots
    symbol: str
    code: str
    applicant_name: str
    procedure_code: str
    procedure_name: str
    resolving_name: str
    partner_names: tuple[str, ...]
    received_at: datetime
    due_at: datetime
    extended_due_at: datetime | None
    provisional: bool
    lines: tuple[ControlLine, ...]
    printed_at: datetime
    zone: str


def fields(values: ControlSlipValues) -> dict[str, Any]:
    """Return what the slip prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    zone = values.zone
    extended = values.extended_due_at
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.unit_name, limit=HEAD).upper(),
        **words.numbered(values.number, values.symbol),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.printed_at, zone),
        "form": words.form_line(values.form),
        "code": one_line(values.code, limit=CODE),
        "applicant": one_line(values.applicant_name, limit=LINE),
        "procedure": one_line(f"{values.procedure_name} (mã thủ tục: {values.procedure_code})", limit=LINE),
        "resolving": one_line(values.resolving_name, limit=LINE),
        "partners": [one_line(each, limit=LINE) for each in values.partner_names],
        "received": words.moment(values.received_at, zone),
        "due": words.moment(values.due_at, zone),
        "provisional": values.provisional,
        "extended": None if extended is None else words.moment(extended, zone),
        "lines": _lines(values),
        "as_of": words.moment(values.printed_at, zone),
    }


def made_at(values: ControlSlipValues) -> datetime:
    """Return the instant up to which the slip tells."""
    return values.printed_at


def _lines(values: ControlSlipValues) -> list[dict[str, Any]]:
    """Return the lines; hand-overs are numbered through, remarks have no number."""
    found: list[dict[str, Any]] = []
    no = 0
    for line in values.lines:
        if line.kind is LineKind.HANDOVER:
            no += 1
            found.append(_handover(line, no, values.zone))
        else:
            found.append({"remark": _remark(line, values.zone)})
    return found


def _handover(line: ControlLine, no: int, zone: str) -> dict[str, Any]:
    said = [MARKS[mark] for mark in line.marks]
    if line.note:
        said.insert(0, one_line(line.note, limit=LINE))
    return {
        "remark": None,
        "no": no,
        "from_unit": _name(line.from_unit),
        "to_unit": _name(line.to_unit),
        "given": words.moment(line.at, zone),
        "given_by": _name(line.by) or ("Hệ thống" if line.to_unit is not None else None),
        "taken": None if line.taken_at is None else words.moment(line.taken_at, zone),
        "taken_by": _name(line.taken_by),
        "result": None if line.result is None else RESULTS[line.result],
        "notes": said,
        "struck": Mark.TAKEN_BACK in line.marks,
    }


def _remark(line: ControlLine, zone: str) -> str:
    subject = "" if not line.subject else f" {one_line(line.subject, limit=LINE)}"
    reason = "" if not line.note else f" Lý do: {one_line(line.note, limit=LINE)}"
    end = "" if reason.endswith((".", "…")) or not reason else "."
    return f"{REMARKS[line.kind]}{subject}, {words.moment(line.at, zone)}, {_name(line.by) or 'hệ thống'}.{reason}{end}"


def _name(text: str | None) -> str | None:
    return None if text is None else one_line(text, limit=LINE)
