"""The three axes of time: measure, go forward and go back by one segment, exactly (docs/reference/working-time.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from engine.domain import reckoning
from engine.domain.calendar import WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit
from engine.domain.local_clock import DAY, instant_of
from engine.domain.local_clock import HOUR as HOUR  # part of this module's interface

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
    return instant_of(reckoning.forward(calendar.table, segment)(calendar.ticks(start_at)))


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
    return instant_of(calendar.table.first_moment(calendar.ticks(at)))


def raw_end(calendar: WorkingCalendar, start_at: datetime, amount: Fraction) -> datetime:
    """Add calendar days to the local clock (naive), before the end is moved to a working day.

    Raises:
        CalendarGapError: ``start_at`` lies outside the calendar.
    """
    calendar.require(calendar.local_date(start_at))
    return local_clock(calendar, start_at) + timedelta(microseconds=ceil(amount * DAY))


def local_clock(calendar: WorkingCalendar, at: datetime) -> datetime:
    """Read the local clock (naive) at an instant."""
    return calendar.local(at).replace(tzinfo=None)
