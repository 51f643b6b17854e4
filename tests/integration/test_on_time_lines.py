"""Lines of the on-time report: clocks that stand, units, chains, and how few statements they take."""

from __future__ import annotations

from datetime import date

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.statistics import Column
from engine.reports.on_time import Question, dossiers_behind, on_time, paused_behind
from engine.reports.on_time_values import Dimension, Per, Period
from engine.services import rollups
from tests.support.builders import (
    a_received_dossier,
    advance_to,
    an_office,
    ask_supplement,
    bring_supplement,
    turn_clock_to,
)
from tests.support.statements import count_statements

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def test_clocks_that_stand_are_counted_beside_and_listed(ctx: Context) -> None:
    office = an_office(ctx)
    waits = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    a_received_dossier(ctx, office)
    went_on = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-05T09:00")
    bring_supplement(ctx, office, went_on)
    second = Period(date(2026, 3, 2), date(2026, 3, 2))

    total = on_time(ctx, by=SYSTEM, question=Question(MARCH, Per.PROCEDURE)).total
    assert (total[Column.OPEN_IN_TIME], total.paused) == (3, 1)
    assert paused_behind(ctx, by=SYSTEM, question=Question(MARCH), key=None) == [waits["code"]]
    assert on_time(ctx, by=SYSTEM, question=Question(second)).total.paused == 2
    [line] = on_time(ctx, by=SYSTEM, question=Question(MARCH, Per.MONTH)).lines
    assert line.paused == 1
    assert paused_behind(ctx, by=SYSTEM, question=Question(second), key="H00") == sorted(
        [waits["code"], went_on["code"]]
    )
    assert paused_behind(ctx, by=SYSTEM, question=Question(MARCH), key="H99") == []


@pytest.mark.parametrize("per", list(Per))
def test_every_number_is_the_length_of_its_list(ctx: Context, per: Per) -> None:
    here, there = an_office(ctx, policy={"field": "Hộ tịch"}), an_office(ctx, code="H01")
    done = a_received_dossier(ctx, here)
    a_received_dossier(ctx, here, resolving_agency="H01")
    a_received_dossier(ctx, there)
    turn_clock_to(ctx, "2026-03-04T08:00")
    advance_to(ctx, here, done, Status.FINISHED)
    turn_clock_to(ctx, "2026-04-02T08:00")
    question = Question(Period(date(2026, 3, 3), date(2026, 4, 5)), per, Dimension.RECEIVING)

    report = on_time(ctx, by=SYSTEM, question=question)
    assert report.total[Column.EARLY] == 1
    for key, line in [(None, report.total), *((line.key, line) for line in report.lines)]:
        for column in Column:
            codes = dossiers_behind(ctx, by=SYSTEM, question=question, column=column, key=key)
            assert (len(codes), codes) == (line[column], sorted(set(codes)))
    assert dossiers_behind(ctx, by=SYSTEM, question=question, column=Column.EARLY, key="no such line") == []


def test_folding_the_journal_changes_no_number(ctx: Context) -> None:
    office = an_office(ctx)
    done = a_received_dossier(ctx, office)
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-04T08:00")

    def numbers() -> list[object]:
        return [on_time(ctx, by=SYSTEM, question=Question(MARCH, per)).as_json()["rows"] for per in Per]

    before = numbers()
    assert rollups.fold(ctx) > 0
    assert numbers() == before
    advance_to(ctx, office, done, Status.FINISHED)  # goes from one cell to another: journal beside the cells
    between = numbers()
    rollups.fold(ctx)
    assert numbers() == between != before


@pytest.mark.parametrize("per", list(Per))
def test_a_report_takes_few_statements(ctx: Context, per: Per) -> None:
    a_received_dossier(ctx, an_office(ctx))
    on_time(ctx, by=SYSTEM, question=Question(MARCH, per))  # calendars are read once a process
    with count_statements(ctx) as sent:
        on_time(ctx, by=SYSTEM, question=Question(MARCH, per))

    sent.hold(7)
