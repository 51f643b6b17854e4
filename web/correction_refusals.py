"""Why a correction, or an act on numbers for a power cut, was refused, as the desk says it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _

from engine.errors import EngineError
from web.error_texts import ErrorTexts

CORRECTIONS: dict[str, ErrorTexts] = {
    "correction-reason": ErrorTexts(
        _("Chưa có lý do đính chính, hoặc lý do dài quá 500 ký tự."), _("Ghi ngắn gọn vì sao phải cấp lại giấy.")
    ),
    "nothing-corrected": ErrorTexts(_("Không có gì khác với nội dung đang ghi."), _("Sửa ô ghi sai rồi gửi lại.")),
    "not-correctable": ErrorTexts(
        _("Hồ sơ chưa được tiếp nhận, hoặc đã có kết quả nên không đính chính được nữa."),
        _("Xem trạng thái hiện tại của hồ sơ."),
    ),
    "correction-blocked": ErrorTexts(
        _("Không đổi được thủ tục hoặc thời điểm nhận nữa: đã có bước xử lý xong, đang chờ, hoặc đã trễ khi tạm dừng."),
        _("Sửa các nội dung khác; nếu sai thủ tục, dừng hồ sơ này và tiếp nhận lại."),
    ),
    "paper-unknown": ErrorTexts(
        _("Có giấy tờ chưa có tên, hoặc số bản không hợp lệ."), _("Ghi tên giấy tờ, số bản từ 0 đến 999.")
    ),
    "receipt-issue-not-found": ErrorTexts(
        _("Giấy tiếp nhận không có lần cấp này."), _("Xem danh sách các lần cấp của hồ sơ.")
    ),
    "pad-invalid": ErrorTexts(
        _("Sổ dự phòng phải có tên quầy và từ 1 đến 200 số còn dùng được."), _("Sửa ô được nêu rồi gửi lại.")
    ),
    "void-reason": ErrorTexts(_("Chưa chọn số hoặc chưa ghi lý do hủy."), _("Chọn số cần hủy và ghi lý do.")),
    "reserved-number-not-found": ErrorTexts(
        _("Không có số dự phòng này."), _("Kiểm tra lại mã in trên tờ giấy, hoặc xem danh sách số dự phòng.")
    ),
    "reserved-number-used": ErrorTexts(
        _("Tờ giấy này đã được nhập vào hệ thống."), _("Mở hồ sơ theo mã in trên tờ giấy để xem ai đã nhập.")
    ),
    "reserved-number-void": ErrorTexts(
        _("Số này đã bị hủy."), _("Xem lý do trong danh sách số dự phòng; tiếp nhận hồ sơ với mã mới.")
    ),
    "reserved-for-other-agency": ErrorTexts(
        _("Số dự phòng này là của cơ quan khác, không phải cơ quan giải quyết thủ tục đã chọn."),
        _("Chọn thủ tục của cơ quan đã cấp số, hoặc tiếp nhận với mã mới."),
    ),
    "slip-time": ErrorTexts(
        _("Thời điểm nhận phải đúng như ghi trên tờ giấy: sau khi cấp số và trước bây giờ."),
        _("Nhập thời điểm nhận ghi trên tờ giấy."),
    ),
}


def told_by(error: EngineError) -> ErrorTexts | None:
    """Return what a screen says about a slip that somebody else has entered: who and when; None for other errors."""
    who, at = error.details.get("by"), error.details.get("at")
    if error.code != "reserved-number-used" or not who or not at:
        return None
    when = datetime.fromisoformat(at).strftime("%H:%M %d/%m/%Y")
    happened = _("Tờ giấy này đã được nhập vào hệ thống: %(by)s, lúc %(at)s.", by=who, at=when)
    return ErrorTexts(happened, CORRECTIONS[error.code].remedy)
