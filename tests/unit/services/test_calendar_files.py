"""Reading a decision on days off: what is taken, and how each bad field is named."""

from __future__ import annotations

from datetime import date

import pytest

from engine.domain.office_hours import DayKind, DayRule, Shift
from engine.services.calendar_files import InvalidCalendarFileError, read_days, read_rows

HEADING = "date,kind,decision,note\n"
HALVES = "date,kind,decision,note,shifts\n"
GOOD = HEADING + "2027-02-04,off,1/QĐ-TTg,Tết\n2027-02-20,work,1/QĐ-TTg,Làm bù\n"
DAYS = [
    DayRule(date(2027, 2, 4), DayKind.OFF, "1/QĐ-TTg", "Tết"),
    DayRule(date(2027, 2, 20), DayKind.WORK, "1/QĐ-TTg", "Làm bù"),
]


def refusal(text: str | bytes) -> InvalidCalendarFileError:
    with pytest.raises(InvalidCalendarFileError) as refused:
        read_days(text, "2027.csv")
    return refused.value


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="text"),
        pytest.param(GOOD.encode(), id="bytes"),
        pytest.param(GOOD.encode("utf-8-sig"), id="byte-order-mark"),
        pytest.param(GOOD.replace(",", ";"), id="semicolons-of-a-vietnamese-excel"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="lines-of-windows"),
        pytest.param(GOOD.replace("\n", "\n,,,\n\n"), id="empty-rows"),
        pytest.param(GOOD.replace(",off,", ", OFF ,").replace("date,", "Date ,"), id="capitals-and-blanks"),
        pytest.param(HALVES + GOOD.partition("\n")[2], id="column-of-shifts-without-any"),
        pytest.param(GOOD.replace("Làm bù", '"Làm\nbù"'), id="quoted-line-break"),
    ],
)
def test_decision_is_read_as_excel_and_editors_save_it(text: str | bytes) -> None:
    assert read_days(text, "2027.csv") == DAYS


@pytest.mark.parametrize("shifts", ["07:00-09:00;10:00-11:30", '"07:00-09:00, 10:00-11:30"'])
def test_half_day_has_its_shifts(shifts: str) -> None:
    (rule,) = read_days(f"{HALVES}2027-02-20,work,1/QĐ,,{shifts}\n", "2027.csv")

    assert rule.shifts == (Shift.parse("07:00-09:00"), Shift.parse("10:00-11:30"))


def test_longest_decision_and_note_are_taken() -> None:
    (rule,) = read_days(f"{HEADING}2027-02-04,off,{'x' * 200},{'y' * 200}\n", "2027.csv")

    assert (len(rule.decision), len(rule.note)) == (200, 200)


def test_rows_are_lines_of_the_file() -> None:
    text = HEADING + '2027-02-04,off,"1/QĐ\n-TTg",Tết\n\n2027-02-05,off,1/QĐ,\n'

    assert {row: rule.on.day for row, rule in read_rows(text, "2027.csv").items()} == {2: 4, 5: 5}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", "is empty: its first row names the columns date,kind,decision,note", id="empty"),
        pytest.param(" \n", "is empty", id="blank"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="byte-order-mark-alone"),
        pytest.param(HEADING, "row 1: declares no day", id="heading-alone"),
        pytest.param(GOOD.replace("Tết", "T\0t"), "row 2: holds a NUL byte", id="nul"),
        pytest.param(GOOD.encode("cp1258", "replace"), "row 2: is not UTF-8 text: in Excel, save", id="cp1258"),
        pytest.param(GOOD.encode("utf-16"), "row 1: is not UTF-8 text", id="utf-16"),
        pytest.param("x" * 200_001, "has more than 200000 bytes", id="too-large"),
        pytest.param(HEADING + '"2027', "row 2: is not CSV: unexpected end of data", id="open-quote"),
        pytest.param(HEADING + "x" * 140_000, "row 2: is not CSV: field larger", id="field-too-large"),
        pytest.param(GOOD.replace(",note", ""), "row 1: column note is missing", id="column-missing"),
        pytest.param(GOOD.replace(",", "\t"), "row 1, column 1 (date kind", id="tabs"),
        pytest.param(HEADING.replace("note", "not"), "row 1, column 4 (not): is no column", id="unknown-column"),
        pytest.param("date,kind,date\n", "row 1, column 3 (date): is named twice", id="column-twice"),
    ],
)
def test_file_that_is_no_decision_is_refused_with_its_remedy(text: str | bytes, line: str) -> None:
    assert refusal(text).message.startswith(f"2027.csv: {line}")


@pytest.mark.parametrize(
    ("row", "line"),
    [
        (
            "03/04/2026,off,1,",
            'column 1 (date): "03/04/2026" is not a date such as 2027-02-04: write year-month-day, '
            "2026-04-03 if 3 April is meant (in Excel, as text)",
        ),
        ("31/02/2026,off,1,", 'column 1 (date): "31/02/2026" is not a date such as 2027-02-04: write year-month-day'),
        ("2026-02-30,off,1,", 'column 1 (date): "2026-02-30" is not a date'),
        ("20260203,off,1,", 'column 1 (date): "20260203" is not a date'),
        ("2026-W14-5,off,1,", 'column 1 (date): "2026-W14-5" is not a date'),
        (",off,1,", 'column 1 (date): "" is not a date'),
        ("0026-02-03,off,1,", "column 1 (date): 0026-02-03 lies outside the years 1971 to 9998"),
        ("9999-02-03,off,1,", "column 1 (date): 9999-02-03 lies outside the years"),
        ("2026-02-03,nghỉ,1,", 'column 2 (kind): "nghỉ" is neither off (a day off) nor work'),
        ("2026-02-03,,1,", 'column 2 (kind): "" is neither'),
        ("2026-02-03,off", "column 3 (decision): name the decision"),
        ("2026-02-03,off,  ,", "column 3 (decision): name the decision that declares the day"),
        ("2026-02-03,off,chưa có quyết định (dự kiến),", "column 3 (decision): name the decision"),
        (f"2026-02-03,off,{'x' * 201},", "column 3 (decision): has 201 characters; shorten it to 200"),
        (f"2026-02-03,off,1,{'x' * 201}", "column 4 (note): has 201 characters; shorten it to 200"),
        ("2026-02-03,work,1,,7h-11h30", 'column 5 (shifts): "7h-11h30" is not a shift such as 07:00-11:30'),
        ("2026-02-03,work,1,,11:30-07:00", "column 5 (shifts): a shift must end after it starts"),
        ("2026-02-03,work,1,,07:00-11:30;11:00-17:00", "column 5 (shifts): shifts of"),
        (
            "2026-02-03,work,1,," + ";".join(f"07:{n}-07:{n + 1}" for n in range(10, 27)),
            "column 5 (shifts): has 203 characters; shorten it",
        ),
        ("2026-02-03,off,1,,07:00-11:30", "column 5 (shifts): a day off has no shifts"),
        ("2026-02-03,off,1,,,", "has more fields than the 5 columns"),
    ],
)
def test_bad_field_is_named_with_row_and_column(row: str, line: str) -> None:
    text = f"{HALVES}2026-02-02,off,1,\n{row}\n"

    refused = refusal(text)

    where = "row 3: " if line.startswith("has more") else "row 3, "
    assert refused.message.startswith(f"2027.csv: {where}{line}")
    assert len(refused.details["problems"]) == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("off", "2026-02-03 is declared in row 2 already; keep one of the two rows"),
        ("work", "2026-02-03 is both work and off: declared off in row 2 already; keep one of the two rows"),
    ],
)
def test_day_that_is_declared_twice_names_both_rows(kind: str, words: str) -> None:
    refused = refusal(f"{HEADING}2026-02-03,off,1,\n2026-02-03,{kind},2,\n")

    assert refused.message == f"2027.csv: row 3, column 1 (date): {words}"


def test_every_problem_is_listed_in_order_and_the_message_tells_the_first() -> None:
    refused = refusal(HEADING + "2026-02-03,off,,\n3/2/2026,holiday,1,\n2026-02-04,off,1,\n")

    assert refused.message.startswith("2027.csv: row 2, column 3 (decision): name the decision")
    assert refused.message.endswith("(2 more)")
    assert refused.details["file"] == "2027.csv"
    assert [(each["code"], each["row"], each["column"], each["field"]) for each in refused.details["problems"]] == [
        ("decision-missing", 2, 3, "decision"),
        ("date-unreadable", 3, 1, "date"),
        ("kind-unknown", 3, 2, "kind"),
    ]


def test_many_rows_of_one_day_are_refused_at_once() -> None:
    assert len(refusal(HEADING + "2026-02-03,off,1,\n" * 9_000).details["problems"]) == 8_999
