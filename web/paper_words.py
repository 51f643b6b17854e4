"""What each kind of paper is called on screens; what it prints as its title is in engine/documents."""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from engine.domain.official_forms import FormKind

NAMES: dict[FormKind, LazyString] = {
    FormKind.RECEIPT: _("Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    FormKind.SUPPLEMENT: _("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    FormKind.REFUSAL: _("Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
    FormKind.APOLOGY: _("Phiếu xin lỗi và đề nghị gia hạn"),
    FormKind.STOP: _("Thông báo dừng giải quyết hồ sơ"),
    FormKind.CONTROL: _("Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    FormKind.LEDGER: _("Sổ theo dõi hồ sơ"),
    FormKind.OBLIGATION: _("Thông báo nghĩa vụ tài chính"),
    FormKind.RESULT_RECEIPT: _("Giấy biên nhận trả kết quả"),
    FormKind.RESULT_HANDOVER: _("Phiếu bàn giao kết quả"),
    FormKind.BUNDLE: _("Giấy bàn giao hồ sơ"),
    FormKind.COURSE: _("Quá trình xử lý"),
    FormKind.FEE: _("Biên lai thu phí"),
    FormKind.FEEDBACK: _("Phiếu góp ý"),
    FormKind.LATE_REPORT: _("Báo cáo hồ sơ trả kết quả quá hạn"),
}


def name_of(kind: str) -> LazyString:
    """Return what a stored kind of paper is called."""
    return NAMES[FormKind(kind)]
