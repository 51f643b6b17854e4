"""Deadlines: when a limit ends, what is left of it across pauses, and when it is late (docs/reference/working-time.md).

Pure functions of a calendar and instants; nothing here is stored or set by a sweep. Pauses are half-open intervals:
``rest`` takes what is left at their beginning, ``resume`` gives the new end from their end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from enum import StrEnum
from fractions import Fraction

from engine.domain import axes, reckoning
from engine.domain.calendar import WorkingCalendar
from engine.domain.cutoffs import Cutoff as Cutoff  # part of this module's interface, as is the next
from engine.domain.cutoffs import InvalidCutoffError as InvalidCutoffError
from engine.domain.explanations import Line as Line  # part of this module's interface, as is StartRule
from engine.domain.explanations import (
    StartRule,
    clock_text,
    days_off_between,
    quantity_text,
    segment_lines,
    start_line,
)
from engine.domain.limits import Limit, Segment, Unit
from engine.domain.local_clock import instant_of

APOLOGY_LEAD = Limit((Segment(Fraction(1), Unit.WORKING_DAY),))
"""How long before the due instant an apology is ordered where the agency has set nothing else."""

_NOTHING = Segment(Fraction(0), Unit.WORKING_HOUR)
_UNTIL_OPENING = Segment(Fraction(0), Unit.CALENDAR_DAY)


class LateRule(StrEnum):
    """From when an unfinished dossier is late: the end of the due date, or the due instant."""

    DAY = "day"
    INSTANT = "instant"


class Punctuality(StrEnum):
    """How a finish relates to its promise (domain.md §6.3)."""

    EARLY = "early"
    ON_TIME = "on_time"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Due:
    """A due instant and the account of it; ``provisional`` while a year it touches awaits its decision."""

    counted_from: datetime
    due_at: datetime
    provisional: bool
    explanation: tuple[Line, ...]


# --- the promise at receipt ----------------------------------------------------------------------------------------


def counted_from(calendar: WorkingCalendar, *, received_at: datetime, unit: Unit, cutoff: Cutoff | None) -> datetime:
    """Find the instant from which a limit in ``unit`` counts (domain.md §1.5; "The rule").

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    return _start(calendar, received_at, unit, cutoff)[0]


def start_rule(calendar: WorkingCalendar, *, received_at: datetime, unit: Unit, cutoff: Cutoff | None) -> StartRule:
    """Tell which rule says from when a limit in ``unit`` counts.

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    return _start(calendar, received_at, unit, cutoff)[1]


def due_instant(
    calendar: WorkingCalendar, *, received_at: datetime, limit: Limit, cutoff: Cutoff | None = None
) -> datetime:
    """Find the due instant alone, without its explanation: for work in bulk.

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    return instant_of(reckoning.planner(calendar, limit, cutoff)(calendar.ticks(received_at)))


def due(calendar: WorkingCalendar, *, received_at: datetime, limit: Limit, cutoff: Cutoff | None = None) -> Due:
    """Find when ``limit`` ends for a dossier received at ``received_at``, and explain it (domain.md §1.5).

    Raises:
        CalendarGapError: the calendar does not reach that far; never a null deadline.
    """
    unit = limit.segments[0].unit
    start_at, rule = _start(calendar, received_at, unit, cutoff)
    lines = [start_line(calendar, received_at, start_at, rule=rule, cutoff=str(cutoff), limit=limit)]
    if start_at != received_at:
        lines += days_off_between(calendar, calendar.local_date(received_at), calendar.local_date(start_at))
    return _explained(calendar, start_at, limit.segments, lines)


def _start(
    calendar: WorkingCalendar, received_at: datetime, unit: Unit, cutoff: Cutoff | None
) -> tuple[datetime, StartRule]:
    """Apply the start rule; the second value says which one applied."""
    received = calendar.ticks(received_at)
    passed = reckoning.has_passed(calendar.table, cutoff, received)
    start_at = instant_of(reckoning.counting_from(calendar.table, unit, cutoff)(received))
    if unit is Unit.CALENDAR_DAY:
        return start_at, StartRule.CUTOFF if passed else StartRule.RECEIPT
    slots = calendar.slots(calendar.local_date(received_at))
    if not slots:
        return start_at, StartRule.DAY_OFF
    if passed:
        return start_at, StartRule.CUTOFF
    if received_at >= slots[-1][1]:
        return start_at, StartRule.AFTER_CLOSING
    if start_at == received_at:
        return start_at, StartRule.INSIDE
    return start_at, StartRule.BEFORE_OPENING if received_at < slots[0][0] else StartRule.BREAK


def _explained(calendar: WorkingCalendar, start_at: datetime, segments: tuple[Segment, ...], lines: list[Line]) -> Due:
    at = start_at
    for segment in segments:
        end_at = axes.advance(calendar, at, segment)
        lines += segment_lines(calendar, at, segment, end_at)
        at = end_at
    provisional = calendar.is_provisional(calendar.local_date(start_at), calendar.local_date(at))
    text = f"Due {clock_text(calendar, at)}{', provisional: a year awaits its decision' if provisional else ''}."
    return Due(start_at, at, provisional, (*lines, Line("due", at, at, text)))


# --- lateness ------------------------------------------------------------------------------------------------------


def late_after(calendar: WorkingCalendar, due_at: datetime, rule: LateRule) -> datetime:
    """Find the last instant that is not late: the due instant, or the last microsecond of its local date."""
    if rule is LateRule.INSTANT:
        return due_at
    return calendar.at_local(datetime.combine(calendar.local_date(due_at), time.max))


def is_late(at: datetime, late_after: datetime) -> bool:
    """Tell whether ``at`` lies strictly after ``late_after``."""
    return at > late_after


def is_broken(
    *,
    finished_at: datetime | None,
    ended_at: datetime | None,
    late_after: datetime | None,
    missed_late_after: datetime | None,
    now: datetime,
) -> bool:
    """Tell whether a dossier broke a promise: judged at the end of processing, at its end, or now (domain.md §1.11).

    One without ``late_after`` is promised nothing at the moment: it is not received, or a pause leaves it open. With
    ``missed_late_after``, that of an earlier appointment which was missed, it stays late (domain.md §1.7).
    """
    counts_at = finished_at or ended_at or now
    return any(last is not None and is_late(counts_at, last) for last in (late_after, missed_late_after))


def punctuality(
    calendar: WorkingCalendar,
    *,
    finished_at: datetime,
    due_at: datetime,
    late_after: datetime,
    missed_late_after: datetime | None = None,
) -> Punctuality:
    """Class a finish: late after ``late_after``, early before the due date, else on time (domain.md §6.3).

    Late also when an earlier appointment was missed, the last one kept or not.
    """
    if missed_late_after is not None or is_late(finished_at, late_after):
        return Punctuality.LATE
    if calendar.local_date(finished_at) < calendar.local_date(due_at):
        return Punctuality.EARLY
    return Punctuality.ON_TIME


# --- the ledger of pauses ------------------------------------------------------------------------------------------


def rest(calendar: WorkingCalendar, *, limit: Limit, running_from: datetime, at: datetime) -> Limit:
    """Find what is left at ``at`` of ``limit``, which has been running since ``running_from`` (domain.md §1.6, §1.8).

    Exact: ``resume`` at the same instant gives the same due instant. Nothing left is ``0 working_hour``, whatever the
    unit, as ``0 working_day`` means "within the day". Where the axis of the limit has nothing more to give but the end
    is still to come (a same-day limit, a calendar day moved to the next working day), what is left is the office time
    until that end; none at all before an opening, which is ``0 calendar_day``.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    if at < running_from and limit.segments[0] == _UNTIL_OPENING:
        return limit  # paused again before that opening
    at = max(at, running_from)
    start_at = running_from
    for index, segment in enumerate(limit.segments):
        end_at = axes.advance(calendar, start_at, segment)
        if at < end_at:
            return Limit((_left(calendar, segment, start_at, end_at, at), *limit.segments[index + 1 :]))
        start_at = end_at
    return Limit((_NOTHING,))


def rest_of_promise(
    calendar: WorkingCalendar, *, limit: Limit, running_from: datetime, at: datetime, due_at: datetime
) -> Limit:
    """Find what is left at ``at`` of a promise: ``rest``, unless the calendar changed under it and its date was kept.

    Then the ledger leads to another date than the promised one, and what is left is the office time until that: a pause
    moves a promise by its own length and by nothing else.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    if limit.is_zero or axes.advance_all(calendar, running_from, limit) == due_at:
        return rest(calendar, limit=limit, running_from=running_from, at=at)
    return left_until(calendar, at=max(at, running_from), end_at=due_at)


def _left(calendar: WorkingCalendar, segment: Segment, start_at: datetime, end_at: datetime, at: datetime) -> Segment:
    left = segment.amount - axes.spent(calendar, start_at, at, segment.unit)
    if left > 0:
        return Segment(left, segment.unit)
    return left_until(calendar, at=at, end_at=end_at).segments[0]


def left_until(calendar: WorkingCalendar, *, at: datetime, end_at: datetime) -> Limit:
    """Measure the office time from ``at`` until ``end_at``, a working moment: ``resume`` at ``at`` gives that end back.

    ``0 working_hour`` when ``end_at`` has passed, ``0 calendar_day`` when no work lies before it: it is an opening.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    # An end on a closing is kept by hours, an end on an opening by days: their ties differ.
    unit = Unit.WORKING_DAY if calendar.next_opening(end_at) == end_at else Unit.WORKING_HOUR
    left = axes.spent(calendar, at, end_at, unit)
    if left > 0:
        return Limit((Segment(left, unit),))
    return Limit((_UNTIL_OPENING if at < end_at else _NOTHING,))


def resume(calendar: WorkingCalendar, *, resumed_at: datetime, rest: Limit) -> Due:
    """Find the new end of what was left, counted from the end of the pause: no cut-off, no start rule (domain.md §1.6).

    Working units count from ``resumed_at``, or from the next opening when it lies outside the shifts.

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    resumed_at = resumed_at.astimezone(UTC)
    first = rest.segments[0]
    start_at = resumed_at if first.unit is Unit.CALENDAR_DAY else axes.first_moment(calendar, resumed_at)
    if first == _UNTIL_OPENING:
        start_at = calendar.next_opening(resumed_at)
    left = " + ".join(quantity_text(segment.amount, segment.unit) for segment in rest.segments)
    text = f"Resumed {clock_text(calendar, resumed_at)} with {left} left."
    lines = [Line("resume", resumed_at, start_at, text, details={"limit": str(rest)})]
    lines += days_off_between(calendar, calendar.local_date(resumed_at), calendar.local_date(start_at))
    return _explained(calendar, start_at, rest.segments, lines)


def spent(calendar: WorkingCalendar, from_at: datetime, to_at: datetime, unit: Unit) -> Fraction:
    """Measure the working days, working hours or calendar days between two instants; negative when reversed.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    return axes.spent(calendar, from_at, to_at, unit)


# --- looking back from the due instant -----------------------------------------------------------------------------


def before(calendar: WorkingCalendar, at: datetime, limit: Limit) -> datetime:
    """Find the last instant that lies ``limit`` before ``at``, its last segment taken off first.

    Raises:
        CalendarGapError: the calendar begins later.
    """
    for segment in reversed(limit.segments):
        at = axes.retreat(calendar, at, segment)
    return at


def latest_start(calendar: WorkingCalendar, *, due_at: datetime, shares: Limit) -> datetime:
    """Find the last instant from which ``shares`` (what is left of the stages) still fit before ``due_at``.

    Raises:
        CalendarGapError: the calendar begins later.
    """
    return before(calendar, due_at, shares)


def order_at(calendar: WorkingCalendar, *, limit: Limit, due_at: datetime, lead: Limit = APOLOGY_LEAD) -> datetime:
    """Find when the apology is ordered at the latest: the agency's lead, or a quarter of the limit, before ``due_at``.

    The shorter of the two, on the working axis; a calendar day of the limit counts as a working day (domain.md §1.9).

    Raises:
        CalendarGapError: the calendar begins later.
    """
    a_quarter_before = due_at
    for segment in reversed(limit.segments):
        unit = Unit.WORKING_HOUR if segment.unit is Unit.WORKING_HOUR else Unit.WORKING_DAY
        a_quarter_before = axes.retreat(calendar, a_quarter_before, Segment(segment.amount / 4, unit))
    return max(before(calendar, due_at, lead), a_quarter_before)
