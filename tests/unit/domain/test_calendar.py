"""The working calendar: what it refuses, what it answers, the national table."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from engine.domain.calendar import (
    CalendarGapError,
    DayKind,
    DayRule,
    InvalidCalendarError,
    Shift,
    WorkingCalendar,
)
from engine.errors import InvalidInputError
from engine.seeds.calendar_vn import SHIFTS, ZONE, default_calendar, official_days

VN = default_calendar()


def at(clock: str) -> datetime:
    return VN.at_local(datetime.fromisoformat(clock))


def build(*, shifts=SHIFTS, days=(), years=range(2026, 2027), zone=ZONE) -> WorkingCalendar:
    return WorkingCalendar.build(zone=zone, shifts=shifts, days=days, years=years)


def rule(on: str, kind: DayKind, **more) -> DayRule:
    return DayRule(date.fromisoformat(on), kind, "1/QĐ", "note", **more)


# --- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", [time(7), time(6, 59)])
def test_shift_must_end_after_it_starts(end):
    with pytest.raises(InvalidCalendarError):
        Shift(time(7), end)


@pytest.mark.parametrize(
    "text", ["", "07:00", "07:00-", "7-11", "07:00-11:30-17:00", "07:00Z-11:30Z", "07:00Z-11:30", "07:00-24:00"]
)
def test_text_that_is_no_shift_is_refused(text):
    with pytest.raises(InvalidCalendarError, match="is not a shift such as 07:00-11:30"):
        Shift.parse(text)


def test_shift_is_read_with_blanks():
    assert Shift.parse(" 07:00 - 11:30 ") == SHIFTS[0]


def test_overlapping_shifts_are_refused():
    with pytest.raises(InvalidCalendarError, match="overlap") as refused:
        build(shifts=(Shift(time(7), time(12)), Shift(time(11, 59), time(17))))
    assert refused.value.code == "invalid-calendar"


def test_shifts_may_touch():
    assert len(build(shifts=(Shift(time(12), time(17)), Shift(time(7), time(12)))).shifts) == 2


def test_a_day_both_off_and_working_is_refused():
    with pytest.raises(InvalidCalendarError, match="2026-01-10 is declared both off and working"):
        build(days=[rule("2026-01-10", DayKind.OFF), rule("2026-01-10", DayKind.WORK)])


def test_a_day_declared_twice_is_refused():
    with pytest.raises(InvalidCalendarError, match="2026-01-02 is declared twice"):
        build(days=[rule("2026-01-02", DayKind.OFF), rule("2026-01-02", DayKind.OFF)])


def test_a_day_outside_the_years_is_refused():
    with pytest.raises(InvalidCalendarError, match="2031-01-01"):
        build(days=[rule("2031-01-01", DayKind.OFF)])


def test_a_day_off_with_shifts_is_refused():
    with pytest.raises(InvalidCalendarError, match="off and has shifts"):
        build(days=[rule("2026-01-02", DayKind.OFF, shifts=SHIFTS)])


def test_a_calendar_without_a_working_day_is_refused():
    every = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    with pytest.raises(InvalidCalendarError, match="no working day"):
        build(days=[DayRule(on, DayKind.OFF, "1/QĐ", "note") for on in every])


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(zone):
    with pytest.raises(InvalidCalendarError):
        build(zone=zone)


@pytest.mark.parametrize(("more", "words"), [({"shifts": ()}, "office hours"), ({"years": range(0)}, "no year")])
def test_a_calendar_without_shift_or_year_is_a_gap_with_its_remedy(more, words):
    with pytest.raises(CalendarGapError, match=words) as refused:
        build(**more)
    assert refused.value.code == "calendar-gap"
    assert isinstance(refused.value, InvalidInputError)


@pytest.mark.parametrize("clock", ["2022-12-31T23:59:59", "2029-01-01T00:00", "2031-05-05T09:00"])
def test_an_instant_outside_the_years_is_a_gap_that_names_the_year_and_the_remedy(clock):
    with pytest.raises(
        CalendarGapError, match=rf"not {clock[:4]}: add the days of {clock[:4]} \(motcua calendar import"
    ):
        VN.next_opening(at(clock))


def test_a_date_outside_the_years_is_a_gap():
    with pytest.raises(CalendarGapError, match="2023–2028, not 2029"):
        VN.is_working_day(date(2029, 1, 2))


def test_an_instant_after_the_last_closing_asks_for_the_next_year():
    assert VN.next_opening(at("2028-12-29T16:59")) == at("2028-12-29T16:59")
    with pytest.raises(CalendarGapError, match="not 2029"):
        VN.next_opening(at("2028-12-29T17:00"))


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"zone": ZONE, "shifts": ["07:00"], "years": [2026, 2026], "days": []},
        {"zone": ZONE, "shifts": ["07:00-11:30"], "years": [2026], "days": []},
        {"zone": ZONE, "shifts": ["07:00-11:30"], "years": [2026, 2026], "days": [{"on": "2026-02-30"}]},
    ],
)
def test_malformed_content_is_refused(broken):
    with pytest.raises(InvalidCalendarError):
        WorkingCalendar.from_content(broken)


# --- what it answers -----------------------------------------------------------------------------------------------


def test_content_round_trips_to_an_equal_calendar():
    again = WorkingCalendar.from_content(VN.content())
    assert again == VN
    assert (again.version, hash(again)) == (VN.version, hash(VN))


def test_version_names_the_content():
    base = build()
    assert build().version == base.version
    assert build(days=[rule("2026-01-02", DayKind.OFF)]).version != base.version
    assert build(days=[rule("2026-01-02", DayKind.OFF, provisional=True)]).version != (
        build(days=[rule("2026-01-02", DayKind.OFF)]).version
    )
    assert build(shifts=SHIFTS[:1]).version != base.version
    assert len(base.version) == 16


def test_two_calendars_do_not_share_their_days():
    # OpenCPS keeps them in static fields: the calendar of one tenant leaks into another's dates (peers.md §2).
    other = build(shifts=(Shift(time(8), time(9)),), days=[rule("2026-03-02", DayKind.OFF)])
    assert VN.is_working_day(date(2026, 3, 2))
    assert not other.is_working_day(date(2026, 3, 2))
    assert VN.next_opening(at("2026-03-02T07:00")) == at("2026-03-02T07:00")
    assert other.next_opening(at("2026-03-02T07:00")) == at("2026-03-03T08:00")


@pytest.mark.parametrize(
    ("clock", "opening"),
    [
        ("2026-03-02T06:59:59.999999", "2026-03-02T07:00"),
        ("2026-03-02T07:00", "2026-03-02T07:00"),
        ("2026-03-02T11:29:59.999999", "2026-03-02T11:29:59.999999"),
        ("2026-03-02T11:30", "2026-03-02T13:30"),
        ("2026-03-02T17:00", "2026-03-03T07:00"),
        ("2026-02-14T09:00", "2026-02-23T07:00"),
        ("2026-01-10T06:00", "2026-01-10T07:00"),
    ],
)
def test_next_opening_treats_a_closing_as_outside(clock, opening):
    assert VN.next_opening(at(clock)) == at(opening)


@pytest.mark.parametrize(
    ("clock", "working"),
    [
        ("2026-03-02T06:59", False),
        ("2026-03-02T07:00", True),
        ("2026-03-02T11:30", True),
        ("2026-03-02T11:30:00.000001", False),
        ("2026-03-02T17:00", True),
        ("2026-03-02T17:01", False),
        ("2026-01-10T09:00", True),
        ("2026-01-02T09:00", False),
        ("2026-03-07T09:00", False),
    ],
)
def test_working_moment_includes_both_ends_of_a_shift(clock, working):
    assert VN.is_working_moment(at(clock)) is working


def test_local_dates_are_those_of_the_zone_and_instants_are_utc():
    assert VN.local_date(datetime(2026, 3, 1, 17, 0, tzinfo=UTC)) == date(2026, 3, 2)
    assert VN.next_opening(at("2026-03-01T09:00")) == datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
    assert VN.next_opening(at("2026-03-01T09:00")).tzinfo is UTC


def test_a_half_day_has_its_own_shifts():
    half = build(days=[rule("2026-03-07", DayKind.WORK, shifts=SHIFTS[:1])])
    assert half.slots(date(2026, 3, 7)) == ((at("2026-03-07T07:00"), at("2026-03-07T11:30")),)
    assert half.day_rule(date(2026, 3, 7)).kind is DayKind.WORK
    assert half.day_rule(date(2026, 3, 8)) is None


def test_a_zone_with_summer_time_counts_real_hours():
    berlin = build(zone="Europe/Berlin", shifts=(Shift(time(1), time(9)),), days=[rule("2026-03-29", DayKind.WORK)])
    (opening, closing) = berlin.slots(date(2026, 3, 29))[0]
    assert closing - opening == timedelta(hours=7)


# --- the national table --------------------------------------------------------------------------------------------


def test_working_days_of_2026_by_month():
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    counts = [sum(VN.is_working_day(on) for on in days if on.month == month) for month in range(1, 13)]
    assert counts == [21, 15, 22, 20, 20, 22, 23, 21, 20, 22, 21, 23]
    assert sum(counts) == 250


@pytest.mark.parametrize(
    ("off", "work", "decision"),
    [
        ("2024-04-29", "2024-05-04", "2450/VPCP-KGVX"),
        ("2025-05-02", "2025-04-26", "8726/VPCP-KGVX"),
        ("2026-01-02", "2026-01-10", "12729/VPCP-KGVX"),
        ("2026-08-31", "2026-08-22", "9859/VPCP-KGVX"),
    ],
)
def test_swaps_are_seeded_with_their_decision(off, work, decision):
    assert not VN.is_working_day(date.fromisoformat(off))
    assert VN.is_working_day(date.fromisoformat(work))
    assert VN.day_rule(date.fromisoformat(off)).decision.startswith(decision)
    assert VN.day_rule(date.fromisoformat(work)).decision.startswith(decision)


def test_a_day_that_only_a_library_declares_is_not_off():
    assert VN.is_working_day(date(2026, 11, 24))
    assert VN.day_rule(date(2026, 11, 24)) is None


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2024-02-08", "2024-02-14"),
        ("2025-01-25", "2025-02-02"),
        ("2025-08-30", "2025-09-02"),
        ("2026-02-14", "2026-02-22"),
        ("2026-08-29", "2026-09-02"),
        ("2027-02-04", "2027-02-10"),
    ],
)
def test_long_holidays_have_no_working_day_inside_and_end_where_announced(first, last):
    first_on, last_on = date.fromisoformat(first), date.fromisoformat(last)
    assert VN.working_day_from(first_on) == last_on + timedelta(days=1)
    assert VN.is_working_day(first_on - timedelta(days=1)) is (first_on.weekday() != 0)


def test_only_years_with_a_full_decision_are_final():
    assert VN.provisional_years == {2023, 2027, 2028}
    assert VN.is_provisional(date(2026, 12, 31), date(2027, 1, 4))
    assert not VN.is_provisional(date(2024, 1, 1), date(2026, 12, 31))


def test_every_official_row_has_a_decision_and_a_note():
    rows = official_days()
    assert {row.on.year for row in rows} == {2024, 2025, 2026, 2027}
    assert all(row.decision and row.note for row in rows)
    assert {row.on.year for row in rows if row.provisional} == {2027}
