"""How long a dossier has been late, in buckets of office time; the middle of many numbers (peers.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.local_clock import HOUR


class Age(StrEnum):
    """Office time since a promise was due; each late dossier is in exactly one."""

    HOURS = "4h"  #: up to 4 working hours
    DAY = "1d"  #: up to 1 working day
    DAYS = "3d"  #: more than 1, up to 3 working days
    WEEKS = "10d"  #: more than 3, up to 10 working days
    LONGER = "more"  #: more than 10 working days


_DAYS = ((1, Age.DAY), (3, Age.DAYS), (10, Age.WEEKS))


def age(calendar: WorkingCalendar, due_at: datetime, at: datetime) -> Age:
    """Tell how long after ``due_at`` the instant ``at`` lies; both ends of a bucket belong to the shorter one.

    What lies before the calendar is older than all that it can tell.
    """
    try:
        if calendar.worked(at) - calendar.worked(due_at) <= 4 * HOUR:
            return Age.HOURS
        days = calendar.days_worked(at) - calendar.days_worked(due_at)
    except CalendarGapError:
        return Age.LONGER
    return next((bucket for most, bucket in _DAYS if days <= most), Age.LONGER)


def due_that_broke(
    due_at: datetime | None, late_after: datetime | None, missed: datetime | None, at: datetime
) -> datetime | None:
    """Return since when a late dossier is late: its due instant, or the end of an earlier appointment that was missed.

    None: nothing is broken.
    """
    if missed is not None and missed < at:
        return missed
    return due_at if late_after is not None and late_after < at else None


def percentile(ordered: Sequence[int], percent: int) -> int | None:
    """Return the value that at least ``percent`` of an ascending sequence do not exceed: the nearest rank, no average.

    So the answer is always a number that was measured. None of nothing.
    """
    if not ordered:
        return None
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]
