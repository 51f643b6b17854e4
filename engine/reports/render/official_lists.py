"""Dossiers as rows of official workbooks and CSV files: what tables count, one line each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from engine.domain.statistics import Outcome
from engine.domain.time_ledger import Side
from engine.reports.fact_entries import Entry
from engine.reports.render import official_words
from engine.reports.render.cells import Cell
from engine.reports.render.official_sheets import Styles, fit_height
from engine.reports.render.workbooks import serial

SIDES = {Side.INSIDE: "Cơ quan giải quyết", Side.OUTSIDE: "Cơ quan phối hợp", Side.CITIZEN: "Người dân"}
OUTCOMES = {
    Outcome.OPEN: "Đang giải quyết",
    Outcome.EARLY: "Trước hạn",
    Outcome.ON_TIME: "Đúng hạn",
    Outcome.LATE: "Quá hạn",
    Outcome.WITHDRAWN: "Công dân rút",
    Outcome.STOPPED: "Dừng giải quyết",
}
NO_CODE = "(chưa có mã)"
COLUMNS: Sequence[tuple[str, str, float]] = (
    ("code", "Mã hồ sơ", 26),
    ("procedure_code", "Mã thủ tục", 12),
    ("procedure_name", "Thủ tục", 34),
    ("field", "Lĩnh vực", 16),
    ("unit", "Đơn vị giải quyết", 20),
    ("received_at", "Tiếp nhận", 15),
    ("due_at", "Hẹn trả", 15),
    ("closed_at", "Kết thúc", 15),
    ("outcome", "Tình trạng", 15),
    ("late_minutes", "Trễ (phút làm việc)", 10),
    ("charged_side", "Trễ do", 15),
    ("charged_to", "Nơi làm chậm", 20),
    ("late_cause", "Nguyên nhân", 18),
    ("source", "Nhập từ", 9),
)  #: key, title, and width of each column


def row_of(entry: Entry, keys: Iterable[str]) -> list[Any]:
    """Return the values of a dossier in words, numbers and local instants."""
    values: dict[str, Any] = {
        "code": entry.code or NO_CODE,
        "procedure_code": entry.procedure_code,
        "procedure_name": entry.procedure_name,
        "field": official_words.field_words(entry.field),
        "unit": entry.unit,
        "received_at": entry.received_at,
        "due_at": entry.due_at,
        "closed_at": entry.closed_at,
        "outcome": OUTCOMES[entry.outcome],
        "late_minutes": entry.late_minutes,
        "charged_side": None if entry.charged_side is None else SIDES[Side(entry.charged_side)],
        "charged_to": entry.charged_to,
        "late_cause": None if entry.late_cause is None else official_words.CAUSES[entry.late_cause],
        "source": entry.source,
    }
    return [values[key] for key in keys]


def csv_row(entry: Entry, keys: Iterable[str]) -> list[Cell]:
    """Return the same for a CSV file: instants as local ISO 8601 with offset."""
    return [value.isoformat() if isinstance(value, datetime) else value for value in row_of(entry, keys)]


def write_row(sheet: Any, styles: Styles, at: int, values: Sequence[Any], *, widths: Sequence[float]) -> None:
    """Write values with borders: text as text, instants as real dates, minutes as numbers, nothing as nothing."""
    for column, value in enumerate(values):
        if value is None:
            sheet.write_blank(at, column, None, styles.text)
        elif isinstance(value, datetime):
            sheet.write_number(at, column, serial(value), styles.instant)
        elif isinstance(value, int):
            sheet.write_number(at, column, value, styles.number)
        else:
            sheet.write_string(at, column, value, styles.text)
    texts = [(value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str)]
    fit_height(sheet, at, texts)


def write_titles(sheet: Any, styles: Styles, at: int, titles: Sequence[str]) -> None:
    """Write the header of a list."""
    for column, title in enumerate(titles):
        sheet.write_string(at, column, title, styles.head)
    sheet.set_row(at, 32)
