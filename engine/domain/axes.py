"""The three axes of time: measure, go forward and go back by one segment, exactly (docs/reference/working-time.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from engine.domain.calendar import WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit

HOUR = 3_600_000_000
"""Microseconds of an hour."""

DAY = 24 * HOUR
"""Microseconds of a calendar day."""

_CLOCK_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - calendar days are counted on the local clock
_TICK = timedelta(microseconds=1)


def position(calendar: WorkingCalendar, at: datetime, unit: Unit) -> Fraction:
    """Find where an instant lies on the axis of ``unit``, in that unit; only differences have a meaning.

    Raises:
        CalendarGapError: the instant lies outside the calendar.
    """
    match unit:
        case Unit.WORKING_HOUR:
            return Fraction(calendar.worked(at), HOUR)
        case Unit.WORKING_DAY:
            return calendar.days_worked(at)
        case Unit.CALENDAR_DAY:
            return Fraction((local_clock(calendar, at) - _CLOCK_EPOCH) // _TICK, DAY)


def spent(calendar: WorkingCalendar, from_at: datetime, to_at: datetime, unit: Unit) -> Fraction:
    """Measure the time between two instants in ``unit``; negative when ``to_at`` is the earlier.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    return position(calendar, to_at, unit) - position(calendar, from_at, unit)


def advance(calendar: WorkingCalendar, start_at: datetime, segment: Segment) -> datetime:
    """Find when ``segment`` ends that begins at ``start_at``; the ties are those of "The rule".

    An amount of 0: hours end where they begin (or at the next opening), a day at its last closing.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    match segment.unit:
        case Unit.WORKING_HOUR:
            if segment.amount == 0:
                return first_moment(calendar, start_at)
            return calendar.moment(calendar.worked(start_at) + segment.amount * HOUR, later=False)
        case Unit.WORKING_DAY:
            if segment.amount == 0:
                return last_closing(calendar, start_at)
            return calendar.moment_of_days(calendar.days_worked(start_at) + segment.amount)
        case Unit.CALENDAR_DAY:
            settled = settle(calendar, raw_end(calendar, start_at, segment.amount))
            return settled if settled >= start_at else calendar.next_opening(start_at)


def retreat(calendar: WorkingCalendar, end_at: datetime, segment: Segment) -> datetime:
    """Find the last instant which lies ``segment`` before ``end_at`` on the segment's axis.

    Raises:
        CalendarGapError: the calendar begins later.
    """
    if segment.amount == 0:
        return end_at
    match segment.unit:
        case Unit.WORKING_HOUR:
            return calendar.moment(calendar.worked(end_at) - segment.amount * HOUR, later=True)
        case Unit.WORKING_DAY:
            return calendar.moment_of_days(calendar.days_worked(end_at) - segment.amount)
        case Unit.CALENDAR_DAY:
            clock = raw_end(calendar, end_at, -segment.amount)
            calendar.require(clock.date())
            return calendar.at_local(clock)


def advance_all(calendar: WorkingCalendar, start_at: datetime, limit: Limit) -> datetime:
    """Find when ``limit`` ends that begins at ``start_at``, segment after segment.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    for segment in limit.segments:
        start_at = advance(calendar, start_at, segment)
    return start_at


def first_moment(calendar: WorkingCalendar, at: datetime) -> datetime:
    """Clamp an instant to the working axis: itself in a shift or on a closing, otherwise the next opening.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    return at if calendar.is_working_moment(at) else calendar.next_opening(at)


def last_closing(calendar: WorkingCalendar, at: datetime) -> datetime:
    """Find the last closing of the working day that holds ``at``, or of the next one when that day's work is over.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    on = calendar.local_date(at)
    slots = calendar.slots(on)
    if not slots or slots[-1][1] < at:
        slots = calendar.slots(calendar.working_day_from(on + timedelta(days=1)))
    return slots[-1][1]


def raw_end(calendar: WorkingCalendar, start_at: datetime, amount: Fraction) -> datetime:
    """Add calendar days to the local clock (naive), before the end is moved to a working day.

    Raises:
        CalendarGapError: ``start_at`` lies outside the calendar.
    """
    calendar.require(calendar.local_date(start_at))
    return local_clock(calendar, start_at) + timedelta(microseconds=ceil(amount * DAY))


def settle(calendar: WorkingCalendar, clock: datetime) -> datetime:
    """Move a naive local end into the shifts of its day, or of the next working day with the clock time kept.

    Before opening → opening; in a break → the opening after it; after closing → the last closing.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    on = calendar.working_day_from(clock.date())
    at = calendar.at_local(datetime.combine(on, clock.time()))
    slots = calendar.slots(on)
    for opening, closing in slots:
        if at < closing:
            return max(at, opening)
    return slots[-1][1]


def local_clock(calendar: WorkingCalendar, at: datetime) -> datetime:
    """Read the local clock (naive) at an instant."""
    return calendar.local(at).replace(tzinfo=None)
