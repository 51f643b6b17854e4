"""What entered figures add up to, and what stays unknown."""

from __future__ import annotations

from datetime import date
from itertools import count

import pytest

from engine.domain.indicator_catalogue import INDICATORS, UnknownIndicatorError, by_key
from engine.domain.indicators import UNKNOWN, Entered, Shape, State, Value, chosen, of_figures, together

ORDER = count()
YEAR = (date(2026, 1, 1), date(2026, 12, 31))
SHARE, COUNT, LEVEL = by_key("satisfied_reception"), by_key("initiatives"), by_key("sipas")


def entered(first: str, last: str, numerator: int, denominator: int) -> Entered:
    return Entered(
        date.fromisoformat(f"2026-{first}"), date.fromisoformat(f"2026-{last}"), numerator, denominator, next(ORDER)
    )


def months() -> list[Entered]:
    return [entered("01-01", "01-31", 9, 10), entered("02-01", "02-28", 7, 10), entered("03-01", "03-31", 5, 20)]


def test_months_make_the_quarter_that_nobody_entered() -> None:
    value = of_figures(SHARE, months(), date(2026, 1, 1), date(2026, 3, 31))
    assert (value.numerator, value.denominator, len(value.spans)) == (21, 40, 3)


def test_entered_quarter_stands_instead_of_its_months() -> None:
    rows = [*months(), entered("01-01", "03-31", 80, 100)]
    assert of_figures(SHARE, rows, *YEAR).ratio == Value(80, 100).ratio
    assert of_figures(SHARE, rows, date(2026, 1, 1), date(2026, 2, 28)).numerator == 16


def test_later_entry_for_the_same_days_stands() -> None:
    rows = [entered("01-01", "01-31", 1, 10), entered("01-01", "01-31", 2, 10)]
    assert [row.numerator for row in chosen(reversed(rows), *YEAR)] == [2]


def test_days_are_never_counted_twice() -> None:
    rows = [entered("01-01", "01-20", 1, 1), entered("01-15", "02-10", 1, 1), entered("01-21", "01-31", 1, 1)]
    assert [(row.from_on.day, row.to_on.day) for row in chosen(rows, *YEAR)] == [(1, 20), (21, 31)]


def test_figure_that_reaches_beyond_the_period_does_not_count() -> None:
    assert of_figures(SHARE, [entered("01-01", "12-31", 1, 2)], date(2026, 1, 1), date(2026, 6, 30)) == UNKNOWN


def test_counts_add_up_and_of_levels_the_latest_stands() -> None:
    assert of_figures(COUNT, [entered("01-01", "01-31", 1, 1), entered("03-01", "03-31", 2, 1)], *YEAR).numerator == 3
    value = of_figures(LEVEL, [entered("01-01", "06-30", 91, 1), entered("07-01", "12-31", 953, 10)], *YEAR)
    assert (value.numerator, value.denominator) == (953, 10)


def test_over_agencies_one_that_is_not_known_leaves_all_unknown() -> None:
    assert together([Value(1, 2), UNKNOWN, Value(None, None, missing=3)], Shape.SHARE) == Value(None, None, missing=4)
    assert together([Value(1, 2), Value(0, 0)], Shape.SHARE) == Value(1, 2)
    assert together([Value(2, 1), Value(3, 1)], Shape.COUNT) == Value(5, 1)
    assert together([Value(2, 1), Value(3, 1)], Shape.LEVEL).state is State.NO_DATA
    assert together([], Shape.SHARE).state is State.NO_DATA


def test_catalogue_names_its_keys_and_no_others() -> None:
    assert all(key == row.key and row.vi and row.en and row.source for key, row in INDICATORS.items())
    with pytest.raises(UnknownIndicatorError):
        by_key("nothing")
