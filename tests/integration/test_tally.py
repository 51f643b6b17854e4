"""Cells, journal and facts give the numbers of the definitions, whatever the period, on both databases."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.context import Context
from engine.domain.ids import AgencyId, OfficerId, ProcedureId, UnitId
from engine.domain.statistics import Column, Fact, Window, columns_of
from engine.reports import tally
from engine.reports.localities import Localities
from engine.reports.on_time_values import Dimension, Per, Period
from tests.support import fact_rows
from tests.support.builders import an_office, local, turn_clock_to

NOW = "2026-03-20T09:30"
FIRST = date(2026, 1, 5)
DAYS = [FIRST + timedelta(days=each) for each in range(120)]  # a month of them is still to come


@dataclass(frozen=True)
class Filled:
    """A database with random facts, half of them in cells, half in the journal."""

    ctx: Context
    agencies: list[AgencyId]
    facts: list[Fact]

    def window(self, period: Period) -> Window:
        """Return the window of a period now."""
        return Window(period.from_on, period.to_on, date(2026, 3, 20), local(NOW))

    def tally(self, asked: tally.Asked) -> dict[Any, Counter[Column]]:
        """Count in SQL."""
        with self.ctx.unit_of_work(read_only=True) as uow:
            return tally.tally(uow, asked, Localities.read(uow), local(NOW))


@pytest.fixture
def filled(ctx: Context) -> Filled:
    """Three agencies with 500 facts since the end of 2025, on either database."""
    agencies = []
    for code in ("H00", "H01", "H02"):
        an_office(ctx, code=code)
    turn_clock_to(ctx, NOW)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = sorted(Localities.read(uow).agencies)
    world = fact_rows.World(
        agencies,
        [(ProcedureId(1), "TP1"), (ProcedureId(2), "TP2"), (ProcedureId(3), "TP1")],
        local(NOW),
        units=[None, UnitId(1), UnitId(2)],
        officers=[None, OfficerId(1)],
    )
    facts = fact_rows.random_facts(world, seed=11, count=500, days=100)
    fact_rows.write(ctx, facts, folded=random.Random(5).sample(facts, 250))
    return Filled(ctx, agencies, facts)


KEYS: dict[Per, Callable[[Fact], Any]] = {
    Per.PROCEDURE: lambda fact: fact.procedure_code,
    Per.FIELD: lambda fact: fact.procedure_code,
    Per.CHANNEL: lambda fact: fact.channel,
    Per.OFFICER: lambda fact: fact.officer_id,
    Per.UNIT: lambda fact: fact.unit_id,
    Per.MONTH: lambda _fact: "",
}


def recounted(filled: Filled, asked: tally.Asked) -> dict[Any, Counter[Column]]:
    """Count by the definitions, fact by fact."""
    counts: dict[Any, Counter[Column]] = {}
    for fact in filled.facts:
        agency: AgencyId = getattr(fact, f"{asked.dimension.value}_agency_id")
        key = agency if asked.per is Per.AGENCY else KEYS[asked.per](fact)
        for no, period in enumerate(asked.periods):
            columns = columns_of(fact, filled.window(period))
            if agency in asked.counted and columns:
                counts.setdefault((no, key), Counter()).update(columns)
    return counts


def periods() -> st.SearchStrategy[Period]:
    ends = st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS))
    return ends.map(lambda pair: Period(min(pair), max(pair)))


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    period=periods(),
    per=st.sampled_from([per for per in Per if per is not Per.MONTH]),
    dimension=st.sampled_from(Dimension),
    whose=st.sets(st.integers(0, 2), min_size=1),
)
def test_tally_equals_the_definitions_for_any_period(
    filled: Filled, period: Period, per: Per, dimension: Dimension, whose: set[int]
) -> None:
    counted = frozenset(filled.agencies[each] for each in whose)
    asked = tally.Asked([period], per, dimension, counted)

    assert filled.tally(asked) == recounted(filled, asked)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(cuts=st.lists(st.sampled_from(DAYS), min_size=2, max_size=6, unique=True))
def test_tally_counts_several_periods_at_once(filled: Filled, cuts: list[date]) -> None:
    cuts.sort()
    parts = [Period(first, after - timedelta(days=1)) for first, after in pairwise(cuts)]
    whole = Period(cuts[0], cuts[-1] - timedelta(days=1))
    asked = tally.Asked([whole, *parts], Per.MONTH, Dimension.RETURNING, frozenset(filled.agencies[:2]))

    assert filled.tally(asked) == recounted(filled, asked)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(period=periods(), per=st.sampled_from([Per.AGENCY, Per.PROCEDURE, Per.OFFICER]))
def test_identities_of_the_official_table_hold(filled: Filled, period: Period, per: Per) -> None:
    """Columns of form II.06 (domain.md §6.3): 3 = 4+5+6, 7 = 8+9+10, 11 = 12+13, 3 = 7+11."""
    lines = filled.tally(tally.Asked([period], per, Dimension.RESOLVING, frozenset(filled.agencies)))
    concerned = [fact for fact in filled.facts if columns_of(fact, filled.window(period))]

    for line in lines.values():
        online = line[Column.RECEIVED_ONLINE]
        column_3 = online + (line[Column.RECEIVED_IN_PERIOD] - online) + line[Column.CARRIED_OVER]
        given_up = line[Column.WITHDRAWN] + line[Column.STOPPED]
        column_7 = line[Column.EARLY] + (line[Column.ON_TIME] + given_up) + line[Column.LATE]
        column_11 = line[Column.OPEN_IN_TIME] + line[Column.OPEN_LATE]
        assert column_3 == column_7 + column_11
        assert 0 <= online <= line[Column.RECEIVED_IN_PERIOD]
        assert line[Column.ENDED_LATE] <= given_up
        letters = line[Column.APOLOGISED_MET] + line[Column.APOLOGISED_UNKEPT]
        assert (
            letters <= line[Column.APOLOGISED] <= line[Column.LATE] + line[Column.OPEN_LATE] + line[Column.ENDED_LATE]
        )
    all_lines = sum(lines.values(), Counter())
    assert all_lines[Column.RECEIVED_IN_PERIOD] + all_lines[Column.CARRIED_OVER] == len(concerned)
    closed = [fact for fact in concerned if fact.closed_on is not None and fact.closed_on <= period.to_on]
    assert len(concerned) - len(closed) == all_lines[Column.OPEN_IN_TIME] + all_lines[Column.OPEN_LATE]


def test_tally_of_fields_goes_by_procedure_where_codes_do_not_tell(filled: Filled) -> None:
    period = Period(date(2026, 2, 1), date(2026, 3, 14))
    asked = tally.Asked([period], Per.FIELD, Dimension.RESOLVING, frozenset(filled.agencies), by_code=False)
    found = filled.tally(asked)

    assert {key for _no, key in found} == {1, 2, 3}
    by_code = filled.tally(replace(asked, by_code=True))
    assert found[0, 1] + found[0, 3] == by_code[0, "TP1"]
