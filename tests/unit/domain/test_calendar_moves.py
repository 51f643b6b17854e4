"""What a calendar change does to given dates: kept, unless their day becomes a day off."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_moves import kept_or_moved, newly_off
from engine.domain.office_hours import DayKind, DayRule, OfficeHours, Shift, parse_shifts
from engine.seeds.calendar_vn import SHIFTS, ZONE
from tests.support.random_offices import DATES, FIRST, moments, offices
from tests.support.slow_calendar import TICK
from tests.support.vietnam_clock import at, clock_of


def calendar(*days: DayRule, hours: tuple[OfficeHours, ...] = ()) -> WorkingCalendar:
    return WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=days, years=range(2026, 2028), hours=hours)


def off(on: str) -> DayRule:
    return DayRule(date.fromisoformat(on), DayKind.OFF, "1/QĐ", "nghỉ")


def work(on: str, *shifts: Shift) -> DayRule:
    return DayRule(date.fromisoformat(on), DayKind.WORK, "1/QĐ", "làm bù", shifts=shifts)


@pytest.mark.parametrize(
    ("given", "days", "expected"),
    [
        pytest.param("2026-03-04T10:00", [], "2026-03-04T10:00", id="nothing-changed"),
        pytest.param("2026-03-04T10:00", [off("2026-03-03")], "2026-03-04T10:00", id="another-day-is-off"),
        pytest.param("2026-03-04T10:00", [off("2026-03-04")], "2026-03-05T07:00", id="its-day-is-off"),
        pytest.param("2026-03-06T10:00", [off("2026-03-06")], "2026-03-09T07:00", id="a-weekend-follows"),
        pytest.param(
            "2026-03-06T17:00", [off("2026-03-06"), work("2026-03-07")], "2026-03-07T07:00", id="a-make-up-day-follows"
        ),
        pytest.param("2026-03-04T17:00", [off("2026-03-04")], "2026-03-05T07:00", id="a-closing-of-a-day-off"),
        pytest.param(
            "2026-03-04T16:00",
            [work("2026-03-04", *parse_shifts("07:00-11:30"))],
            "2026-03-04T16:00",
            id="its-day-is-half-a-day-now",
        ),
    ],
)
def test_a_given_date_is_kept_unless_its_day_is_off(given: str, days: list[DayRule], expected: str) -> None:
    assert clock_of(kept_or_moved(calendar(*days), at(given))) == expected


def test_other_hours_move_no_given_date() -> None:
    short = OfficeHours(date(2026, 3, 2), (*[parse_shifts("08:00-11:00")] * 5, (), ()), "2/QĐ")
    assert kept_or_moved(calendar(hours=(short,)), at("2026-03-04T16:00")) == at("2026-03-04T16:00")


def test_newly_off_are_the_dates_that_worked_before() -> None:
    before = calendar(work("2026-03-07"), off("2026-03-03"))
    after = calendar(off("2026-03-03"), off("2026-03-04"), work("2026-03-08"))
    assert newly_off(before, after) == {date(2026, 3, 4), date(2026, 3, 7)}
    assert newly_off(before, before) == set()


def test_newly_off_looks_at_the_years_that_both_cover() -> None:
    longer = WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=[off("2027-12-31")], years=range(2025, 2030))
    assert newly_off(longer, calendar()) == set()
    assert newly_off(calendar(), longer) == {date(2027, 12, 31)}


@settings(max_examples=40)
@given(st.data(), offices(), offices())
def test_a_change_moves_given_dates_only_off_their_day_and_to_an_opening(data, before, after) -> None:
    gone = newly_off(before.calendar, after.calendar)
    crowded = {FIRST + timedelta(days=n) for n in range(-7, DATES + 7)}
    assert gone & crowded == {on for on in crowded if before.slow.open_minutes(on) and not after.slow.open_minutes(on)}
    due_at = data.draw(moments(before))
    moved = kept_or_moved(after.calendar, due_at)
    if after.slow.open_minutes(after.slow.date_of(due_at)):
        assert moved == due_at
    else:
        assert moved == after.slow.next_open(due_at)
        assert not after.slow.open_at(moved - TICK)
