"""Working time by walking from day to day: slow, obvious, and another way than engine.domain.deadlines.

The rule is that of docs/reference/working-time.md. Nothing is tabulated or looked up by bisection: each function walks
the shifts of one date after the other. Instants are aware UTC; amounts are exact fractions.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from math import ceil, floor
from typing import Any
from zoneinfo import ZoneInfo

from engine.domain.limits import Limit, Segment, Unit

Slot = tuple[datetime, datetime]

TICK = timedelta(microseconds=1)
ONE_DAY = timedelta(days=1)
ONE_HOUR = timedelta(hours=1)
HOUR = ONE_HOUR // TICK
DAY = ONE_DAY // TICK
_SATURDAY, _SUNDAY = 5, 6
_NOTHING = Segment(Fraction(0), Unit.WORKING_HOUR)
_UNTIL_OPENING = Segment(Fraction(0), Unit.CALENDAR_DAY)


class OutsideCalendarError(ValueError):
    """The walk left the years of the calendar."""


class Office:
    """When an office works, read from the content of a calendar version."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.zone = ZoneInfo(content["zone"])
        self.years = range(content["years"][0], content["years"][1] + 1)
        self._hours = [_hours(text) for text in content["shifts"]]
        self._weeks = {date.fromisoformat(row["from"]): row["week"] for row in content.get("hours", ())}
        self._declared = {date.fromisoformat(row["on"]): row for row in content["days"]}
        decided = {on.year for on in self._declared}
        awaited = {on.year for on, row in self._declared.items() if row["provisional"]}
        self.provisional_years = set(self.years) - (decided - awaited)
        self._slots: dict[date, list[Slot]] = {}

    def local_date(self, at: datetime) -> date:
        """Return the local date of an instant."""
        return at.astimezone(self.zone).date()

    def local_clock(self, at: datetime) -> datetime:
        """Return the local date and time of an instant, naive."""
        return at.astimezone(self.zone).replace(tzinfo=None)

    def instant(self, clock: datetime) -> datetime:
        """Return the instant of a naive local date and time."""
        return clock.replace(tzinfo=self.zone).astimezone(UTC)

    def slots(self, on: date) -> list[Slot]:
        """Return opening and closing of each shift of a local date, none on a day off.

        Raises:
            OutsideCalendarError: the year is not in the calendar.
        """
        if on.year not in self.years:
            raise OutsideCalendarError(f"the calendar does not cover {on.year}")
        if on not in self._slots:
            self._slots[on] = [
                (self.instant(datetime.combine(on, start)), self.instant(datetime.combine(on, end)))
                for start, end in self._hours_on(on)
            ]
        return self._slots[on]

    def _hours_on(self, on: date) -> list[tuple[time, time]]:
        row, week = self._declared.get(on), self._week(on)
        if row is None:
            return week[on.weekday()]
        if row["kind"] == "off":
            return []
        # a make-up day stands for a weekday: it has the hours of the first working day of the week
        return [_hours(text) for text in row["shifts"]] or next(hours for hours in week if hours)

    def _week(self, on: date) -> list[list[tuple[time, time]]]:
        """Return the hours of Monday to Sunday that hold on a date: those that began last before it."""
        begun = [begins for begins in self._weeks if begins <= on]
        if not begun:
            return [[] if day in (_SATURDAY, _SUNDAY) else sorted(self._hours) for day in range(7)]
        return [[_hours(text) for text in shifts] for shifts in self._weeks[max(begun)]]

    def working_day(self, on: date, *, step: int) -> date:
        """Return the next working day after (``step`` 1) or before (-1) a local date."""
        on += step * ONE_DAY
        while not self.slots(on):
            on += step * ONE_DAY
        return on

    def is_working_moment(self, at: datetime) -> bool:
        """Tell whether an instant lies in a shift, both ends included."""
        return any(opening <= at <= closing for opening, closing in self.slots(self.local_date(at)))

    def next_opening(self, at: datetime) -> datetime:
        """Return the instant itself inside a shift (its closing excluded), otherwise the next opening."""
        on = self.local_date(at)
        while True:
            for opening, closing in self.slots(on):
                if at < closing:
                    return max(at, opening)
            on += ONE_DAY

    def is_provisional(self, first_at: datetime, last_at: datetime) -> bool:
        """Tell whether a year between two instants has no decision yet."""
        years = range(self.local_date(first_at).year, self.local_date(last_at).year + 1)
        return any(year in self.provisional_years for year in years)


def _hours(text: str) -> tuple[time, time]:
    start, end = text.split("-")
    return time.fromisoformat(start), time.fromisoformat(end)


# --- going forward -------------------------------------------------------------------------------------------------


def start(office: Office, received_at: datetime, unit: Unit, cutoff: str | None) -> datetime:
    """Return the instant from which a limit counts (domain.md §1.5)."""
    on = office.local_date(received_at)
    slots = office.slots(on)
    passed = _past_cutoff(office, received_at, cutoff)
    if unit is Unit.CALENDAR_DAY and not passed:
        return received_at
    if slots and received_at < slots[-1][1] and not passed:
        return office.next_opening(received_at)
    return office.slots(office.working_day(on, step=1))[0][0]


def _past_cutoff(office: Office, at: datetime, cutoff: str | None) -> bool:
    if not cutoff:
        return False
    clock = office.local_clock(at)
    if cutoff != "last-hour":
        return clock.time() > time.fromisoformat(cutoff)
    slots = office.slots(clock.date())
    left = sum((closing - max(opening, at) for opening, closing in slots if closing > at), timedelta())
    return bool(slots) and at > slots[0][0] and left < ONE_HOUR


def due(office: Office, received_at: datetime, limit: Limit, cutoff: str | None) -> tuple[datetime, datetime]:
    """Return from when a limit counts and when it ends."""
    counted_from = start(office, received_at, limit.segments[0].unit, cutoff)
    return counted_from, advance_all(office, counted_from, limit)


def resume(office: Office, resumed_at: datetime, rest: Limit) -> tuple[datetime, datetime]:
    """Return from when the rest of a limit counts after a pause, and when it ends (domain.md §1.6)."""
    begins, first = resumed_at, rest.segments[0]
    is_outside = first.unit is not Unit.CALENDAR_DAY and not office.is_working_moment(resumed_at)
    if is_outside or first == _UNTIL_OPENING:
        begins = office.next_opening(resumed_at)
    return begins, advance_all(office, begins, rest)


def late_after(office: Office, due_at: datetime, late_rule: str) -> datetime:
    """Return the last instant that is not late."""
    if late_rule == "instant":
        return due_at
    return office.instant(datetime.combine(office.local_date(due_at), time.max))


def advance_all(office: Office, at: datetime, limit: Limit) -> datetime:
    """Return when a limit ends that begins at an instant, segment after segment."""
    for segment in limit.segments:
        at = _ADVANCE[segment.unit](office, at, segment.amount)
    return at


def _advance_hours(office: Office, at: datetime, amount: Fraction) -> datetime:
    left = ceil(amount * HOUR) * TICK
    if not left:
        return at if office.is_working_moment(at) else office.next_opening(at)
    on = office.local_date(at)
    while True:
        for opening, closing in office.slots(on):
            begins = max(opening, at)
            if begins < closing and left <= closing - begins:
                return begins + left
            left -= max(closing - begins, timedelta())
        on += ONE_DAY


def _advance_days(office: Office, at: datetime, amount: Fraction) -> datetime:
    if amount == 0:
        on = office.local_date(at)
        slots = office.slots(on)
        if not slots or slots[-1][1] < at:
            slots = office.slots(office.working_day(on, step=1))
        return slots[-1][1]
    on, done = _place(office, at)
    return _moment(office, on, done + amount)


def _advance_calendar(office: Office, at: datetime, amount: Fraction) -> datetime:
    clock = office.local_clock(at) + ceil(amount * DAY) * TICK
    on = clock.date() if office.slots(clock.date()) else office.working_day(clock.date(), step=1)
    end_at = office.instant(datetime.combine(on, clock.time()))
    settled = next((max(end_at, opening) for opening, closing in office.slots(on) if end_at < closing), None)
    settled = settled or office.slots(on)[-1][1]
    return settled if settled >= at else office.next_opening(at)


_ADVANCE = {
    Unit.WORKING_HOUR: _advance_hours,
    Unit.WORKING_DAY: _advance_days,
    Unit.CALENDAR_DAY: _advance_calendar,
}


def _place(office: Office, at: datetime) -> tuple[date, Fraction]:
    """Return the working day that holds an instant, or the next one, and the share of its work that is done."""
    on = office.local_date(at)
    slots = office.slots(on)
    if not slots or at >= slots[-1][1]:
        return office.working_day(on, step=1), Fraction(0)
    done = sum((min(closing, at) - opening for opening, closing in slots if opening < at), timedelta())
    return on, Fraction(done // TICK, _length(slots) // TICK)


def _moment(office: Office, on: date, days: Fraction) -> datetime:
    """Return the instant ``days`` working days after the beginning of the working day; ties go to the later one."""
    whole = floor(days)
    for _ in range(abs(whole)):
        on = office.working_day(on, step=1 if whole > 0 else -1)
    left = ceil((days - whole) * (_length(office.slots(on)) // TICK)) * TICK
    for opening, closing in office.slots(on):
        if left < closing - opening:
            return opening + left
        left -= closing - opening
    return office.slots(office.working_day(on, step=1))[0][0]


def _length(slots: list[Slot]) -> timedelta:
    return sum((closing - opening for opening, closing in slots), timedelta())


# --- measuring -----------------------------------------------------------------------------------------------------


def spent(office: Office, from_at: datetime, to_at: datetime, unit: Unit) -> Fraction:
    """Return the time between two instants on the axis of a unit; negative when reversed."""
    if unit is Unit.CALENDAR_DAY:
        return Fraction((office.local_clock(to_at) - office.local_clock(from_at)) // TICK, DAY)
    if to_at < from_at:
        return -spent(office, to_at, from_at, unit)
    if unit is Unit.WORKING_HOUR:
        return _hours_between(office, from_at, to_at)
    (first, done), (last, done_then) = _place(office, from_at), _place(office, to_at)
    days = 0
    while first < last:
        first = office.working_day(first, step=1)
        days += 1
    return days + done_then - done


def _hours_between(office: Office, from_at: datetime, to_at: datetime) -> Fraction:
    worked = timedelta()
    on = office.local_date(from_at)
    while on <= office.local_date(to_at):
        for opening, closing in office.slots(on):
            worked += max(min(closing, to_at) - max(opening, from_at), timedelta())
        on += ONE_DAY
    return Fraction(worked // TICK, HOUR)


def rest(office: Office, limit: Limit, running_from: datetime, at: datetime) -> Limit:
    """Return what is left at an instant of a limit that has been running (domain.md §1.6, §1.8)."""
    if at < running_from and limit.segments[0] == _UNTIL_OPENING:
        return limit
    begins, at = running_from, max(at, running_from)
    for index, segment in enumerate(limit.segments):
        ends = _ADVANCE[segment.unit](office, begins, segment.amount)
        if at < ends:
            return Limit((_left(office, segment, begins, ends, at), *limit.segments[index + 1 :]))
        begins = ends
    return Limit((_NOTHING,))


def _left(office: Office, segment: Segment, begins: datetime, ends: datetime, at: datetime) -> Segment:
    left = segment.amount - spent(office, begins, at, segment.unit)
    if left > 0:
        return Segment(left, segment.unit)
    return left_until(office, at, ends).segments[0]


def left_until(office: Office, at: datetime, end_at: datetime) -> Limit:
    """Return the office time that is left until an end: none of it when the end has passed."""
    unit = Unit.WORKING_DAY if office.next_opening(end_at) == end_at else Unit.WORKING_HOUR
    left = spent(office, at, end_at, unit)
    if left <= 0:  # an end before which the office is only closed is an opening
        return Limit((_UNTIL_OPENING if at < end_at else _NOTHING,))
    return Limit((Segment(left, unit),))


def nears(
    office: Office, limit: Limit, rest: Limit, running_from: datetime, due_at: datetime, percent: int
) -> datetime:
    """Return the first instant at which a share of a running limit is used, at the latest its end."""
    units = {segment.unit for segment in limit.segments}
    unit = next(iter(units)) if len(units) == 1 else Unit.WORKING_DAY
    whole, left = (
        sum((each.amount for each in one.segments if each.unit is unit), Fraction(0)) for one in (limit, rest)
    )
    if len(units) > 1 or not whole:  # no length of its own: measured from where it runs
        left = spent(office, running_from, advance_all(office, running_from, rest), unit)
        whole = max(left, spent(office, running_from, advance_all(office, running_from, limit), unit))
    if unit is not Unit.CALENDAR_DAY:  # a date that was kept when days off were declared has less time left
        left = min(left, spent(office, running_from, due_at, unit))
    need = whole * percent / 100 - (whole - left)
    if need <= 0:
        return min(running_from, due_at)
    if unit is Unit.CALENDAR_DAY:
        return min(due_at, office.instant(office.local_clock(running_from) + ceil(need * DAY) * TICK))
    return min(due_at, _worked_until(office, _ADVANCE[unit](office, running_from, need)))


def _worked_until(office: Office, at: datetime) -> datetime:
    """Return the closing before an opening, and any other instant of a shift itself."""
    on = office.local_date(at)
    while True:
        for opening, closing in reversed(office.slots(on)):
            if opening < at:
                return min(at, closing)
        on -= ONE_DAY


# --- going back ----------------------------------------------------------------------------------------------------


def before(office: Office, at: datetime, limit: Limit) -> datetime:
    """Return the last instant that lies a limit before another, its last segment taken off first."""
    for segment in reversed(limit.segments):
        at = _retreat(office, at, segment)
    return at


def lead(office: Office, limit: Limit, due_at: datetime, ahead: str = "1 working_day") -> datetime:
    """Return the agency's lead or a quarter of the limit before its end, whichever is later (domain.md §1.9)."""
    hours = Unit.WORKING_HOUR
    quarter = [Segment(each.amount / 4, hours if each.unit is hours else Unit.WORKING_DAY) for each in limit.segments]
    return max(before(office, due_at, Limit.parse(ahead)), before(office, due_at, Limit(tuple(quarter))))


def _retreat(office: Office, at: datetime, segment: Segment) -> datetime:
    if segment.amount == 0:
        return at
    if segment.unit is Unit.WORKING_HOUR:
        return _retreat_hours(office, at, segment.amount)
    if segment.unit is Unit.WORKING_DAY:
        on, done = _place(office, at)
        return _moment(office, on, done - segment.amount)
    return office.instant(office.local_clock(at) + ceil(-segment.amount * DAY) * TICK)


def _retreat_hours(office: Office, at: datetime, amount: Fraction) -> datetime:
    left = floor(amount * HOUR) * TICK
    if not left:
        return office.next_opening(at)
    on = office.local_date(at)
    while True:
        for opening, closing in reversed(office.slots(on)):
            ends = min(closing, at)
            if opening < ends and left <= ends - opening:
                return ends - left
            left -= max(ends - opening, timedelta())
        on -= ONE_DAY
