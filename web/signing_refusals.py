"""Why a key, a signature or a check of one was refused: what happened, and what to do now."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

SIGNING: dict[str, ErrorTexts] = {
    "signing-pin-wrong": ErrorTexts(
        _("Mã PIN không đúng; chưa ký gì."),
        _("Nhập lại mã PIN. Sai 5 lần liên tiếp thì khóa ký phải nghỉ 15 phút."),
    ),
    "signing-key-resting": ErrorTexts(
        _("Khóa ký đang nghỉ vì mã PIN bị nhập sai 5 lần liên tiếp."),
        _("Chờ 15 phút rồi ký lại; nếu không phải bạn nhập sai, báo quản trị viên."),
    ),
    "signing-key-missing": ErrorTexts(
        _("Chưa có khóa ký còn hiệu lực."), _("Thêm khóa của người ký hoặc con dấu số ở trang Khóa ký số.")
    ),
    "signing-key-not-found": ErrorTexts(_("Không có khóa ký này."), _("Xem lại danh sách khóa.")),
    "signing-key-unreadable": ErrorTexts(
        _("Tệp không phải tệp khóa PKCS#12 có khóa và chứng thư."),
        _("Chọn tệp .p12 hoặc .pfx do tổ chức chứng thực cấp."),
    ),
    "certificate-unfit": ErrorTexts(
        _("Chứng thư không dùng để ký giấy tờ được: hết hạn, khóa yếu hoặc cấp cho việc khác."),
        _("Đề nghị tổ chức chứng thực cấp chứng thư ký số còn hiệu lực."),
    ),
    "signing-off": ErrorTexts(
        _("Cơ quan đang ký thư trên giấy."), _("Quản trị viên chuyển sang ký số ở trang cài đặt thư xin lỗi.")
    ),
    "no-signer": ErrorTexts(
        _("Hệ thống chưa nối với dịch vụ ký số từ xa."), _("Dùng tệp khóa, hoặc báo quản trị hệ thống.")
    ),
    "signer-unavailable": ErrorTexts(
        _("Dịch vụ ký số không trả lời; chưa ký gì."), _("Thử lại sau ít phút; thư vẫn giữ nguyên.")
    ),
    "signer-refused": ErrorTexts(
        _("Dịch vụ ký số từ chối; chưa ký gì."), _("Kiểm tra tên khóa với nhà cung cấp dịch vụ.")
    ),
    "signature-unusable": ErrorTexts(
        _("Chữ ký nhận được không khớp chứng thư; chưa ký gì."),
        _("Báo quản trị viên: khóa và chứng thư không đi cùng nhau."),
    ),
    "file-unsignable": ErrorTexts(
        _("Không ký được tệp của thư này."), _("Báo quản trị viên kèm mã hồ sơ; thư vẫn giữ nguyên.")
    ),
    "pdf-unreadable": ErrorTexts(
        _("Không đọc được tệp như một PDF có chữ ký số."), _("Chọn tệp PDF gốc, chưa qua in, quét hay chỉnh sửa.")
    ),
    "pdf-too-large": ErrorTexts(_("Tệp quá lớn để kiểm tra."), _("Chọn tệp PDF không quá 20 MB.")),
    "invalid-trust-file": ErrorTexts(
        _("Danh sách tổ chức chứng thực tin cậy không đọc được."), _("Báo quản trị hệ thống sửa MOTCUA_TRUST_FILE.")
    ),
    "credential-not-found": ErrorTexts(_("Không có khóa mang tên này."), _("Kiểm tra lại tên khóa.")),
}
