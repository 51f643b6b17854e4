"""*Quá trình xử lý*: every event of a dossier in order, who did what, for whom and until when (domain.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import short_words, words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm

ACTS = {  #: of ``EventKind``: what was done, in words; those of papers and letters that others issue among them
    "dossier.submitted": "Nộp hồ sơ",
    "dossier.received": "Tiếp nhận hồ sơ, hẹn trả kết quả",
    "dossier.corrected": "Đính chính, cấp lại giấy tiếp nhận",
    "dossier.not_received": "Từ chối tiếp nhận hồ sơ",
    "dossier.processing_started": "Bắt đầu giải quyết",
    "task.opened": "Mở bước",
    "task.claimed": "Nhận việc",
    "task.released": "Trả việc về đơn vị",
    "task.assigned": "Phân công việc",
    "task.urged": "Nhắc người xử lý",
    "task.completed": "Hoàn thành bước",
    "task.cancelled": "Bỏ bước đang mở",
    "task.sent_back": "Trả lại bước trước",
    "step.taken_back": "Thu hồi bước vừa làm",
    "handover.made": "Bàn giao hồ sơ",
    "handover.received": "Nhận bàn giao",
    "dossier.transferred": "Chuyển đơn vị xử lý",
    "dossier.raised": "Báo cáo lên người duyệt, ký",
    "clock.paused": "Tạm dừng tính thời hạn",
    "clock.resumed": "Tính tiếp thời hạn",
    "clock.restarted": "Tính lại thời hạn từ đầu",
    "supplement.requested": "Yêu cầu bổ sung hồ sơ",
    "supplement.completed": "Đã bổ sung hồ sơ",
    "supplement.lapsed": "Hết hạn bổ sung, không có trả lời",
    "obligation.raised": "Thông báo nghĩa vụ tài chính",
    "obligation.settled": "Hoàn thành nghĩa vụ tài chính",
    "letter.ordered": "Phải có thư xin lỗi",
    "letter.drafted": "Soạn thư xin lỗi",
    "letter.approved": "Duyệt thư xin lỗi",
    "letter.signed": "Ký số thư xin lỗi",
    "letter.numbered": "Cấp số thư xin lỗi",
    "letter.sent": "Gửi thư xin lỗi",
    "letter.delivered": "Thư xin lỗi đã đến",
    "letter.withdrawn": "Rút thư xin lỗi chưa gửi",
    "promise.made": "Hẹn lần hai sau khi nộp tiền",
    "promise.extended": "Hẹn lại ngày trả kết quả",
    "promise.moved": "Dời ngày hẹn theo lịch làm việc",
    "promise.passed": "Quá hạn trả kết quả",
    "extension.broken": "Không giữ được ngày hẹn lại",
    "dossier.finished": "Có kết quả giải quyết",
    "result.notified": "Báo người dân đến nhận kết quả",
    "result.posted": "Gửi kết quả qua bưu chính",
    "result.delivered": "Bưu chính báo phát kết quả",
    "dossier.returned": "Trả kết quả",
    "dossier.withdrawn": "Rút hồ sơ",
    "dossier.stopped": "Dừng giải quyết hồ sơ",
    "paper.added": "Thêm giấy tờ",
    "paper.issued": "Phát hành giấy tờ",
    "paper.voided": "Hủy giấy tờ đã phát hành",
    "opinion.asked": "Xin ý kiến",
    "opinion.given": "Cho ý kiến",
    "opinion.withdrawn": "Rút yêu cầu cho ý kiến",
    "refusal.suggested": "Đề xuất từ chối",
    "refusal.declined": "Không chấp nhận đề xuất từ chối",
    "late_cause.given": "Ghi nguyên nhân trễ hạn",
    "note.added": "Ghi chú",
    "wait.opened": "Quy trình chờ",
    "wait.passed": "Hết thời gian chờ",
    "wait.cancelled": "Thôi chờ",
    "answer.recorded": "Ghi nhận trả lời",
    "applicant.notified": "Thông báo cho người nộp",
    "process.escalated": "Quy trình báo lên cấp trên",
    "process.milestone": "Mốc của quy trình",
    "dossier.next_ordered": "Lập hồ sơ kế tiếp",
    "version.moved": "Chuyển phiên bản quy trình",
    "version.undone": "Trở lại phiên bản quy trình cũ",
    "dossier.imported": "Nhập từ hệ thống khác",
    "history.step": "Bước đã làm ở hệ thống khác",
}
UNNAMED = "Việc khác"  #: of an event that has no word yet


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseLine:
    """An event; instants are aware."""

    at: datetime
    by: str | None  #: None: the system
    behalf: str | None  #: the absent officer in whose place
    kind: str  #: a key of ACTS
    subject: str | None  #: the step, paper or reason that it is about
    to: str | None  #: the unit or officer who has it from then on
    due_at: datetime | None  #: what is to be done by then


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseValues:
    """All that the course prints; instants print in ``zone``."""

    form: OfficialForm
    agency_name: str
    place: str
    code: str
    applicant_name: str
    procedure_code: str
    procedure_name: str
    received_at: datetime | None
    due_at: datetime | None
    lines: tuple[CourseLine, ...]
    printed_at: datetime
    zone: str


def fields(values: CourseValues) -> dict[str, Any]:
    """Return what the course prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    zone = values.zone
    return {
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.printed_at, zone),
        "code": one_line(values.code, limit=CODE),
        "applicant": one_line(values.applicant_name, limit=LINE),
        "procedure": one_line(f"{values.procedure_name} (mã thủ tục: {values.procedure_code})", limit=LINE),
        "received": None if values.received_at is None else words.moment(values.received_at, zone),
        "due": None if values.due_at is None else words.moment(values.due_at, zone),
        "lines": [_line(line, zone) for line in values.lines],
        "as_of": words.moment(values.printed_at, zone),
    }


def made_at(values: CourseValues) -> datetime:
    """Return the instant up to which the course tells."""
    return values.printed_at


def _line(line: CourseLine, zone: str) -> dict[str, str | None]:
    who = "Hệ thống" if line.by is None else one_line(line.by, limit=HEAD)
    return {
        "at": short_words.short_moment(line.at, zone),
        "by": who if line.behalf is None else f"{who} (thay {one_line(line.behalf, limit=HEAD)})",
        "act": ACTS.get(line.kind, UNNAMED),
        "subject": None if not line.subject else one_line(line.subject, limit=LINE),
        "to": None if line.to is None else one_line(line.to, limit=HEAD),
        "due": None if line.due_at is None else short_words.short_moment(line.due_at, zone),
    }
