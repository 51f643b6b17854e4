"""The columns of a list: what they are called, and what a file of the list says in them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _

from engine.reports.render.list_files import ListCell
from engine.services.officer_settings import InboxColumn
from web.labels import status_look
from web.wording import CHANNELS, instant, sla_text

COLUMN_LABELS: dict[InboxColumn, LazyString] = {
    InboxColumn.APPLICANT: lazy_gettext("Người nộp"),
    InboxColumn.PROCEDURE: lazy_gettext("Thủ tục"),
    InboxColumn.STEP: lazy_gettext("Bước hiện tại"),
    InboxColumn.UNIT: lazy_gettext("Đơn vị"),
    InboxColumn.DUE: lazy_gettext("Hạn trả"),
    InboxColumn.OFFICER: lazy_gettext("Người làm"),
    InboxColumn.RECEIVED: lazy_gettext("Ngày nhận"),
    InboxColumn.CHANNEL: lazy_gettext("Kênh nộp"),
    InboxColumn.MISSING: lazy_gettext("Giấy tờ còn thiếu"),
    InboxColumn.PHONE: lazy_gettext("Điện thoại"),
    InboxColumn.RETURNED: lazy_gettext("Ngày trả"),
    InboxColumn.STATUS: lazy_gettext("Trạng thái"),
    InboxColumn.RECEIVER: lazy_gettext("Nơi tiếp nhận"),
}
Row = dict[str, Any]


def header(columns: tuple[InboxColumn, ...]) -> list[str]:
    """Return the header of a file: the code first; a procedure and a date take two columns each."""
    names = [str(lazy_gettext("Mã hồ sơ"))]
    for column in columns:
        names.append(str(COLUMN_LABELS[column]))
        if column in _BESIDE:
            names.append(str(_BESIDE[column][0]))
    return names


def cells(row: Row, columns: tuple[InboxColumn, ...]) -> list[ListCell]:
    """Return what a file says of a dossier, as ``header`` names it."""
    values: list[ListCell] = [row["code"]]
    for column in columns:
        values.append(_CELLS[column](row))
        if column in _BESIDE:
            values.append(_BESIDE[column][1](row))
    return values


def _of_task(name: str) -> Callable[[Row], ListCell]:
    return lambda row: row["task"] and row["task"][name]


def _step(row: Row) -> ListCell:
    if row["source"] and not row["task"]:
        return str(_("Nhập từ %(source)s", source=row["source"]))
    return _of_task("name")(row)


def _at(name: str) -> Callable[[Row], datetime | None]:
    return lambda row: instant(row[name])


_CELLS: dict[InboxColumn, Callable[[Row], ListCell]] = {
    InboxColumn.APPLICANT: lambda row: row["applicant"],
    InboxColumn.PROCEDURE: lambda row: row["procedure_code"],
    InboxColumn.STEP: _step,
    InboxColumn.UNIT: _of_task("unit_name"),
    InboxColumn.DUE: _at("due_at"),
    InboxColumn.OFFICER: _of_task("assignee_name"),
    InboxColumn.RECEIVED: _at("received_at"),
    InboxColumn.CHANNEL: lambda row: str(CHANNELS[row["channel"]]),
    InboxColumn.MISSING: lambda row: "; ".join(row["missing_papers"]) or None,
    InboxColumn.PHONE: lambda row: row["phone"],
    InboxColumn.RETURNED: _at("returned_at"),
    InboxColumn.STATUS: lambda row: str(status_look(row["status"]).label),
    InboxColumn.RECEIVER: lambda row: row["receiving_agency"],
}
_BESIDE: dict[InboxColumn, tuple[LazyString, Callable[[Row], ListCell]]] = {
    InboxColumn.PROCEDURE: (lazy_gettext("Tên thủ tục"), lambda row: row["procedure_name"]),
    InboxColumn.DUE: (lazy_gettext("Tình trạng hạn"), sla_text),
}
