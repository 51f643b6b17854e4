"""Due dates by example: the vectors of domain.md §10 and every tie of "The rule" (docs/reference/working-time.md)."""

from __future__ import annotations

import pytest

from engine.domain.calendar import CalendarGapError, DayKind, DayRule, WorkingCalendar
from engine.domain.deadlines import (
    Cutoff,
    InvalidCutoffError,
    LateRule,
    counted_from,
    due,
    is_late,
    late_after,
    order_at,
    rest,
    resume,
)
from engine.domain.limits import Limit, Unit
from engine.seeds.calendar_vn import SHIFTS, ZONE
from tests.support.vietnam_clock import VN, at, clock_of, due_clock

# --- domain.md §10 -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "cutoff", "expected"),
    [
        pytest.param("2026-02-12T09:00", "3 working_day", None, "2026-02-24T09:00", id="1-nine-days-of-tet"),
        pytest.param("2026-08-28T09:00", "3 working_day", None, "2026-09-07T09:00", id="2-swap-and-national-day"),
        pytest.param("2026-08-20T09:00", "3 working_day", None, "2026-08-24T09:00", id="3-make-up-saturday-counts"),
        pytest.param("2025-12-31T10:00", "3 working_day", None, "2026-01-07T10:00", id="4-second-of-january-off"),
        pytest.param("2026-01-07T10:00", "3 working_day", None, "2026-01-10T10:00", id="5-due-on-make-up-saturday"),
        pytest.param("2025-04-25T10:00", "3 working_day", None, "2025-04-29T10:00", id="6-saturday-26-april-2025"),
        pytest.param("2026-04-24T15:20", "0 working_day", "15:00", "2026-04-28T17:00", id="7-cut-off-and-hung-kings"),
        pytest.param("2026-08-17T09:00", "15 calendar_day", None, "2026-09-03T09:00", id="8-calendar-days-roll"),
        pytest.param(
            "2026-02-02T09:00", "15 calendar_day", None, "2026-02-23T09:00", id="9-calendar-days-roll-over-tet"
        ),
        pytest.param("2026-10-05T09:00", "10 working_day", None, "2026-10-19T09:00", id="10-no-supplement"),
        pytest.param("2026-10-13T10:00", "10 working_day", None, "2026-10-27T10:00", id="10-restart"),
        pytest.param("2026-03-02T09:00", "21 working_day", None, "2026-03-31T09:00", id="12-long"),
        pytest.param("2026-03-02T09:00", "168 working_hour", None, "2026-03-31T09:00", id="12-as-hours"),
        pytest.param("2026-02-11T09:00", "7 working_day", None, "2026-02-27T09:00", id="13-tet-again"),
    ],
)
def test_vectors_of_the_domain_reference(received, limit, cutoff, expected):
    assert due_clock(received, limit, cutoff) == expected


def test_vector_10_pause_adds_three_working_days():
    limit, running_from = Limit.parse("10 working_day"), at("2026-10-05T09:00")
    left = rest(VN, limit=limit, running_from=running_from, at=at("2026-10-08T10:00"))
    assert str(left) == "6.875 working_day"
    assert clock_of(resume(VN, resumed_at=at("2026-10-13T10:00"), rest=left).due_at) == "2026-10-22T09:00"


def test_vector_11_apology_is_ordered_one_working_day_before():
    due_at = at("2026-10-22T09:00")
    assert clock_of(order_at(VN, limit=Limit.parse("10 working_day"), due_at=due_at)) == "2026-10-21T09:00"


# --- ties ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        pytest.param("2026-03-02T07:00", "8 working_hour", "2026-03-02T17:00", id="hours-stay-on-last-closing"),
        pytest.param("2026-03-02T07:00", "4.5 working_hour", "2026-03-02T11:30", id="hours-stay-on-noon-closing"),
        pytest.param("2026-03-02T11:30", "1 working_hour", "2026-03-02T14:30", id="noon-closing-is-in-the-break"),
        pytest.param("2026-03-02T17:00", "1 working_hour", "2026-03-03T08:00", id="last-closing-is-outside"),
        pytest.param("2026-03-02T06:00", "1 working_hour", "2026-03-02T08:00", id="before-opening"),
        pytest.param("2026-03-02T09:00", "0 working_hour", "2026-03-02T09:00", id="no-hours-end-at-once"),
        pytest.param("2026-03-07T09:00", "0 working_hour", "2026-03-09T07:00", id="no-hours-end-at-the-opening"),
        pytest.param("2026-03-02T09:00", "3 working_day", "2026-03-05T09:00", id="days-keep-the-clock"),
        pytest.param("2026-03-02T12:00", "3 working_day", "2026-03-05T13:30", id="days-from-the-break"),
        pytest.param("2026-03-02T14:00", "0.5 working_day", "2026-03-03T08:00", id="half-day-crosses-the-night"),
        pytest.param("2026-03-02T07:00", "1 working_day", "2026-03-03T07:00", id="day-boundary-is-the-later-opening"),
        pytest.param("2026-03-06T07:00", "1 working_day", "2026-03-09T07:00", id="day-boundary-over-a-weekend"),
        pytest.param("2026-03-02T07:00", "0.5625 working_day", "2026-03-02T13:30", id="days-leave-the-break"),
        pytest.param("2026-03-02T17:00", "1 working_day", "2026-03-04T07:00", id="days-from-after-closing"),
        pytest.param("2026-03-02T09:00", "0 working_day", "2026-03-02T17:00", id="no-days-are-the-counted-day"),
        pytest.param("2026-03-02T06:00", "0 working_day", "2026-03-02T17:00", id="no-days-from-before-opening"),
        pytest.param("2026-03-02T17:00", "0 working_day", "2026-03-03T17:00", id="no-days-from-after-closing"),
        pytest.param("2026-03-07T09:00", "0 working_day", "2026-03-09T17:00", id="no-days-from-a-day-off"),
        pytest.param(
            "2026-03-02T07:00", "8 working_hour + 0 working_day", "2026-03-02T17:00", id="closing-then-no-days"
        ),
        pytest.param("2026-03-02T06:15", "1 calendar_day", "2026-03-03T07:00", id="calendar-before-opening"),
        pytest.param("2026-03-02T11:30", "1 calendar_day", "2026-03-03T13:30", id="calendar-noon-closing-is-the-break"),
        pytest.param("2026-03-02T12:15", "1 calendar_day", "2026-03-03T13:30", id="calendar-in-the-break"),
        pytest.param("2026-03-02T17:00", "1 calendar_day", "2026-03-03T17:00", id="calendar-on-last-closing"),
        pytest.param("2026-03-02T22:00", "1 calendar_day", "2026-03-03T17:00", id="calendar-after-closing"),
        pytest.param("2026-03-05T10:15", "2 calendar_day", "2026-03-09T10:15", id="calendar-rolls-with-its-clock"),
        pytest.param("2026-03-05T22:00", "1.5 calendar_day", "2026-03-09T10:00", id="calendar-half-days"),
        pytest.param("2026-03-07T10:00", "0 calendar_day", "2026-03-09T10:00", id="calendar-zero-on-a-day-off"),
        pytest.param(
            "2026-03-02T18:00", "0 calendar_day", "2026-03-03T07:00", id="calendar-never-ends-before-it-starts"
        ),
        pytest.param("2026-03-02T09:00", "1 working_day + 2 working_hour", "2026-03-03T11:00", id="days-then-hours"),
        pytest.param("2026-03-02T09:00", "15 working_day + 8 calendar_day", "2026-03-31T09:00", id="compound"),
        pytest.param("2026-03-02T18:00", "1 calendar_day + 1 working_day", "2026-03-05T07:00", id="closing-then-days"),
    ],
)
def test_ties_are_decided_as_written(received, limit, expected):
    assert due_clock(received, limit) == expected


@pytest.mark.parametrize(
    ("unit", "counted", "expected"),
    [
        (Unit.WORKING_HOUR, "09:08:34.285715", "09:08:34.285715"),
        (Unit.WORKING_DAY, "10:08:34.285715", "10:08:34.285715"),
        (Unit.CALENDAR_DAY, "12:25:42.857143", "13:30:00"),
    ],
)
def test_an_end_between_two_microseconds_is_rounded_up(unit, counted, expected):
    found = due(VN, received_at=at("2026-03-02T09:00"), limit=Limit.parse(f"1/7 {unit}"))
    assert VN.local(found.due_at).time().isoformat() == expected
    (line,) = (line for line in found.explanation if line.kind == "days")
    assert VN.local(line.to_at).time().isoformat() == counted


@pytest.mark.parametrize(
    ("received", "unit", "cutoff", "expected"),
    [
        ("2026-03-02T15:00", Unit.WORKING_DAY, "15:00", "2026-03-02T15:00"),
        ("2026-03-02T15:00:01", Unit.WORKING_DAY, "15:00", "2026-03-03T07:00"),
        ("2026-03-02T15:00:00.000001", Unit.WORKING_HOUR, "15:00", "2026-03-03T07:00"),
        ("2026-03-06T15:01", Unit.WORKING_DAY, "15:00", "2026-03-09T07:00"),
        ("2026-03-02T17:00", Unit.WORKING_DAY, "17:00", "2026-03-03T07:00"),
        ("2026-03-02T17:00", Unit.CALENDAR_DAY, "17:00", "2026-03-02T17:00"),
        ("2026-03-02T17:01", Unit.CALENDAR_DAY, "17:00", "2026-03-03T07:00"),
        ("2026-03-06T17:01", Unit.CALENDAR_DAY, "17:00", "2026-03-09T07:00"),
        ("2026-03-07T10:00", Unit.CALENDAR_DAY, "17:00", "2026-03-07T10:00"),
        ("2026-03-02T22:00", Unit.CALENDAR_DAY, None, "2026-03-02T22:00"),
        ("2026-03-02T16:00", Unit.WORKING_DAY, "last-hour", "2026-03-02T16:00"),
        ("2026-03-02T16:01", Unit.WORKING_DAY, "last-hour", "2026-03-03T07:00"),
        ("2026-03-02T16:01", Unit.CALENDAR_DAY, "last-hour", "2026-03-03T07:00"),
        ("2026-03-02T12:00", Unit.WORKING_DAY, "last-hour", "2026-03-02T13:30"),
        ("2026-03-07T16:30", Unit.WORKING_DAY, "last-hour", "2026-03-09T07:00"),
        ("2026-03-07T16:30", Unit.CALENDAR_DAY, "last-hour", "2026-03-07T16:30"),
    ],
)
def test_counting_starts_strictly_after_the_cut_off_on_the_next_working_day(received, unit, cutoff, expected):
    found = counted_from(VN, received_at=at(received), unit=unit, cutoff=Cutoff.parse(cutoff))
    assert clock_of(found) == expected


@pytest.mark.parametrize("text", ["15", "25:00", "15:00+07:00", "last hour", "noon", "15h00"])
def test_a_cut_off_that_is_none_is_refused(text):
    with pytest.raises(InvalidCutoffError) as refused:
        Cutoff.parse(text)
    assert refused.value.code == "invalid-cutoff"


@pytest.mark.parametrize("text", ["15:00", "17:00", "last-hour"])
def test_a_cut_off_is_written_as_it_is_read(text):
    assert str(Cutoff.parse(text)) == text


@pytest.mark.parametrize("text", [None, "", "  "])
def test_no_cut_off_is_none(text):
    assert Cutoff.parse(text) is None


# --- more edge cases of domain.md §10 ------------------------------------------------------------------------------


def test_a_receipt_through_the_portal_on_a_day_off_counts_from_the_next_opening():
    assert due_clock("2026-03-08T20:00", "3 working_day") == "2026-03-12T07:00"
    assert due_clock("2026-02-17T09:00", "1 working_day") == "2026-02-24T07:00"


def test_a_calendar_change_after_the_receipt_makes_another_calendar_and_moves_no_date_of_the_old():
    before = WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=VN.days, years=range(2023, 2029))
    after = WorkingCalendar.build(
        zone=ZONE,
        shifts=SHIFTS,
        days=[*VN.days, DayRule(at("2026-03-04T00:00").date(), DayKind.OFF, "1/QĐ", "")],
        years=range(2023, 2029),
    )
    assert after.version != before.version == VN.version
    assert due_clock("2026-03-02T09:00", "3 working_day", calendar=before) == "2026-03-05T09:00"
    assert due_clock("2026-03-02T09:00", "3 working_day", calendar=after) == "2026-03-06T09:00"


@pytest.mark.parametrize(("answered", "closed"), [("2026-10-29T23:59", False), ("2026-10-30T07:00", True)])
def test_a_supplement_may_be_answered_until_the_end_of_the_fifteenth_working_day(answered, closed):
    asked = due(VN, received_at=at("2026-10-08T10:00"), limit=Limit.parse("15 working_day"))
    assert clock_of(asked.due_at) == "2026-10-29T10:00"
    assert is_late(at(answered), late_after(VN, asked.due_at, LateRule.DAY)) is closed


def test_a_limit_beyond_the_calendar_is_an_error_and_never_a_null_deadline():
    with pytest.raises(CalendarGapError, match="not 2029"):
        due(VN, received_at=at("2028-12-01T09:00"), limit=Limit.parse("30 working_day"))
    with pytest.raises(CalendarGapError, match="not 2022"):
        due(VN, received_at=at("2022-12-01T09:00"), limit=Limit.parse("1 calendar_day"))
    with pytest.raises(CalendarGapError, match="not 2029"):
        due(VN, received_at=at("2028-12-30T09:00"), limit=Limit.parse("5 calendar_day"))
