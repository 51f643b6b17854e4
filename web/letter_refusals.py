"""Why something about letters of apology was refused, as their desk says it: what happened, and what to do now."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

LETTERS: dict[str, ErrorTexts] = {
    "letter-stale": ErrorTexts(
        _("Thư không còn đúng với hồ sơ: ngày hẹn, kết quả hoặc thông tin in trên thư đã thay đổi."),
        _("Soạn lại thư theo hồ sơ hiện nay, rồi duyệt lại (ký lại nếu ký số)."),
    ),
    "letter-reason-empty": ErrorTexts(
        _("Lý do chưa nói gì hơn tên nguyên nhân, hoặc quá ngắn."),
        _("Viết vài chữ về việc thật sự đã xảy ra với hồ sơ này."),
    ),
    "letter-proof-missing": ErrorTexts(
        _("Chưa có bằng chứng giao thư."), _("Ghi ai đã nhận, ngày nào, hoặc đính kèm ảnh chụp có chữ ký nhận.")
    ),
    "letter-proof-not-found": ErrorTexts(
        _("Thư này không có ảnh bằng chứng giao."), _("Xem ghi chú bằng chứng trên trang của thư.")
    ),
    "letter-batch-size": ErrorTexts(
        _("Mỗi lần chọn từ 1 đến 50 thư."), _("Chọn ít thư hơn rồi làm tiếp phần còn lại.")
    ),
    "letter-setting-invalid": ErrorTexts(
        _("Giá trị cài đặt thư xin lỗi không hợp lệ; chưa lưu gì."), _("Xem lại ô được nêu rồi lưu lại.")
    ),
}
