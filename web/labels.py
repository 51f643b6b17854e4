"""How statuses and roles are called and look on screens: always text and icon, colour only beside them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from engine.domain.actors import Role
from engine.domain.dossier import Status


@dataclass(frozen=True, slots=True)
class Look:
    """Label, icon of icons.svg and tone (a class of motcua.css)."""

    label: LazyString
    icon: str
    tone: str


STATUS_LOOKS: dict[Status, Look] = {
    Status.SUBMITTED: Look(_("Mới đăng ký"), "new", "neutral"),
    Status.RECEIVED: Look(_("Được tiếp nhận"), "received", "info"),
    Status.NOT_RECEIVED: Look(_("Không được tiếp nhận"), "cross", "ended"),
    Status.PROCESSING: Look(_("Đang xử lý"), "running", "info"),
    Status.SUPPLEMENT: Look(_("Yêu cầu bổ sung giấy tờ"), "pause", "paused"),
    Status.OBLIGATION: Look(_("Yêu cầu thực hiện nghĩa vụ tài chính"), "pause", "paused"),
    Status.WITHDRAWN: Look(_("Công dân yêu cầu rút hồ sơ"), "back", "ended"),
    Status.STOPPED: Look(_("Dừng xử lý"), "cross", "ended"),
    Status.FINISHED: Look(_("Đã xử lý xong"), "check", "good"),
    Status.RETURNED: Look(_("Đã trả kết quả"), "check", "good"),
}

# The clock of a dossier, for deadline pills: how much is left is the text, this is the rest of the look.
CLOCK_LOOKS: dict[str, Look] = {
    "on_time": Look(_("Còn hạn"), "clock", "good"),
    "due_soon": Look(_("Sắp đến hạn"), "hourglass", "near"),
    "will_be_late": Look(_("Sẽ trễ"), "forecast", "risk"),
    "overdue": Look(_("Quá hạn"), "overdue", "late"),
    "paused": Look(_("Tạm dừng tính giờ"), "pause", "paused"),
    "done": Look(_("Đã xong"), "check", "ended"),
    "no_date": Look(_("Chưa có hạn"), "clock", "neutral"),
}

ROLE_LABELS: dict[Role, LazyString] = {
    Role.DESK: _("Tiếp nhận và trả kết quả"),
    Role.OFFICER: _("Chuyên viên xử lý"),
    Role.APPROVER: _("Người duyệt, ký"),
    Role.CLERK: _("Văn thư"),
    Role.SUPERVISOR: _("Giám sát"),
    Role.AUDITOR: _("Kiểm tra"),
    Role.ADMIN: _("Quản trị"),
}


def status_look(status: int) -> Look:
    """Return how a dossier status is shown."""
    return STATUS_LOOKS[Status(status)]


def clock_look(state: str) -> Look:
    """Return how the state of a dossier's clock is shown (``engine.domain.foresight.SlaState``, ``no_date``)."""
    return CLOCK_LOOKS[state]


def init_labels(app: Flask) -> None:
    """Give templates and their macros the looks."""
    app.jinja_env.globals.update(status_look=status_look, clock_look=clock_look, role_labels=ROLE_LABELS)
