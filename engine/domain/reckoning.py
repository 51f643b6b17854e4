"""Due dates in ticks: from where a receipt counts and where a limit ends (docs/reference/working-time.md).

This is the one definition: ``axes`` and ``deadlines`` ask it one by one and explain what it found, ``planner`` prepares
it for many receipts of one limit, ``bulk_reckoning`` gives the same for arrays. Whole numbers only; see ``WorkTable``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from functools import partial
from math import ceil

from engine.domain.calendar import WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.limits import Limit, Segment, Unit
from engine.domain.local_clock import DAY, HOUR
from engine.domain.worktable import WorkTable

Reckoner = Callable[[int], int]
"""From ticks within the table to ticks; raises CalendarGapError where the calendar ends first."""


def planner(calendar: WorkingCalendar, limit: Limit, cutoff: Cutoff | None = None) -> Reckoner:
    """Prepare the due dates of one limit: from the ticks of a receipt to those at which it falls due.

    The result raises CalendarGapError where the calendar does not reach that far.
    """
    table = calendar.table
    first = limit.segments[0]
    # The axis of a working unit begins at the next opening by itself, unless nothing is to be counted on it.
    start = counting_from(table, first.unit, cutoff) if first.amount == 0 else _moved_by(table, cutoff)
    steps = tuple(forward(table, segment) for segment in limit.segments)
    if start is not None:
        steps = (start, *steps)
    begins, ends = table.begins, table.ends

    def due(received: int) -> int:
        if not begins <= received < ends:
            table.require(received)
        at = received
        for step in steps:
            at = step(at)
        return at

    return due


# --- where counting starts -----------------------------------------------------------------------------------------


def counting_from(table: WorkTable, unit: Unit, cutoff: Cutoff | None) -> Reckoner:
    """Prepare the start rule: from the ticks of a receipt to those from which ``unit`` counts (domain.md §1.5)."""
    moved = _moved_by(table, cutoff)
    if unit is Unit.CALENDAR_DAY:
        return moved or int
    if moved is None:
        return table.next_opening
    return lambda received: table.next_opening(moved(received))


def _moved_by(table: WorkTable, cutoff: Cutoff | None) -> Reckoner | None:
    """Prepare the cut-off alone: a receipt strictly after it counts from the opening of the next working day."""
    if cutoff is None:
        return None
    reading, opening_after = table.clock.reading, table.opening_after
    last_hours, first_day = table.last_hours, table.first_day

    def moved_in_last_hour(received: int) -> int:
        day = reading(received) // DAY
        return opening_after(day) if received > last_hours[day - first_day] else received

    if cutoff.at is None:
        return moved_in_last_hour
    latest = clock_ticks(cutoff.at)

    def moved_by_clock(received: int) -> int:
        day, clock = divmod(reading(received), DAY)
        return opening_after(day) if clock > latest else received

    return moved_by_clock


def has_passed(table: WorkTable, cutoff: Cutoff | None, received: int) -> bool:
    """Tell whether ticks lie strictly after the cut-off of their local date.

    Raises:
        CalendarGapError: they do, and no working day follows.
    """
    moved = _moved_by(table, cutoff)
    return moved is not None and moved(received) != received


def clock_ticks(clock: time) -> int:
    """Give the ticks from midnight to a reading of the clock."""
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000 + clock.microsecond


# --- where a segment ends ------------------------------------------------------------------------------------------


def forward(table: WorkTable, segment: Segment) -> Reckoner:
    """Prepare one segment: from the ticks at which it begins to those at which it ends."""
    amount = segment.amount
    match segment.unit:
        case Unit.WORKING_HOUR:
            return partial(table.after_work, ceil(amount * HOUR)) if amount else table.first_moment
        case Unit.WORKING_DAY:
            return partial(table.after_days, amount.numerator, amount.denominator) if amount else table.last_closing
        case Unit.CALENDAR_DAY:
            return partial(table.after_calendar_days, ceil(amount * DAY))
