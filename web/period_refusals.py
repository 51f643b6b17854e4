"""Why a reporting period was refused, as the supervisor says it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

PERIODS: dict[str, ErrorTexts] = {
    "period-name-invalid": ErrorTexts(
        _("Tên kỳ báo cáo chưa đúng."),
        _("Ghi 2026-03 (tháng), 2026-Q1 (quý), 2026-H1 (6 tháng) hoặc 2026 (năm); thêm -15 nếu tính từ ngày 15."),
    ),
    "period-not-found": ErrorTexts(
        _("Cơ quan này không có kỳ báo cáo đó."), _("Chọn một kỳ trong danh sách ở mục Kỳ báo cáo.")
    ),
    "period-not-closed": ErrorTexts(
        _("Kỳ này chưa chốt nên chưa có số liệu chốt."), _("Chốt kỳ ở mục Kỳ báo cáo, hoặc xem số liệu hiện tại.")
    ),
    "frozen-content-unreadable": ErrorTexts(
        _("Không đọc được số liệu đã chốt của kỳ này."),
        _("Báo quản trị hệ thống lấy lại tệp từ bản sao lưu; số liệu hiện tại vẫn xem được."),
    ),
    "report-schedule-invalid": ErrorTexts(
        _("Lịch báo cáo chưa đúng."),
        _("Kỳ bắt đầu ngày 1 hoặc 15; gửi trước ngày 1 đến 31; nhắc trước 0 đến 60 ngày làm việc."),
    ),
    "period-closed": ErrorTexts(
        _("Kỳ này đã chốt rồi."), _("Không chốt lại được; phần sửa sau khi chốt hiện ở trang của kỳ.")
    ),
    "period-not-over": ErrorTexts(
        _("Kỳ này chưa hết."), _("Chờ hết kỳ, hoặc đánh dấu vẫn chốt ngay nếu phải gửi báo cáo trước.")
    ),
}
