"""Around the due date by example: explanations, lateness, the ledger of pauses, looking back."""

from __future__ import annotations

import json
from datetime import UTC, date

import pytest

from engine.domain.calendar import CalendarGapError, OfficeHours, WorkingCalendar
from engine.domain.deadlines import (
    Cutoff,
    LateRule,
    Punctuality,
    before,
    due,
    is_late,
    late_after,
    latest_start,
    order_at,
    punctuality,
    rest,
    resume,
)
from engine.domain.limits import Limit
from engine.domain.office_hours import parse_shifts
from engine.seeds.calendar_vn import SHIFTS, ZONE
from tests.support.vietnam_clock import VN, at, clock_of

# --- provisional years and explanations ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "limit", "provisional"),
    [
        ("2026-12-28T09:00", "3 working_day", False),
        ("2026-12-28T09:00", "4 working_day", True),
        ("2026-12-31T18:00", "0 working_day", True),
        ("2027-06-01T09:00", "1 working_hour", True),
        ("2023-12-29T09:00", "3 working_day", True),
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


def test_explanation_of_calendar_days_that_end_in_a_shift_moves_nothing():
    found = due(VN, received_at=at("2026-03-02T09:00"), limit=Limit.parse("2 calendar_day"))
    assert [line.kind for line in found.explanation] == ["start", "days", "due"]


def test_explanation_names_days_off_between_receipt_and_start():
    found = due(
        VN, received_at=at("2026-04-24T15:20"), limit=Limit.parse("0 working_day"), cutoff=Cutoff.parse("15:00")
    )
    assert [line.kind for line in found.explanation] == ["start", "day_off", "day_off", "same_day", "due"]
    assert found.explanation[1].decision == "Bộ luật Lao động 2019 Điều 112"  # Giỗ Tổ, a Sunday
    assert found.explanation[2].decision == "Bộ luật Lao động 2019 Điều 111 khoản 3"


def test_explanation_of_a_resumption_on_a_day_off_names_the_days_off_that_moved_its_end():
    found = resume(VN, resumed_at=at("2026-02-17T09:00"), rest=Limit.parse("2 calendar_day"))
    assert [line.kind for line in found.explanation] == ["resume", "days", "day_off", "day_off", "roll", "due"]


@pytest.mark.parametrize(("since", "named"), [(3, True), (2, False), (6, False)])
def test_explanation_names_weekly_hours_that_begin_while_it_counts(since, named):
    summer = OfficeHours(date(2026, 3, since), (*[parse_shifts("06:30-11:00")] * 5, (), ()), "12/QĐ")
    office = WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=(), years=range(2026, 2027), hours=[summer])
    found = due(office, received_at=at("2026-03-02T09:00"), limit=Limit.parse("2 working_day"))
    kinds = [line.kind for line in found.explanation]
    assert kinds == (["start", "days", "hours", "days", "due"] if named else ["start", "days", "due"])
    assert [line.decision for line in found.explanation if line.kind == "hours"] == ["12/QĐ"] * named


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
        ("0 calendar_day", "2026-03-03T07:00", "2026-03-02T17:00", "0 calendar_day"),
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
        ("2026-03-07T09:00", "2 calendar_day", "2026-03-09T09:00"),
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
        ("2026-03-09T09:00", "1 working_day + 2 calendar_day", "2026-03-06T07:00"),
    ],
)
def test_latest_start_is_the_last_instant_from_which_shares_fit(due_clock, shares, expected):
    found = latest_start(VN, due_at=at(due_clock), shares=Limit.parse(shares))
    assert clock_of(found) == expected
    assert found == before(VN, at(due_clock), Limit.parse(shares))


@pytest.mark.parametrize("unit", ["hour", "day"])
def test_a_start_between_two_microseconds_is_rounded_up(unit):
    assert before(VN, at("2026-03-03T11:00"), Limit.parse(f"1/7 working_{unit}")).microsecond == 714286


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
