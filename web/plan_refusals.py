"""Why a figure, target or task of a plan was refused, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

PLANS: dict[str, ErrorTexts] = {
    "plan-fact-invalid": ErrorTexts(
        _("Có thông tin của kế hoạch còn thiếu, quá dài hoặc chưa đúng."), _("Sửa ô được nêu rồi lưu lại.")
    ),
    "plan-period-invalid": ErrorTexts(
        _("Ngày hoặc năm chưa đúng, hoặc ngày cuối trước ngày đầu."),
        _("Ghi ngày dạng 31/01/2026, trong các năm 2000 đến 2099; ngày hoàn thành không ở tương lai."),
    ),
    "plan-number-invalid": ErrorTexts(
        _("Số liệu chưa đúng."),
        _("Ghi số như 95 hoặc 95,5; tử số không lớn hơn mẫu số, tỷ lệ không quá 100%."),
    ),
    "plan-row-not-found": ErrorTexts(
        _("Không có dòng này; có thể người khác đã bỏ."), _("Xem lại danh sách mới nhất.")
    ),
    "plan-row-changed": ErrorTexts(
        _("Người khác vừa sửa nhiệm vụ này."), _("Xem nội dung mới nhất trong bảng rồi lưu lại nếu vẫn cần.")
    ),
    "plan-task-there": ErrorTexts(
        _("Năm này đã có một nhiệm vụ mang số đó."), _("Ghi số khác, hoặc mở nhiệm vụ đó trong bảng để sửa.")
    ),
    "plan-file-refused": ErrorTexts(
        _("Tệp chưa dùng được nên chưa ghi dòng nào."), _("Sửa các dòng được nêu rồi chọn lại tệp.")
    ),
    "unknown-indicator": ErrorTexts(_("Không có chỉ tiêu này."), _("Chọn một chỉ tiêu trong danh sách.")),
    "figure-is-counted": ErrorTexts(
        _("Chỉ tiêu này hệ thống tự tính từ hồ sơ, danh mục hoặc nhiệm vụ nên không nhập tay."),
        _("Sửa hồ sơ, danh mục thủ tục hoặc nhiệm vụ nếu số chưa đúng."),
    ),
    "indicator-list-not-found": ErrorTexts(
        _("Không có danh sách hồ sơ cho con số này."), _("Xem lại báo cáo và chọn một con số có liên kết.")
    ),
}
