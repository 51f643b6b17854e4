"""Why a form of administration was refused, in words."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

ADMINISTRATION: dict[str, ErrorTexts] = {
    "admin-fact-invalid": ErrorTexts(
        _("Có thông tin còn thiếu hoặc chưa đúng."),
        _("Sửa ô được nêu: tên, mã, ngày, số tiền hoặc căn cứ rồi lưu lại."),
    ),
    "last-admin": ErrorTexts(
        _("Đây là người quản trị cuối cùng của cơ quan."), _("Giao vai trò Quản trị cho người khác trước.")
    ),
    "agency-closed": ErrorTexts(
        _("Cơ quan này hiện không nhận hồ sơ: chưa đến hoặc đã hết ngày hoạt động."),
        _("Tiếp nhận theo cơ quan thay thế."),
    ),
    "code-taken": ErrorTexts(_("Mã hoặc tên này đã được dùng."), _("Chọn mã hoặc tên khác.")),
    "agency-change-not-found": ErrorTexts(
        _("Không có thay đổi này; có thể người khác đã bỏ."), _("Xem lại danh sách thay đổi.")
    ),
    "agency-change-refused": ErrorTexts(
        _("Không thay đổi được: đã khai một thay đổi khác, hoặc một cơ quan không còn hoạt động vào ngày đó."),
        _("Xem danh sách thay đổi và ngày hiệu lực của từng cơ quan."),
    ),
    "fee-overlaps": ErrorTexts(
        _("Đã có mức phí cùng loại bắt đầu từ ngày đó hoặc sau đó."),
        _("Chọn ngày sau ngày bắt đầu của mức đó, hoặc bỏ mức đó trước."),
    ),
    "fee-told": ErrorTexts(
        _("Hôm nay đã nhận hồ sơ theo mức phí hiện có; giấy tiếp nhận đã ghi mức đó."),
        _("Chọn ngày mai hoặc ngày sau."),
    ),
    "not-people-admin": ErrorTexts(
        _("Chỉ quản trị viên của cơ quan mới sửa được người này."), _("Nhờ quản trị viên của cơ quan đó.")
    ),
    "username-taken": ErrorTexts(_("Tên đăng nhập này đã có người dùng."), _("Chọn tên khác.")),
    "invalid-username": ErrorTexts(
        _("Tên đăng nhập chưa đúng."), _("Dùng 3 đến 60 chữ thường không dấu, số, dấu chấm hoặc gạch ngang.")
    ),
    "weak-password": ErrorTexts(
        _("Mật khẩu quá ngắn, quá dài hoặc quá dễ đoán."), _("Dùng ít nhất 8 ký tự, khác tên đăng nhập.")
    ),
    "invalid-officer": ErrorTexts(_("Thông tin người dùng chưa đúng."), _("Sửa họ tên hoặc địa chỉ thư điện tử.")),
    "form-template-not-found": ErrorTexts(
        _("Không có mẫu giấy này, hoặc không phải của cơ quan bạn."), _("Mở lại danh sách mẫu giấy.")
    ),
    "form-template-state": ErrorTexts(
        _("Mẫu giấy không còn ở trạng thái mà thao tác này cần."), _("Xem trạng thái mới nhất trong danh sách.")
    ),
    "form-template-refused": ErrorTexts(
        _("Kiểm tra lại hôm nay không đạt nên mẫu giấy chưa được dùng."),
        _("Sửa theo kết quả kiểm tra rồi tải lên lại."),
    ),
    "form-template-outdated": ErrorTexts(
        _("Mẫu giấy của cơ quan không còn khớp với biểu mẫu hiện nay nên không in được."),
        _("Báo quản trị viên thôi dùng mẫu đó hoặc tải bản mới; bản PDF vẫn in được."),
    ),
}
