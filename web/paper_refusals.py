"""Why an act on an issued paper was refused."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

PAPERS = {
    "issued-paper-not-found": ErrorTexts(
        _("Không có giấy tờ này, hoặc không phải của cơ quan bạn."), _("Mở lại hồ sơ và chọn trong danh sách.")
    ),
    "paper-void-reason": ErrorTexts(_("Chưa nêu lý do hủy số, hoặc lý do quá dài."), _("Ghi lý do trong 500 ký tự.")),
    "paper-void": ErrorTexts(_("Số này đã được hủy trước đó."), _("Xem lý do trong danh sách giấy tờ của hồ sơ.")),
    "paper-not-void": ErrorTexts(
        _("Giấy này đang có hiệu lực, hoặc đã phát hành lại."), _("Xem giấy tờ đã phát hành của hồ sơ.")
    ),
    "paper-in-force": ErrorTexts(
        _("Giấy tiếp nhận và thư xin lỗi không hủy số ở đây."),
        _("Đính chính hồ sơ để cấp lại giấy tiếp nhận; thư xin lỗi rút ở bàn xin lỗi."),
    ),
    "form-unknown": ErrorTexts(
        _("Loại giấy tờ này không có bản in như vậy."), _("Tải bản PDF, hoặc báo quản trị viên.")
    ),
    "frozen-values-unreadable": ErrorTexts(
        _("Dữ liệu đã lưu của giấy tờ này không đọc được."),
        _("Báo quản trị viên chạy kiểm tra dữ liệu (motcua verify)."),
    ),
    "dossier-open": ErrorTexts(
        _("Hồ sơ chưa kết thúc nên chưa xuất được hồ sơ lưu."), _("Xuất sau khi trả kết quả hoặc dừng hồ sơ.")
    ),
}
