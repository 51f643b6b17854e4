"""Geometry of charts: what is drawn is what was counted, and a share is never drawn better than it is."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.statistics import Column
from engine.reports.on_time_values import Line, Period
from engine.reports.overview import Month, months_until, period_before
from web.report_charts import SHARE_BOTTOM, SHARE_TOP, month_chart, share_bars, worst_lines


def a_line(kept: int = 0, late: int = 0, open_late: int = 0, key: str = "") -> Line:
    return Line(key, key, {Column.ON_TIME: kept, Column.LATE: late, Column.OPEN_LATE: open_late})


def months(*counted: tuple[int, int]) -> list[Month]:
    periods = months_until(date(2026, 12, 31))[: len(counted)]
    return [Month(period, a_line(*each)) for period, each in zip(periods, counted, strict=True)]


def test_months_without_dossiers_break_the_line_and_have_no_share() -> None:
    chart = month_chart(months((9, 1), (10, 0), (0, 0), (1, 1), (3, 1)))
    assert chart is not None
    assert [len(line) for line in chart.lines] == [2, 2]
    assert [text for *_, text in chart.points] == ["90", "100", "50", "75"]
    assert [bar.count for bar in chart.bars] == [10, 10, 0, 2, 4]
    assert chart.is_cut


def test_nothing_finished_is_no_chart_and_not_a_hundred_percent() -> None:
    assert month_chart(months((0, 0), (0, 0))) is None


def test_what_is_not_quite_everything_is_not_written_as_everything() -> None:
    chart = month_chart(months((99_999, 1)))
    assert chart is not None
    assert chart.points[0][2] == "99.9"


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10_000)), min_size=1, max_size=12))
def test_every_point_lies_between_the_ends_of_the_axis(counted: list[tuple[int, int]]) -> None:
    chart = month_chart(months(*counted))
    assert (chart is None) == (not any(kept + late for kept, late in counted))
    if chart is not None:
        assert all(SHARE_TOP <= y <= SHARE_BOTTOM for _, y, _ in chart.points)
        assert len(chart.grid) <= 5
        assert chart.grid[-1][1] == 100


@given(st.dictionaries(st.integers(0, 5_000), st.integers(1, 100)))
def test_bars_of_shares_add_up(shares: dict[int, int]) -> None:
    bars = share_bars(shares)
    assert sum(bar.count for bar in bars) == sum(shares.values())
    over = sum(count for share, count in shares.items() if share > 100)
    assert sum(bar.count for bar in bars if bar.is_over) == over


def test_ends_of_the_bars_of_shares() -> None:
    bars = {bar.label: bar.count for bar in share_bars({0: 1, 10: 2, 11: 4, 100: 8, 101: 16, 150: 32, 151: 64})}
    assert {label: count for label, count in bars.items() if count} == {
        "0–10": 3,
        "11–20": 4,
        "91–100": 8,
        "101–110": 16,
        "141–150": 32,
        ">150": 64,
    }


def test_the_worst_lines_come_first_and_those_without_a_late_dossier_not_at_all() -> None:
    lines = [a_line(9, 1, 0, "a"), a_line(5, 0, 0, "b"), a_line(1, 1, 2, "c"), a_line(0, 1, 0, "d")]
    shown = worst_lines(lines, 2)
    assert [bar.line.key for bar in shown] == ["c", "a"]
    assert (shown[1].kept, shown[1].late, shown[1].open_late) == (180, 20, 0)


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ((2026, 3, 1), (2026, 3, 31), Period(date(2026, 2, 1), date(2026, 2, 28))),
        ((2026, 1, 1), (2026, 3, 31), Period(date(2025, 10, 1), date(2025, 12, 31))),
        ((2026, 2, 15), (2026, 3, 14), Period(date(2026, 1, 15), date(2026, 2, 14))),
        ((2025, 12, 15), (2026, 12, 14), Period(date(2024, 12, 15), date(2025, 12, 14))),
        ((2026, 3, 3), (2026, 3, 12), Period(date(2026, 2, 21), date(2026, 3, 2))),
        ((2026, 1, 30), (2026, 3, 29), Period(date(2025, 12, 2), date(2026, 1, 29))),
        ((1971, 1, 1), (1971, 1, 1), None),
    ],
)
def test_the_period_before_is_as_long(
    first: tuple[int, int, int], last: tuple[int, int, int], before: Period | None
) -> None:
    assert period_before(Period(date(*first), date(*last))) == before


def test_twelve_months_end_with_that_of_the_date_and_none_lies_before_all_calendars() -> None:
    found = months_until(date(2026, 2, 10))
    assert (len(found), found[0].from_on, found[-1].to_on) == (12, date(2025, 3, 1), date(2026, 2, 28))
    assert [each.from_on for each in months_until(date(1971, 2, 1))] == [date(1971, 1, 1), date(1971, 2, 1)]
