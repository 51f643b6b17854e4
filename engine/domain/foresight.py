"""What is coming: how much of a limit is used, when a dossier comes near its date, and when its stages no longer fit.

Pure functions of a calendar and instants; sources and ties are in docs/reference/working-time.md ("Near, and will be
late"). Lists compare the two instants, ``nears_at`` and ``foreseen_at``, with now; no sweep sets anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any

from engine.domain import axes
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.limits import Limit, Segment, Unit

_TICK = timedelta(microseconds=1)
_NOTHING = Fraction(0)
_HUNDREDTHS = 100
_MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Ledger:
    """A promise as it is kept: what was granted, what was left at ``running_from`` (None while paused), its end."""

    limit: Limit
    rest: Limit
    running_from: datetime | None
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StageRun:
    """The stage that runs: since when its time counts, and the shares of the stages after it, one segment."""

    begins_at: datetime
    later: Segment


@dataclass(frozen=True, slots=True)
class Missing:
    """What the stages need beyond the due instant: in their unit, and in minutes of office time, both rounded up."""

    amount: Segment
    minutes: int


class SlaState(StrEnum):
    """How the clock of a received dossier stands; each has exactly one."""

    ON_TIME = "on_time"
    DUE_SOON = "due_soon"  #: the agency's share of the limit is used up
    WILL_BE_LATE = "will_be_late"  #: what is left of its stages needs more than what is left until it is due
    OVERDUE = "overdue"  #: late, finished or not
    PAUSED = "paused"
    DONE = "done"  #: processed or ended, not late


@dataclass(frozen=True, slots=True)
class Marks:
    """What decides the state of a dossier's clock."""

    late: bool
    unfinished: bool
    paused: bool
    nears_at: datetime | None
    foreseen_at: datetime | None


def state_of(marks: Marks, at: datetime) -> SlaState:
    """Tell how the clock stands at ``at``: the twin of the queues ``due_soon`` and ``will_be_late``."""
    if marks.late:
        return SlaState.OVERDUE
    if not marks.unfinished:
        return SlaState.DONE
    if marks.paused:
        return SlaState.PAUSED
    if marks.foreseen_at is not None and marks.foreseen_at <= at:
        return SlaState.WILL_BE_LATE
    near = marks.nears_at is not None and marks.nears_at <= at
    return SlaState.DUE_SOON if near else SlaState.ON_TIME


# --- the share of the limit ----------------------------------------------------------------------------------------


def used(calendar: WorkingCalendar, ledger: Ledger, at: datetime) -> Fraction:
    """Measure the share of the limit that is used at ``at``: 1 at the due instant, more when overrun.

    On the axis of the limit; of several units, on that of working days. Before the due instant it is at most 1:
    calendar days whose end was moved to a working day may be used up earlier.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    begins_at = ledger.running_from or at
    unit, whole, before = _spans(calendar, ledger, begins_at)
    runs = ledger.running_from is not None
    if runs and at >= ledger.due_at:
        return 1 + (axes.spent(calendar, ledger.due_at, at, unit) / whole if whole else _NOTHING)
    done = before + max(_NOTHING, axes.spent(calendar, begins_at, at, unit))
    return min(Fraction(1), done / whole) if whole else _NOTHING


def nears_at(calendar: WorkingCalendar, ledger: Ledger, percent: int) -> datetime:
    """Find the first instant at which ``percent`` of the limit of a running promise are used, at the latest its end.

    Of the two instants of a tie it is the earlier one: nothing is used between a closing and the next opening.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    assert ledger.running_from is not None  # noqa: S101 - a promise that stands still comes no nearer
    unit, whole, before = _spans(calendar, ledger, ledger.running_from)
    need = whole * percent / 100 - before
    if need <= 0:
        return min(ledger.running_from, ledger.due_at)
    return min(_earliest(calendar, ledger.running_from, Segment(need, unit)), ledger.due_at)


def _spans(calendar: WorkingCalendar, ledger: Ledger, begins_at: datetime) -> tuple[Unit, Fraction, Fraction]:
    """Return the axis of a limit, its length there, and what of it was used before ``begins_at``.

    A limit of one unit has its amount. One without an amount (within the day) and one of several units have no length
    of their own: theirs is measured from ``begins_at``. A date that was kept when days off were declared has less
    working time left than the ledger says; the difference counts as used.
    """
    units = {segment.unit for segment in ledger.limit.segments}
    unit = units.pop() if len(units) == 1 else Unit.WORKING_DAY
    whole, left = _amount(ledger.limit, unit), _amount(ledger.rest, unit)
    if units or not whole:
        left = axes.spent(calendar, begins_at, axes.advance_all(calendar, begins_at, ledger.rest), unit)
        whole = max(left, axes.spent(calendar, begins_at, axes.advance_all(calendar, begins_at, ledger.limit), unit))
    if ledger.running_from is not None and unit is not Unit.CALENDAR_DAY:
        left = min(left, axes.spent(calendar, begins_at, ledger.due_at, unit))
    return unit, whole, whole - left


def _amount(limit: Limit, unit: Unit) -> Fraction:
    return sum((segment.amount for segment in limit.segments if segment.unit is unit), _NOTHING)


def _earliest(calendar: WorkingCalendar, begins_at: datetime, segment: Segment) -> datetime:
    if segment.unit is Unit.CALENDAR_DAY:
        return calendar.at_local(axes.raw_end(calendar, begins_at, segment.amount))
    return calendar.moment(calendar.worked(axes.advance(calendar, begins_at, segment)), later=False)


# --- the stages that are left --------------------------------------------------------------------------------------


def foreseen_at(calendar: WorkingCalendar, stage: StageRun, *, due_at: datetime, own: Fraction) -> datetime:
    """Find the first instant at which what is left of the stages no longer fits before ``due_at``.

    While the current stage has some of its share left, both fall together: then it is when the stages did not fit any
    more *from the beginning of this stage*, which may lie before that beginning. Otherwise it is the last start of the
    later stages, and a moment.

    Args:
        own: what the stage had left of its granted share when it began, in the unit of the later ones.

    Raises:
        CalendarGapError: the calendar begins later.
    """
    needed = Segment(own + stage.later.amount, stage.later.unit)
    whole_start = axes.retreat(calendar, due_at, needed)
    if whole_start < stage.begins_at:
        return whole_start + _TICK
    return axes.retreat(calendar, due_at, stage.later) + _TICK


def missing(
    calendar: WorkingCalendar, stage: StageRun, *, foreseen_at: datetime, due_at: datetime, at: datetime
) -> Missing | None:
    """Measure by how much the stages need more than what is left at ``at``; None while they fit.

    That is (what is left of the current stage + the later stages) − what is left until the due instant: it has grown
    from ``foreseen_at`` until the stage began, stood still while the stage used its share, and grows again once the
    later stages alone need more.

    Args:
        foreseen_at: of the function of that name, for the same stage and due instant.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    if at < foreseen_at:
        return None
    unit = stage.later.unit
    spans = _growing(calendar, stage, foreseen_at, due_at, at)
    amount = max(_NOTHING, *(axes.spent(calendar, first, last, unit) for first, last in spans))
    hundredths = Fraction(ceil(amount * _HUNDREDTHS), _HUNDREDTHS)
    minutes = missing_minutes(calendar, stage, foreseen_at=foreseen_at, due_at=due_at, at=at)
    return Missing(Segment(hundredths, unit), minutes)


def missing_minutes(
    calendar: WorkingCalendar, stage: StageRun, *, foreseen_at: datetime, due_at: datetime, at: datetime
) -> int:
    """Measure what is missing at ``at`` in minutes of office time alone: to sort by it; 0 while the stages fit.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    if at < foreseen_at:
        return 0
    spans = _growing(calendar, stage, foreseen_at, due_at, at)
    ticks = max(0, *(calendar.worked(last) - calendar.worked(first) for first, last in spans))
    return -(-ticks // _MINUTE)


def _growing(
    calendar: WorkingCalendar, stage: StageRun, foreseen_at: datetime, due_at: datetime, at: datetime
) -> list[tuple[datetime, datetime]]:
    """Return the spans of time, perhaps reversed, of which the longest is missing.

    What was missing when the stage began, and how far the last start of the later stages has passed: the second is the
    longer once the stage has used its share.
    """
    return [(foreseen_at - _TICK, stage.begins_at), (axes.retreat(calendar, due_at, stage.later), at)]


# --- as lists and pages tell it ------------------------------------------------------------------------------------


def facts(
    calendar: WorkingCalendar, marks: Marks, ledger: Ledger | None, stage: StageRun | None, *, at: datetime,
    is_dated: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return state, used share and missing amount of a dossier, JSON-ready.

    Args:
        ledger: of the promise that counts now; None before the receipt: all is None.
        is_dated: it has a due date without a ledger, as one that was imported: only its state is known.
        stage: the one that runs; None when it has no share or nothing is open.
        at: now, or the end of processing when that has come.

    Returns:
        ``sla_state``; ``used_percent``, whole, more than 100 when overrun; ``left_minutes`` of office time until the
        due instant, rounded down, negative after it, None while the clock stands and when all is over;
        ``will_be_late``, None or ``missing`` (amount and unit) and ``missing_minutes`` of office time. What needs dates
        beyond the calendar is None: a list has to show even when next year's calendar is missing (``motcua doctor``
        complains of that).
    """
    if ledger is None:
        known = state_of(marks, at).value if is_dated else None
        return {"sla_state": known, "used_percent": None, "left_minutes": None, "will_be_late": None}
    state = state_of(marks, at)
    share: int | None = None
    left: int | None = None
    late: dict[str, Any] | None = None
    try:
        share = floor(used(calendar, ledger, at) * 100)
        if marks.unfinished and ledger.running_from is not None:
            left = (calendar.worked(ledger.due_at) - calendar.worked(at)) // _MINUTE
        if state is SlaState.WILL_BE_LATE and stage is not None and marks.foreseen_at is not None:
            short = missing(calendar, stage, foreseen_at=marks.foreseen_at, due_at=ledger.due_at, at=at)
            if short is not None:
                late = {"missing": str(short.amount), "missing_minutes": short.minutes}
    except CalendarGapError:
        pass
    return {"sla_state": state.value, "used_percent": share, "left_minutes": left, "will_be_late": late}
