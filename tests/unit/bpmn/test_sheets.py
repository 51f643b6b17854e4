"""Step tables as spreadsheets: what is understood, and what is refused by row and column."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from bpmn import tables
from bpmn.findings import Finding, Severity
from bpmn.sheet.words import BadLength, read_length
from bpmn.sheets import SheetReading, SheetTable, read_sheet
from tests.support.sheets import STEPS, TITLES, as_csv, as_xlsx, change, rows


def only(reading: SheetReading) -> SheetTable:
    """Return the one procedure of a file that has nothing wrong with it."""
    assert errors(reading) == []
    (table,) = reading.tables
    return table


def errors(reading: SheetReading) -> list[Finding]:
    """Return the errors of a file and of its procedures."""
    found = [*reading.findings, *(each for table in reading.tables for each in table.findings)]
    return [each for each in found if each.severity is Severity.ERROR]


def rules(reading: SheetReading) -> list[tuple[str, str]]:
    """Return rule and place of the errors."""
    return [(each.rule, each.where) for each in errors(reading)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_in_every_encoding_and_separator_reads_the_same(encoding: str, separator: str) -> None:
    read = only(read_sheet(as_csv(rows(), encoding=encoding, separator=separator), "csv"))

    assert read == only(read_sheet(as_xlsx(rows()), "xlsx"))
    assert [step["limit_days"] for step in read.entry["steps"] if "limit_days" in step] == ["0.25", "1", "0.5", "0.25"]


def test_small_sheet_makes_a_procedure_of_five_steps_and_two_days() -> None:
    read = only(read_sheet(as_xlsx(rows()), "xlsx"))

    (reading,) = tables.read_tables([read.entry])
    assert reading.table is not None
    assert (reading.code, reading.table.name, reading.table.limit) == ("9.000009", "Cấp giấy thử", "2 working_day")
    assert [(stage.unit, stage.limit) for stage in reading.table.stages] == [
        ("BO_PHAN_MOT_CUA", "0.25 working_day"),
        ("PHONG_TU_PHAP", "1.5 working_day"),
        ("BO_PHAN_MOT_CUA", "0.25 working_day"),
    ]
    assert [step.key for step in reading.table.steps if step.ends_processing] == ["9.000009::KY_GIAY"]
    assert read.rows == ("row 4", "row 5", "row 6", "row 7", "row 8")


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("2", "2"),
        ("2 ngày", "2"),
        ("02 ngày làm việc", "2"),
        ("0,5 ngày làm việc", "0.5"),
        ("4 giờ", "0.5"),
        ("4h", "0.5"),
        ("1 ngày 4 giờ", "1.5"),
        ("30 phút", "0.0625"),
        ("1/2 ngày", "0.5"),
        ("Không quá 03 ngày.", "3"),
        (0.30000000000000004, "0.3"),
        (2.0, "2"),
        ("", None),
        (None, None),
        ("trong ngày", BadLength.WORDS),
        ("2 - 3 ngày", BadLength.WORDS),
        ("3 tuần", BadLength.WORDS),
        ("3 ngày lịch", BadLength.WORDS),
        ("1/0 ngày", BadLength.WORDS),
        (True, BadLength.WORDS),
        ("-1", BadLength.NEGATIVE),
        (-1, BadLength.NEGATIVE),
        (datetime(2026, 2, 1), BadLength.DATE),  # noqa: DTZ001 - as a workbook gives it
    ],
)
def test_lengths_of_time_as_people_write_them(said: Any, days: Any) -> None:
    read = read_length(said)

    assert (read == Decimal(days)) if isinstance(days, str) and not isinstance(days, BadLength) else read is days


def test_hours_in_the_title_of_a_column_hold_for_its_numbers() -> None:
    titles = [*TITLES[:3], "Thời gian (giờ)", TITLES[4]]

    read = only(read_sheet(as_csv(rows(titles=titles, steps=change(1, 3, "12"))), "csv"))

    assert read.entry["steps"][1]["limit_days"] == "1.5"
    assert [found.rule for found in read.findings] == ["hours-as-days"] * 4


# --- traps -----------------------------------------------------------------------------------------------------------


def test_code_that_is_a_number_gets_its_zeros_back() -> None:
    read = read_sheet(as_xlsx(rows(above=[("Mã thủ tục", 1.00119), ("Tên thủ tục", "A")])), "xlsx")

    assert only(read).code == "1.001190"
    assert [(found.rule, found.where) for found in read.findings] == [("sheet-code-number", "row 1, column B")]


def test_cells_merged_downwards_hold_for_each_row_and_their_time_counts_once() -> None:
    steps = change(2, 2, None)
    steps[2][3] = None

    read = only(read_sheet(as_xlsx(rows(steps=steps), merged=["C5:C6", "D5:D6"]), "xlsx"))

    assert [step["unit"] for step in read.entry["steps"]][1:3] == ["PHONG_TU_PHAP", "PHONG_TU_PHAP"]
    assert read.entry["steps"][2]["stage_limit_days"] == "1"


def test_headings_numbering_and_sums_are_no_steps() -> None:
    steps = [("(1)", "(2)", "(3)", "(4)", "(5)"), ("I. Tiếp nhận",), *STEPS, ("", "Tổng cộng", "", "3 ngày", "")]

    reading = read_sheet(as_xlsx(rows(steps=steps), merged=["A5:E5"]), "xlsx")

    assert len(only(reading).entry["steps"]) == 5
    assert only(reading).entry["total_days"] == "3"
    assert [(found.rule, found.where) for found in reading.findings] == [("sheet-row-passed-over", "row 5")]


def test_several_procedures_by_code_with_titles_again_on_the_second_page() -> None:
    titles = ("Mã thủ tục", "Tên thủ tục", *TITLES)
    first = [("1.000001" if at == 0 else "", "Một" if at == 0 else "", *step) for at, step in enumerate(STEPS)]
    second = [("1.000002", "Hai", *step) for step in STEPS]

    read = read_sheet(as_csv([titles, *first, titles, *second]), "csv")

    assert errors(read) == []
    assert [(each.code, each.entry["name"], len(each.entry["steps"])) for each in read.tables] == [
        ("1.000001", "Một", 5),
        ("1.000002", "Hai", 5),
    ]


def test_next_may_name_a_number_an_id_or_the_end() -> None:
    titles = (*TITLES, "Bước sau")
    steps = [(*step, following) for step, following in zip(STEPS, ("2", 3.0, "", "5", "hết"), strict=True)]

    read = only(read_sheet(as_xlsx(rows(titles=titles, steps=steps)), "xlsx"))

    keys = [step["id"] for step in read.entry["steps"]]
    assert [step["next"] for step in read.entry["steps"]] == [*keys[1:], None]


def test_ids_stay_when_a_step_is_put_in_before_them() -> None:
    more = [STEPS[0], (9, "Kiểm tra", "Phòng Tư pháp", "1", ""), *STEPS[1:]]

    before, after = (only(read_sheet(as_csv(rows(steps=steps)), "csv")) for steps in (STEPS, more))

    ids = [step["id"] for step in before.entry["steps"]]
    assert [step["id"] for step in after.entry["steps"] if step["id"] in ids] == ids


def test_sheet_without_a_table_is_passed_over_with_a_warning() -> None:
    read = read_sheet(as_xlsx(rows(), more=["Hướng dẫn"]), "xlsx")

    assert only(read).rows[0] == "Sheet: row 4"
    assert [(found.rule, found.where) for found in read.findings] == [("sheet-passed-over", "Hướng dẫn")]


def test_unknown_column_is_named_and_those_for_people_are_not() -> None:
    read = read_sheet(as_csv(rows(titles=(*TITLES, "Cột lạ", "Ghi chú"))), "csv")

    assert [(found.rule, found.where) for found in read.findings] == [("field-unknown", "row 3, column F")]


@pytest.mark.parametrize(
    ("name", "content", "kind", "rule", "where"),
    [
        ("empty", b"  \n", "csv", "file-empty", "file"),
        ("latin", b"B\xfdc,\xd0\xf5n v\xef\nK\xfd,Ph", "csv", "file-encoding", "byte 1"),
        ("not-utf8", b"\xff\xfa\x00x", "csv", "file-encoding", "byte 0"),
        ("nul", b"a\0b", "csv", "file-encoding", "file"),
        ("xlsx-as-csv", as_xlsx(rows()), "csv", "file-kind", "file"),
        ("quote", b'B\xc6\xb0\xe1\xbb\x9bc,\xc4\x90\xc6\xa1n v\xe1\xbb\x8b\n"a"b,c\n', "csv", "csv-malformed", "row 2"),
        ("no-titles", b"a,b\n1,2\n", "csv", "sheet-header-missing", "file"),
        ("titles-only", as_csv(rows(steps=())), "csv", "sheet-empty", "file"),
        ("no-code", as_csv(rows(above=())), "csv", "code-missing", "row 2"),
        ("no-unit-column", as_csv([("Mã thủ tục", "1"), ("Bước", "Thời gian"), ("Ký", "1")]), "csv",
         "sheet-column-missing", "row 2"),
        ("column-twice", as_csv(rows(titles=(*TITLES[:4], "Thời hạn"))), "csv", "sheet-column-twice",
         "row 3, column E"),
        ("too-many-rows", as_csv([["a"]] * 5001), "csv", "sheet-rows-too-many", "row 5001"),
        ("too-many-columns", as_csv([["a"] * 61]), "csv", "sheet-columns-too-many", "row 1"),
        ("too-large", b"a" * (5 * 2**20 + 1), "csv", "file-too-large", "file"),
        ("csv-as-xlsx", as_csv(rows()), "xlsx", "xlsx-malformed", "file"),
        ("old-xls", b"\xd0\xcf\x11\xe0" + b"x" * 50, "xlsx", "file-kind", "file"),
        ("cut-off", as_xlsx(rows())[:2000], "xlsx", "xlsx-malformed", "file"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.islower() and " " not in value else "",
)  # fmt: skip
def test_bad_file_is_refused_with_its_place(name: str, content: bytes, kind: str, rule: str, where: str) -> None:
    assert (rule, where) in rules(read_sheet(content, kind))


@pytest.mark.parametrize(
    ("steps", "rule", "where"),
    [
        (change(1, 1, ""), "name-missing", "row 5, column B (Trình tự)"),
        (change(1, 2, ""), "unit-missing", "row 5, column C (Trách nhiệm)"),
        (change(1, 3, "nhanh"), "sheet-length", "row 5, column D (Thời gian)"),
        (change(1, 3, "-1"), "sheet-length", "row 5, column D (Thời gian)"),
        (change(1, 3, datetime(2026, 2, 1)), "sheet-cell-date", "row 5, column D (Thời gian)"),  # noqa: DTZ001
        (change(1, 3, "=1+1"), "sheet-formula", "row 5, column D (Thời gian)"),
        (change(1, 2, "=A1"), "sheet-formula", "row 5, column C (Trách nhiệm)"),
        (change(1, 1, datetime(2026, 2, 1)), "sheet-cell-date", "row 5, column B (Trình tự)"),  # noqa: DTZ001
        (change(1, 4, "có lẽ"), "sheet-flag", "row 5, column E (Kết thúc xử lý)"),
    ],
)
def test_bad_cell_is_an_error_that_names_row_and_column(steps: list[Any], rule: str, where: str) -> None:
    assert (rule, where) in rules(read_sheet(as_xlsx(rows(steps=steps)), "xlsx"))


@pytest.mark.parametrize(
    ("titles", "steps", "rule"),
    [
        ((*TITLES, "Bước sau"), [(*step, "77") for step in STEPS], "next-unknown"),
        ((*TITLES, "Tổng thời hạn"), [(*step, str(at)) for at, step in enumerate(STEPS)], "sheet-facts-differ"),
        ((*TITLES, "Lệ phí"), [(*step, -5) for step in STEPS], "sheet-fee"),
    ],
)
def test_contradiction_between_rows_is_refused(titles: Any, steps: Any, rule: str) -> None:
    assert rule in [found for found, _where in rules(read_sheet(as_xlsx(rows(titles=titles, steps=steps)), "xlsx"))]


def test_bomb_and_entity_are_refused_unopened() -> None:
    bomb, hostile = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b" " * (61 * 2**20))
    with zipfile.ZipFile(hostile, "w") as parts:
        parts.writestr("xl/workbook.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode("utf-16"))

    assert rules(read_sheet(bomb.getvalue(), "xlsx")) == [("file-too-large", "file")]
    assert rules(read_sheet(hostile.getvalue(), "xlsx")) == [("xml-hostile", "xl/workbook.xml")]


def test_hidden_sheet_is_not_read_and_a_lie_about_the_size_costs_nothing() -> None:
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(rows(), more=["Ẩn"])))
    book["Ẩn"].sheet_state = "hidden"
    book["Sheet"]["BZ900000"] = "xa"
    out = io.BytesIO()
    book.save(out)

    assert [found.rule for found in errors(read_sheet(out.getvalue(), "xlsx"))] == []


def test_one_bad_procedure_leaves_the_others() -> None:
    titles = ("Mã thủ tục", "Tên thủ tục", *TITLES)
    good = [("1.000001", "Một", *step) for step in STEPS]
    bad = [("1.000002", "Hai", *step) for step in change(2, 3, "lâu")]

    read = read_sheet(as_csv([titles, *bad, *good]), "csv")

    assert [(each.code, [found.rule for found in each.findings]) for each in read.tables] == [
        ("1.000002", ["sheet-length"]),
        ("1.000001", []),
    ]
