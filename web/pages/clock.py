"""How the system's clock is, in words: what is wrong, why it matters, what to do (docs/runbook.md, *clock*)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, render_template
from flask_babel import LazyString, format_timedelta
from flask_babel import lazy_gettext as _

from engine.services import clock_health
from engine.services.clock_health import Finding, ProcessState
from web.auth import actor, current_context
from web.labels import Look

blueprint = Blueprint("clock", __name__)


@dataclass(frozen=True, slots=True)
class Words:
    """What a finding is called, what it means for the office, and what to do now."""

    title: LazyString
    meaning: LazyString
    remedy: LazyString
    tone: str = "danger"  #: of the notice: danger or warning


_START = _(
    "Khởi động tiến trình đồng hồ: python -m workers.ticker, hoặc motcua dev. Nó tự làm bù những hạn đã lỡ. Xem vì sao "
    "nó ngừng trong nhật ký: clock.cannot-start, clock.trouble."
)
_UNDONE = _(
    "Thư xin lỗi chưa được lập, lời hẹn bị lỡ chưa được ghi nhận, hồ sơ hết hạn bổ sung chưa được đóng. Ngày hẹn, danh "
    "sách quá hạn và báo cáo vẫn đúng, vì được tính khi xem."
)
WORDS: dict[Finding, Words] = {
    Finding.OVERDUE: Words(
        _("Có hạn đã đến giờ mà chưa được xử lý"),
        _UNDONE,
        _("Khởi động tiến trình đồng hồ (xem ngay dưới đây): nó tự làm bù."),
    ),
    Finding.NEVER_RAN: Words(
        _("Chưa tiến trình đồng hồ nào từng chạy với thư mục dữ liệu của máy này"),
        _("Không ai canh giờ: thư xin lỗi không được lập, hồ sơ hết hạn bổ sung không được đóng, thư không được gửi."),
        _(
            "Khởi động tiến trình đồng hồ: python -m workers.ticker, hoặc motcua dev. Nếu nó chạy ở máy khác thì xem "
            "số hạn bên dưới: bằng 0 là nó đang làm việc."
        ),
    ),
    Finding.NOT_RUNNING: Words(
        _("Không tiến trình đồng hồ nào đang chạy"),
        _("Từ vòng cuối cùng đến nay không ai canh giờ. Hạn nào đến từ lúc đó đều phải chờ."),
        _START,
    ),
    Finding.AHEAD: Words(
        _("Vòng cuối của một tiến trình nằm ở tương lai"),
        _("Đồng hồ của máy bị lùi lại, hoặc của máy khác chạy nhanh. Hồ sơ nhận lúc này có thể bị hẹn sai ngày."),
        _("Chỉnh giờ máy (NTP). Trong lúc đó tạm ngừng tiếp nhận tại quầy."),
    ),
    Finding.TROUBLE: Words(
        _("Một phần của vòng vừa rồi bị lỗi"),
        _("Được làm lại ở mỗi vòng (deadlines: xét hạn; relay: chuyển thư cho hàng đợi; heartbeat: báo sống)."),
        _("Xem dòng clock.trouble trong nhật ký của tiến trình; thường do cơ sở dữ liệu, Redis hoặc đĩa."),
        tone="warning",
    ),
    Finding.FAILING: Words(
        _("Có hạn xét đi xét lại vẫn lỗi"),
        _("Hạn này không được tính là chậm vì đã lùi sang giờ sau, nhưng việc của nó vẫn chưa làm được."),
        _(
            "Xem dòng deadline.failed trong nhật ký của đồng hồ: nó ghi hồ sơ và lỗi. Thường là calendar-gap: nhập "
            "lịch năm sau (motcua calendar import), rồi chờ lần thử kế tiếp."
        ),
        tone="warning",
    ),
}
HANGS = _(
    "Tiến trình vẫn báo sống. Nếu nó vừa khởi động thì đang làm bù: tải lại trang sau một phút. Nếu số hạn không giảm "
    "thì nó bị treo hoặc làm không kịp: khởi động lại, và xem nhật ký."
)
STATES: dict[ProcessState, Look] = {
    ProcessState.RUNNING: Look(_("Đang chạy"), "running", "good"),
    ProcessState.ENDED: Look(_("Đã dừng theo lệnh"), "check", "ended"),
    ProcessState.SILENT: Look(_("Im lặng: đã chết hoặc bị treo"), "cross", "late"),
    ProcessState.AHEAD: Look(_("Báo giờ tương lai"), "overdue", "late"),
}


@blueprint.get("/clock")
def show() -> str:
    """Show the clock's health to supervisors and administrators."""
    health = clock_health.health(current_context(), by=actor())
    runs = any(process["state"] == ProcessState.RUNNING for process in health["processes"])
    return render_template(
        "clock/page.html",
        health=health,
        findings=[_worded(Finding(code), runs=runs) for code in health["findings"]],
        states=STATES,
        most_named=clock_health.MOST_NAMED,
        span=_span,
    )


def _worded(finding: Finding, *, runs: bool) -> Words:
    words = WORDS[finding]
    if finding is Finding.OVERDUE and runs:
        return Words(words.title, words.meaning, HANGS)
    return words


def _span(seconds: float) -> str:
    """Return a length of time in words, in its greatest unit: ``12 giây``, ``3 giờ``."""
    return str(format_timedelta(timedelta(seconds=round(abs(seconds)))))
