"""The on-time report on both databases: invariants, denominators, rows, and what stands behind a number."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from itertools import islice
from pathlib import Path

import pytest
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Channel, Status
from engine.domain.permissions import NotAllowedError
from engine.domain.statistics import Column
from engine.errors import InvalidInputError, NotFoundError
from engine.reports.export import export_dossiers
from engine.reports.on_time import Question, dossiers_behind, on_time
from engine.reports.on_time_values import Dimension, Line, Per, Period, Rate, Report
from engine.reports.render import on_time_files
from engine.services import apologies
from tests.support.builders import (
    Dossier,
    Office,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    local,
    publish,
    refuse,
    stop,
    turn_clock_to,
    withdraw,
)
from tests.support.csv_files import read_csv
from web.cli import main

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
"""Promises of the small procedure: made on Monday 2 March 08:00 they end on Friday 6 March."""


def report(ctx: Context, period: Period = MARCH, **asked: object) -> Report:
    return on_time(ctx, by=SYSTEM, question=Question(period, **asked))  # type: ignore[arg-type]


def numbers(line: Line) -> dict[str, int]:
    return {column.value: line[column] for column in Column if line[column]}


APART = ("ended_late", "received_on_time", "received_ended", "apologised", "apologised_met", "apologised_unkept")


def assert_invariants(line: Line) -> None:
    """Vector 15 of domain.md §10: 3 = 4+5+6, 7 = 8+9+10, 11 = 12+13, 3 = 7+11."""
    all_received = line[Column.RECEIVED_IN_PERIOD] + line[Column.CARRIED_OVER]
    settled = sum(line[c] for c in (Column.EARLY, Column.ON_TIME, Column.LATE, Column.WITHDRAWN, Column.STOPPED))
    assert all_received == settled + line[Column.OPEN_IN_TIME] + line[Column.OPEN_LATE]
    broken = line[Column.LATE] + line[Column.OPEN_LATE] + line[Column.ENDED_LATE]
    assert line[Column.APOLOGISED_MET] + line[Column.APOLOGISED_UNKEPT] <= line[Column.APOLOGISED] <= broken
    for rate in line.rates.values():
        assert 0 <= rate.numerator <= rate.denominator or rate.denominator == 0 == rate.numerator


def a_month_of_work(ctx: Context, office: Office) -> dict[str, Dossier]:
    """One dossier of each kind, by hand; the clock ends on Tuesday 31 March 17:00."""
    made = {name: a_received_dossier(ctx, office) for name in ("early", "on_time", "late", "withdrawn", "stopped")}
    made["extended"] = a_received_dossier(ctx, office)
    made["ended_late"] = a_received_dossier(ctx, office)
    filed = a_submitted_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T16:00")
    made["early"] = advance_to(ctx, office, made["early"], Status.FINISHED)
    made["withdrawn"] = withdraw(ctx, office, made["withdrawn"])
    made["stopped"] = stop(ctx, office, made["stopped"])
    made["extended"] = apologise(ctx, office, made["extended"], new_due="2026-03-12T09:00")
    turn_clock_to(ctx, "2026-03-06T23:59:59")
    made["on_time"] = advance_to(ctx, office, made["on_time"], Status.RETURNED)
    turn_clock_to(ctx, "2026-03-09T08:00")
    made["late"] = advance_to(ctx, office, made["late"], Status.FINISHED)
    made["extended"] = advance_to(ctx, office, made["extended"], Status.FINISHED)
    made["ended_late"] = withdraw(ctx, office, made["ended_late"])
    made["refused"] = refuse(ctx, office, a_received_dossier(ctx, office))
    made["open_late"] = a_received_dossier(ctx, office)
    made["open_waiting"] = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-30T08:00")
    made["open"] = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-31T17:00")
    assert filed["status"] == 1
    return made


def test_on_time_counts_each_dossier_once_by_its_promise(ctx: Context) -> None:
    office = an_office(ctx)
    made = a_month_of_work(ctx, office)
    total = report(ctx).total

    assert numbers(total) == {
        "received_in_period": 11,
        "early": 2,  # early, refused
        "on_time": 1,
        "late": 2,  # late, and extended: an apology moves no promise
        "withdrawn": 2,
        "stopped": 2,  # one of them lapsed: the supplement never came
        "ended_late": 1,
        "open_in_time": 1,
        "open_late": 1,
        "received_on_time": 3,
        "received_ended": 4,
        "apologised": 1,  # extended, and finished within the new date: late all the same
        "apologised_met": 1,
    }
    assert len(made) == 11
    assert_invariants(total)
    assert total.rates == {
        "finished": Rate(3, 5),
        "finished_with_ended": Rate(7, 9),
        "received": Rate(3, 7),
        "received_with_ended": Rate(7, 11),
    }


def test_dossiers_behind_name_what_each_number_counts(ctx: Context) -> None:
    office = an_office(ctx)
    made = a_month_of_work(ctx, office)
    question = Question(MARCH)

    def behind(column: Column, key: str | None) -> list[str]:
        return dossiers_behind(ctx, by=SYSTEM, question=question, column=column, key=key)

    assert behind(Column.LATE, None) == sorted([made["late"]["code"], made["extended"]["code"]])
    assert behind(Column.ON_TIME, office.code) == [made["on_time"]["code"]]
    assert behind(Column.ENDED_LATE, None) == [made["ended_late"]["code"]]
    assert behind(Column.OPEN_LATE, "H99") == []
    total = report(ctx).total
    assert {column: len(behind(column, None)) for column in Column} == {column: total[column] for column in Column}


def test_on_time_takes_what_came_before_the_period_and_what_ended_after_it(ctx: Context) -> None:
    office = an_office(ctx)
    a_month_of_work(ctx, office)
    second_week = Period(date(2026, 3, 6), date(2026, 3, 10))
    total = report(ctx, second_week).total

    assert numbers(total) == {
        "received_in_period": 3,
        "carried_over": 4,  # on_time, late, extended, ended_late
        "early": 1,  # refused
        "on_time": 1,
        "late": 2,
        "withdrawn": 1,
        "ended_late": 1,
        "open_in_time": 2,  # open_late and open_waiting were in time then
        "received_on_time": 1,
        "apologised": 1,  # extended
        "apologised_met": 1,
    }
    assert_invariants(total)


@pytest.mark.parametrize(
    ("from_on", "to_on", "counted"),
    [
        (date(2026, 3, 1), date(2026, 3, 1), {}),
        (date(2026, 3, 2), date(2026, 3, 2), {"received_in_period": 1, "open_in_time": 1}),
        (date(2026, 3, 3), date(2026, 3, 6), {"carried_over": 1, "open_in_time": 1}),
        (date(2026, 3, 3), date(2026, 3, 7), {"carried_over": 1, "open_late": 1}),
        (date(2026, 3, 10), date(2026, 3, 10), {"carried_over": 1, "late": 1}),
        (date(2026, 3, 11), date(2026, 3, 11), {}),
        (date(2026, 3, 2), date(2099, 12, 31), {"received_in_period": 1, "late": 1}),
    ],
)
def test_on_time_cuts_periods_at_local_midnight(
    sqlite_ctx: Context, from_on: date, to_on: date, counted: dict[str, int]
) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)
    turn_clock_to(sqlite_ctx, "2026-03-10T23:59:59")
    advance_to(sqlite_ctx, office, dossier, Status.FINISHED)
    turn_clock_to(sqlite_ctx, "2026-03-20T08:00")

    assert numbers(report(sqlite_ctx, Period(from_on, to_on)).total) == counted


def test_rate_has_no_percent_without_denominator() -> None:
    assert Rate(0, 0).as_json() == {"numerator": 0, "denominator": 0, "percent": None}
    assert Rate(1, 3).as_json() == {"numerator": 1, "denominator": 3, "percent": 33.33}
    assert Rate(1, 8).as_json() == {"numerator": 1, "denominator": 8, "percent": 12.5}
    assert Rate(2, 3).as_json()["percent"] == 66.67


def two_offices(ctx: Context) -> tuple[Office, Office]:
    here = an_office(ctx, policy={"field": "Hộ tịch"})
    there = an_office(ctx, code="H01", policy={"field": "Đất đai"})
    publish(ctx, code=here.code, procedure="TP98")
    first = a_received_dossier(ctx, here)
    turn_clock_to(ctx, "2026-03-03T09:00")
    advance_to(ctx, here, first, Status.RETURNED)
    a_received_dossier(ctx, here, channel=Channel.ONLINE)
    a_received_dossier(ctx, here, procedure_code="TP98", channel=Channel.POSTAL)
    shared = a_received_dossier(ctx, here, resolving_agency="H01")
    turn_clock_to(ctx, "2026-04-08T09:00")
    advance_to(ctx, there, shared, Status.FINISHED, counter=here)
    a_received_dossier(ctx, there)
    return here, there


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ({"per": Per.AGENCY}, {"H00": (3, 1), "H01": (2, 1)}),
        ({"per": Per.AGENCY, "dimension": Dimension.RECEIVING}, {"H00": (4, 2), "H01": (1, 0)}),
        ({"per": Per.AGENCY, "dimension": Dimension.RETURNING}, {"H00": (4, 2), "H01": (1, 0)}),
        ({"per": Per.AGENCY, "agency": "H01"}, {"H01": (2, 1)}),
        ({"per": Per.PROCEDURE}, {"TP98": (1, 0), "TP99": (4, 2)}),
        ({"per": Per.FIELD}, {"": (1, 0), "Hộ tịch": (2, 1), "Đất đai": (2, 1)}),
        ({"per": Per.CHANNEL}, {"direct": (3, 2), "online": (1, 0), "postal": (1, 0)}),
        ({"per": Per.OFFICER}, {"": (3, 0), "officer": (1, 1), "officer.h01": (1, 1)}),
    ],
)
def test_on_time_makes_rows_of_what_is_asked(
    sqlite_ctx: Context, asked: dict[str, object], lines: dict[str, tuple[int, int]]
) -> None:
    two_offices(sqlite_ctx)
    answer = report(sqlite_ctx, Period(date(2026, 3, 1), date(2026, 4, 30)), **asked)
    finished = (Column.EARLY, Column.ON_TIME, Column.LATE)

    assert {
        line.key: (line[Column.RECEIVED_IN_PERIOD], sum(line[column] for column in finished)) for line in answer.lines
    } == lines
    assert [line.key for line in answer.lines] == sorted(lines)
    for line in answer.lines:
        assert_invariants(line)
    for column in Column:
        assert answer.total[column] == sum(line[column] for line in answer.lines)


def test_on_time_makes_the_same_rows_on_every_database(ctx: Context) -> None:
    two_offices(ctx)
    whole = Period(date(2026, 3, 1), date(2026, 4, 30))
    sizes = {per: [line[Column.RECEIVED_IN_PERIOD] for line in report(ctx, whole, per=per).lines] for per in Per}

    assert sizes == {
        Per.AGENCY: [3, 2],
        Per.PROCEDURE: [1, 4],
        Per.FIELD: [1, 2, 2],
        Per.CHANNEL: [3, 1, 1],
        Per.UNIT: [3, 2],  # of two agencies, the office of each
        Per.OFFICER: [3, 1, 1],
        Per.MONTH: [4, 1],
    }


def test_on_time_reports_each_month_as_a_period_of_its_own(sqlite_ctx: Context) -> None:
    two_offices(sqlite_ctx)
    answer = report(sqlite_ctx, Period(date(2026, 2, 15), date(2026, 4, 20)), per=Per.MONTH)
    named = [(line.key, line.name, numbers(line)) for line in answer.lines]

    assert named == [
        ("2026-02", "02/2026", {}),
        (
            "2026-03",
            "03/2026",
            {"received_in_period": 4, "received_online": 1, "early": 1, "open_late": 3, "received_on_time": 1},
        ),
        (
            "2026-04",
            "04/2026",
            {"received_in_period": 1, "carried_over": 3, "late": 1, "open_in_time": 1, "open_late": 2},
        ),
    ]
    assert numbers(answer.total) == {
        "received_in_period": 5,
        "received_online": 1,
        "early": 1,
        "late": 1,
        "open_in_time": 1,
        "open_late": 2,
        "received_on_time": 1,
    }
    for line in (*answer.lines, answer.total):
        assert_invariants(line)


def test_on_time_shows_each_actor_only_what_is_theirs(sqlite_ctx: Context) -> None:
    here, there = two_offices(sqlite_ctx)
    question = Question(MARCH)

    def agencies(by: object, asked: Question = question) -> list[str]:
        return [line.key for line in on_time(sqlite_ctx, by=by, question=asked).lines]  # type: ignore[arg-type]

    assert agencies(here.supervisor) == ["H00"]
    assert agencies(there.auditor) == ["H01"]
    assert agencies(there.auditor, Question(MARCH, agency="H01")) == ["H01"]
    for actor in (here.desk, here.officer, here.admin):
        with pytest.raises(NotAllowedError):
            agencies(actor)
    with pytest.raises(NotAllowedError):
        agencies(here.supervisor, Question(MARCH, agency="H01"))
    with pytest.raises(NotFoundError):
        agencies(SYSTEM, Question(MARCH, agency="H77"))
    with pytest.raises(NotAllowedError):
        dossiers_behind(sqlite_ctx, by=here.desk, question=question, column=Column.LATE, key=None)


@pytest.mark.parametrize(
    ("from_on", "to_on"),
    [
        (date(2026, 3, 2), date(2026, 3, 1)),
        (date(1, 1, 1), date(2026, 3, 1)),
        (date(2026, 1, 1), date(9999, 12, 31)),
    ],
)
def test_period_refuses_dates_that_make_none(from_on: date, to_on: date) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Period(from_on, to_on)

    assert caught.value.code == "invalid-date"


def test_on_time_by_month_refuses_a_century(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    with pytest.raises(InvalidInputError) as caught:
        report(sqlite_ctx, Period(date(1990, 1, 1), date(2026, 1, 1)), per=Per.MONTH)

    assert caught.value.code == "report-too-long"


# --- a life, recounted ----------------------------------------------------------------------------------------------


def live(ctx: Context, offices: list[Office], *, seed: int, dossiers: int) -> None:
    """Let dossiers come and go for some weeks: done in time or late, waiting, refused, withdrawn, stopped, extended."""
    dice = random.Random(seed)
    open_ones: list[tuple[Office, Office, Dossier]] = []
    for day in islice(working_mornings(), dossiers):
        turn_clock_to(ctx, day)
        for done in [each for each in open_ones if dice.random() < 0.25]:
            open_ones.remove(done)
            something_happens(ctx, dice, *done)
        counter, home, channel = dice.choice(offices), dice.choice(offices), dice.choice(list(Channel))
        made = a_received_dossier(ctx, counter, resolving_agency=home.code, channel=channel)
        open_ones.append((counter, home, made))


def something_happens(ctx: Context, dice: random.Random, counter: Office, home: Office, dossier: Dossier) -> None:
    match dice.randrange(8):
        case 0:
            withdraw(ctx, counter, dossier)
        case 1:
            stop(ctx, home, dossier)
        case 2:
            refuse(ctx, home, dossier)
        case 3:
            ask_supplement(ctx, home, dossier)
        case 4:
            moved = bring_supplement(ctx, counter, ask_supplement(ctx, home, dossier))
            advance_to(ctx, home, moved, Status.FINISHED)
        case 5:
            advance_to(ctx, home, dossier, Status.FINISHED, counter=counter)
        case _:
            advance_to(ctx, home, dossier, Status.RETURNED, counter=counter)


def working_mornings() -> Iterator[str]:
    for month, last in ((3, 31), (4, 29)):
        for day in range(2, last):
            if date(2026, month, day).weekday() < 5:
                yield f"2026-{month:02}-{day:02}T08:00"


def recount(rows: list[dict[str, str]], period: Period, now: str) -> Counter[str]:
    """Count from the export alone, with text comparison of local times: another way than the report's."""
    first, last = period.from_on.isoformat(), period.to_on.isoformat()
    tally: Counter[str] = Counter()
    for row in rows:
        received_on = row["received_at"][:10]
        closed_at = row["finished_at"] or row["ended_at"]
        if not received_on or received_on > last or (closed_at and closed_at[:10] < first):
            continue
        tally["received_in_period" if received_on >= first else "carried_over"] += 1
        tally["received_online"] += received_on >= first and row["channel"] == "online"
        if not closed_at or closed_at[:10] > last:
            cut = min(f"{last}T23:59:59.999999", now)
            tally["open_late" if row["late_after"] and cut > row["late_after"][:26] else "open_in_time"] += 1
        elif not row["finished_at"]:
            tally["withdrawn" if row["status"] == "7" else "stopped"] += 1
        elif row["finished_at"][:26] > row["late_after"][:26]:
            tally["late"] += 1
        else:
            tally["early" if row["finished_at"][:10] < row["due_at"][:10] else "on_time"] += 1
    return tally


def test_on_time_equals_a_recount_of_the_export(ctx: Context, tmp_path: Path) -> None:
    offices = [an_office(ctx), an_office(ctx, code="H01", total_days="2")]
    live(ctx, offices, seed=7, dossiers=30)
    export_dossiers(ctx, by=SYSTEM, to=tmp_path / "dossiers.csv")
    rows = read_csv(tmp_path / "dossiers.csv")
    now = "2026-04-14T08:00:00"
    assert ctx.clock.now() == local(now)
    seen: Counter[str] = Counter()
    for period in (
        Period(date(2026, 3, 1), date(2026, 4, 30)),
        Period(date(2026, 3, 15), date(2026, 4, 14)),
        Period(date(2026, 3, 9), date(2026, 3, 13)),
        Period(date(2026, 4, 1), date(2026, 4, 1)),
    ):
        for line in (report(ctx, period).total, *report(ctx, period).lines):
            mine = [row for row in rows if line.key in ("", row["resolving_agency"])]
            counted = {column.value: line[column] for column in Column}
            for apart in APART:
                counted.pop(apart)
            assert counted == {name: recount(mine, period, now)[name] for name in counted}
            assert_invariants(line)
            seen.update(counted)

    assert len(rows) == 30
    assert min(seen.values()) > 0  # every kind of dossier occurred
    assert len(apologies.listed(ctx, by=SYSTEM)) > 0


# --- files and the command ------------------------------------------------------------------------------------------


def test_files_of_the_report_say_the_same(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    a_month_of_work(sqlite_ctx, office)
    answer = report(sqlite_ctx)
    document = json.loads(on_time_files.as_json(answer))
    lines = read_csv(StringIO(on_time_files.as_csv(answer)))
    book = load_workbook(BytesIO(on_time_files.as_xlsx(answer)))
    table = list(book["Đúng hạn"].values)

    assert document["total"]["rates"]["finished"] == {"numerator": 3, "denominator": 5, "percent": 60.0}
    assert (document["from"], document["to"], document["by"]) == ("2026-03-01", "2026-03-31", "agency")
    assert document["generated_at"] == "2026-03-31T17:00:00+07:00"
    assert [(row["code"], row["late_rule"]) for row in document["agencies"]] == [("H00", "day")]
    assert [line["key"] for line in lines] == ["H00", "total"]
    assert {name: int(lines[1][name]) for name in (column.value for column in Column)} == {
        name: document["total"][name] for name in (column.value for column in Column)
    }
    assert lines[1]["received_with_ended_percent"] == "63.64"
    assert table[-1][1:5] == ("Tổng số", 11, 0, 0)
    assert [f"{rate:.6f}" for rate in table[-1][-4:]] == ["0.600000", "0.777778", "0.428571", "0.636364"]
    sheet = book["Đúng hạn"]
    assert sheet.cell(sheet.max_row, sheet.max_column).number_format == "0.00%"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize, sheet.freeze_panes) == ("landscape", 9, "C6")
    assert sheet["A2"].value == "Kỳ báo cáo: từ 01/03/2026 đến 31/03/2026"
    definitions = {row[0]: row[1] for row in book["Định nghĩa"].values}
    assert definitions["Tỷ lệ đúng hạn (đã có kết quả)"].startswith("(trước hạn + đúng hạn) / ")
    assert "quá hạn khi hết ngày hẹn trả" in definitions["Cơ quan H00"]
    assert book["Đúng hạn"]["A3"].value.startswith("Lập lúc: ")
    assert "+07:00" not in book["Đúng hạn"]["A3"].value


def test_files_leave_a_rate_without_denominator_empty(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    answer = report(sqlite_ctx, per=Per.MONTH)
    (line, _total) = read_csv(StringIO(on_time_files.as_csv(answer)))
    book = load_workbook(BytesIO(on_time_files.as_xlsx(answer)))

    assert (line["finished_denominator"], line["finished_percent"]) == ("0", "")
    assert list(book["Đúng hạn"].values)[-1][-4:] == (None, None, None, None)


def invoke(ctx: Context, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    for name in ("MOTCUA_DATA", "MOTCUA_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOTCUA_DATA", str(ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", ctx.settings.database_url)
    return main.run(list(arguments))


def test_command_prints_or_writes_the_report(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    a_received_dossier(sqlite_ctx, an_office(sqlite_ctx))
    period = ("--from", "2026-03-01", "--to", "2026-03-31")
    assert invoke(sqlite_ctx, monkeypatch, "report", "on-time", *period) == 0
    printed = json.loads(capsys.readouterr().out)
    assert invoke(sqlite_ctx, monkeypatch, "report", "on-time", *period, "-o", str(tmp_path / "r.csv")) == 0
    assert invoke(sqlite_ctx, monkeypatch, "report", "on-time", *period, "-o", str(tmp_path / "r.xlsx")) == 0

    assert printed["total"]["received_in_period"] == 1
    assert read_csv(tmp_path / "r.csv")[-1]["received_in_period"] == "1"
    assert load_workbook(tmp_path / "r.xlsx").sheetnames == ["Đúng hạn", "Định nghĩa"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("on-time", "--from", "2026-03-02", "--to", "2026-03-01"), "the period ends (2026-03-01) before it begins"),
        (("on-time", "--from", "soon", "--to", "2026-03-01"), "'soon' does not match the format"),
        (("on-time", "--from", "2026-03-01", "--to", "2026-03-01", "--agency", "H77"), "no agency with code 'H77'"),
        (("on-time", "--from", "2026-03-01", "--to", "2026-03-01", "--format", "xlsx"), "needs -o FILE.xlsx"),
        (("nonsense",), "No such command 'nonsense'"),
    ],
)
def test_command_refuses_in_one_line(
    sqlite_ctx: Context,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    line: str,
) -> None:
    an_office(sqlite_ctx)
    status = invoke(sqlite_ctx, monkeypatch, "report", *arguments)
    told = capsys.readouterr()

    assert (status, told.out, told.err.count("\n")) == (2, "", 1)
    assert line in told.err
