"""Working time in floating days, as far as a simulation needs it; promises are never computed here."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction

from engine.domain.calendar import WorkingCalendar

_PARTS = 10_000  #: of a working day; exact fractions keep a simulation the same on every machine


def later(calendar: WorkingCalendar, at: datetime, days: float) -> datetime:
    """Return the working moment ``days`` working days after an instant, never before it.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    moment = calendar.moment_of_days(calendar.days_worked(at) + Fraction(round(days * _PARTS), _PARTS))
    return max(at, moment.replace(microsecond=0))


def earlier(calendar: WorkingCalendar, at: datetime, days: float) -> datetime:
    """Return the working moment ``days`` working days before an instant.

    Raises:
        CalendarGapError: the calendar begins later.
    """
    return calendar.moment_of_days(calendar.days_worked(at) - Fraction(round(days * _PARTS), _PARTS))


def days_between(calendar: WorkingCalendar, from_at: datetime, to_at: datetime) -> float:
    """Return the working days between two instants; negative when the second is the earlier.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    return float(calendar.days_worked(to_at) - calendar.days_worked(from_at))
