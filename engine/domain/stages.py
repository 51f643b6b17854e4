"""Shares of the limit: what the stages still to come need, and when they no longer fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import Due
from engine.domain.limits import Limit, Segment


@dataclass(frozen=True, slots=True)
class Stage:
    """A unit's consecutive steps and their share of the limit."""

    no: int
    share: Limit


@dataclass(frozen=True, slots=True)
class Shares:
    """What is planned for a stage and for all that come after it, up to the end of processing."""

    own: Limit
    later: Limit


def shares_of(stages: Sequence[Stage], *, current: int, total: Limit) -> Shares | None:
    """Return the shares of the current stage and of the later ones, cut to the total when they exceed it.

    A table may promise less than the sum of its stages (the total is what is printed on the receipt); then each stage
    gets its proportional part. None when shares and total are in different units and cannot be compared.

    Args:
        stages: the stages before the end of processing, in order; shares in the unit of the total.
        current: number of the stage that runs.
        total: the limit of the procedure.
    """
    units = {segment.unit for stage in stages for segment in stage.share.segments}
    units |= {segment.unit for segment in total.segments}
    if len(units) != 1 or not stages:
        return None
    planned, granted = _amount(stage.share for stage in stages), _amount([total])
    factor = granted / planned if planned > granted else Fraction(1)
    unit = units.pop()
    own = _amount(stage.share for stage in stages if stage.no == current) * factor
    later = _amount(stage.share for stage in stages if stage.no > current) * factor
    return Shares(own=Limit((Segment(own, unit),)), later=Limit((Segment(later, unit),)))


@dataclass(frozen=True, slots=True)
class Grant:
    """A share as it was given to a stage, and from when it was counted."""

    begins_at: datetime
    share: Limit


def left_of(
    calendar: WorkingCalendar,
    grant: Grant,
    pauses: Iterable[tuple[datetime, datetime]],
    *,
    opened_at: datetime,
    running_from: datetime,
) -> Fraction:
    """Measure what a stage has left of its share when its current step opens or the clock runs again, the later one.

    It is what was granted less what was used of it on its own axis, by the calendar given; a stage end that a calendar
    change kept or moved has no part in it.

    Args:
        grant: its share, one segment.
        pauses: begin and end of each pause of the dossier, in order.
        opened_at: when the current step opened.
        running_from: since when the promise runs.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    (segment,) = grant.share.segments
    used, runs_from = Fraction(0), grant.begins_at
    for begins, ends in pauses:
        used += max(Fraction(0), deadlines.spent(calendar, runs_from, begins, segment.unit))
        runs_from = max(runs_from, ends)
    used += max(Fraction(0), deadlines.spent(calendar, max(runs_from, running_from), opened_at, segment.unit))
    return max(Fraction(0), segment.amount - used)


def stage_end(calendar: WorkingCalendar, *, begins_at: datetime, share: Limit) -> Due:
    """Find when a stage should be done that begins at ``begins_at`` and has ``share`` of the promise.

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    return deadlines.resume(calendar, resumed_at=begins_at, rest=share)


def after_pause(
    calendar: WorkingCalendar, *, end_at: datetime, paused_at: datetime, resumed_at: datetime
) -> tuple[Limit, Due]:
    """Find what was left of a stage when the clock stopped, and its new end.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    left = deadlines.left_until(calendar, at=paused_at, end_at=end_at)
    return left, deadlines.resume(calendar, resumed_at=resumed_at, rest=left)


def _amount(limits: Iterable[Limit]) -> Fraction:
    return sum((segment.amount for limit in limits for segment in limit.segments), Fraction(0))
