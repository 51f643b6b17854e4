"""The report of time used as JSON, CSV and XLSX."""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

from engine.reports.on_time_values import Per
from engine.reports.render import definition_words, official_words
from engine.reports.render.cells import Cell, csv_text
from engine.reports.render.official_sheets import Styles, definitions_sheet
from engine.reports.render.workbooks import print_on_a4, workbook
from engine.reports.time_used import Line, TimeUsed

_COLUMNS = (
    ("dossiers", "Hồ sơ đã xong"),
    ("median_percent", "Trung vị: % thời hạn đã dùng"),
    ("p90_percent", "90% hồ sơ dùng không quá (%)"),
    ("p95_percent", "95% hồ sơ dùng không quá (%)"),
    ("used_minutes", "Phút làm việc đã dùng"),
    ("limit_minutes", "Phút làm việc đã hẹn"),
    ("legal_dossiers", "Hồ sơ có thời hạn luật định"),
    ("legal_used_minutes", "Trong đó: phút đã dùng"),
    ("legal_minutes", "Trong đó: phút luật định"),
    ("legal_cut_percent", "Cắt giảm so với luật định (%)"),
    ("base_dossiers", "Hồ sơ so được với năm gốc"),
    ("base_minutes_now", "Trong đó: phút đã dùng"),
    ("base_minutes_then", "Phút theo năm gốc"),
    ("base_cut_percent", "Cắt giảm so với năm gốc (%)"),
)
_KEY_TITLES = {Per.AGENCY: "Mã cơ quan", Per.PROCEDURE: "Mã thủ tục"}
_TABLE_ROW = 4  # of the header, from 0


def as_json(report: TimeUsed) -> str:
    """Return the report as one JSON document with a line end."""
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"


def as_csv(report: TimeUsed) -> str:
    """Return a row a line, the total last with key ``total``; what is not known is empty."""
    header = ["key", "name", *(name for name, _ in _COLUMNS)]
    lines = [*((line.key, line) for line in report.lines), ("total", report.total)]
    return "".join(csv_text(header, [[key, line.name, *_cells(line)] for key, line in lines]))


def as_xlsx(report: TimeUsed) -> bytes:
    """Return a workbook: a sheet that prints on A4 landscape, and a sheet of definitions."""
    buffer = io.BytesIO()
    created = datetime.fromisoformat(report.about.generated_at)
    with workbook(buffer, created=created, title="Thời gian giải quyết hồ sơ") as book:
        _table(book, report)
        definitions_sheet(book, Styles(book), report.about, tuple(definition_words.TIME_WORDS.values()))
    return buffer.getvalue()


def _cells(line: Line) -> list[Cell]:
    said = line.as_json()
    legal, base = said["legal"], said["base"] or {}
    values = said | {
        "legal_dossiers": legal["dossiers"],
        "legal_used_minutes": legal["used_minutes"],
        "legal_minutes": legal["legal_minutes"],
        "legal_cut_percent": legal["cut"]["percent"],
    }
    values |= {f"base_{name}": base.get(name) for name in ("dossiers", "minutes_now", "minutes_then", "cut_percent")}
    return [values[name] for name, _ in _COLUMNS]


def _table(book: Any, report: TimeUsed) -> None:
    sheet = book.add_worksheet("Thời gian")
    print_on_a4(sheet, header=_TABLE_ROW)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 36)
    sheet.set_column(2, 1 + len(_COLUMNS), 12)
    sheet.freeze_panes(_TABLE_ROW + 1, 2)
    period, base = report.about.period, report.base_year
    sheet.write_string(0, 0, "THỜI GIAN GIẢI QUYẾT HỒ SƠ", book.add_format({"bold": True, "font_size": 14}))
    sheet.write_string(1, 0, f"Kỳ báo cáo: từ {period.from_on:%d/%m/%Y} đến {period.to_on:%d/%m/%Y}")
    sheet.write_string(2, 0, f"Lập lúc: {official_words.generated(report.about)}")
    sheet.write_string(3, 0, f"Năm gốc: {base or '—'}")
    head = book.add_format({"bold": True, "text_wrap": True, "align": "center", "valign": "vcenter", "border": 1})
    for at, title in enumerate([_KEY_TITLES[report.per], "Tên", *(title for _, title in _COLUMNS)]):
        sheet.write_string(_TABLE_ROW, at, title, head)
    for at, line in enumerate((*report.lines, report.total), start=_TABLE_ROW + 1):
        style = {"border": 1, "bold": line is report.total}
        text, number = book.add_format(style), book.add_format(style | {"num_format": "#,##0.##"})
        sheet.write_string(at, 0, line.key, text)
        sheet.write_string(at, 1, line.name, text)
        for offset, value in enumerate(_cells(line), start=2):
            if value is None:
                sheet.write_blank(at, offset, None, number)
            else:
                sheet.write_number(at, offset, value, number)
