"""The walking arithmetic of verify and the tables of the engine are two ways to the same instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.domain import deadlines, foresight
from engine.domain.calendar import CalendarGapError, DayKind, DayRule, Shift, WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit
from engine.seeds.calendar_vn import default_calendar
from engine.verification import slow_time


def _shifts(*texts: str) -> tuple[Shift, ...]:
    return tuple(Shift.parse(each) for each in texts)


ODD = WorkingCalendar.build(
    zone="Asia/Ho_Chi_Minh",
    shifts=_shifts("06:30-09:10", "10:00-12:01", "14:00-20:00"),
    days=[
        DayRule(date(2026, 3, 14), DayKind.WORK, "QĐ 1", "half a Saturday", shifts=_shifts("08:00-09:00")),
        DayRule(date(2026, 3, 18), DayKind.WORK, "QĐ 1", "a short day", shifts=_shifts("07:00-07:07")),
        *(DayRule(date(2026, 4, day), DayKind.OFF, "QĐ 2", "closed", provisional=True) for day in range(3, 20)),
    ],
    years=range(2025, 2029),
)
PAIRS = [(calendar, slow_time.Office(calendar.content())) for calendar in (default_calendar(), ODD)]
AMOUNTS = st.sampled_from([Fraction(0), Fraction(1), Fraction(1, 4), Fraction(1, 3), Fraction(23, 2)])
SEGMENTS = st.builds(
    Segment, AMOUNTS | st.fractions(min_value=0, max_value=40, max_denominator=24), st.sampled_from(list(Unit))
)
LIMITS = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda segments: Limit(tuple(segments)))
CUTOFFS = st.sampled_from([None, "15:00", "17:00", "last-hour"])
FIRST = datetime(2026, 1, 5, tzinfo=UTC)


@st.composite
def _instants(draw: st.DrawFn, calendar: WorkingCalendar) -> datetime:
    at = FIRST + timedelta(minutes=draw(st.integers(0, 200 * 1440)), microseconds=draw(st.sampled_from([0, 0, 1, 59])))
    if draw(st.booleans()):
        return at
    slots = calendar.slots(calendar.working_day_from(calendar.local_date(at)))
    return draw(st.sampled_from([edge for slot in slots for edge in slot]))


@settings(max_examples=300)
@given(data=st.data(), which=st.integers(0, 1), limit=LIMITS, cutoff=CUTOFFS)
def test_slow_time_agrees_on_promise_pause_and_resume(
    data: st.DataObject, which: int, limit: Limit, cutoff: str | None
) -> None:
    calendar, office = PAIRS[which]
    received_at = data.draw(_instants(calendar))
    try:
        due = deadlines.due(calendar, received_at=received_at, limit=limit, cutoff=deadlines.Cutoff.parse(cutoff))
    except CalendarGapError:
        assume(False)
    assert slow_time.due(office, received_at, limit, cutoff) == (due.counted_from, due.due_at)
    assert office.is_provisional(due.counted_from, due.due_at) == due.provisional
    for rule in deadlines.LateRule:
        assert slow_time.late_after(office, due.due_at, rule.value) == deadlines.late_after(calendar, due.due_at, rule)
    paused_at = data.draw(_instants(calendar))
    rest = deadlines.rest(calendar, limit=limit, running_from=due.counted_from, at=paused_at)
    assert slow_time.rest(office, limit, due.counted_from, paused_at) == rest
    left = deadlines.left_until(calendar, at=paused_at, end_at=due.due_at)
    assert slow_time.left_until(office, paused_at, due.due_at) == left
    resumed = deadlines.resume(calendar, resumed_at=paused_at, rest=rest)
    assert slow_time.resume(office, paused_at, rest) == (resumed.counted_from, resumed.due_at)


@settings(max_examples=300)
@given(data=st.data(), which=st.integers(0, 1), limit=LIMITS)
def test_slow_time_agrees_on_measuring_and_looking_back(data: st.DataObject, which: int, limit: Limit) -> None:
    calendar, office = PAIRS[which]
    first_at, last_at = data.draw(_instants(calendar)), data.draw(_instants(calendar))
    for unit in Unit:
        assert slow_time.spent(office, first_at, last_at, unit) == deadlines.spent(calendar, first_at, last_at, unit)
    assert slow_time.lead(office, limit, last_at) == deadlines.order_at(calendar, limit=limit, due_at=last_at)
    start_at = deadlines.latest_start(calendar, due_at=last_at, shares=limit)
    assert slow_time.before(office, last_at, limit) == start_at


@settings(max_examples=300)
@given(
    data=st.data(),
    which=st.integers(0, 1),
    limit=LIMITS,
    percent=st.integers(1, 100),
    paused=st.none() | st.integers(0, 99),
)
def test_slow_time_agrees_on_nearing(
    data: st.DataObject, which: int, limit: Limit, percent: int, paused: int | None
) -> None:
    calendar, office = PAIRS[which]
    received_at = data.draw(_instants(calendar))
    try:
        due = deadlines.due(calendar, received_at=received_at, limit=limit)
    except CalendarGapError:
        assume(False)
    ledger = foresight.Ledger(limit, limit, due.counted_from, due.due_at)
    if paused is not None:
        at = due.counted_from + (due.due_at - due.counted_from) * paused / 100
        rest = deadlines.rest(calendar, limit=limit, running_from=due.counted_from, at=at)
        again = deadlines.resume(calendar, resumed_at=at + timedelta(days=3), rest=rest)
        ledger = foresight.Ledger(limit, rest, again.counted_from, again.due_at)
    assert ledger.running_from is not None
    wanted = foresight.nears_at(calendar, ledger, percent)
    assert slow_time.nears(office, limit, ledger.rest, ledger.running_from, ledger.due_at, percent) == wanted
