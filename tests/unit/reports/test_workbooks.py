"""Workbooks of lists, opened with another reader: types, widths, filters, print set-up, many sheets, the same bytes."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from io import BytesIO

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from engine.reports.render import workbooks
from engine.reports.render.workbooks import SheetCell, serial, workbook, write_list

HANOI = timezone(timedelta(hours=7))
MADE = datetime(2026, 3, 6, 8, 0, tzinfo=HANOI)
ROWS: list[list[SheetCell]] = [
    ["H00-260302-0001", datetime(2026, 3, 2, 8, 30, tzinfo=HANOI), date(2026, 3, 9), 3, 1.5, True, None],
    ["=1+1", datetime(1800, 1, 1, 8, 0, tzinfo=HANOI), date(1800, 1, 1), -5, None, False, "x" * 80],
]
HEADER = ["Mã hồ sơ", "Ngày nhận", "Hạn", "Số", "Tỷ lệ", "Trễ", "Ghi chú rất dài"]


def written(rows: list[list[SheetCell]], *, created: datetime = MADE) -> bytes:
    to = BytesIO()
    assert write_list(to, HEADER, rows, sheet="Hồ sơ", created=created) == len(rows)
    return to.getvalue()


def opened(content: bytes) -> Workbook:
    return load_workbook(BytesIO(content))


def test_cells_have_the_type_of_what_they_say() -> None:
    sheet = opened(written(ROWS))["Hồ sơ"]
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert table == [
        HEADER,
        ["H00-260302-0001", datetime(2026, 3, 2, 8, 30), datetime(2026, 3, 9), 3, 1.5, 1, None],  # noqa: DTZ001
        ["=1+1", "1800-01-01T08:00:00+07:00", "1800-01-01", -5, None, 0, "x" * 80],
    ]
    assert [cell.data_type for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []
    assert sheet["A3"].data_type in ("s", "inlineStr")
    assert (sheet["B2"].number_format, sheet["C2"].number_format) == ("dd/mm/yyyy hh:mm", "dd/mm/yyyy")


def test_a_list_prints_with_its_header_on_wide_paper() -> None:
    sheet = opened(written(ROWS))["Hồ sơ"]

    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("B2", "A1:G3", "$1:$1")
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert (sheet.row_dimensions[2].height, sheet.row_dimensions[3].height) == (None, 30)  # the long text wraps
    assert [round(sheet.column_dimensions[column].width) for column in "ABCG"] == [18, 17, 12, 61]


def test_a_list_goes_on_in_the_next_sheet_under_the_same_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 3)
    rows: list[list[SheetCell]] = [[str(at), *[at] * 6] for at in range(5)]
    to = BytesIO()
    count = write_list(to, HEADER, (row for row in rows), sheet="Hồ sơ", created=MADE)
    book = opened(to.getvalue())
    values = {sheet.title: [row[0] for row in sheet.values] for sheet in book.worksheets}

    assert (count, values) == (
        5,
        {"Hồ sơ": [HEADER[0], "0", "1"], "Hồ sơ (2)": [HEADER[0], "2", "3"], "Hồ sơ (3)": [HEADER[0], "4"]},
    )
    assert [sheet.auto_filter.ref for sheet in book.worksheets] == ["A1:G3", "A1:G3", "A1:G2"]


def test_sheets_that_are_exactly_full_need_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 3)

    assert opened(written(ROWS)).sheetnames == ["Hồ sơ"]


def test_a_list_of_nothing_is_a_sheet_with_its_header() -> None:
    assert list(opened(written([]))["Hồ sơ"].values) == [tuple(HEADER)]


def test_the_same_content_gives_the_same_bytes_at_any_time() -> None:
    first = written(ROWS)
    time.sleep(2.1)  # times in archives have steps of two seconds

    assert written(ROWS) == first
    assert written(ROWS, created=MADE.astimezone(UTC)) == first
    assert written(ROWS, created=MADE + timedelta(days=1)) != first


def test_text_longer_than_a_cell_is_cut_where_one_sees_it() -> None:
    (row,) = list(opened(written([["𝔸" * 20_000, *[None] * 6]]))["Hồ sơ"].values)[1:]
    text = str(row[0])

    assert (text.endswith("…"), text.strip("𝔸"), len(text.encode("utf-16-le")) // 2) == (True, "…", 32_767)


@pytest.mark.parametrize("at", [datetime(2026, 3, 2, 8, 0), datetime(2099, 12, 31, 23, 59, 59), datetime(1901, 1, 1)])  # noqa: DTZ001
def test_serial_is_the_day_that_sheets_count(at: datetime) -> None:
    assert serial(at) == pytest.approx(serial(at.date()) + at.hour / 24 + at.minute / 1440 + at.second / 86400)
    assert serial(date(1900, 3, 1)) == 61.0


def test_a_workbook_that_is_not_streamed_may_be_written_in_any_order() -> None:
    to = BytesIO()
    with workbook(to, created=MADE, title="Biểu", by_rows=False) as book:
        sheet = book.add_worksheet("B")
        sheet.write_string(3, 0, "sau")
        sheet.write_string(0, 0, "=trước")
    found = opened(to.getvalue())

    assert ([found["B"]["A1"].value, found["B"]["A4"].value], found.properties.title) == (["=trước", "sau"], "Biểu")
    assert found.properties.created == datetime(2026, 3, 6, 1, 0)  # noqa: DTZ001
