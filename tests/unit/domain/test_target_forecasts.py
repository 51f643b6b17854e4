"""Where a target will stand: by hand, and against trying every number."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.indicators import Value
from engine.domain.plan_facts import Comparison
from engine.domain.target_forecasts import Method, Standing, forecast

NINETY_NINE = Fraction(99)


def test_worked_example_of_on_time() -> None:
    found = forecast(Standing(985, 1000, savable=600, lost=0), Comparison.MORE, NINETY_NINE)
    assert found.value == Value(1585, 1600)
    assert (found.needed, found.may_fail, found.further) == (600, 0, None)
    found = forecast(Standing(985, 1000, savable=600, lost=5), Comparison.MORE, NINETY_NINE)
    assert found.value == Value(1585, 1605)
    assert (found.needed, found.further) == (None, 396)  # (1585 + 396) / (1605 + 396) is just above 99 %


def test_target_of_all_is_lost_with_one() -> None:
    found = forecast(Standing(99, 100, savable=10), Comparison.AT_LEAST, Fraction(100))
    assert (found.needed, found.further) == (None, None)
    assert forecast(Standing(5, 5, savable=10), Comparison.AT_LEAST, Fraction(100)).needed == 10


def test_open_ones_that_somebody_must_turn_do_not_count_by_themselves() -> None:
    now = Standing(40, 100, savable=50, method=Method.TURNS, by_itself=False)
    found = forecast(now, Comparison.AT_LEAST, Fraction(80))
    assert (found.value, found.best, found.needed, found.may_fail) == (Value(40, 100), Value(90, 100), 40, 10)


def test_clearing_what_is_late() -> None:
    now = Standing(5, 20, savable=5, method=Method.CLEARS, by_itself=False)
    found = forecast(now, Comparison.AT_MOST, Fraction(10))
    assert (found.value, found.needed) == (Value(5, 20), 4)  # 1 of 16
    assert forecast(now, Comparison.LESS, Fraction(0)).needed is None


def test_nothing_yet_foretells_nothing() -> None:
    found = forecast(Standing(0, 0, savable=0), Comparison.MORE, NINETY_NINE)
    assert (found.value.ratio, found.needed, found.further) == (None, None, None)


@pytest.mark.parametrize("comparison", [Comparison.MORE, Comparison.AT_LEAST])
@given(st.data())
def test_needed_is_the_least_number_that_reaches_the_target(comparison: Comparison, data: st.DataObject) -> None:
    denominator = data.draw(st.integers(0, 30))
    numerator = data.draw(st.integers(0, denominator))
    method = data.draw(st.sampled_from([Method.FINISHES, Method.TURNS]))
    most = denominator - numerator if method is Method.TURNS else 15
    now = Standing(numerator, denominator, data.draw(st.integers(0, most)), data.draw(st.integers(0, 3)), method)
    figure = Fraction(data.draw(st.integers(0, 1000)), 10)
    found = forecast(now, comparison, figure)

    def holds(value: Value) -> bool:
        return value.ratio is not None and comparison.holds(100 * value.ratio, figure)

    enough = [met for met in range(now.savable + 1) if holds(now.end(met))]
    assert found.needed == min(enough, default=None)
    if found.further is not None:
        n, d = found.best.numerator or 0, found.best.denominator or 0
        assert holds(Value(n + found.further, d + found.further))
        assert not holds(Value(n + found.further - 1, d + found.further - 1))
