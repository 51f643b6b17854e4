"""What an error page tells people: what happened, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class ErrorTexts:
    """The two sentences of an error page."""

    happened: LazyString
    remedy: LazyString


BY_CODE: dict[str, ErrorTexts] = {
    "not-signed-in": ErrorTexts(
        _("Phiên làm việc đã kết thúc, thao tác vừa rồi chưa được ghi."),
        _("Đăng nhập lại trong thẻ mới, rồi quay về trang này và gửi lại. Dữ liệu đã nhập vẫn còn."),
    ),
    "csrf-refused": ErrorTexts(
        _("Biểu mẫu này không thuộc phiên làm việc hiện tại, thao tác chưa được ghi."),
        _("Quay lại trang trước, tải lại trang rồi gửi lại."),
    ),
    "hall-board-off": ErrorTexts(
        _("Cơ quan này chưa bật bảng tin."),
        _("Người giám sát hoặc quản trị viên bật ở mục Bảng tin ở sảnh."),
    ),
    "task-claimed": ErrorTexts(
        _("Việc này đã có người khác nhận."),
        _("Tải lại hộp việc để xem ai đang xử lý."),
    ),
    "changed-meanwhile": ErrorTexts(
        _("Người khác vừa thay đổi hồ sơ này trước bạn."),
        _("Tải lại trang để xem thay đổi, rồi quyết định lại."),
    ),
    "calendar-busy": ErrorTexts(
        _("Lịch làm việc đang được thay đổi, thao tác vừa rồi chưa được ghi."),
        _("Chờ vài giây rồi gửi lại."),
    ),
    "invalid-calendar": ErrorTexts(
        _("Thay đổi lịch chưa hợp lệ."),
        _("Khai lại rồi xem trước."),
    ),
    "invalid-calendar-file": ErrorTexts(
        _("Tệp quyết định chưa dùng được, chưa có gì được lưu."),
        _("Sửa các chỗ được nêu trong tệp rồi gửi lại."),
    ),
    "calendar-decision-known": ErrorTexts(
        _("Lịch đã ghi đúng như vậy rồi: quyết định này đã được khai trước đó."),
        _("Không cần làm gì."),
    ),
    "calendar-change-superseded": ErrorTexts(
        _("Không hoàn tác được: thay đổi này đã được hoàn tác, hoặc ngày, giờ đó đã được khai lại sau đó."),
        _("Hoàn tác thay đổi sau trước, hoặc khai lại."),
    ),
    "calendar-dates-beyond": ErrorTexts(
        _("Không hoàn tác được: có hồ sơ hẹn vào những năm mà lịch sẽ không còn."),
        _("Giữ thay đổi này đến khi các ngày hẹn đó qua."),
    ),
    "calendar-change-not-found": ErrorTexts(
        _("Không có thay đổi lịch này."),
        _("Xem bảng những lần thay đổi trên trang lịch làm việc."),
    ),
    "invalid-agency-setting": ErrorTexts(
        _("Cài đặt thời hạn chưa đúng."),
        _("Phần trăm là số nguyên từ 1 đến 100."),
    ),
    "draft-not-found": ErrorTexts(
        _("Không có bản thảo này: đã bị xóa, hoặc không phải của cơ quan bạn."),
        _("Chưa lưu gì. Mở bàn soạn thủ tục để xem các bản thảo còn lại, hoặc tạo bản thảo mới."),
    ),
    "too-many-requests": ErrorTexts(
        _("Có quá nhiều lần thử trong thời gian ngắn."),
        _("Chờ vài phút rồi thử lại."),
    ),
    "request-too-large": ErrorTexts(
        _("Tệp hoặc nội dung gửi lên vượt quá giới hạn (tệp: 32 MB)."),
        _("Giảm dung lượng tệp (quét đen trắng, 200 dpi) hoặc tách thành nhiều tệp."),
    ),
}
BY_STATUS: dict[int, ErrorTexts] = {
    400: ErrorTexts(
        _("Trình duyệt gửi một yêu cầu mà hệ thống không hiểu."),
        _("Quay lại trang trước và thử lại."),
    ),
    403: ErrorTexts(
        _("Vai trò của bạn không được phép làm việc này."),
        _("Nếu cần, đề nghị người quản trị của cơ quan cấp vai trò phù hợp."),
    ),
    404: ErrorTexts(
        _("Không có trang hoặc hồ sơ này, hoặc bạn không được xem."),
        _("Kiểm tra lại mã hồ sơ hoặc địa chỉ, hay tìm từ hộp việc."),
    ),
    405: ErrorTexts(
        _("Địa chỉ này không nhận thao tác vừa gửi."),
        _("Quay lại trang trước và dùng nút trên trang."),
    ),
    409: ErrorTexts(
        _("Hồ sơ không còn ở trạng thái mà thao tác này cần."),
        _("Tải lại trang để xem điều gì đã thay đổi, rồi quyết định lại."),
    ),
    412: ErrorTexts(
        _("Hồ sơ đã thay đổi sau khi bạn mở trang."),
        _("Tải lại trang để xem thay đổi, rồi gửi lại."),
    ),
    422: ErrorTexts(
        _("Dữ liệu gửi lên chưa đúng."),
        _("Quay lại trang trước, sửa chỗ được nêu rồi gửi lại."),
    ),
    503: ErrorTexts(
        _("Hệ thống tạm thời chưa trả lời được."),
        _("Chờ một phút rồi thử lại. Thao tác vừa rồi chưa được ghi."),
    ),
}
UNFORESEEN = ErrorTexts(
    _("Hệ thống gặp lỗi ngoài dự kiến. Thao tác vừa rồi có thể chưa được ghi."),
    _("Tải lại trang để kiểm tra. Nếu vẫn lỗi, báo người quản trị kèm mã yêu cầu bên dưới."),
)


def texts_for(code: str, status: int) -> ErrorTexts:
    """Return the texts for an error code, or else for its status."""
    return BY_CODE.get(code) or BY_STATUS.get(status) or UNFORESEEN
