"""Why an act of the return of a result was refused, as the desk says it."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

RETURNS: dict[str, ErrorTexts] = {
    "receiver-missing": ErrorTexts(_("Chưa ghi ai nhận kết quả."), _("Nhập họ tên người nhận rồi gửi lại.")),
    "second-receiver-missing": ErrorTexts(
        _("Kết quả này phải có hai người cùng nhận."), _("Nhập họ tên người thứ hai; cả hai cùng ký.")
    ),
    "authorisation-missing": ErrorTexts(
        _("Người nhận thay phải có giấy ủy quyền."), _("Ghi số, ngày của giấy ủy quyền.")
    ),
    "signature-not-readable": ErrorTexts(
        _("Chữ ký vẽ trên màn hình không đọc được hoặc quá lớn."), _("Ký lại, hoặc ký trên giấy và đánh dấu.")
    ),
    "not-signed-for": ErrorTexts(
        _("Người nhận chưa ký."), _("Ký vào ô trên màn hình, hoặc ký trên phiếu giấy và đánh dấu.")
    ),
    "originals-unanswered": ErrorTexts(_("Chưa ghi đã thu bản chính hay không."), _("Chọn một trong hai rồi gửi lại.")),
    "result-in-post": ErrorTexts(
        _("Kết quả đang gửi bưu chính nên không trả tại quầy được."), _("Ghi nhận bưu chính đã phát hay trả lại trước.")
    ),
    "no-result-waits": ErrorTexts(
        _("Hồ sơ không có kết quả nào đang chờ trả."), _("Xem trạng thái mới nhất bên dưới.")
    ),
    "already-notified-today": ErrorTexts(
        _("Hôm nay đã báo người dân rồi."), _("Mỗi ngày báo nhiều nhất một lần; mai báo lại nếu cần.")
    ),
    "no-email-address": ErrorTexts(_("Hồ sơ không có địa chỉ thư điện tử."), _("Gọi điện thoại hoặc in giấy mời.")),
    "must-come-in-person": ErrorTexts(
        _("Kết quả này phải có hai người đến ký nhận nên không gửi bưu chính."), _("Báo cả hai người đến quầy.")
    ),
    "posting-incomplete": ErrorTexts(
        _("Chưa ghi đủ đơn vị bưu chính và số phiếu gửi."), _("Ghi theo phiếu gửi rồi gửi lại.")
    ),
    "not-posted": ErrorTexts(_("Kết quả không ở bưu chính."), _("Xem trạng thái mới nhất bên dưới.")),
    "delivery-date-invalid": ErrorTexts(
        _("Lúc phát phải sau lúc gửi và không ở tương lai."), _("Sửa lại theo giấy báo phát.")
    ),
    "signature-not-found": ErrorTexts(_("Không có ảnh này."), _("Quay lại hồ sơ để xem đã trả kết quả thế nào.")),
}
