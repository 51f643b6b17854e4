"""What the data-quality gate found, as JSON, CSV and XLSX."""

from __future__ import annotations

import io
import json

from engine.reports.quality import Check, Quality
from engine.reports.render import official_words
from engine.reports.render.cells import csv_text
from engine.reports.render.official_lists import write_row, write_titles
from engine.reports.render.official_sheets import Styles, definitions_sheet, made_at, set_up
from engine.reports.render.workbooks import workbook

WIDTHS = (60, 16)
_HEAD_AT = 3


def as_json(report: Quality) -> str:
    """Return the report as one JSON document with a line end."""
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"


def as_csv(report: Quality) -> str:
    """Return a row a check: its name, what is wrong in words, how many dossiers."""
    rows = [[check.value, official_words.CHECKS[check], report.counts[check]] for check in Check]
    return "".join(csv_text(["check", "meaning", "dossiers"], rows))


def as_xlsx(report: Quality) -> bytes:
    """Return a workbook: a row a check, and the definitions."""
    buffer = io.BytesIO()
    with workbook(buffer, created=made_at(report.about), title="Chất lượng số liệu", by_rows=False) as book:
        styles, sheet = Styles(book), book.add_worksheet("Chất lượng số liệu")
        set_up(sheet, widths=WIDTHS, header=_HEAD_AT, header_to=_HEAD_AT, frozen=1)
        period = report.about.period
        dates = f"Từ ngày {official_words.day(period.from_on)} đến ngày {official_words.day(period.to_on)}"
        sheet.write_string(0, 0, "CHẤT LƯỢNG SỐ LIỆU", styles.label)
        sheet.write_string(1, 0, f"{dates}: đã xem {report.dossiers} hồ sơ.", styles.label)
        write_titles(sheet, styles, _HEAD_AT, ["Hồ sơ", "Số hồ sơ"])
        for at, check in enumerate(Check, start=_HEAD_AT + 1):
            words = official_words.CHECKS[check]
            write_row(sheet, styles, at, [words[0].upper() + words[1:], report.counts[check]], widths=WIDTHS)
        definitions_sheet(book, styles, report.about)
    return buffer.getvalue()
