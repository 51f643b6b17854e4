"""Every file of the on-time report says which late rule was in force."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pytest
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.reports.on_time import Question, on_time
from engine.reports.on_time_values import Period
from engine.reports.render import on_time_files
from engine.services import agency_settings
from tests.support.builders import a_received_dossier, an_office, ask_supplement
from tests.support.csv_files import read_csv

QUESTION = Question(period=Period(date(2026, 3, 1), date(2026, 3, 31)))


def files(ctx: Context) -> tuple[object, set[str], object]:
    """Return what JSON, CSV and the printed sheet of the workbook say of the rule."""
    report = on_time(ctx, by=SYSTEM, question=QUESTION)
    document = json.loads(on_time_files.as_json(report))
    lines = read_csv(StringIO(on_time_files.as_csv(report)))
    sheet = load_workbook(BytesIO(on_time_files.as_xlsx(report)))["Đúng hạn"]
    rules = [(agency["code"], agency["late_rule"]) for agency in document["agencies"]]
    return rules, {line["late_rule"] for line in lines}, sheet["A4"].value


def numbers(ctx: Context) -> tuple[dict[str, Any], list[dict[str, str]], str]:
    """Return the JSON document, the lines of the CSV, and what the workbook says of the agency."""
    report = on_time(ctx, by=SYSTEM, question=QUESTION)
    lines = list(read_csv(StringIO(on_time_files.as_csv(report))))
    sheet = load_workbook(BytesIO(on_time_files.as_xlsx(report)))["Định nghĩa"]
    facts = {row[0].value: str(row[1].value) for row in sheet.iter_rows()}
    return json.loads(on_time_files.as_json(report)), lines, facts["Cơ quan H00"]


@pytest.mark.parametrize(("rule", "words"), [("day", "khi hết ngày hẹn trả"), ("instant", "khi qua giờ hẹn trả")])
def test_one_rule_for_all_is_said_once(sqlite_ctx: Context, rule: str, words: str) -> None:
    office = an_office(sqlite_ctx)
    agency_settings.change(sqlite_ctx, by=office.admin, late_rule=rule)
    a_received_dossier(sqlite_ctx, office)

    assert files(sqlite_ctx) == ([("H00", rule)], {rule}, f"Tính là quá hạn: {words}")


def test_rules_that_differ_are_said_by_agency(sqlite_ctx: Context) -> None:
    here, there = an_office(sqlite_ctx), an_office(sqlite_ctx, code="H01")
    agency_settings.change(sqlite_ctx, by=there.admin, agency="H01", late_rule="instant")
    for office in (here, there):
        a_received_dossier(sqlite_ctx, office)

    assert files(sqlite_ctx) == (
        [("H00", "day"), ("H01", "instant")],
        {"H00: day; H01: instant"},
        "Tính là quá hạn: H00: khi hết ngày hẹn trả; H01: khi qua giờ hẹn trả",
    )


def test_a_report_of_nothing_knows_no_rule(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)

    assert files(sqlite_ctx) == ([], {""}, "Tính là quá hạn: —")


def test_dossiers_that_were_promised_by_another_rule_are_counted(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    paused = a_received_dossier(sqlite_ctx, office)
    ask_supplement(sqlite_ctx, office, paused)
    for _ in range(2):
        a_received_dossier(sqlite_ctx, office)
    agency_settings.change(sqlite_ctx, by=office.admin, late_rule="instant")
    a_received_dossier(sqlite_ctx, office)

    words = "Tính là quá hạn: khi qua giờ hẹn trả (2 hồ sơ đã hẹn theo cách cũ: khi hết ngày hẹn trả)"
    assert files(sqlite_ctx) == ([("H00", "instant")], {"instant"}, words)
    document, lines, facts = numbers(sqlite_ctx)
    assert document["late_rules"] == document["agencies"][0]["late_rules"] == {"day": 2, "instant": 1}
    assert {line["late_rules"] for line in lines} == {"day: 2; instant: 1"}
    said = "quá hạn khi qua giờ hẹn trả (2 hồ sơ khi hết ngày hẹn trả, 1 hồ sơ khi qua giờ hẹn trả); lịch làm việc "
    assert said in facts
