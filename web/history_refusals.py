"""Why a history import was refused, as the administrator says it: the whole of it, and row by row."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from web.error_texts import ErrorTexts

HISTORY: dict[str, ErrorTexts] = {
    "invalid-history-mapping": ErrorTexts(
        _("Tệp ánh xạ chưa đúng."),
        _("Sửa chỗ được nêu trong tệp ánh xạ rồi tải lên lại; hướng dẫn nhập số liệu giải thích từng mục."),
    ),
    "history-file-unreadable": ErrorTexts(
        _("Không đọc được tệp số liệu."),
        _("Sửa chỗ được nêu, hoặc lưu lại thành CSV UTF-8 hay .xlsx, rồi tải lên lại. Chưa có gì được ghi."),
    ),
    "history-file-missing": ErrorTexts(
        _("Chưa có tệp số liệu."), _("Chọn tệp .csv, .csv.gz hoặc .xlsx rồi bấm Xem trước.")
    ),
    "history-too-long": ErrorTexts(
        _("Tệp có quá nhiều hồ sơ để nhập trên trang này."),
        _("Nhờ quản trị hệ thống chạy lệnh motcua history import trên máy chủ, hoặc chia nhỏ tệp."),
    ),
    "dossier-imported": ErrorTexts(
        _("Hồ sơ này nhập từ hệ thống khác nên không xử lý ở đây."),
        _("Xử lý tiếp ở hệ thống cũ rồi nhập lại; ở đây chỉ ghi chú và ghi nguyên nhân trễ hạn."),
    ),
}

ROWS: dict[str, LazyString] = {
    "cell-empty": _("Ô trống mà phải có: điền vào, hoặc bỏ dòng này."),
    "cell-too-long": _("Chữ trong ô quá dài: rút gọn lại."),
    "cell-formula": _("Ô là công thức hoặc lỗi: lưu bảng tính chỉ với giá trị."),
    "row-too-long": _("Dòng có nhiều ô hơn dòng tiêu đề: tìm dấu phân cách trong chữ không có ngoặc kép."),
    "date-unreadable": _("Không đọc được ngày: ghi theo ISO 8601, hoặc nêu cách ghi ở [dates] formats."),
    "date-without-time": _("Ngày không có giờ: nêu giờ ở [dates.without_time]."),
    "date-impossible": _("Không có ngày giờ đó: xem lại năm, hoặc giờ trong đêm đổi giờ."),
    "date-in-future": _("Ngày chưa đến: xem lại ngày và múi giờ trong tệp ánh xạ."),
    "end-before-start": _('Ngày kết thúc trước ngày tiếp nhận: sửa lại, hoặc ghi out_of_order = "keep".'),
    "due-before-start": _('Ngày hẹn trả trước ngày tiếp nhận: sửa lại, hoặc ghi out_of_order = "keep".'),
    "end-missing": _("Trạng thái đã kết thúc mà không có ngày kết thúc: điền finished_at."),
    "end-unexpected": _("Trạng thái còn mở mà có ngày kết thúc: ánh xạ trạng thái khác, hoặc xóa ngày."),
    "value-unknown": _("Tệp ánh xạ không có giá trị này: thêm vào bảng mã."),
    "rows-differ": _("Các dòng của một hồ sơ ghi khác nhau: sửa cho giống nhau."),
    "rows-apart": _("Hồ sơ này đã có ở phía trên: sắp xếp tệp theo mã để các dòng đứng liền nhau."),
    "key-repeated": _('Hồ sơ này đã có ở phía trên: mỗi hồ sơ một dòng, hoặc ghi rows = "event".'),
    "code-invalid": _("Mã hồ sơ gồm tối đa 60 chữ, số, dấu chấm, gạch nối: ánh xạ cột khác vào code."),
    "code-taken": _("Mã này là của hồ sơ khác ở đây: ánh xạ cột khác vào code."),
    "agency-unknown": _("Không có cơ quan này: thêm cơ quan, hoặc ánh xạ ở [agencies]."),
    "unit-unknown": _("Cơ quan không có đơn vị này: thêm đơn vị, hoặc ánh xạ ở [units]."),
    "changed-since-import": _("Đã nhập trước đây và nay ghi khác: chỉ hồ sơ còn mở mới được nhập tiếp."),
    "steps-changed": _("Đã nhập trước đây, các bước khi đó khác với tệp này: dùng lại tệp đầy đủ."),
}


def in_words(refusal: dict[str, Any]) -> str:
    """Return why a row was refused and what to do, in the reader's language.

    Args:
        refusal: of ``HistoryReport.as_json``.
    """
    return str(ROWS[refusal["code"]])
