"""Form II.06 as a workbook in the official layout: head, numbered columns, notes, signatures (domain.md §6.3).

The columns (1) to (13) are those of the form; what stands right of them is ours, and says so.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from engine.reports.render import official_words
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
from engine.reports.table_06 import NUMBERS, Numbers, Part, Row, Split, Table06

TITLE = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"
FORMS = {
    Split.CENTRE: ("Biểu số II.06a/VPCP/KSTT", f"{TITLE}\nTẠI TRUNG TÂM PHỤC VỤ HÀNH CHÍNH CÔNG"),
    Split.UNIT: ("Biểu số 06/VPCP/KSTT", f"{TITLE}\nTẠI CƠ QUAN, ĐƠN VỊ TRỰC TIẾP GIẢI QUYẾT"),
}
BASIS = "Thông tư số 01/2020/TT-VPCP ngày 21/10/2020"
UNIT = "Số hồ sơ TTHC"
FIRST = HEAD_ROWS  #: row of the header, from 0
NUMBERED = FIRST + 3  #: row with the numbers of the columns
LAST = 15  # column of the table, from 0
_WIDTHS = (5, 34, *([9.5] * 11), 10, 11, 12)
_SUMS = {3: "(3)=(4)+(5)+(6)", 7: "(7)=(8)+(9)+(10)", 11: "(11)=(12)+(13)"}
_GROUPS = (
    (2, 5, "Số hồ sơ nhận giải quyết"),
    (6, 9, "Số hồ sơ đã giải quyết"),
    (10, 12, "Số hồ sơ đang giải quyết"),
    (13, 15, "Số liệu thêm, ngoài biểu mẫu"),
)
_TITLES = {
    2: "Tổng số", 5: "Từ kỳ trước", 6: "Tổng số", 7: "Trước hạn", 8: "Đúng hạn", 9: "Quá hạn", 10: "Tổng số",
    11: "Trong hạn", 12: "Quá hạn", 13: "Rút, dừng (trong cột 9)", 14: "Tỷ lệ (8+9)/7",
    15: "Tỷ lệ không kể rút, dừng",
}  # fmt: skip
_LETTERS = "ABC"
_LONGEST_NAME = 31  # characters of a sheet's name
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))


def as_xlsx(table: Table06) -> bytes:
    """Return the workbook: a sheet of the whole, one for each unit when the table is split, and the definitions."""
    buffer = io.BytesIO()
    with workbook(buffer, created=made_at(table.about), title=TITLE.capitalize(), by_rows=False) as book:
        styles = Styles(book)
        names: set[str] = set()
        for part in (table.whole, *table.parts):
            _sheet(book.add_worksheet(_name(part, names)), styles, table, part)
        definitions_sheet(book, styles, table.about)
    return buffer.getvalue()


def _name(part: Part, taken: set[str]) -> str:
    """Return a name that no other sheet has."""
    wanted = (part.name or "Chưa rõ đơn vị") if part.key else "Biểu II.06"
    base = " ".join(wanted.translate(_FORBIDDEN).split())[:_LONGEST_NAME] or "Đơn vị"
    name, no = base, 1
    while name.casefold() in taken:
        no += 1
        name = f"{base[: _LONGEST_NAME - 5]} ({no})"
    taken.add(name.casefold())
    return name


def _sheet(sheet: Any, styles: Styles, table: Table06, part: Part) -> None:
    set_up(sheet, widths=_WIDTHS, header=FIRST, header_to=NUMBERED, frozen=2)
    number, title = FORMS[table.split]
    said = f"Đơn vị giải quyết: {part.name or 'chưa rõ'}" if part.key else ""
    form = Form(f"{number}\n{BASIS}", title, table.reporter, table.receiver, table.period, UNIT, said)
    write_head(sheet, styles, form, last=LAST)
    _header(sheet, styles)
    at = NUMBERED + 1
    for no, row in zip(_numbering(part.rows), part.rows, strict=True):
        _row(sheet, styles, at, no, row)
        at += 1
    _numbers(sheet, styles, at, "", "Tổng số", part.total, is_bold=True)
    at = write_notes(sheet, styles, at + 1, notes(table, part), last=LAST, width=sum(_WIDTHS))
    write_signatures(sheet, styles, at + 1, last=LAST)


def notes(table: Table06, part: Part) -> list[str]:
    """Return the printed notes of the form, and what stands under every report."""
    return [
        f"Cột (9) gồm cả hồ sơ người dân rút và hồ sơ dừng giải quyết, trả lại: {part.total.ended} hồ sơ.",
        "Cột (12) gồm cả hồ sơ đang chờ bổ sung giấy tờ, chờ thực hiện nghĩa vụ tài chính (thời gian tạm dừng).",
        "Không tính hồ sơ mới đăng ký chưa tiếp nhận và hồ sơ bị từ chối tiếp nhận.",
        *official_words.about_words(table.about),
    ]


def _header(sheet: Any, styles: Styles) -> None:
    head = styles.head
    sheet.merge_range(FIRST, 0, FIRST + 2, 0, "STT", head)
    sheet.merge_range(FIRST, 1, FIRST + 2, 1, "Lĩnh vực, công việc giải quyết theo cấp", head)
    for first, last, title in _GROUPS:
        sheet.merge_range(FIRST, first, FIRST, last, title, head)
    sheet.merge_range(FIRST + 1, 3, FIRST + 1, 4, "Trong kỳ", head)
    sheet.write_string(FIRST + 2, 3, "Trực tuyến", head)
    sheet.write_string(FIRST + 2, 4, "Trực tiếp, dịch vụ bưu chính", head)
    for column, title in _TITLES.items():
        sheet.merge_range(FIRST + 1, column, FIRST + 2, column, title, head)
    sheet.set_row(FIRST + 2, 46)
    for column in range(LAST + 1):
        no = column + 1
        sheet.write_string(NUMBERED, column, _SUMS.get(no, f"({no})") if no <= max(NUMBERS) else "", styles.numbering)
    sheet.set_row(NUMBERED, 26)


def _numbering(rows: Sequence[Row]) -> list[str]:
    """Return the first column: a letter for each level, a number for each field of it."""
    numbers: list[str] = []
    letters, no = iter(_LETTERS), 0
    for row in rows:
        no = 0 if row.field is None else no + 1
        numbers.append(str(no) if no else next(letters))
    return numbers


def _row(sheet: Any, styles: Styles, at: int, no: str, row: Row) -> None:
    is_level = row.field is None
    name = official_words.LEVELS[row.level] if row.field is None else official_words.field_words(row.field)
    _numbers(sheet, styles, at, no, name, row.numbers, is_bold=is_level)


def _numbers(sheet: Any, styles: Styles, at: int, no: str, name: str, numbers: Numbers, *, is_bold: bool) -> None:
    number, percent = (styles.number_bold, styles.percent_bold) if is_bold else (styles.number, styles.percent)
    sheet.write_string(at, 0, no, styles.no_bold if is_bold else styles.no)
    sheet.write_string(at, 1, name, styles.text_bold if is_bold else styles.text)
    fit_height(sheet, at, [(name, _WIDTHS[1])])
    for column in NUMBERS:
        sheet.write_number(at, column - 1, numbers[column], number)
    sheet.write_number(at, 13, numbers.ended, number)
    for column, rate in ((14, numbers.rate), (15, numbers.rate_of_decided)):
        if rate.denominator:
            sheet.write_number(at, column, rate.numerator / rate.denominator, percent)
        else:
            sheet.write_blank(at, column, None, percent)
