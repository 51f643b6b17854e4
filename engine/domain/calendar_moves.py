"""What a calendar change does to dates that were given already (docs/reference/working-time.md, "A calendar change").

What was promised stays promised, unless the promised day itself becomes a day off: then the next working moment.
"""

from __future__ import annotations

from datetime import date, datetime

from engine.domain import axes
from engine.domain.calendar import WorkingCalendar


def newly_off(old: WorkingCalendar, new: WorkingCalendar) -> frozenset[date]:
    """List the dates on which the old calendar works and the new one does not; both must cover them."""
    first, last = max(old.first_year, new.first_year), min(old.last_year, new.last_year)
    days = range(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal() + 1)
    dates = (date.fromordinal(day) for day in days)
    return frozenset(on for on in dates if old.is_working_day(on) and not new.is_working_day(on))


def kept_or_moved(calendar: WorkingCalendar, due_at: datetime) -> datetime:
    """Return the date as it was given when its day works, otherwise the next working moment.

    Raises:
        CalendarGapError: the calendar ends first.
    """
    on = calendar.local_date(due_at)
    return due_at if calendar.is_working_day(on) else axes.first_moment(calendar, due_at)
