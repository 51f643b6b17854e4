"""What the workbench calls roles, services, messages, acts of test runs, and the standing of versions."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

ROLES: dict[str, LazyString] = {
    "desk": _("Một cửa"),
    "officer": _("Chuyên viên"),
    "approver": _("Lãnh đạo"),
    "clerk": _("Văn thư"),
}
SERVICES: dict[str, LazyString] = {
    "notify_applicant": _("Báo cho người nộp (thư điện tử)"),
    "notify_supervisor": _("Báo cho người giám sát"),
    "start_next": _("Mở hồ sơ của thủ tục sau"),
    "record_milestone": _("Ghi một dòng vào diễn biến"),
}
MESSAGES: dict[str, LazyString] = {
    "supplement.received": _("Đã nhận giấy tờ bổ sung"),
    "supplement.requested": _("Yêu cầu bổ sung"),
    "obligation.raised": _("Có nghĩa vụ tài chính"),
    "obligation.settled": _("Đã xong nghĩa vụ tài chính"),
    "refused": _("Từ chối giải quyết"),
    "stopped": _("Dừng giải quyết"),
    "withdrawn": _("Rút hồ sơ"),
    "limit.passed": _("Hết thời hạn riêng"),
    "wait.over": _("Hết thời gian chờ"),
    "opinion.answered": _("Đã có ý kiến"),
    "verification.answered": _("Đã có kết quả xác minh"),
    "payment.confirmed": _("Đã xác nhận nộp tiền"),
    "objection.raised": _("Có ý kiến phản đối"),
    "result.arrived": _("Đã có kết quả từ nơi khác"),
    "applicant.confirmed": _("Người nộp đã xác nhận"),
}
ACTS: dict[str, LazyString] = {
    "complete": _("Làm xong bước"),
    "wait": _("Chờ đến"),
    "message": _("Nhận được tin"),
    "ask_supplement": _("Yêu cầu bổ sung"),
    "bring_supplement": _("Nhận bổ sung"),
    "raise_obligation": _("Báo nghĩa vụ tài chính"),
    "settle_obligation": _("Đã nộp tiền"),
    "refuse": _("Từ chối giải quyết"),
    "withdraw": _("Rút hồ sơ"),
    "stop": _("Dừng giải quyết"),
    "receive": _("Tiếp nhận"),
    "not_receive": _("Từ chối tiếp nhận"),
}
DIFFERENCES: dict[str, LazyString] = {
    "status": _("Trạng thái"),
    "due_at": _("Ngày hẹn trả"),
    "open": _("Bước đang mở"),
}
FIELD_TYPES: dict[str, LazyString] = {
    "text": _("Chữ"),
    "number": _("Số"),
    "boolean": _("Có hoặc không"),
    "choice": _("Chọn một"),
}
HIT_POLICIES: dict[str, LazyString] = {
    "UNIQUE": _("chỉ một dòng đúng"),
    "FIRST": _("dòng đúng đầu tiên"),
    "ANY": _("các dòng đúng cho cùng kết quả"),
    "COLLECT": _("gộp mọi dòng đúng"),
}
VERSION_STATES: dict[str, LazyString] = {
    "in_force": _("Đang có hiệu lực"),
    "scheduled": _("Sẽ có hiệu lực"),
    "past": _("Không dùng cho hồ sơ mới"),
}
PROCEDURE_ACTS: dict[str, LazyString] = {
    "published": _("Ban hành"),
    "unscheduled": _("Thôi không cho có hiệu lực"),
    "opened": _("Mở nhận hồ sơ"),
    "closed": _("Ngừng nhận hồ sơ"),
    "retired": _("Bãi bỏ"),
    "reopened": _("Khôi phục"),
}
