"""The dossiers behind a number as a file: the rows of the list in its order, with its columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from engine.reports.fact_lists import Row
from engine.reports.render.list_files import ListCell
from web.i18n import zone
from web.report_words import outcome_look
from web.streamed_files import list_file

KINDS = ("xlsx", "csv")


def of_list(kind: str, rows: Iterator[Row], *, with_share: bool = False, **_shown: Any) -> Response:
    """Return the rows as a file.

    Args:
        with_share: the list shows how much of its limit each dossier used.

    Raises:
        NotFound: there are no files of that kind.
    """
    if kind not in KINDS:
        raise NotFound
    header = [
        _("Mã hồ sơ"), _("Mã thủ tục"), _("Thủ tục"), _("Cơ quan giải quyết"), _("Nhận lúc"), _("Hạn trả"),
        _("Xong lúc"), _("Kết quả"), _("Nhập từ hệ thống"),
    ]  # fmt: skip
    if with_share:
        header.append(_("Đã dùng so với thời hạn (%)"))
    home = ZoneInfo(zone())
    cells = (_cells(row, home, with_share=with_share) for row in rows)
    return list_file(kind, header, cells, sheet=_("Hồ sơ"), name="danh-sach-ho-so")


def _cells(row: Row, home: ZoneInfo, *, with_share: bool) -> list[ListCell]:
    def local(at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(home)

    told: list[ListCell] = [
        row.code or None,
        row.procedure_code,
        row.procedure_name,
        row.agency,
        local(row.received_at),
        local(row.due_at),
        local(row.closed_at),
        str(outcome_look(row).label),
        row.source,
    ]
    return [*told, row.percent_used] if with_share else told
