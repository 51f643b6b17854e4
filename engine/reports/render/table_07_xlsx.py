"""Form II.07 as a workbook: causes of lateness by level and field, and a sheet of the dossiers (domain.md §6.4).

The form's own layout was not found; the columns are the causes (a) to (e) that the circular groups them into.
"""

from __future__ import annotations

import io
from typing import Any

from engine.reports.render import official_words
from engine.reports.render.official_lists import COLUMNS, row_of, write_row, write_titles
from engine.reports.render.official_sheets import (
    HEAD_ROWS,
    Form,
    Styles,
    definitions_sheet,
    fit_height,
    made_at,
    set_up,
    write_head,
    write_notes,
    write_signatures,
)
from engine.reports.render.workbooks import workbook
from engine.reports.table_07 import CAUSES, Number, Row, Table07

TITLE = "NGUYÊN NHÂN QUÁ HẠN\nTRONG GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"
FORM = "Biểu số II.07/VPCP/KSTT\nThông tư số 01/2020/TT-VPCP ngày 21/10/2020"
FIRST = HEAD_ROWS
NUMBERED = FIRST + 2
SHOWN = (Number.LATE, Number.FINISHED, Number.OPEN, *CAUSES, Number.UNDETERMINED, Number.ENDED)
LAST = 1 + len(SHOWN)
_WIDTHS = (5, 40, *([12.5] * len(SHOWN)))
_HEADS = {
    Number.LATE: "Tổng số hồ sơ quá hạn",
    Number.FINISHED: "Đã giải quyết quá hạn",
    Number.OPEN: "Đang giải quyết quá hạn",
    Number.UNDETERMINED: "Chưa xác định",
    Number.ENDED: "Rút, dừng khi đã quá hạn (ngoài tổng số)",
}
_LISTED = ("code", "procedure_code", "procedure_name", "field", "unit", "due_at", "closed_at", "outcome", "late_cause")


def as_xlsx(table: Table07) -> bytes:
    """Return the workbook: the table, the dossiers that it counts, and the definitions."""
    buffer = io.BytesIO()
    with workbook(buffer, created=made_at(table.about), title="Nguyên nhân quá hạn", by_rows=False) as book:
        styles = Styles(book)
        _table(book.add_worksheet("Biểu II.07"), styles, table)
        _dossiers(book.add_worksheet("Hồ sơ quá hạn"), styles, table)
        definitions_sheet(book, styles, table.about)
    return buffer.getvalue()


def _table(sheet: Any, styles: Styles, table: Table07) -> None:
    set_up(sheet, widths=_WIDTHS, header=FIRST, header_to=NUMBERED, frozen=2)
    form = Form(FORM, TITLE, table.reporter, table.receiver, table.period, "Số hồ sơ TTHC")
    write_head(sheet, styles, form, last=LAST)
    _header(sheet, styles)
    at, letters, no = NUMBERED + 1, iter("ABC"), 0
    for row in table.rows:
        no = 0 if row.field is None else no + 1
        name = official_words.LEVELS[row.level] if row.field is None else official_words.field_words(row.field)
        _row(sheet, styles, at, (str(no) if no else next(letters), name), row, is_bold=row.field is None)
        at += 1
    _row(sheet, styles, at, ("", "Tổng số"), table.total, is_bold=True)
    notes = [
        "Cột (3) là cột (10) và cột (13) của biểu II.06 cùng kỳ; mỗi hồ sơ tính một nguyên nhân: theo thư xin lỗi mới "
        "nhất, nếu không có thì theo nguyên nhân đã ghi trên hồ sơ.",
        "Cột (12): hồ sơ rút hoặc dừng sau khi đã quá hạn, tính vào cột (9) của biểu II.06.",
        *official_words.about_words(table.about),
    ]
    at = write_notes(sheet, styles, at + 1, notes, last=LAST, width=sum(_WIDTHS))
    write_signatures(sheet, styles, at + 1, last=LAST)


def _header(sheet: Any, styles: Styles) -> None:
    head = styles.head
    sheet.merge_range(FIRST, 0, FIRST + 1, 0, "STT", head)
    sheet.merge_range(FIRST, 1, FIRST + 1, 1, "Lĩnh vực, công việc giải quyết theo cấp", head)
    first_cause = 2 + SHOWN.index(CAUSES[0])
    sheet.merge_range(FIRST, 3, FIRST, 4, "Trong đó", head)
    sheet.merge_range(FIRST, first_cause, FIRST, first_cause + len(CAUSES), "Nguyên nhân quá hạn", head)
    for column, number in enumerate(SHOWN, start=2):
        if number in CAUSES:
            letter = "abcde"[CAUSES.index(number)]
            sheet.write_string(FIRST + 1, column, f"({letter}) {official_words.CAUSES[number.value]}", head)
        elif number in (Number.LATE, Number.ENDED):
            sheet.merge_range(FIRST, column, FIRST + 1, column, _HEADS[number], head)
        else:
            sheet.write_string(FIRST + 1, column, _HEADS[number], head)
    sheet.set_row(FIRST + 1, 48)
    for column in range(LAST + 1):
        said = "(3)=(4)+(5)" if column == 2 else f"({column + 1})"
        sheet.write_string(NUMBERED, column, said, styles.numbering)


def _row(sheet: Any, styles: Styles, at: int, names: tuple[str, str], row: Row, *, is_bold: bool) -> None:
    sheet.write_string(at, 0, names[0], styles.no_bold if is_bold else styles.no)
    sheet.write_string(at, 1, names[1], styles.text_bold if is_bold else styles.text)
    fit_height(sheet, at, [(names[1], _WIDTHS[1])])
    for column, number in enumerate(SHOWN, start=2):
        sheet.write_number(at, column, row[number], styles.number_bold if is_bold else styles.number)


def _dossiers(sheet: Any, styles: Styles, table: Table07) -> None:
    chosen = [each for each in COLUMNS if each[0] in _LISTED]
    widths = [width for _, _, width in chosen]
    set_up(sheet, widths=widths, header=0, header_to=0, frozen=1)
    write_titles(sheet, styles, 0, [title for _, title, _ in chosen])
    for at, entry in enumerate(table.dossiers, start=1):
        write_row(sheet, styles, at, row_of(entry, [key for key, _, _ in chosen]), widths=widths)
    sheet.autofilter(0, 0, len(table.dossiers), len(chosen) - 1)
