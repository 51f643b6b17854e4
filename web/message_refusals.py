"""Why something about messages to citizens was refused, or did not go out, as screens say it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

MESSAGES: dict[str, ErrorTexts] = {
    "notify-choice-invalid": ErrorTexts(
        _("Không có kênh nhắn tin hoặc ngôn ngữ này."), _("Chọn một kênh trong danh sách.")
    ),
    "quiet-hours-invalid": ErrorTexts(
        _("Giờ yên tĩnh phải là giờ trong ngày, ví dụ 21:00."),
        _("Ghi giờ bắt đầu và giờ kết thúc; giống nhau là không có."),
    ),
    "message-not-found": ErrorTexts(_("Không có tin nhắn này."), _("Mở lại danh sách tin nhắn.")),
    "message-not-dead": ErrorTexts(
        _("Tin này không bị dừng: đã gửi, hoặc đang chờ gửi lại."), _("Xem tình trạng mới nhất trong danh sách.")
    ),
    "message-no-address": ErrorTexts(
        _("Hồ sơ không còn địa chỉ cho kênh này."), _("Đính chính thông tin người nộp, rồi gửi lại.")
    ),
    "invalid-webhook": ErrorTexts(
        _("Địa chỉ hoặc khóa của cổng nhắn tin không hợp lệ."), _("Báo quản trị viên sửa cấu hình rồi khởi động lại.")
    ),
    "webhook-refused": ErrorTexts(
        _("Cổng nhắn tin từ chối hẳn: số điện thoại sai, hoặc cổng chưa nhận mẫu tin này."),
        _("Đính chính số điện thoại hoặc báo quản trị viên, rồi gửi lại."),
    ),
    "webhook-unavailable": ErrorTexts(
        _("Cổng nhắn tin không trả lời trong nhiều lần thử."), _("Báo quản trị viên kiểm tra cổng, rồi gửi lại.")
    ),
    "mail-refused": ErrorTexts(
        _("Máy chủ thư từ chối hẳn: địa chỉ sai hoặc không tồn tại."),
        _("Đính chính địa chỉ của người nộp, rồi gửi lại."),
    ),
    "mail-server-unavailable": ErrorTexts(
        _("Máy chủ thư không nhận thư trong nhiều lần thử."), _("Báo quản trị viên kiểm tra máy chủ thư, rồi gửi lại.")
    ),
}
NO_END = ErrorTexts(
    _("Nhiều lần thử đều không kết thúc: tiến trình gửi bị dừng giữa chừng."), _("Báo quản trị viên, rồi gửi lại.")
)
UNKNOWN = ErrorTexts(_("Có lỗi chưa rõ."), _("Báo quản trị viên kèm mã lỗi, rồi gửi lại."))
NEVER_AN_ANSWER: dict[str, ErrorTexts] = {  # only written down by the outbox
    "message-too-old": ErrorTexts(
        _("Kênh gửi không hoạt động hơn 7 ngày nên tin đã cũ."), _("Gửi lại nếu người dân vẫn cần biết.")
    ),
}
