"""The late dossiers of a period as JSON, CSV and XLSX (domain.md §2.10)."""

from __future__ import annotations

import io
import json

from engine.reports.late_dossiers import How, LateDossiers
from engine.reports.render import official_words
from engine.reports.render.cells import csv_text
from engine.reports.render.official_lists import COLUMNS, csv_row, row_of, write_row, write_titles
from engine.reports.render.official_sheets import (
    HEAD_ROWS,
    Form,
    Styles,
    definitions_sheet,
    made_at,
    set_up,
    write_head,
    write_notes,
)
from engine.reports.render.workbooks import workbook

HOWS = {How.FINISHED: "Đã giải quyết quá hạn", How.OPEN: "Đang giải quyết quá hạn", How.ENDED: "Rút, dừng khi quá hạn"}
_KEYS = (
    "code", "procedure_code", "procedure_name", "field", "unit", "received_at", "due_at", "closed_at", "late_minutes",
    "charged_side", "charged_to", "late_cause", "source",
)  # fmt: skip
_CHOSEN = [each for key in _KEYS for each in COLUMNS if each[0] == key]
_HOW_AT = _KEYS.index("late_minutes")  # the column before that of the minutes says how it stands


def as_json(report: LateDossiers) -> str:
    """Return the report as one JSON document with a line end."""
    return json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n"


def as_csv(report: LateDossiers) -> str:
    """Return a row a dossier; the columns are named in English, values are in Vietnamese, instants local."""
    header = [*_KEYS[:_HOW_AT], "how", *_KEYS[_HOW_AT:]]
    rows = []
    for line in report.lines:
        values = csv_row(line.entry, _KEYS)
        rows.append([*values[:_HOW_AT], line.how.value, *values[_HOW_AT:]])
    return "".join(csv_text(header, rows))


def as_xlsx(report: LateDossiers) -> bytes:
    """Return a workbook to send upwards: head, a row a dossier with real dates, notes; and the definitions."""
    buffer = io.BytesIO()
    with workbook(buffer, created=made_at(report.about), title="Hồ sơ quá hạn", by_rows=False) as book:
        styles, sheet = Styles(book), book.add_worksheet("Hồ sơ quá hạn")
        titles = [title for _, title, _ in _CHOSEN]
        widths = [width for _, _, width in _CHOSEN]
        titles.insert(_HOW_AT, "Tình trạng")
        widths.insert(_HOW_AT, 18)
        last = len(titles)
        set_up(sheet, widths=[5, *widths], header=HEAD_ROWS, header_to=HEAD_ROWS, frozen=2)
        title = "DANH SÁCH HỒ SƠ QUÁ HẠN"
        form = Form("", title, report.reporter, "", report.period, "phút làm việc (cột trễ)")
        write_head(sheet, styles, form, last=last)
        write_titles(sheet, styles, HEAD_ROWS, ["STT", *titles])
        at = HEAD_ROWS + 1
        for no, line in enumerate(report.lines, start=1):
            values = row_of(line.entry, _KEYS)
            values.insert(_HOW_AT, HOWS[line.how])
            write_row(sheet, styles, at, [no, *values], widths=[5, *widths])
            sheet.write_number(at, 0, no, styles.no)
            at += 1
        sheet.autofilter(HEAD_ROWS, 0, at - 1, last)
        notes = [
            *(f"{HOWS[how]}: {count} hồ sơ." for how, count in report.counts.items()),
            "Hồ sơ đang giải quyết: số phút trễ tính đến hết kỳ, hoặc đến lúc lập nếu kỳ chưa hết.",
            *official_words.about_words(report.about),
        ]
        write_notes(sheet, styles, at, notes, last=last, width=sum(widths))
        definitions_sheet(book, styles, report.about)
    return buffer.getvalue()
