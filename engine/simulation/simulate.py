"""``simulate``: months of an agency's work in minutes, through the services that people use (contract §2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain.calendar import WorkingCalendar
from engine.domain.clock import TurnedClock
from engine.errors import InvalidInputError
from engine.services import calendars
from engine.simulation import plans, results
from engine.simulation.citizens import numbered
from engine.simulation.offers import offers_of
from engine.simulation.plans import Period
from engine.simulation.results import SimulationResult
from engine.simulation.world import Progress, World

LATE_SHARE = 0.08
MOST_DOSSIERS = 1_000_000
CLOSING = time(17)


class InvalidSimulationError(InvalidInputError):
    """The simulation that was asked for makes no sense."""

    code = "invalid-simulation"


def simulate(
    ctx: Context,
    *,
    from_on: date,
    to_on: date,
    dossiers: int,
    procedures: Sequence[str] | None = None,
    late_share: float | None = None,
    seed: int = 1,
    agency: str | None = None,
    progress: Progress | None = None,
) -> SimulationResult:
    """File ``dossiers`` dossiers between two dates and live them until the last date's closing.

    Everything goes through the services on a clock of its own; what is in the database already stays as it is, except
    that the clock process looks at all limits that come due. The same seed on the same database gives the same course.

    Args:
        from_on: first local date.
        to_on: last local date; what is open at its closing stays open.
        procedures: codes; None for all that the agency has published.
        late_share: part of the dossiers that the office finishes late; None for 8 %.
        agency: code of the agency that receives and resolves; None for the default one.
        progress: told how many of the simulated minutes have passed.

    Raises:
        InvalidSimulationError: the dates are in the wrong order, or a number is out of its range.
        CalendarGapError: the agency's calendar does not cover the dates.
        AgencyNotFoundError, ProcedureNotFoundError, NothingPublishedError, EmptyPeriodError: see the message.
    """
    late_share = LATE_SHARE if late_share is None else late_share
    _check(from_on, to_on, dossiers, late_share)
    with ctx.unit_of_work(read_only=True) as uow:
        here = uow.agencies.by_code(agency) if agency is not None else uow.agencies.default()
        calendar = calendars.in_force(uow, here.id)
        begins = datetime.combine(from_on, time.min, ZoneInfo(here.zone))
        offers = offers_of(uow, here, procedures, at=begins)
    for on in (from_on, to_on):
        calendar.require(on)
    from_at, end_at = calendar.at_local(datetime.combine(from_on, time.min)), _closing(calendar, to_on)
    period = Period(from_at, end_at, calendar)
    drawn = plans.draw(seed=seed, dossiers=dossiers, offers=offers, period=period, late_share=late_share)
    world = World(ctx, from_at=from_at, end_at=end_at, offers=offers, citizens=numbered, seed=seed)
    course = world.run(drawn, tidy=True, progress=progress)
    result = results.count(replace(ctx, clock=TurnedClock(end_at)), course.dossiers)
    result.officers_added, result.left_to_others = course.crew.added, course.left_to_others
    return result


def _check(from_on: date, to_on: date, dossiers: int, late_share: float) -> None:
    if to_on < from_on:
        raise InvalidSimulationError(f"the last date, {to_on}, lies before the first, {from_on}", field="to")
    if not 1 <= dossiers <= MOST_DOSSIERS:
        raise InvalidSimulationError(f"the number of dossiers must be from 1 to {MOST_DOSSIERS}", field="dossiers")
    if not 0 <= late_share <= 1:
        raise InvalidSimulationError("the share of late dossiers must be from 0 to 1", field="late-share")


def _closing(calendar: WorkingCalendar, on: date) -> datetime:
    slots = calendar.slots(on)
    return slots[-1][1] if slots else calendar.at_local(datetime.combine(on, CLOSING))
