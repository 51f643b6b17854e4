"""Properties of deadlines over random calendars, limits and pauses, beside an oracle that walks minutes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.domain.axes import advance, position
from engine.domain.calendar import DayKind, DayRule, Shift, WorkingCalendar
from engine.domain.deadlines import (
    Cutoff,
    LateRule,
    counted_from,
    due,
    due_instant,
    is_late,
    late_after,
    latest_start,
    left_until,
    order_at,
    rest,
    resume,
    spent,
    used,
)
from engine.domain.limits import Limit, Segment, Unit
from tests.support.slow_calendar import SlowCalendar

WORKING = (Unit.WORKING_DAY, Unit.WORKING_HOUR)
TICK = timedelta(microseconds=1)
YEARS = range(2025, 2027)
FIRST = datetime.fromisoformat("2025-12-28T00:00")


class Office:
    """One random calendar, as the engine has it and as the oracle has it."""

    def __init__(self, calendar: WorkingCalendar, slow: SlowCalendar) -> None:
        self.calendar = calendar
        self.slow = slow

    def instant(self, clock: datetime) -> datetime:
        return self.calendar.at_local(clock)

    def __repr__(self) -> str:
        return repr(self.slow)

    def clock(self, at: datetime) -> datetime:
        return self.calendar.local(at).replace(tzinfo=None)


@st.composite
def hours(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """One to three shifts in five-minute steps; neighbours may touch, and may be as short as five minutes."""
    count = draw(st.integers(1, 3))
    marks = sorted(draw(st.lists(st.integers(0, 287), min_size=2 * count, max_size=2 * count, unique=True)))
    spans = [(marks[2 * n] * 5, marks[2 * n + 1] * 5) for n in range(count)]
    if count > 1 and draw(st.booleans()):
        spans[1] = (spans[0][1], spans[1][1])
    return tuple(spans)


def shifts_of(spans: tuple[tuple[int, int], ...]) -> tuple[Shift, ...]:
    return tuple(Shift(time(a // 60, a % 60), time(b // 60, b % 60)) for a, b in spans)


@st.composite
def offices(draw: st.DrawFn) -> Office:
    """Odd shifts; days off, make-up days and half days crowded where the receipts are; years without decisions."""
    spans = draw(hours())
    marked = draw(st.lists(st.integers(-3, 45), max_size=25, unique=True))
    off, work = set(), {}
    rules = []
    for offset in marked:
        on = date(2026, 1, 1) + timedelta(days=offset)
        kind = draw(st.sampled_from(DayKind))
        special = draw(st.one_of(st.just(()), hours())) if kind is DayKind.WORK else ()
        rules.append(DayRule(on, kind, "decision", "note", shifts=shifts_of(special)))
        if kind is DayKind.OFF:
            off.add(on)
        else:
            work[on] = special
    calendar = WorkingCalendar.build(zone="Asia/Ho_Chi_Minh", shifts=shifts_of(spans), days=rules, years=YEARS)
    return Office(calendar, SlowCalendar(spans, frozenset(off), work))


CLOCKS = st.integers(0, 40 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
DAYS = st.one_of(st.integers(0, 80).map(lambda n: Fraction(n, 8)), st.fractions(0, 9, max_denominator=60))
MINUTES = st.integers(0, 40 * 60).map(lambda minutes: Fraction(minutes, 60))
SEGMENTS = st.one_of(
    st.builds(Segment, DAYS, st.just(Unit.WORKING_DAY)),
    st.builds(Segment, MINUTES, st.just(Unit.WORKING_HOUR)),
    st.builds(Segment, st.integers(0, 12 * 48).map(lambda n: Fraction(n, 48)), st.just(Unit.CALENDAR_DAY)),
)
LIMITS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda segments: Limit(tuple(segments)))
ONE_WORKING = SEGMENTS.filter(lambda segment: segment.unit in WORKING and segment.amount > 0)
CUTOFFS = st.sampled_from([None, None, "15:00", "17:00", "09:07", "last-hour"])


def whole_minutes(limit: Limit) -> bool:
    """The oracle walks minutes: only the last segment may end inside one."""
    return all(segment.unit is not Unit.WORKING_DAY for segment in limit.segments[:-1])


@settings(max_examples=250)
@given(offices(), CLOCKS, LIMITS.filter(whole_minutes), CUTOFFS)
def test_due_equals_the_walking_oracle(office, clock, limit, cutoff):
    found = due(office.calendar, received_at=office.instant(clock), limit=limit, cutoff=Cutoff.parse(cutoff))
    segments = [(segment.amount, segment.unit.value) for segment in limit.segments]
    assert office.clock(found.counted_from) == office.slow.start(clock, segments[0][1], cutoff)
    assert office.clock(found.due_at) == office.slow.due(clock, segments, cutoff)


@given(offices(), CLOCKS)
def test_working_dates_and_openings_equal_the_walking_oracle(office, clock):
    at = office.instant(clock)
    assert office.calendar.is_working_day(clock.date()) is bool(office.slow.hours_on(clock.date()))
    assert office.clock(office.calendar.next_opening(at)) == office.slow.next_open(clock)
    assert office.calendar.is_working_moment(at) is (
        office.slow.open_at(clock) or office.slow.open_at(clock - timedelta(minutes=1))
    )


@given(offices(), CLOCKS, ONE_WORKING)
def test_time_spent_until_due_is_the_limit(office, clock, segment):
    calendar = office.calendar
    start_at = calendar.next_opening(office.instant(clock))
    end_at = advance(calendar, start_at, segment)
    used_up = spent(calendar, start_at, end_at, segment.unit)
    assert spent(calendar, start_at, end_at - TICK, segment.unit) <= segment.amount <= used_up
    if segment.unit is Unit.WORKING_HOUR:
        assert used_up == segment.amount
        assert spent(calendar, start_at, end_at - TICK, segment.unit) < segment.amount


@given(offices(), CLOCKS, st.integers(0, 5000), LIMITS, CUTOFFS)
def test_a_later_receipt_is_never_due_earlier(office, clock, minutes, limit, cutoff):
    # A day off that moves a calendar day keeps the clock time, so only its last segment keeps the order, by date.
    assume(all(segment.unit in WORKING for segment in limit.segments[:-1]))
    if limit.segments[0].unit is Unit.CALENDAR_DAY:
        cutoff = None  # after it, a receipt counts from the next opening; a later one on a day off from itself
    early, late = (
        due_instant(office.calendar, received_at=office.instant(at), limit=limit, cutoff=Cutoff.parse(cutoff))
        for at in (clock, clock + timedelta(minutes=minutes))
    )
    if limit.segments[-1].unit is Unit.CALENDAR_DAY:
        assert office.calendar.local_date(early) <= office.calendar.local_date(late)
    else:
        assert early <= late


@given(offices(), CLOCKS, st.sampled_from(Unit), DAYS, DAYS)
def test_a_longer_limit_is_never_due_earlier(office, clock, unit, one, more):
    assume(one > 0 or unit is not Unit.WORKING_DAY)  # 0 working days are the whole of the counted day
    shorter, longer = (
        due_instant(office.calendar, received_at=office.instant(clock), limit=Limit((Segment(amount, unit),)))
        for amount in (one, one + more)
    )
    if unit is Unit.CALENDAR_DAY:
        shorter, longer = office.calendar.local_date(shorter), office.calendar.local_date(longer)
    assert shorter <= longer


@given(offices(), CLOCKS, LIMITS, CUTOFFS)
def test_due_lies_in_a_shift_and_not_before_its_start(office, clock, limit, cutoff):
    found = due(office.calendar, received_at=office.instant(clock), limit=limit, cutoff=Cutoff.parse(cutoff))
    assert office.calendar.is_working_moment(found.due_at)
    assert office.instant(clock) <= found.counted_from <= found.due_at


@given(offices(), CLOCKS, LIMITS)
def test_working_days_never_end_where_work_is_interrupted(office, clock, limit):
    assume(limit.segments[-1].unit is Unit.WORKING_DAY and limit.segments[-1].amount > 0)
    due_at = due_instant(office.calendar, received_at=office.instant(clock), limit=limit)
    assert office.calendar.next_opening(due_at) == due_at


@given(offices(), CLOCKS, LIMITS, CUTOFFS)
def test_explanation_adds_up_to_the_limit(office, clock, limit, cutoff):
    found = due(office.calendar, received_at=office.instant(clock), limit=limit, cutoff=Cutoff.parse(cutoff))
    for unit in Unit:
        parts = [line.amount for line in found.explanation if line.unit is unit and line.amount is not None]
        assert sum(parts) == sum(segment.amount for segment in limit.segments if segment.unit is unit)
    assert found.explanation[0].kind == "start"
    assert found.explanation[-1].to_at == found.due_at
    assert all(line.from_at <= line.to_at for line in found.explanation if line.kind != "roll")


@given(offices(), CLOCKS, st.sampled_from([Unit.WORKING_DAY, Unit.WORKING_HOUR]), st.integers(1, 9), CUTOFFS)
def test_explanation_names_each_declared_day_met(office, clock, unit, amount, cutoff):
    limit = Limit((Segment(Fraction(amount), unit),))
    found = due(office.calendar, received_at=office.instant(clock), limit=limit, cutoff=Cutoff.parse(cutoff))
    first, last = clock.date(), office.calendar.local_date(found.due_at)
    named = [line for line in found.explanation if line.decision is not None]
    off = [on for on in sorted(office.slow.off) if first <= on <= last]
    assert [office.clock(line.from_at).date() for line in named if line.kind == "day_off"] == off
    counted = office.calendar.local_date(found.counted_from)
    work = [on for on in sorted(office.slow.work) if counted <= on <= last]
    assert [office.clock(line.from_at).date() for line in named if line.kind == "make_up"] == work


# --- pauses --------------------------------------------------------------------------------------------------------


@settings(max_examples=300)
@given(offices(), CLOCKS, LIMITS, st.fractions(0, 1, max_denominator=500))
def test_a_pause_of_no_length_changes_nothing(office, clock, limit, share):
    calendar = office.calendar
    found = due(calendar, received_at=office.instant(clock), limit=limit)
    at = found.counted_from + (found.due_at - found.counted_from) * float(share)
    at = min(max(at, found.counted_from), found.due_at)
    left = rest(calendar, limit=limit, running_from=found.counted_from, at=at)
    assert resume(calendar, resumed_at=at, rest=left).due_at == found.due_at


@given(offices(), CLOCKS, LIMITS, st.integers(0, 20_000))
def test_office_time_left_until_an_end_gives_that_end_back(office, clock, limit, minutes):
    end_at = due_instant(office.calendar, received_at=office.instant(clock), limit=limit)
    at = end_at - timedelta(minutes=minutes)
    left = left_until(office.calendar, at=at, end_at=end_at)
    assert resume(office.calendar, resumed_at=at, rest=left).due_at == end_at
    assert left_until(office.calendar, at=end_at + TICK, end_at=end_at).is_zero


@given(offices(), CLOCKS, ONE_WORKING, st.lists(st.integers(0, 3000), min_size=1, max_size=4))
def test_pauses_add_what_they_took(office, clock, segment, steps):
    calendar = office.calendar
    running_from = calendar.next_opening(office.instant(clock))
    left, paused, at, end_at = Limit((segment,)), Fraction(0), running_from, advance(calendar, running_from, segment)
    for step in steps:
        paused_at = min(at + timedelta(minutes=step), end_at)
        resumed_at = paused_at + timedelta(minutes=step * 2)
        left = rest(calendar, limit=left, running_from=at, at=paused_at)
        paused += spent(calendar, paused_at, resumed_at, segment.unit)
        end_at = resume(calendar, resumed_at=resumed_at, rest=left).due_at
        at = resumed_at
    wanted = position(calendar, running_from, segment.unit) + segment.amount + paused
    reached = position(calendar, end_at, segment.unit)
    assert reached >= wanted
    assert left.is_zero or position(calendar, end_at - TICK, segment.unit) <= wanted
    if segment.unit is Unit.WORKING_HOUR:
        assert reached == wanted


@given(offices(), CLOCKS, LIMITS, st.integers(0, 20_000), st.integers(0, 20_000))
def test_a_later_resumption_is_never_due_earlier(office, clock, limit, minutes, more):
    assume(all(segment.unit in WORKING for segment in limit.segments))
    calendar = office.calendar
    start_at = counted_from(calendar, received_at=office.instant(clock), unit=limit.segments[0].unit, cutoff=None)
    at = start_at + timedelta(minutes=minutes)
    left = rest(calendar, limit=limit, running_from=start_at, at=at)
    early, late = (
        resume(calendar, resumed_at=resumed_at, rest=left).due_at for resumed_at in (at, at + timedelta(minutes=more))
    )
    assert at <= early <= late


@given(offices(), CLOCKS, LIMITS, st.integers(1, 20_000))
def test_nothing_is_left_after_the_end(office, clock, limit, minutes):
    found = due(office.calendar, received_at=office.instant(clock), limit=limit)
    at = found.due_at + timedelta(minutes=minutes)
    left = rest(office.calendar, limit=limit, running_from=found.counted_from, at=at)
    assert left == Limit.parse("0 working_hour")


@given(offices(), CLOCKS, ONE_WORKING, st.integers(0, 20_000))
def test_used_share_is_what_rest_leaves(office, clock, segment, minutes):
    calendar, limit = office.calendar, Limit((segment,))
    start_at = calendar.next_opening(office.instant(clock))
    end_at = advance(calendar, start_at, segment)
    at = start_at + timedelta(minutes=minutes)
    share = used(calendar, limit=limit, running_from=start_at, at=at)
    if at >= end_at:
        assert share >= 1
    elif segment.unit is Unit.WORKING_HOUR:
        left = rest(calendar, limit=limit, running_from=start_at, at=at)
        assert left.segments[0].amount == segment.amount * (1 - share)
    assert used(calendar, limit=limit, running_from=start_at, at=start_at) == 0
    assert used(calendar, limit=limit, running_from=start_at, at=end_at) == 1


# --- looking back --------------------------------------------------------------------------------------------------


@given(offices(), CLOCKS, ONE_WORKING, ONE_WORKING)
def test_shares_fit_from_their_latest_start_and_not_after_it(office, clock, segment, share):
    calendar = office.calendar
    due_at = due_instant(calendar, received_at=office.instant(clock), limit=Limit((segment,)))
    last_at = latest_start(calendar, due_at=due_at, shares=Limit((share,)))
    assert last_at < due_at
    left = spent(calendar, last_at, due_at, share.unit)
    if share.unit is Unit.WORKING_HOUR:
        assert left == share.amount
    assert left <= share.amount
    assert spent(calendar, last_at - TICK, due_at, share.unit) >= left
    assert calendar.next_opening(last_at) == last_at


@given(offices(), CLOCKS, LIMITS)
def test_the_apology_is_ordered_before_the_end_and_no_earlier_than_a_day(office, clock, limit):
    calendar = office.calendar
    due_at = due_instant(calendar, received_at=office.instant(clock), limit=limit)
    latest = order_at(calendar, limit=limit, due_at=due_at)
    assert latest <= due_at
    assert spent(calendar, latest, due_at, Unit.WORKING_DAY) <= 1


@given(offices(), CLOCKS, st.sampled_from(LateRule))
def test_nothing_is_late_at_its_due_instant(office, clock, rule):
    due_at = office.instant(clock)
    after = late_after(office.calendar, due_at, rule)
    assert not is_late(due_at, after)
    assert not is_late(after, after)
    assert is_late(after + TICK, after)
    assert office.calendar.local_date(after) == office.calendar.local_date(due_at)


@given(offices())
def test_stored_content_builds_the_same_calendar(office):
    again = WorkingCalendar.from_content(office.calendar.content())
    assert again == office.calendar
    assert again.version == office.calendar.version
