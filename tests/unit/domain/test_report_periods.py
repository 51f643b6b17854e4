"""Names, ends and sending dates of reporting periods, against the tables of domain.md §6.2 and §9.3."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.report_periods import (
    CALENDAR,
    FIFTEENTH,
    InvalidPeriodNameError,
    InvalidScheduleError,
    Kind,
    Schedule,
    between,
    containing,
    named,
    usual,
)

DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
KINDS = st.sampled_from(Kind)
FIRST_DAYS = st.sampled_from((CALENDAR, FIFTEENTH))


@pytest.mark.parametrize(
    ("name", "from_on", "to_on"),
    [
        ("2026-03", "2026-03-01", "2026-03-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2026-03-15", "2026-02-15", "2026-03-14"),
        ("2026-01-15", "2025-12-15", "2026-01-14"),
        ("2026-Q1", "2026-01-01", "2026-03-31"),
        ("2026-Q1-15", "2025-12-15", "2026-03-14"),
        ("2026-Q3-15", "2026-06-15", "2026-09-14"),
        ("2026-Q4", "2026-10-01", "2026-12-31"),
        ("2026-H1-15", "2025-12-15", "2026-06-14"),
        ("2026-H2-15", "2026-06-15", "2026-12-14"),
        ("2026-H2", "2026-07-01", "2026-12-31"),
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-15", "2025-12-15", "2026-12-14"),
    ],
)
def test_a_name_means_its_dates(name: str, from_on: str, to_on: str) -> None:
    period = named(name)

    assert (period.from_on.isoformat(), period.to_on.isoformat()) == (from_on, to_on)
    assert period.name == name


def test_names_are_read_as_people_write_them() -> None:
    assert named(" 2026-q1-15 ") == named("2026-Q1-15")


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "2026-Q5", "2026-H3", "26-03", "2026-03-14", "2026-3", "1200", "9999", "tháng 3"]
)
def test_other_texts_name_no_period_and_say_how_one_is_named(text: str) -> None:
    with pytest.raises(InvalidPeriodNameError) as told:
        named(text)

    assert told.value.details["field"] == "period"


@given(DAYS, KINDS, FIRST_DAYS)
def test_each_date_lies_in_exactly_one_period_of_a_kind(on: date, kind: Kind, first_day: int) -> None:
    period = containing(on, kind, first_day)

    assert period.from_on <= on <= period.to_on
    assert period.shifted(1).from_on == period.to_on + timedelta(days=1)
    assert period.shifted(-1).to_on == period.from_on - timedelta(days=1)
    assert named(period.name) == period


@given(DAYS, KINDS, FIRST_DAYS)
def test_periods_between_two_dates_follow_each_other(on: date, kind: Kind, first_day: int) -> None:
    found = list(between(on, on + timedelta(days=1000), kind, first_day))

    assert all(left.to_on + timedelta(days=1) == right.from_on for left, right in pairwise(found))
    assert all(on <= period.to_on <= on + timedelta(days=1000) for period in found)


@pytest.mark.parametrize("year", range(2019, 2035))
def test_a_year_is_its_parts(year: int) -> None:
    for cut in ("", "-15"):
        whole = named(f"{year}{cut}")
        parts = [[f"-Q{no}" for no in range(1, 5)], ["-H1", "-H2"], [f"-{no:02d}" for no in range(1, 13)]]
        for names in parts:
            periods = [named(f"{year}{part}{cut}") for part in names]
            assert (periods[0].from_on, periods[-1].to_on) == (whole.from_on, whole.to_on)
            assert sum((each.to_on - each.from_on).days + 1 for each in periods) == (
                (whole.to_on - whole.from_on).days + 1
            )


@pytest.mark.parametrize(
    ("schedule", "name", "before"),
    [
        (usual(Kind.QUARTER, 15), "2026-Q1-15", "2026-03-21"),  # by the 20th of the last month
        (usual(Kind.YEAR, 1), "2026", "2027-01-21"),
        (Schedule(Kind.QUARTER, 15, 0, 5, 3), "2026-Q2-15", "2026-06-05"),  # a ward's own rule
        (Schedule(Kind.YEAR, 15, 0, 7, 3), "2026-15", "2026-12-07"),
        (Schedule(Kind.YEAR, 1, 1, 15, 3), "2026", "2027-01-15"),
        (Schedule(Kind.MONTH, 1, 0, 31, 0), "2026-02", "2026-02-28"),
    ],
)
def test_when_a_report_is_sent(schedule: Schedule, name: str, before: str) -> None:
    assert schedule.send_before(named(name)).isoformat() == before


def test_people_are_reminded_working_days_ahead() -> None:
    schedule, period = Schedule(Kind.QUARTER, 15, 0, 9, 3), named("2026-Q1-15")  # before Monday the 9th

    assert schedule.remind_on(period, lambda on: on.weekday() < 5) == date(2026, 3, 4)
    assert schedule.remind_on(period, lambda _on: True) == date(2026, 3, 6)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [((15, 0, 0, 3), "send_before_day"), ((2, 0, 5, 3), "first_day"), ((1, 2, 5, 3), "send_month"),
     ((1, 0, 32, 3), "send_before_day"), ((1, 0, 5, -1), "remind_days"), ((1, 0, 5, 61), "remind_days")],
)  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused_by_its_field(wrong: tuple[int, int, int, int], field: str) -> None:
    with pytest.raises(InvalidScheduleError) as told:
        Schedule(Kind.MONTH, *wrong)

    assert told.value.details["field"] == field
