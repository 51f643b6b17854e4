"""How the official tables and the data-quality gate are worded on screens."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from flask_babel import LazyString, lazy_gettext

from engine.domain.dossier import Cause
from engine.domain.time_ledger import Side
from engine.reports.late_dossiers import How
from engine.reports.quality import Check
from engine.reports.scope import NO_LEVEL
from engine.reports.table_06 import Split
from engine.reports.table_07 import Number

SPLITS: dict[Split, LazyString] = {
    Split.CENTRE: lazy_gettext("Toàn trung tâm, một bảng"),
    Split.UNIT: lazy_gettext("Từng đơn vị giải quyết"),
}
LEVELS: dict[str, LazyString] = {
    "province": lazy_gettext("Thủ tục hành chính cấp tỉnh"),
    "commune": lazy_gettext("Thủ tục hành chính cấp xã"),
    NO_LEVEL: lazy_gettext("Thủ tục không có trong danh mục"),
}
CAUSES: dict[str, LazyString] = {
    Cause.RULE: lazy_gettext("Quy định thủ tục hành chính"),
    Cause.STAFF: lazy_gettext("Cán bộ, công chức"),
    Cause.COOPERATION: lazy_gettext("Cơ quan phối hợp"),
    Cause.DOSSIER: lazy_gettext("Hồ sơ"),
    Cause.OTHER: lazy_gettext("Nguyên nhân khác"),
}
COLUMNS_06: dict[int, LazyString] = {
    3: lazy_gettext("nhận giải quyết, tổng số"),
    4: lazy_gettext("nhận trong kỳ, trực tuyến"),
    5: lazy_gettext("nhận trong kỳ, trực tiếp và bưu chính"),
    6: lazy_gettext("từ kỳ trước"),
    7: lazy_gettext("đã giải quyết, tổng số"),
    8: lazy_gettext("đã giải quyết trước hạn"),
    9: lazy_gettext("đã giải quyết đúng hạn, kể cả rút và dừng"),
    10: lazy_gettext("đã giải quyết quá hạn"),
    11: lazy_gettext("đang giải quyết, tổng số"),
    12: lazy_gettext("đang giải quyết trong hạn"),
    13: lazy_gettext("đang giải quyết quá hạn"),
    14: lazy_gettext("rút hoặc dừng, trong cột 9"),
}
NUMBERS_07: dict[Number, LazyString] = {
    Number.LATE: lazy_gettext("Tổng số quá hạn"),
    Number.FINISHED: lazy_gettext("Đã giải quyết quá hạn"),
    Number.OPEN: lazy_gettext("Đang giải quyết quá hạn"),
    **{Number(cause): words for cause, words in CAUSES.items()},
    Number.UNDETERMINED: lazy_gettext("Chưa xác định"),
    Number.ENDED: lazy_gettext("Rút, dừng khi đã quá hạn"),
}
HOWS: dict[How, LazyString] = {
    How.FINISHED: lazy_gettext("Đã giải quyết quá hạn"),
    How.OPEN: lazy_gettext("Đang giải quyết quá hạn"),
    How.ENDED: lazy_gettext("Rút, dừng khi đã quá hạn"),
}
SIDES: dict[str, LazyString] = {
    Side.INSIDE: lazy_gettext("Cơ quan giải quyết"),
    Side.OUTSIDE: lazy_gettext("Cơ quan phối hợp"),
    Side.CITIZEN: lazy_gettext("Người dân"),
}


@dataclass(frozen=True, slots=True)
class CheckWords:
    """What is wrong with some dossiers, and how it is put right; ``path`` leads there, when that page exists."""

    wrong: LazyString
    remedy: LazyString
    path: str = ""
    place: LazyString | str = ""

    @property
    def href(self) -> str | None:
        """The address of the page where it is put right for all at once."""
        known = {rule.rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())}
        return self.path if self.path in known else None


_REGISTER = ("/quan-tri/danh-muc-thu-tuc", lazy_gettext("Danh mục thủ tục"))
_IMPORT = ("/quan-tri/nhap-so-lieu", lazy_gettext("Nhập số liệu"))
CHECKS: dict[Check, CheckWords] = {
    Check.NO_CODE: CheckWords(
        lazy_gettext("Đã tiếp nhận nhưng không có mã hồ sơ"),
        lazy_gettext("Mở hồ sơ, đính chính và cấp lại giấy tiếp nhận; hồ sơ nhập từ hệ thống khác thì nhập lại có mã."),
        *_IMPORT,
    ),
    Check.FINISHED_BEFORE_RECEIVED: CheckWords(
        lazy_gettext("Kết thúc trước khi tiếp nhận"),
        lazy_gettext("Mở hồ sơ, đính chính thời điểm tiếp nhận; hồ sơ nhập từ hệ thống khác thì sửa tệp và nhập lại."),
        *_IMPORT,
    ),
    Check.FUTURE_DATE: CheckWords(
        lazy_gettext("Có ngày ở tương lai"),
        lazy_gettext("Mở hồ sơ, đính chính thời điểm tiếp nhận; hồ sơ nhập từ hệ thống khác thì sửa tệp và nhập lại."),
        *_IMPORT,
    ),
    Check.NO_PROMISE: CheckWords(
        lazy_gettext("Không có ngày hẹn trả"),
        lazy_gettext("Mở hồ sơ, đính chính để tính lại ngày hẹn; nếu lịch làm việc chưa đủ thì báo quản trị bổ sung."),
        "/lich",
        lazy_gettext("Lịch làm việc"),
    ),
    Check.IMPORTED_WITHOUT_DUE: CheckWords(
        lazy_gettext("Nhập từ hệ thống khác, không có ngày hẹn trả"),
        lazy_gettext("Bổ sung cột ngày hẹn trong tệp hoặc bảng ánh xạ rồi nhập lại."),
        *_IMPORT,
    ),
    Check.NO_UNIT: CheckWords(
        lazy_gettext("Có kết quả nhưng không rõ đơn vị giải quyết"),
        lazy_gettext("Không có bước xử lý nào ghi đơn vị: xem diễn biến của hồ sơ, hoặc bổ sung cột đơn vị khi nhập."),
        *_IMPORT,
    ),
    Check.LATE_WITHOUT_CAUSE: CheckWords(
        lazy_gettext("Quá hạn chưa ghi nguyên nhân"),
        lazy_gettext("Mở hồ sơ, chọn “Ghi nguyên nhân trễ hạn”, hoặc soạn thư xin lỗi."),
    ),
    Check.UNKNOWN_PROCEDURE: CheckWords(
        lazy_gettext("Thuộc thủ tục không có trong danh mục"), lazy_gettext("Thêm thủ tục vào danh mục."), *_REGISTER
    ),
    Check.PROCEDURE_WITHOUT_FIELD: CheckWords(
        lazy_gettext("Thuộc thủ tục chưa phân lĩnh vực"), lazy_gettext("Ghi lĩnh vực của thủ tục."), *_REGISTER
    ),
}
