"""Official tables as files, read by other readers: layout of the form, types, sums, widths, paper, the same bytes."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from engine.context import Context
from engine.domain.dossier import Cause, Channel
from engine.domain.statistics import DEFINITIONS
from engine.reports import late_dossiers, quality, table_06, table_07
from engine.reports.on_time_values import Period
from engine.reports.quality import Check
from engine.reports.render import (
    definition_words,
    late_files,
    official_words,
    quality_files,
    table_06_xlsx,
    table_07_xlsx,
    table_files,
)
from engine.reports.scope import Asked
from engine.reports.table_06 import NUMBERS, Split, Table06
from engine.services import late_causes, transfers
from tests.support import builders as b

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
COLUMNS = "CDEFGHIJKLM"  # (3) to (13)


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office with a dossier of each kind: in time, late, open and late, withdrawn, online."""
    ctx = sqlite_ctx
    office = b.an_office(ctx, policy={"field": "=Hộ tịch"})
    done, late, left, gone = (b.a_received_dossier(ctx, office) for _ in range(4))
    b.withdraw(ctx, office, gone)
    b.advance_to(ctx, office, done, b.Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    b.a_submitted_dossier(ctx, office, channel=Channel.ONLINE)
    b.advance_to(ctx, office, late, b.Status.FINISHED)
    late_causes.record(ctx, by=office.officer, dossier=left["code"], cause=Cause.COOPERATION)
    return office


def form_06(ctx: Context, office: b.Office, per: Split = Split.CENTRE) -> Table06:
    return table_06.table_06(ctx, by=office.supervisor, period=MARCH, per=per)


def opened(content: bytes) -> Workbook:
    book = load_workbook(io.BytesIO(content))
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []
    return book


def test_form_06_has_the_layout_of_the_form(sqlite_ctx: Context, office: b.Office) -> None:
    table = form_06(sqlite_ctx, office)
    sheet = opened(table_06_xlsx.as_xlsx(table))["Biểu II.06"]
    texts = [cell.value for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    for said in (
        "Biểu số II.06a/VPCP/KSTT\nThông tư số 01/2020/TT-VPCP ngày 21/10/2020",
        "Kỳ báo cáo: Tháng 3 năm 2026",
        "(Từ ngày 01/03/2026 đến ngày 31/03/2026)",
        "Đơn vị tính: Số hồ sơ TTHC",
        "Lĩnh vực, công việc giải quyết theo cấp",
        "Trực tiếp, dịch vụ bưu chính",
        "- Cột (9) gồm cả hồ sơ người dân rút và hồ sơ dừng giải quyết, trả lại: 1 hồ sơ.",
        "Thủ trưởng đơn vị",
    ):
        assert said in texts
    assert any(text.startswith("Đơn vị nhận báo cáo: ") for text in texts)
    numbering = [sheet.cell(9, at).value for at in range(1, 14)]
    assert numbering == ["(1)", "(2)", "(3)=(4)+(5)+(6)", "(4)", "(5)", "(6)", "(7)=(8)+(9)+(10)", "(8)", "(9)",
                         "(10)", "(11)=(12)+(13)", "(12)", "(13)"]  # fmt: skip
    assert "C6:F6" in {str(each) for each in sheet.merged_cells.ranges}
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation, sheet.print_title_rows) == (
        9, "landscape", "$6:$9",
    )  # fmt: skip
    assert sheet.freeze_panes == "C10"
    assert sheet.column_dimensions["B"].width > 30


def test_numbers_of_form_06_are_numbers_that_add_up(sqlite_ctx: Context, office: b.Office) -> None:
    table = form_06(sqlite_ctx, office)
    sheet = opened(table_06_xlsx.as_xlsx(table))["Biểu II.06"]
    rows = {sheet.cell(at, 2).value: at for at in range(10, 13)}
    assert list(rows) == ["Thủ tục hành chính cấp xã", "=Hộ tịch", "Tổng số"]  # a text, not a formula
    for at in rows.values():
        cells = {no: sheet[f"{column}{at}"] for no, column in zip(NUMBERS, COLUMNS, strict=True)}
        assert {cell.data_type for cell in cells.values()} == {"n"}
        values = {no: cell.value for no, cell in cells.items()}
        assert values == {no: table.whole.total[no] for no in NUMBERS}
        assert values[3] == values[4] + values[5] + values[6] == values[7] + values[11] == 4
        assert (values[7], values[9], values[10], values[13]) == (3, 1, 1, 1)
        assert sheet[f"O{at}"].value == pytest.approx(2 / 3)
        assert sheet[f"O{at}"].number_format == "0.00%"
        assert sheet[f"P{at}"].value == pytest.approx(1 / 2)


def test_each_unit_has_a_sheet_and_the_same_table_has_the_same_bytes(sqlite_ctx: Context, office: b.Office) -> None:
    moved = b.a_received_dossier(sqlite_ctx, office)
    transfers.transfer(sqlite_ctx, by=office.officer, dossier=moved["code"], unit="LANH_DAO", note="Nhầm đơn vị")
    b.turn_clock_to(sqlite_ctx, "2026-03-17T08:00")
    b.withdraw(sqlite_ctx, office, moved)
    table = form_06(sqlite_ctx, office, Split.UNIT)
    content = table_06_xlsx.as_xlsx(table)
    book = opened(content)
    units = [part.name or "Chưa rõ đơn vị" for part in table.parts]
    assert units == ["Tên LANH_DAO", "Tên PHONG_TU_PHAP"]
    assert book.sheetnames == ["Biểu II.06", *units, "Định nghĩa"]
    assert book["Biểu II.06"]["A1"].value.startswith("Biểu số 06/VPCP/KSTT")
    whole = [book["Biểu II.06"][f"{column}12"].value for column in COLUMNS]
    parts = [book[name] for name in book.sheetnames[1:3]]
    ends = [next(at for at in range(10, 30) if sheet.cell(at, 2).value == "Tổng số") for sheet in parts]
    sums = [sum(sheet[f"{column}{at}"].value for sheet, at in zip(parts, ends, strict=True)) for column in COLUMNS]
    assert sums == whole
    assert table_06_xlsx.as_xlsx(form_06(sqlite_ctx, office, Split.UNIT)) == content


def test_form_07_says_why_and_lists_the_dossiers(sqlite_ctx: Context, office: b.Office) -> None:
    table = table_07.table_07(sqlite_ctx, by=office.supervisor, asked=Asked(MARCH))
    book = opened(table_07_xlsx.as_xlsx(table))
    sheet = book["Biểu II.07"]
    total = next(at for at in range(8, 20) if sheet.cell(at, 2).value == "Tổng số")
    assert [sheet.cell(total, at).value for at in range(3, 13)] == [2, 1, 1, 0, 0, 1, 0, 0, 1, 0]
    assert sheet["F7"].value == "(a) Quy định thủ tục hành chính"
    listed = book["Hồ sơ quá hạn"]
    assert [listed.cell(at, 1).value for at in (2, 3)] == [each.code for each in table.dossiers]
    assert isinstance(listed["F2"].value, datetime)
    assert listed["F2"].number_format == "dd/mm/yyyy hh:mm"
    assert {listed["I2"].value, listed["I3"].value} == {None, "Cơ quan phối hợp"}
    rows = list(csv.DictReader(io.StringIO(table_files.table_07_csv(table).removeprefix("\ufeff"))))
    assert (rows[-1]["level"], rows[-1]["late"], rows[-1]["cooperation"]) == ("total", "2", "1")
    assert rows[-2]["field"] == "'=Hộ tịch"


def test_the_late_list_has_real_dates_and_minutes(sqlite_ctx: Context, office: b.Office) -> None:
    report = late_dossiers.late_dossiers(sqlite_ctx, by=office.supervisor, asked=Asked(MARCH))
    sheet = opened(late_files.as_xlsx(report))["Hồ sơ quá hạn"]
    titles = [cell.value for cell in sheet[6]]
    first = dict(zip(titles, (cell.value for cell in sheet[7]), strict=True))
    assert isinstance(first["Hẹn trả"], datetime)
    assert first["Trễ (phút làm việc)"] == report.lines[0].entry.late_minutes
    assert sheet.auto_filter.ref == "A6:O8"
    rows = list(csv.DictReader(io.StringIO(late_files.as_csv(report).removeprefix("\ufeff"))))
    assert {row["how"] for row in rows} == {"finished", "open"}
    assert all(row["due_at"].endswith("+07:00") for row in rows)


def test_the_gate_is_a_file_and_a_line_of_every_table(sqlite_ctx: Context, office: b.Office) -> None:
    report = quality.quality(sqlite_ctx, by=office.supervisor, asked=Asked(MARCH))
    assert report.counts[Check.LATE_WITHOUT_CAUSE] == 1
    book = opened(quality_files.as_xlsx(report))
    said = {row[0].value: row[1].value for row in book["Chất lượng số liệu"].iter_rows(min_row=5, max_col=2)}
    assert said["Quá hạn chưa ghi nguyên nhân"] == 1
    rows = list(csv.DictReader(io.StringIO(quality_files.as_csv(report).removeprefix("\ufeff"))))
    assert [row["check"] for row in rows] == [check.value for check in Check]
    sheet = opened(table_06_xlsx.as_xlsx(form_06(sqlite_ctx, office)))["Biểu II.06"]
    notes = [cell.value for row in sheet.iter_rows(min_row=13) for cell in row if cell.value]
    assert "- Chất lượng số liệu: 1 hồ sơ quá hạn chưa ghi nguyên nhân." in notes


def test_csv_of_form_06_has_a_row_for_each_row_and_part(sqlite_ctx: Context, office: b.Office) -> None:
    table = form_06(sqlite_ctx, office, Split.UNIT)
    rows = list(csv.DictReader(io.StringIO(table_files.table_06_csv(table).removeprefix("\ufeff"))))
    assert [row["part"] for row in rows if row["level"] == "total"] == ["", *(part.key for part in table.parts)]
    whole = rows[2]
    assert {no: int(whole[f"c{no}"]) for no in NUMBERS} == {no: table.whole.total[no] for no in NUMBERS}
    assert (whole["with_ended_percent"], whole["decided_denominator"]) == ("66.67", "2")


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (date(2026, 3, 1), date(2026, 3, 31), "Tháng 3 năm 2026"),
        (date(2026, 2, 15), date(2026, 3, 14), "Tháng 3 năm 2026"),
        (date(2025, 12, 15), date(2026, 3, 14), "Quý I năm 2026"),
        (date(2026, 7, 1), date(2026, 12, 31), "6 tháng cuối năm 2026"),
        (date(2025, 12, 15), date(2026, 12, 14), "Năm 2026"),
        (date(2026, 3, 2), date(2026, 3, 31), ""),
    ],
)
def test_periods_are_called_by_their_names(first: date, last: date, words: str) -> None:
    assert official_words.period_words(Period(first, last)) == words


def test_definitions_are_told_in_vietnamese_and_each_row_is_as_high_as_its_text(
    sqlite_ctx: Context, office: b.Office
) -> None:
    sheet = opened(table_06_xlsx.as_xlsx(form_06(sqlite_ctx, office)))["Định nghĩa"]
    said = {row[0]: row[1] for row in sheet.values}

    assert definition_words.WORDS.keys() == DEFINITIONS.keys()
    assert list(said.items())[-len(DEFINITIONS) :] == list(definition_words.WORDS.values())
    assert said["Kỳ báo cáo"] == "Từ ngày 01/03/2026 đến ngày 31/03/2026"
    assert not {"unit", "late_rule", "generated_at"} & said.keys()
    longest = 1 + list(said).index("Đơn vị tính")
    assert sheet.row_dimensions[longest].height >= 30
