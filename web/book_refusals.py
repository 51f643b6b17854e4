"""Why a book or a slip was not printed, as the desk says it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

BOOKS: dict[str, ErrorTexts] = {
    "nothing-paid": ErrorTexts(
        _("Không có khoản tiền nào đã nộp để lập biên lai."), _("Ghi nhận đã nộp tiền trước, rồi in biên lai.")
    ),
    "no-such-part": ErrorTexts(_("Sổ của kỳ này không có phần đó."), _("Mở lại sổ và chọn một phần trong danh sách.")),
    "unknown-book-format": ErrorTexts(_("Sổ không xuất được định dạng này."), _("Chọn PDF, XLSX hoặc CSV.")),
    "nothing-handed-over": ErrorTexts(
        _("Ngày đó hai đơn vị này không bàn giao hồ sơ nào."), _("Chọn ngày hoặc đơn vị khác.")
    ),
    "bundle-too-large": ErrorTexts(
        _("Ngày đó bàn giao nhiều hồ sơ hơn một giấy bàn giao ghi được."), _("Báo quản trị hệ thống.")
    ),
    "table-row-not-found": ErrorTexts(
        _("Biểu này không có dòng hoặc cột đó."), _("Mở lại biểu rồi bấm vào số cần xem.")
    ),
    "late-report-too-long": ErrorTexts(
        _("Danh sách dài hơn một báo cáo ghi được."), _("Lọc bớt, hoặc xuất tệp XLSX hay CSV.")
    ),
    "unknown-format": ErrorTexts(
        _("Không xuất được định dạng này."), _("Đặt tên tệp kết thúc bằng .csv, .xlsx, .json hoặc .jsonl.")
    ),
    "unknown-log-format": ErrorTexts(
        _("Không xuất được định dạng này."), _("Đặt tên tệp kết thúc bằng .json, .jsonocel, .xml hoặc .xmlocel.")
    ),
    "invalid-licence": ErrorTexts(
        _("Giấy phép dữ liệu mở không phải là một địa chỉ web."), _("Ghi địa chỉ bắt đầu bằng https://.")
    ),
    "no-month-past": ErrorTexts(
        _("Chưa có tháng trọn vẹn nào của kỳ này đã qua."), _("Chọn kỳ có ít nhất một tháng đã qua.")
    ),
}
