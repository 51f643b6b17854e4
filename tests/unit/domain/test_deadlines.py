"""Deadlines: the vectors of domain.md §10, every tie of "The rule", and the mistakes of other systems."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from fractions import Fraction

import pytest

from engine.domain.calendar import CalendarGapError, Shift, WorkingCalendar
from engine.domain.deadlines import (
    Cutoff,
    InvalidCutoffError,
    LateRule,
    Punctuality,
    before,
    counted_from,
    due,
    due_instant,
    is_late,
    late_after,
    latest_start,
    order_at,
    punctuality,
    rest,
    resume,
    spent,
    used,
)
from engine.domain.limits import Limit, Unit
from engine.seeds.calendar_vn import default_calendar

VN = default_calendar()


def at(clock: str) -> datetime:
    return VN.at_local(datetime.fromisoformat(clock))


def due_clock(received: str, limit: str, cutoff: str | None = None, calendar: WorkingCalendar = VN) -> str:
    """Compute a due date as local text, the way the command prints it."""
    found = due(calendar, received_at=at(received), limit=Limit.parse(limit), cutoff=Cutoff.parse(cutoff))
    assert found.due_at == due_instant(
        calendar, received_at=at(received), limit=Limit.parse(limit), cutoff=Cutoff.parse(cutoff)
    )
    return clock_of(found.due_at)


def clock_of(instant: datetime) -> str:
    return VN.local(instant).strftime("%Y-%m-%dT%H:%M")


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


# --- the mistakes of others (peers.md §2, §3; domain.md §1.5) --------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "expected"),
    [
        pytest.param("2026-03-02T11:30", "1 working_hour", "2026-03-02T14:30", id="tandan-lunch-not-03:00"),
        pytest.param(
            "2026-03-02T16:30", "6 working_hour", "2026-03-03T14:30", id="tandan-overnight-not-12:30-in-lunch"
        ),
        pytest.param("2026-03-07T09:00", "8 working_hour", "2026-03-09T17:00", id="tandan-saturday-not-mon-09:00"),
        pytest.param("2026-03-02T09:00", "1.5 working_day", "2026-03-03T15:00", id="epar-half-day-not-tue-11:30"),
        pytest.param("2026-03-02T09:00", "3.5 working_day", "2026-03-05T15:00", id="epar-half-day-not-thu-11:30"),
        pytest.param("2026-03-02T16:02", "0 working_day", "2026-03-02T17:00", id="epar-not-born-overdue-at-16:00"),
        pytest.param("2026-03-07T09:00", "0 working_day", "2026-03-09T17:00", id="epar-not-due-on-that-saturday"),
        pytest.param(
            "2026-03-07T09:00", "0.5 working_day", "2026-03-09T11:00", id="epar-half-not-due-on-that-saturday"
        ),
        pytest.param("2026-08-20T09:00", "3 working_day", "2026-08-24T09:00", id="hv-make-up-saturday-not-25-aug"),
        pytest.param("2026-01-07T10:00", "3 working_day", "2026-01-10T10:00", id="library-2-jan-swap-not-12-jan"),
        pytest.param("2026-11-20T09:00", "3 working_day", "2026-11-25T09:00", id="library-24-nov-not-26-nov"),
        pytest.param("2026-03-02T10:00", "2 working_day", "2026-03-04T10:00", id="opencps-354-not-another-day"),
        pytest.param("2026-03-02T09:00", "1 working_day", "2026-03-03T09:00", id="jmix-790-day-not-24-business-hours"),
        pytest.param("2026-03-02T07:00", "8 working_hour", "2026-03-02T17:00", id="pandas-closing-not-next-opening"),
        pytest.param("2026-03-02T18:00", "1 working_day", "2026-03-04T07:00", id="hv-after-closing-not-one-more-day"),
        pytest.param("2024-01-02T09:00", "500 working_day", "2025-12-31T09:00", id="opencps-loop-not-capped-at-360"),
        pytest.param("2026-03-02T07:00", "0.1 working_hour", "2026-03-02T07:06", id="opencps-not-rounded-to-15-min"),
    ],
)
def test_what_another_system_gets_wrong(received, limit, expected):
    assert due_clock(received, limit) == expected


@pytest.mark.parametrize(
    ("now", "late"),
    [
        pytest.param("2026-03-03T16:59", Fraction(929, 60), id="15:29"),
        pytest.param("2026-03-03T17:00", Fraction(31, 2), id="opencps-15:30-not-24:30"),
        pytest.param("2026-03-03T17:30", Fraction(16), id="opencps-16:00-not-25:00"),
    ],
)
def test_opencps_lateness_in_working_hours(now, late):
    shifts = (Shift(time(8), time(12)), Shift(time(13, 30), time(17, 30)))
    office = WorkingCalendar.build(zone="Asia/Ho_Chi_Minh", shifts=shifts, days=(), years=range(2026, 2027))
    assert spent(office, at("2026-03-02T08:00"), at(now), Unit.WORKING_HOUR) == late


def test_opencps_make_up_saturday_counts_between_two_dates():
    friday, monday = at("2026-08-21T07:00"), at("2026-08-24T07:00")
    assert spent(VN, friday, monday, Unit.WORKING_DAY) == 2
    assert spent(VN, monday, friday, Unit.WORKING_DAY) == -2
    assert spent(VN, friday, monday, Unit.WORKING_HOUR) == 16
    assert spent(VN, friday, monday, Unit.CALENDAR_DAY) == 3


def test_epar_resume_keeps_the_hour_and_is_not_due_at_midnight():
    left = rest(VN, limit=Limit.parse("5 working_day"), running_from=at("2026-03-02T09:00"), at=at("2026-03-03T15:00"))
    assert clock_of(resume(VN, resumed_at=at("2026-03-10T08:00"), rest=left).due_at) == "2026-03-13T14:00"


def test_hv_pause_adds_working_days_and_not_elapsed_calendar_days():
    # Friday to Monday: one working day waited, not three days less one plus eight hours.
    left = rest(VN, limit=Limit.parse("5 working_day"), running_from=at("2026-03-02T09:00"), at=at("2026-03-06T09:00"))
    assert clock_of(resume(VN, resumed_at=at("2026-03-09T09:00"), rest=left).due_at) == "2026-03-10T09:00"


def test_a_limit_beyond_the_calendar_is_an_error_and_never_a_null_deadline():
    with pytest.raises(CalendarGapError, match="not 2029"):
        due(VN, received_at=at("2028-12-01T09:00"), limit=Limit.parse("30 working_day"))
    with pytest.raises(CalendarGapError, match="not 2022"):
        due(VN, received_at=at("2022-12-01T09:00"), limit=Limit.parse("1 calendar_day"))
    with pytest.raises(CalendarGapError, match="not 2029"):
        due(VN, received_at=at("2028-12-30T09:00"), limit=Limit.parse("5 calendar_day"))


# --- provisional years and explanations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "provisional"),
    [
        ("2026-12-28T09:00", "3 working_day", False),
        ("2026-12-28T09:00", "4 working_day", True),
        ("2026-12-31T18:00", "0 working_day", True),
        ("2027-06-01T09:00", "1 working_hour", True),
        ("2024-03-01T09:00", "10 calendar_day", False),
    ],
)
def test_dates_that_touch_an_undecided_year_are_provisional(received, limit, provisional):
    assert due(VN, received_at=at(received), limit=Limit.parse(limit)).provisional is provisional


def test_explanation_names_the_start_each_run_each_declared_day_and_the_end():
    found = due(VN, received_at=at("2026-08-20T17:00"), limit=Limit.parse("3 working_day"))
    assert [(line.kind, line.text) for line in found.explanation] == [
        (
            "start",
            "Received Thu 2026-08-20 17:00, at or after the last closing: counted from Fri 2026-08-21 07:00.",
        ),
        ("days", "1 working day, from Fri 2026-08-21 07:00 to Fri 2026-08-21 17:00."),
        ("make_up", "Sat 2026-08-22 is a working day (Làm bù cho thứ Hai 31/08; 9859/VPCP-KGVX): 1 working day."),
        ("days", "1 working day, from Mon 2026-08-24 07:00 to Mon 2026-08-24 17:00."),
        ("due", "Due Tue 2026-08-25 07:00."),
    ]


def test_explanation_of_a_roll_names_the_days_off_that_caused_it():
    found = due(VN, received_at=at("2026-02-02T09:00"), limit=Limit.parse("15 calendar_day"))
    kinds = [line.kind for line in found.explanation]
    assert kinds == ["start", "days", *["day_off"] * 4, "roll", "due"]
    assert found.explanation[-2].text == (
        "The end, Tue 2026-02-17 09:00, falls on a day off: it moves to Mon 2026-02-23 09:00."
    )


def test_explanation_names_days_off_between_receipt_and_start():
    found = due(
        VN, received_at=at("2026-04-24T15:20"), limit=Limit.parse("0 working_day"), cutoff=Cutoff.parse("15:00")
    )
    assert [line.kind for line in found.explanation] == ["start", "day_off", "day_off", "same_day", "due"]
    assert found.explanation[1].decision == "Bộ luật Lao động 2019 Điều 112"  # Giỗ Tổ, a Sunday
    assert found.explanation[2].decision == "Bộ luật Lao động 2019 Điều 111 khoản 3"


def test_a_long_limit_explains_itself_in_few_lines():
    found = due(VN, received_at=at("2026-03-02T09:00"), limit=Limit.parse("30 working_day"))
    assert [line.kind for line in found.explanation] == ["start", "days", "due"]


def test_a_line_is_json_with_local_offsets():
    line = due(VN, received_at=at("2026-03-02T09:00"), limit=Limit.parse("1/3 working_hour")).explanation[1]
    assert json.loads(json.dumps(line.as_json(VN.tz))) == {
        "kind": "days",
        "from": "2026-03-02T09:00+07:00",
        "to": "2026-03-02T09:20+07:00",
        "amount": "1/3",
        "unit": "working_hour",
        "text": "1/3 working hours, from Mon 2026-03-02 09:00 to Mon 2026-03-02 09:20.",
        "decision": None,
    }
    assert line.as_json()["from"] == "2026-03-02T02:00+00:00"


def test_instants_come_back_in_utc():
    local = VN.local(at("2026-03-02T09:00"))
    found = due(VN, received_at=local, limit=Limit.parse("1 calendar_day"))
    assert (found.counted_from.tzinfo, found.due_at.tzinfo) == (UTC, UTC)


# --- lateness ------------------------------------------------------------------------------------------------------


def test_late_after_is_the_last_microsecond_of_the_local_due_date_or_the_due_instant():
    due_at = at("2026-03-02T11:30")
    assert late_after(VN, due_at, LateRule.DAY) == at("2026-03-02T23:59:59.999999")
    assert late_after(VN, due_at, LateRule.INSTANT) == due_at


@pytest.mark.parametrize(
    ("finished", "rule", "expected"),
    [
        ("2026-03-01T23:59", LateRule.DAY, Punctuality.EARLY),
        ("2026-03-02T00:00", LateRule.DAY, Punctuality.ON_TIME),
        ("2026-03-02T11:31", LateRule.DAY, Punctuality.ON_TIME),
        ("2026-03-02T23:59:59.999999", LateRule.DAY, Punctuality.ON_TIME),
        ("2026-03-03T00:00", LateRule.DAY, Punctuality.LATE),
        ("2026-03-02T11:30", LateRule.INSTANT, Punctuality.ON_TIME),
        ("2026-03-02T11:30:00.000001", LateRule.INSTANT, Punctuality.LATE),
    ],
)
def test_punctuality_follows_the_rule_in_force(finished, rule, expected):
    due_at = at("2026-03-02T11:30")
    after = late_after(VN, due_at, rule)
    assert punctuality(VN, finished_at=at(finished), due_at=due_at, late_after=after) is expected
    assert is_late(at(finished), after) is (expected is Punctuality.LATE)


# --- the ledger ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "running_from", "paused", "left"),
    [
        ("3 working_day", "2026-03-02T09:00", "2026-03-02T09:00", "3 working_day"),
        ("3 working_day", "2026-03-02T09:00", "2026-03-02T08:00", "3 working_day"),
        ("3 working_day", "2026-03-02T09:00", "2026-03-03T12:00", "1.6875 working_day"),
        ("3 working_day", "2026-03-02T09:00", "2026-03-05T09:00", "0 working_hour"),
        ("3 working_day", "2026-03-02T09:00", "2026-03-20T09:00", "0 working_hour"),
        ("1/3 working_hour", "2026-03-02T09:00", "2026-03-02T09:10", "1/6 working_hour"),
        ("2 calendar_day", "2026-03-02T09:00", "2026-03-03T15:00", "0.75 calendar_day"),
        (
            "1 working_day + 2 calendar_day",
            "2026-03-02T09:00",
            "2026-03-02T14:00",
            "0.625 working_day + 2 calendar_day",
        ),
        ("1 working_day + 2 calendar_day", "2026-03-02T09:00", "2026-03-03T09:00", "2 calendar_day"),
        ("1 working_day + 2 calendar_day", "2026-03-02T09:00", "2026-03-04T09:00", "1 calendar_day"),
        ("0 working_day", "2026-03-02T09:00", "2026-03-02T15:30", "1.5 working_hour"),
        ("2 calendar_day", "2026-03-05T10:00", "2026-03-08T09:00", "0.375 working_day"),
        ("1 working_day", "2026-03-02T07:00", "2026-03-02T17:00", "0 calendar_day"),
        ("1 working_day", "2026-03-02T07:00", "2026-03-03T07:00", "0 working_hour"),
        ("8 working_hour", "2026-03-02T07:00", "2026-03-02T17:00", "0 working_hour"),
    ],
)
def test_rest_is_what_the_axis_has_left(limit, running_from, paused, left):
    assert str(rest(VN, limit=Limit.parse(limit), running_from=at(running_from), at=at(paused))) == left


@pytest.mark.parametrize(
    ("resumed", "left", "expected"),
    [
        ("2026-03-02T09:00", "0 working_hour", "2026-03-02T09:00"),
        ("2026-03-02T17:00", "0 working_hour", "2026-03-02T17:00"),
        ("2026-03-07T09:00", "0 working_hour", "2026-03-09T07:00"),
        ("2026-03-02T09:00", "0 calendar_day", "2026-03-02T09:00"),
        ("2026-03-02T17:00", "0 calendar_day", "2026-03-03T07:00"),
        ("2026-03-02T11:30", "0 calendar_day", "2026-03-02T13:30"),
        ("2026-03-02T12:00", "1 working_day", "2026-03-03T13:30"),
        ("2026-03-07T09:00", "1.5 working_hour", "2026-03-09T08:30"),
        ("2026-03-02T17:00", "1 working_day", "2026-03-04T07:00"),
        ("2026-03-02T16:30", "1.5 working_hour + 1 calendar_day", "2026-03-04T08:00"),
    ],
)
def test_resume_counts_what_is_left_from_the_end_of_the_pause(resumed, left, expected):
    found = resume(VN, resumed_at=at(resumed), rest=Limit.parse(left))
    assert clock_of(found.due_at) == expected
    assert found.explanation[0].text.startswith("Resumed ")


def test_a_same_day_limit_keeps_its_closing_over_a_pause_of_no_length():
    limit, now = Limit.parse("0 working_day"), at("2026-03-02T10:00")
    left = rest(VN, limit=limit, running_from=now, at=now)
    assert clock_of(resume(VN, resumed_at=now, rest=left).due_at) == "2026-03-02T17:00"


@pytest.mark.parametrize(
    ("limit", "now", "share"),
    [
        ("4 working_day", "2026-03-02T07:00", Fraction(0)),
        ("4 working_day", "2026-03-04T11:00", Fraction(5, 8)),
        ("4 working_day", "2026-03-10T07:00", Fraction(3, 2)),
        ("0 working_day", "2026-03-02T11:00", Fraction(1, 2)),
        ("0 working_hour", "2026-03-02T11:00", Fraction(1)),
        ("1 working_day + 8 working_hour", "2026-03-03T07:00", Fraction(1, 2)),
    ],
)
def test_used_is_the_share_of_the_limit(limit, now, share):
    assert used(VN, limit=Limit.parse(limit), running_from=at("2026-03-02T07:00"), at=at(now)) == share


# --- looking back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due_clock", "shares", "expected"),
    [
        ("2026-03-05T09:00", "1 working_day", "2026-03-04T09:00"),
        ("2026-03-09T09:00", "0.5 working_day", "2026-03-06T15:00"),
        ("2026-03-03T08:00", "1 working_hour", "2026-03-03T07:00"),
        ("2026-03-02T14:30", "1 working_hour", "2026-03-02T13:30"),
        ("2026-02-24T09:00", "3 working_day", "2026-02-12T09:00"),
        ("2026-03-05T09:00", "2 calendar_day", "2026-03-03T09:00"),
        ("2026-03-05T09:00", "1 working_day + 2 working_hour", "2026-03-04T07:00"),
        ("2026-03-05T09:00", "0 working_day", "2026-03-05T09:00"),
    ],
)
def test_latest_start_is_the_last_instant_from_which_shares_fit(due_clock, shares, expected):
    found = latest_start(VN, due_at=at(due_clock), shares=Limit.parse(shares))
    assert clock_of(found) == expected
    assert found == before(VN, at(due_clock), Limit.parse(shares))


def test_shares_that_reach_before_the_calendar_are_a_gap():
    with pytest.raises(CalendarGapError, match="not 2022"):
        before(VN, at("2023-01-05T09:00"), Limit.parse("30 working_day"))
    with pytest.raises(CalendarGapError, match="not 2022"):
        before(VN, at("2023-01-05T09:00"), Limit.parse("30 working_hour"))
    with pytest.raises(CalendarGapError, match="not 2022"):
        before(VN, at("2023-01-05T09:00"), Limit.parse("30 calendar_day"))


@pytest.mark.parametrize(
    ("limit", "due_clock", "expected"),
    [
        ("10 working_day", "2026-03-12T09:00", "2026-03-11T09:00"),
        ("4 working_day", "2026-03-12T09:00", "2026-03-11T09:00"),
        ("3 working_day", "2026-03-12T09:00", "2026-03-11T11:00"),
        ("8 working_hour", "2026-03-12T17:00", "2026-03-12T15:00"),
        ("80 working_hour", "2026-03-12T09:00", "2026-03-11T09:00"),
        ("15 calendar_day", "2026-03-09T09:00", "2026-03-06T09:00"),
        ("2 calendar_day", "2026-03-09T09:00", "2026-03-06T15:00"),
        ("0 working_day", "2026-03-12T17:00", "2026-03-12T17:00"),
        ("2 working_day + 8 working_hour", "2026-03-12T09:00", "2026-03-11T11:00"),
    ],
)
def test_order_is_a_working_day_or_a_quarter_of_the_limit_before(limit, due_clock, expected):
    assert clock_of(order_at(VN, limit=Limit.parse(limit), due_at=at(due_clock))) == expected
