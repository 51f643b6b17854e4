"""Random offices, as the engine has them and as the oracle has them, with receipts, limits and pauses to try on them.

Shifts are as short as a minute and as many as eight, and reach up to midnight. Days off, make-up days, half days and
new weekly hours are crowded where the receipts are.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import accumulate

from hypothesis import strategies as st

from engine.domain.calendar import DayKind, DayRule, OfficeHours, Shift, WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit
from tests.support.slow_calendar import MINUTE, TICK, Amount, Pause, SlowCalendar, Spans

WORKING = (Unit.WORKING_DAY, Unit.WORKING_HOUR)
YEARS = range(2025, 2027)
FIRST = date(2025, 12, 22)
DATES = 50
"""Dates from ``FIRST`` on, over the turn of the year, on which receipts and declared days lie."""

VIETNAM = "Asia/Ho_Chi_Minh"
CLOCK_CHANGES_END = 3 * 60
"""The minute of the day before which clocks are put forward and back, in the zones that we try."""


class Office:
    """One random calendar twice; what happens in it lies on the dates from ``first`` on."""

    def __init__(self, calendar: WorkingCalendar, first: date) -> None:
        self.calendar = calendar
        self.slow = slow_of(calendar)
        self.first = first

    def __repr__(self) -> str:
        return repr(self.slow)

    def edges(self, on: date) -> list[datetime]:
        """Each opening and closing of a date."""
        return [edge for slot in self.calendar.slots(on) for edge in slot]


# --- offices -------------------------------------------------------------------------------------------------------


@st.composite
def spans(draw: st.DrawFn, most: int = 8) -> Spans:
    """Shifts of one date: neighbours may touch, one may last a minute only."""
    count = draw(st.integers(1, draw(st.sampled_from([1, 2, 2, 3, most]))))
    step = draw(st.sampled_from([1, 5, 30]))
    marks = st.integers(0, 1439 // step).map(lambda mark: mark * step)
    edges = sorted(draw(st.lists(marks, min_size=2 * count, max_size=2 * count, unique=True)))
    found = [(edges[2 * n], edges[2 * n + 1]) for n in range(count)]
    match draw(st.sampled_from(["", "", "touch", "minute", "midnight"])):
        case "touch":
            found = [(first, found[n + 1][0] if n + 1 < count else last) for n, (first, last) in enumerate(found)]
        case "minute":
            found[0] = (found[0][0], found[0][0] + 1)
        case "midnight":
            found[-1] = (found[-1][0] if found[-1][0] < 1439 else 1438, 1439)
    return tuple(found)


WEEKS = st.lists(st.one_of(st.just(()), spans()), min_size=7, max_size=7).map(tuple).filter(any)
OFFSETS = st.integers(0, DATES - 1)


SPANS = spans()
OFFSETS = st.integers(0, DATES - 1)


@st.composite
def night_spans(draw: st.DrawFn) -> Spans:
    """Shifts without an edge in the hours in which clocks are put forward and back; some last through them."""
    found = tuple((start, end) for start, end in draw(SPANS) if start >= CLOCK_CHANGES_END)
    return (*draw(st.sampled_from([(), ((0, CLOCK_CHANGES_END),)])), *found) or ((0, CLOCK_CHANGES_END),)


@st.composite
def rules(draw: st.DrawFn, first: date = FIRST, hours: st.SearchStrategy[Spans] = SPANS) -> list[DayRule]:
    """Days off, make-up days with the usual hours and some with their own; a few still await their decision."""
    found = []
    for offset in draw(st.lists(OFFSETS, max_size=25, unique=True)):
        on, kind = first + timedelta(days=offset), draw(st.sampled_from(DayKind))
        own = shifts_of(draw(st.one_of(st.just(()), hours))) if kind is DayKind.WORK else ()
        found.append(DayRule(on, kind, f"QĐ {on}", "ghi chú", provisional=draw(st.integers(0, 9)) == 0, shifts=own))
    return found


@st.composite
def weekly_hours(draw: st.DrawFn, first: date = FIRST, hours: st.SearchStrategy[Spans] = SPANS) -> list[OfficeHours]:
    """Weekly hours that begin between the receipts, or none."""
    found = []
    for offset in draw(st.lists(OFFSETS, max_size=2, unique=True)):
        on = first + timedelta(days=offset)
        week = draw(st.lists(st.one_of(st.just(()), hours), min_size=7, max_size=7).filter(any))
        found.append(OfficeHours(on, tuple(map(shifts_of, week)), f"QĐ {on}"))
    return found


@st.composite
def offices(
    draw: st.DrawFn, zone: str = VIETNAM, first: date = FIRST, hours: st.SearchStrategy[Spans] = SPANS
) -> Office:
    """An office with everything that a calendar may have."""
    calendar = WorkingCalendar.build(
        zone=zone,
        shifts=shifts_of(draw(hours)),
        days=draw(rules(first, hours)),
        years=range(first.year, first.year + 2),
        hours=draw(weekly_hours(first, hours)),
    )
    return Office(calendar, first)


def slow_of(calendar: WorkingCalendar) -> SlowCalendar:
    """Tell the oracle what a calendar declares."""
    usual = spans_of(calendar.shifts)
    weeks = [(date.min, (usual,) * 5 + ((),) * 2)]
    weeks += [(each.valid_from, tuple(map(spans_of, each.week))) for each in calendar.hours]
    days = {rule.on: () if rule.kind is DayKind.OFF else spans_of(rule.shifts) or None for rule in calendar.days}
    return SlowCalendar(calendar.zone, weeks, days)


def shifts_of(hours: Spans) -> tuple[Shift, ...]:
    """Write minutes of the day as shifts."""
    return tuple(Shift(time(*divmod(start, 60)), time(*divmod(end, 60))) for start, end in hours)


def spans_of(shifts: tuple[Shift, ...]) -> Spans:
    """Write shifts as minutes of the day."""
    return tuple((each.start.hour * 60 + each.start.minute, each.end.hour * 60 + each.end.minute) for each in shifts)


# --- what happens in them ------------------------------------------------------------------------------------------


@st.composite
def moments(draw: st.DrawFn, office: Office) -> datetime:
    """An instant (UTC) among the receipts: often an opening or a closing, or a microsecond beside one."""
    on = office.first + timedelta(days=draw(OFFSETS))
    edges = office.edges(on)
    if edges and draw(st.booleans()):
        return draw(st.sampled_from(edges)) + draw(st.sampled_from([-TICK, 0 * TICK, 0 * TICK, TICK]))
    at = office.calendar.at_local(datetime.combine(on, time())) + draw(st.integers(0, 1439)) * MINUTE
    return at + draw(st.sampled_from([0, 0, 1, 30_000_001])) * TICK


def whole_minute(at: datetime) -> datetime:
    """The beginning of the minute that holds an instant."""
    return at.replace(second=0, microsecond=0)


@st.composite
def pauses(draw: st.DrawFn, office: Office, first_at: datetime) -> list[Pause]:
    """One to three pauses on whole minutes from an instant on, some of no length, some next to one another."""
    found: list[Pause] = []
    at = whole_minute(first_at - TICK) + MINUTE
    for _ in range(draw(st.integers(1, 3))):
        begins = at + draw(st.sampled_from([0, 0, 1, 17, 240, 1440, 4000])) * MINUTE
        ends = begins + draw(st.sampled_from([0, 1, 45, 600, 1440, 5000])) * MINUTE
        begins, ends = (draw(snapped(office, each)) for each in (begins, ends))
        begins = max(begins, at)
        found.append((begins, max(begins, ends)))
        at = found[-1][1]
    return found


@st.composite
def snapped(draw: st.DrawFn, office: Office, at: datetime) -> datetime:
    """The instant itself, or an opening or a closing of its date."""
    edges = office.edges(office.calendar.local_date(at))
    return draw(st.sampled_from(edges)) if edges and draw(st.booleans()) else at


@st.composite
def segments(draw: st.DrawFn, office: Office, units: tuple[Unit, ...] = tuple(Unit)) -> Segment:
    """An amount that such an office can spend in a few weeks; often it ends exactly where a shift does."""
    unit = draw(st.sampled_from(units))
    if unit is Unit.CALENDAR_DAY:
        return Segment(draw(st.one_of(WHOLE, st.fractions(0, 12, max_denominator=48))), unit)
    on = office.first + timedelta(days=draw(st.integers(DATES, DATES + 6)))
    hours = office.slow.hours_on(office.slow.working_date(on))
    ends = list(accumulate(end - start for start, end in hours))
    part = draw(st.one_of(st.sampled_from([0, *ends]).map(Fraction), st.fractions(0, ends[-1])))
    if unit is Unit.WORKING_HOUR:
        return Segment((draw(WHOLE) * ends[-1] + part) / 60, unit)
    return Segment(draw(WHOLE) + draw(st.sampled_from([part / ends[-1], Fraction(1, 2), Fraction(1, 3)])), unit)


WHOLE = st.integers(0, 8).map(Fraction)


@st.composite
def limits(draw: st.DrawFn, office: Office, units: tuple[Unit, ...] = tuple(Unit), most: int = 3) -> Limit:
    """A limit of one or more amounts."""
    return Limit(tuple(draw(st.lists(segments(office, units), min_size=1, max_size=most))))


@st.composite
def one_working(draw: st.DrawFn, office: Office) -> Segment:
    """Some working days or hours."""
    segment = draw(segments(office, WORKING))
    return segment if segment.amount else Segment(Fraction(1, 3), segment.unit)


CUTOFFS = st.one_of(
    st.sampled_from([None, None, "15:00", "17:00", "last-hour"]),
    st.times().map(lambda clock: clock.isoformat("minutes")),
)


def amounts_of(limit: Limit) -> list[Amount]:
    """Write a limit for the oracle."""
    return [(segment.amount, segment.unit.value) for segment in limit.segments]
