"""Office hours: what is read and refused, weekly hours from a date on, the hours of a make-up day."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given

from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.office_hours import (
    DayKind,
    DayRule,
    InvalidCalendarError,
    OfficeHours,
    Shift,
    parse_shifts,
    shifts_text,
)
from engine.seeds.calendar_vn import SHIFTS, ZONE
from tests.support.random_offices import SPANS, shifts_of, weekly_hours
from tests.support.slow_calendar import Spans
from tests.support.vietnam_clock import at, clock_of, due_clock

MORNING = parse_shifts("07:30-11:30")
SUMMER = parse_shifts("06:30-11:00, 13:00-16:30")


def week(*, weekdays: tuple[Shift, ...] = SHIFTS, saturday: tuple[Shift, ...] = ()) -> tuple[tuple[Shift, ...], ...]:
    return (*[weekdays] * 5, saturday, ())


def hours(since: str, **days: tuple[Shift, ...]) -> OfficeHours:
    return OfficeHours(date.fromisoformat(since), week(**days), "12/QĐ")


def calendar(*weeks: OfficeHours, days: tuple[DayRule, ...] = ()) -> WorkingCalendar:
    return WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=days, years=range(2026, 2028), hours=weeks)


def working(on: str, *shifts: Shift) -> DayRule:
    return DayRule(date.fromisoformat(on), DayKind.WORK, "9/QĐ", "làm bù", shifts=shifts)


def clocks(office: WorkingCalendar, on: str) -> list[str]:
    return ["-".join(clock_of(edge)[11:] for edge in slot) for slot in office.slots(date.fromisoformat(on))]


# --- text ----------------------------------------------------------------------------------------------------------


@given(SPANS)
def test_written_shifts_are_read_back(spans: Spans) -> None:
    assert parse_shifts(shifts_text(shifts_of(spans))) == shifts_of(spans)


@pytest.mark.parametrize(
    "text", ["07:00-11:30, 13:30-17:00", "07:00-11:30;13:30-17:00", " 07:00 - 11:30 ,13:30-17:00,"]
)
def test_shifts_are_read_with_commas_or_semicolons(text: str) -> None:
    assert parse_shifts(text) == SHIFTS


def test_no_text_is_no_shift() -> None:
    assert parse_shifts(" ") == ()


@pytest.mark.parametrize("text", ["7-11", "07:00", "07:00-11:30-13:00", "11:30-07:00", "07:00-24:00", "07:00-07:00"])
def test_what_is_no_shift_is_refused(text: str) -> None:
    with pytest.raises(InvalidCalendarError):
        parse_shifts(text)


@pytest.mark.parametrize("text", ["07:00-12:00, 11:59-17:00", "13:30-17:00, 07:00-11:30", "07:00-11:00, 07:00-11:00"])
def test_shifts_that_overlap_or_are_out_of_order_are_refused(text: str) -> None:
    with pytest.raises(InvalidCalendarError, match="overlap or are out of order"):
        parse_shifts(text)


# --- the week ------------------------------------------------------------------------------------------------------


def test_a_week_has_seven_days_and_one_of_them_works() -> None:
    with pytest.raises(InvalidCalendarError, match="seven days, not 6"):
        OfficeHours(date(2026, 1, 1), (SHIFTS,) * 6, "1/QĐ")
    with pytest.raises(InvalidCalendarError, match="no shift"):
        OfficeHours(date(2026, 1, 1), ((),) * 7, "1/QĐ")


def test_a_day_with_overlapping_shifts_is_named() -> None:
    with pytest.raises(InvalidCalendarError, match="Saturday from 2026-01-01"):
        hours("2026-01-01", saturday=(*SHIFTS, *MORNING))


def test_weekly_hours_are_json_and_back() -> None:
    own = OfficeHours(date(2026, 4, 15), week(saturday=MORNING), "12/QĐ", "giờ mùa hè")
    assert OfficeHours.from_json(own.as_json()) == own
    assert own.as_json()["week"][5] == ["07:30-11:30"]


@given(weekly_hours())
def test_any_weekly_hours_are_json_and_back(weeks: list[OfficeHours]) -> None:
    assert [OfficeHours.from_json(each.as_json()) for each in weeks] == weeks


def test_hours_hold_from_their_date_until_the_next_begin() -> None:
    office = calendar(hours("2026-04-15", weekdays=SUMMER), hours("2026-10-15"))
    assert clocks(office, "2026-04-14") == ["07:00-11:30", "13:30-17:00"]
    assert clocks(office, "2026-04-15") == ["06:30-11:00", "13:00-16:30"]
    assert clocks(office, "2026-10-14") == ["06:30-11:00", "13:00-16:30"]
    assert clocks(office, "2026-10-15") == ["07:00-11:30", "13:30-17:00"]
    assert clocks(office, "2026-04-18") == []


def test_a_date_is_counted_by_the_hours_of_its_own_day() -> None:
    office = calendar(hours("2026-04-15", weekdays=SUMMER))
    assert due_clock("2026-04-14T07:00", "1 working_day", calendar=office) == "2026-04-15T06:30"
    assert due_clock("2026-04-14T12:00", "1 working_day", calendar=office) == "2026-04-15T13:00"
    assert due_clock("2026-04-14T16:00", "2 working_hour", calendar=office) == "2026-04-15T07:30"
    assert due_clock("2026-04-15T17:00", "0 working_day", calendar=office) == "2026-04-16T16:30"


def test_a_saturday_morning_is_a_whole_working_day() -> None:
    office = calendar(hours("2026-03-01", saturday=MORNING))
    assert due_clock("2026-03-06T09:00", "1 working_day", calendar=office) == "2026-03-07T08:30"  # a quarter of it
    assert due_clock("2026-03-06T16:00", "2 working_hour", calendar=office) == "2026-03-07T08:30"
    assert due_clock("2026-03-06T09:00", "1 calendar_day", calendar=office) == "2026-03-07T09:00"
    assert due_clock("2026-03-07T10:45", "0 working_day", "last-hour", calendar=office) == "2026-03-09T17:00"


def test_a_make_up_day_has_the_hours_of_the_first_working_day_of_its_week_unless_its_row_has_some() -> None:
    mondays_off = OfficeHours(date(2026, 3, 1), ((), SUMMER, SHIFTS, SHIFTS, SHIFTS, MORNING, ()), "12/QĐ")
    office = calendar(mondays_off, days=(working("2026-03-02"), working("2026-03-07"), working("2026-03-08", *MORNING)))
    assert clocks(office, "2026-03-02") == clocks(office, "2026-03-07") == ["06:30-11:00", "13:00-16:30"]
    assert clocks(office, "2026-03-08") == ["07:30-11:30"]
    assert clocks(office, "2026-03-09") == []


def test_two_weeks_from_the_same_date_are_refused() -> None:
    with pytest.raises(InvalidCalendarError, match='from 2026-04-15 are declared twice: "12/QĐ", "12/QĐ"'):
        calendar(hours("2026-04-15"), hours("2026-04-15", saturday=MORNING))


@pytest.mark.parametrize("since", ["2025-12-31", "2028-01-01"])
def test_weekly_hours_that_begin_outside_the_years_are_refused(since: str) -> None:
    with pytest.raises(InvalidCalendarError, match=f"{since} begin outside 2026–2027"):
        calendar(hours(since))


def test_weekly_hours_name_the_calendar_and_calendars_without_any_keep_their_name() -> None:
    assert "hours" not in calendar().content()
    assert calendar(hours("2026-04-15")).version != calendar().version
    assert calendar(hours("2026-04-15")).version != calendar(hours("2026-04-16")).version


def test_a_year_that_its_week_leaves_without_a_working_day_is_refused() -> None:
    every_day_off = tuple(
        DayRule(date.fromordinal(n), DayKind.OFF, "1/QĐ", "nghỉ")
        for n in range(date(2027, 1, 1).toordinal(), date(2028, 1, 1).toordinal())
    )
    with pytest.raises(InvalidCalendarError, match="no working day in 2027"):
        calendar(days=every_day_off)


def test_a_calendar_that_ends_inside_a_limit_is_a_gap() -> None:
    office = calendar(hours("2026-04-15", saturday=MORNING))
    with pytest.raises(CalendarGapError, match="not 2028"):
        due_clock("2027-12-20T09:00", "11 working_day", calendar=office)
    assert due_clock("2027-12-20T09:00", "10 working_day", calendar=office) == "2027-12-31T09:00"
    assert office.next_opening(at("2027-12-31T16:59")) == at("2027-12-31T16:59")
