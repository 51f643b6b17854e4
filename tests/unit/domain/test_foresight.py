"""What is coming: the share of a limit, the instant of nearing, and what the stages will be missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.domain import axes, deadlines, foresight
from engine.domain.calendar import CalendarGapError, DayKind, DayRule, Shift, WorkingCalendar
from engine.domain.foresight import Ledger, Marks, SlaState, StageRun
from engine.domain.limits import Limit, Segment, Unit
from engine.seeds.calendar_vn import default_calendar

VN = default_calendar()
ODD = WorkingCalendar.build(
    zone="Asia/Ho_Chi_Minh",
    shifts=[Shift.parse(text) for text in ("06:30-09:10", "10:00-12:01", "14:00-20:00")],
    days=[
        DayRule(date(2026, 3, 14), DayKind.WORK, "QĐ 1", "half a Saturday", shifts=(Shift.parse("08:00-09:00"),)),
        DayRule(date(2026, 3, 18), DayKind.WORK, "QĐ 1", "a short day", shifts=(Shift.parse("07:00-07:07"),)),
        *(DayRule(date(2026, 4, day), DayKind.OFF, "QĐ 2", "closed") for day in range(3, 20)),
    ],
    years=range(2025, 2029),
)
MONDAY = "2026-03-02T07:00"
TICK = timedelta(microseconds=1)


def at(clock: str) -> datetime:
    return VN.at_local(datetime.fromisoformat(clock))


def clock_of(instant: datetime) -> str:
    return VN.local(instant).strftime("%Y-%m-%dT%H:%M")


def a_ledger(limit: str, *, received: str = MONDAY, calendar: WorkingCalendar = VN) -> Ledger:
    due = deadlines.due(calendar, received_at=at(received), limit=Limit.parse(limit))
    return Ledger(Limit.parse(limit), Limit.parse(limit), due.counted_from, due.due_at)


def paused(calendar: WorkingCalendar, ledger: Ledger, when: datetime) -> Ledger:
    assert ledger.running_from is not None
    left = deadlines.rest(calendar, limit=ledger.rest, running_from=ledger.running_from, at=when)
    return Ledger(ledger.limit, left, None, ledger.due_at)


def resumed(calendar: WorkingCalendar, ledger: Ledger, when: datetime) -> Ledger:
    due = deadlines.resume(calendar, resumed_at=when, rest=ledger.rest)
    return Ledger(ledger.limit, ledger.rest, due.counted_from, due.due_at)


# --- the share of the limit ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "now", "share"),
    [
        ("4 working_day", MONDAY, Fraction(0)),
        ("4 working_day", "2026-03-04T11:00", Fraction(5, 8)),
        ("4 working_day", "2026-03-10T07:00", Fraction(3, 2)),
        ("0 working_day", "2026-03-02T11:00", Fraction(1, 2)),
        ("0 working_hour", "2026-03-02T11:00", Fraction(1)),  # no length: nothing says by how much it is overrun
        ("10 calendar_day", "2026-03-07T07:00", Fraction(1, 2)),
        ("1 working_day + 8 working_hour", "2026-03-03T07:00", Fraction(1, 2)),
        ("1 working_day + 8 working_hour", "2026-03-05T07:00", Fraction(3, 2)),
    ],
)
def test_used_is_the_share_of_the_limit(limit: str, now: str, share: Fraction) -> None:
    assert foresight.used(VN, a_ledger(limit), at(now)) == share


def test_calendar_days_are_used_up_before_an_end_that_was_moved_to_a_working_day() -> None:
    ledger = a_ledger("5 calendar_day")  # ends on Saturday, moved to Monday 2026-03-09
    assert clock_of(ledger.due_at) == "2026-03-09T07:00"
    shares = [foresight.used(VN, ledger, at(f"2026-03-0{day}T07:00")) for day in (6, 7, 8, 9)]
    assert shares == [Fraction(4, 5), 1, 1, 1]
    assert foresight.used(VN, ledger, at("2026-03-10T07:00")) == Fraction(6, 5)


def test_used_is_kept_by_a_pause_and_goes_on_after_it() -> None:
    ledger = a_ledger("5 working_day")
    still = paused(VN, ledger, at("2026-03-04T07:00"))
    assert {foresight.used(VN, still, at(f"2026-03-{day}T10:00")) for day in ("04", "12", "30")} == {Fraction(2, 5)}
    again = resumed(VN, still, at("2026-03-16T07:00"))
    assert foresight.used(VN, again, at("2026-03-17T07:00")) == Fraction(3, 5)
    assert clock_of(foresight.nears_at(VN, again, 80)) == "2026-03-17T17:00"


@pytest.mark.parametrize(
    ("limit", "percent", "expected"),
    [
        ("5 working_day", 80, "2026-03-05T17:00"),  # four days: the closing, not the next opening
        ("5 working_day", 50, "2026-03-04T11:00"),
        ("5 working_day", 1, "2026-03-02T07:24"),
        ("5 working_day", 100, "2026-03-06T17:00"),
        ("10 working_hour", 80, "2026-03-02T17:00"),
        ("10 working_hour", 45, "2026-03-02T11:30"),
        ("0 working_day", 80, "2026-03-02T15:24"),
        ("0 working_hour", 80, MONDAY),
        ("10 calendar_day", 80, "2026-03-10T07:00"),
        ("5 calendar_day", 100, "2026-03-07T07:00"),
        ("2 calendar_day", 80, "2026-03-03T21:24"),
        ("2 working_day + 16 working_hour", 80, "2026-03-05T08:36"),
        ("7 calendar_day + 1 working_day", 50, "2026-03-04T17:00"),
    ],
)
def test_nearing_is_when_the_share_is_used(limit: str, percent: int, expected: str) -> None:
    assert clock_of(foresight.nears_at(VN, a_ledger(limit), percent)) == expected


def test_a_promise_that_resumes_beyond_the_share_is_near_at_once() -> None:
    late = paused(VN, a_ledger("5 working_day"), at("2026-03-06T15:00"))
    again = resumed(VN, late, at("2026-03-14T09:00"))
    assert foresight.nears_at(VN, again, 80) == again.running_from
    used_up = resumed(VN, paused(VN, a_ledger("5 calendar_day"), at("2026-03-08T07:00")), at("2026-03-16T09:00"))
    assert foresight.nears_at(VN, used_up, 80) == used_up.running_from


def test_a_date_that_was_kept_when_a_day_off_was_declared_is_near_a_fifth_of_the_limit_before_it() -> None:
    ledger = a_ledger("10 working_day")  # until Monday 2026-03-16 07:00
    kept = Ledger(ledger.limit, ledger.rest, ledger.running_from, at("2026-03-13T07:00"))
    assert clock_of(foresight.nears_at(VN, kept, 80)) == "2026-03-10T17:00"
    assert foresight.used(VN, kept, at("2026-03-11T07:00")) == Fraction(8, 10)
    assert foresight.used(VN, kept, kept.due_at) == 1


@pytest.mark.parametrize("limit", ["10 working_day", "4 working_hour", "0 working_day", "9 calendar_day"])
def test_nearing_never_lies_after_the_date_that_was_given(limit: str) -> None:
    ledger = a_ledger(limit)
    for day in range(1, 20):
        given = Ledger(ledger.limit, ledger.rest, ledger.running_from, at("2026-03-02T06:00") + timedelta(days=day))
        assert foresight.nears_at(VN, given, 100) <= given.due_at


CALENDARS = st.sampled_from([VN, ODD])
INSTANTS = st.integers(0, 120 * 1440).map(lambda minutes: at("2026-01-05T00:00") + timedelta(minutes=minutes))
AMOUNTS = st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1), Fraction(5)]) | st.fractions(
    min_value=0, max_value=20, max_denominator=24
)
SEGMENTS = st.builds(Segment, AMOUNTS, st.sampled_from(list(Unit)))
LIMITS = st.lists(SEGMENTS, min_size=1, max_size=2).map(lambda segments: Limit(tuple(segments)))


def a_promise(calendar: WorkingCalendar, limit: Limit, received_at: datetime) -> Ledger:
    try:
        due = deadlines.due(calendar, received_at=received_at, limit=limit)
    except CalendarGapError:
        assume(False)
    return Ledger(limit, limit, due.counted_from, due.due_at)


def on_the_way(ledger: Ledger, share: int) -> datetime:
    """Return an instant between the beginning (0) and the end (100) of a promise."""
    assert ledger.running_from is not None
    return ledger.running_from + (ledger.due_at - ledger.running_from) * share / 100


@given(CALENDARS, LIMITS, INSTANTS, st.integers(1, 100), st.integers(0, 30 * 1440), st.none() | st.integers(0, 99))
def test_it_is_near_exactly_when_the_share_is_used(
    calendar: WorkingCalendar, limit: Limit, received_at: datetime, percent: int, minutes: int, stops: int | None
) -> None:
    ledger = a_promise(calendar, limit, received_at)
    if stops is not None:
        stops_at = on_the_way(ledger, stops)
        ledger = resumed(calendar, paused(calendar, ledger, stops_at), stops_at + timedelta(minutes=minutes))
    assert ledger.running_from is not None
    near = foresight.nears_at(calendar, ledger, percent)
    assert ledger.running_from <= near <= ledger.due_at
    assert foresight.used(calendar, ledger, near) * 100 >= percent or ledger.limit.is_zero
    if near > ledger.running_from:
        assert foresight.used(calendar, ledger, near - TICK) * 100 < percent
    now = ledger.running_from + timedelta(minutes=minutes)
    share = foresight.used(calendar, ledger, now)
    assert share <= foresight.used(calendar, ledger, now + timedelta(minutes=7))
    assert (share >= 1) >= (now >= ledger.due_at)
    if not ledger.limit.is_zero:
        assert (share * 100 >= percent) == (now >= near)


@given(CALENDARS, SEGMENTS, INSTANTS, st.integers(0, 99), st.integers(0, 30 * 1440))
def test_a_pause_neither_adds_to_the_share_nor_takes_from_it(
    calendar: WorkingCalendar, segment: Segment, received_at: datetime, stops: int, minutes: int
) -> None:
    assume(segment.amount > 0)
    ledger = a_promise(calendar, Limit((segment,)), received_at)
    stops_at = on_the_way(ledger, stops)
    share = foresight.used(calendar, ledger, stops_at)
    still = paused(calendar, ledger, stops_at)
    assert foresight.used(calendar, still, stops_at + timedelta(minutes=minutes)) == share
    again = resumed(calendar, still, stops_at + timedelta(minutes=minutes))
    assert again.running_from is not None
    assert foresight.used(calendar, again, again.running_from) == share


# --- the stages that are left --------------------------------------------------------------------------------------


def segment(amount: str) -> Segment:
    (found,) = Limit.parse(amount).segments
    return found


@pytest.mark.parametrize(
    ("begins", "own", "later_shares", "expected"),
    [  # due on Friday 2026-03-06 07:00
        (MONDAY, "1", "3 working_day", "2026-03-03T07:00"),
        (MONDAY, "1", "1 working_day", "2026-03-05T07:00"),
        ("2026-03-04T11:00", "1", "1 working_day", "2026-03-04T07:00"),  # half a day late when it began
        ("2026-03-04T11:00", "0", "2 working_day", "2026-03-04T07:00"),
        ("2026-03-05T11:00", "0.5", "0 working_day", "2026-03-06T07:00"),
    ],
)
def test_stages_do_not_fit_from_a_moment_after_their_last_start(
    begins: str, own: str, later_shares: str, expected: str
) -> None:
    stage = StageRun(at(begins), segment(later_shares))
    found = foresight.foreseen_at(VN, stage, due_at=at("2026-03-06T07:00"), own=Fraction(own))
    assert found == at(expected) + TICK


@pytest.mark.parametrize(
    ("begins", "now", "amount", "minutes"),
    [  # due on Friday 2026-03-06 07:00, a day for this stage and 2 days for the later ones
        (MONDAY, "2026-03-03T11:00", None, None),
        (MONDAY, "2026-03-04T07:00", None, None),
        (MONDAY, "2026-03-04T09:00", "0.25", 120),
        (MONDAY, "2026-03-05T09:00", "1.25", 600),
        (MONDAY, "2026-03-05T09:00:01", "1.26", 601),
        ("2026-03-04T07:00", "2026-03-04T09:00", "1", 480),  # a day short from its beginning
        ("2026-03-04T07:00", "2026-03-05T07:00", "1", 480),
        ("2026-03-04T07:00", "2026-03-05T11:00", "1.5", 720),
    ],
)
def test_missing_is_what_the_stages_need_beyond_what_is_left(
    begins: str, now: str, amount: str | None, minutes: int | None
) -> None:
    stage, due_at = StageRun(at(begins), segment("2 working_day")), at("2026-03-06T07:00")
    foreseen = foresight.foreseen_at(VN, stage, due_at=due_at, own=Fraction(1))
    found = foresight.missing(VN, stage, foreseen_at=foreseen, due_at=due_at, at=at(now))
    assert (found and str(found.amount), found and found.minutes) == (amount and f"{amount} working_day", minutes)


def test_shares_that_no_microsecond_divides_are_not_foreseen_late_at_their_beginning() -> None:
    begins, due_at = at(MONDAY), axes.advance_all(VN, at(MONDAY), Limit.parse("3/7 working_day"))
    stage = StageRun(begins, segment("2/7 working_day"))
    found = foresight.foreseen_at(VN, stage, due_at=due_at, own=Fraction(1, 7))
    assert found > axes.advance_all(VN, begins, Limit.parse("1/7 working_day")) - TICK


@given(
    CALENDARS, st.sampled_from(list(Unit)), INSTANTS, st.integers(0, 9), st.integers(0, 9), st.integers(0, 20),
    st.integers(0, 10_000), st.integers(0, 10_000),
)  # fmt: skip
def test_missing_is_what_is_left_of_the_stages_less_what_is_left_of_the_time(
    calendar: WorkingCalendar, unit: Unit, received_at: datetime, own: int, rest: int, whole: int, after: int, now: int
) -> None:
    due_at = a_promise(calendar, Limit((Segment(Fraction(whole, 2), unit),)), received_at).due_at
    begins = calendar.next_opening(received_at + timedelta(minutes=after))
    stage = StageRun(begins, Segment(Fraction(rest, 2), unit))
    foreseen = foresight.foreseen_at(calendar, stage, due_at=due_at, own=Fraction(own, 2))
    instant = begins + timedelta(minutes=now)
    own_left = max(Fraction(0), Fraction(own, 2) - axes.spent(calendar, begins, instant, unit))
    short = own_left + Fraction(rest, 2) - axes.spent(calendar, instant, due_at, unit)
    found = foresight.missing(calendar, stage, foreseen_at=foreseen, due_at=due_at, at=instant)
    tiny = Fraction(1, 10**6)  # of the unit: instants are rounded to microseconds
    if found is None:
        assert short <= tiny
        assert instant < foreseen
    else:
        assert short > -tiny
        assert abs(found.amount.amount - short) <= Fraction(1, 100) + tiny
        assert found.minutes >= 0
    if unit is Unit.WORKING_HOUR and found is not None:
        assert abs(found.minutes - short * 60) <= 1 + tiny


# --- as lists and pages tell it ------------------------------------------------------------------------------------

NEAR, FORESEEN = at("2026-03-04T07:00"), at("2026-03-05T07:00")


@pytest.mark.parametrize(
    ("changes", "now", "state"),
    [
        ({}, NEAR - TICK, SlaState.ON_TIME),
        ({}, NEAR, SlaState.DUE_SOON),
        ({}, FORESEEN, SlaState.WILL_BE_LATE),
        ({"nears_at": None, "foreseen_at": None}, FORESEEN, SlaState.ON_TIME),
        ({"paused": True}, FORESEEN, SlaState.PAUSED),
        ({"paused": True, "late": True}, FORESEEN, SlaState.OVERDUE),
        ({"late": True}, FORESEEN, SlaState.OVERDUE),
        ({"unfinished": False}, FORESEEN, SlaState.DONE),
        ({"unfinished": False, "late": True}, FORESEEN, SlaState.OVERDUE),
    ],
)
def test_a_clock_has_one_state(changes: dict[str, object], now: datetime, state: SlaState) -> None:
    usual = {"late": False, "unfinished": True, "paused": False, "nears_at": NEAR, "foreseen_at": FORESEEN}
    assert foresight.state_of(Marks(**usual | changes), now) is state  # type: ignore[arg-type]


def told(ledger: Ledger, now: datetime) -> dict[str, object]:
    marks = Marks(False, True, False, NEAR, FORESEEN)
    stage = StageRun(at(MONDAY), segment("2 working_day"))
    return foresight.facts(VN, marks, ledger, stage, at=now)


def test_facts_are_ready_for_json() -> None:
    assert told(a_ledger("5 working_day"), at("2026-03-03T08:00")) == {
        "sla_state": "on_time",
        "used_percent": 22,
        "left_minutes": 1860,
        "will_be_late": None,
    }
    assert told(a_ledger("5 working_day"), at("2026-03-05T09:00")) == {
        "sla_state": "will_be_late",
        "used_percent": 65,
        "left_minutes": 840,
        "will_be_late": {"missing": "0.25 working_day", "missing_minutes": 120},
    }


def test_facts_beyond_the_calendar_are_unknown_and_no_error() -> None:
    assert told(a_ledger("5 working_day"), at("2029-01-05T09:00")) == {
        "sla_state": "will_be_late",
        "used_percent": None,
        "left_minutes": None,
        "will_be_late": None,
    }
