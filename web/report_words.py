"""How reports are worded: what a line stands for, whose numbers they are, and the columns."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from engine.domain.statistics import Column, Outcome
from engine.reports.fact_lists import Row
from engine.reports.on_time_values import Dimension, Per
from web.labels import Look

PERS: dict[Per, LazyString] = {
    Per.AGENCY: lazy_gettext("Cơ quan"),
    Per.UNIT: lazy_gettext("Đơn vị xử lý chính"),
    Per.PROCEDURE: lazy_gettext("Thủ tục"),
    Per.FIELD: lazy_gettext("Lĩnh vực"),
    Per.CHANNEL: lazy_gettext("Kênh nộp"),
    Per.OFFICER: lazy_gettext("Cán bộ xử lý chính"),
    Per.MONTH: lazy_gettext("Tháng"),
}
DIMENSIONS: dict[Dimension, LazyString] = {
    Dimension.RESOLVING: lazy_gettext("Cơ quan giải quyết"),
    Dimension.RECEIVING: lazy_gettext("Cơ quan tiếp nhận"),
    Dimension.RETURNING: lazy_gettext("Cơ quan trả kết quả"),
}
COLUMNS: dict[Column, LazyString] = {
    Column.RECEIVED_IN_PERIOD: lazy_gettext("Nhận trong kỳ"),
    Column.RECEIVED_ONLINE: lazy_gettext("Trong đó trực tuyến"),
    Column.CARRIED_OVER: lazy_gettext("Kỳ trước chuyển"),
    Column.EARLY: lazy_gettext("Xong trước hạn"),
    Column.ON_TIME: lazy_gettext("Xong đúng hạn"),
    Column.LATE: lazy_gettext("Xong quá hạn"),
    Column.WITHDRAWN: lazy_gettext("Rút"),
    Column.STOPPED: lazy_gettext("Dừng"),
    Column.ENDED_LATE: lazy_gettext("Rút hoặc dừng khi đã quá hạn"),
    Column.OPEN_IN_TIME: lazy_gettext("Đang làm, trong hạn"),
    Column.OPEN_LATE: lazy_gettext("Đang làm, quá hạn"),
    Column.RECEIVED_ON_TIME: lazy_gettext("Nhận trong kỳ, đã xong đúng hạn"),
    Column.RECEIVED_ENDED: lazy_gettext("Nhận trong kỳ, đã rút hoặc dừng"),
    Column.APOLOGISED: lazy_gettext("Quá hạn, đã xin lỗi"),
    Column.APOLOGISED_MET: lazy_gettext("Xin lỗi, đúng hẹn lại"),
    Column.APOLOGISED_UNKEPT: lazy_gettext("Xin lỗi, không giữ hẹn lại"),
}
SHOWN = tuple(
    column for column in COLUMNS if column not in (Column.ENDED_LATE, Column.RECEIVED_ON_TIME, Column.RECEIVED_ENDED)
)  #: columns of the table; the others are parts of rates
_OUTCOMES: dict[Outcome, Look] = {
    Outcome.OPEN: Look(lazy_gettext("Đang làm, trong hạn"), "running", "info"),
    Outcome.EARLY: Look(lazy_gettext("Xong trước hạn"), "check", "good"),
    Outcome.ON_TIME: Look(lazy_gettext("Xong đúng hạn"), "check", "good"),
    Outcome.LATE: Look(lazy_gettext("Xong quá hạn"), "overdue", "late"),
    Outcome.WITHDRAWN: Look(lazy_gettext("Rút"), "back", "ended"),
    Outcome.STOPPED: Look(lazy_gettext("Dừng"), "cross", "ended"),
}
_OPEN_LATE = Look(lazy_gettext("Đang làm, quá hạn"), "overdue", "late")


def outcome_look(row: Row) -> Look:
    """Return how the end of a dossier is shown, or how it stands now."""
    return _OPEN_LATE if row.outcome is Outcome.OPEN and row.is_late else _OUTCOMES[row.outcome]
