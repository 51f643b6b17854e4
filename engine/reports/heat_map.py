"""Where time goes in a procedure: how long its steps wait for somebody, and how long work on them takes (peers.md §4).

Waiting lasts from the opening of a step until somebody claims it, or is given it; working from then until it is done.
A step that was done without a claim is all waiting: nobody had it. Medians in office minutes, without the pauses of the
dossier; the model's steps, and what other versions called otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor
from engine.domain.ageing import percentile
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.dossier import TaskState
from engine.domain.ids import AgencyId
from engine.reports.filters import storable
from engine.reports.localities import Localities, first_instant
from engine.reports.on_time_values import Period
from engine.reports.supervision import last_days
from engine.store.deadlines import Pause
from engine.store.dossiers import Dossier
from engine.store.procedures import Procedure, ProcedureNotFoundError
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork

DAYS = 90  #: local dates in which the steps were done, today among them
MOST = 20_000  #: steps that are measured, the latest; the page says when there were more
HEATS = 5  #: shades; the hottest is the step with the longest median
_MINUTE = 60_000_000  # microseconds
_Pauses = dict[Any, list[tuple[datetime, datetime | None]]]


@dataclass(frozen=True, slots=True)
class StepHeat:
    """A step in the period: how often it was done, and the medians in office minutes.

    ``heat`` is 0 for nothing measured, else 1 to 5 by the longest median of waiting and working together.
    """

    node: str
    name: str
    done: int
    waiting: int
    working: int
    heat: int


def heat_map(ctx: Context, *, by: Actor, procedure: str, agency: str | None = None) -> dict[str, Any]:
    """Return the steps of a procedure that were done in the last 90 days by the agencies that the actor watches.

    Args:
        procedure: its code.
        agency: code of the agency that published it; None: the first that the actor watches, by code.

    Raises:
        ProcedureNotFoundError: none of the agencies that the actor watches has it.
        NotAllowedError: the actor watches no agency.
    """
    watched = permissions_supervision.watched(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        found = _procedure(uow, localities, watched, procedure, agency)
        calendar = localities.calendar(found.owner_agency_id)
        period = last_days(calendar.local_date(now), DAYS)
        begins = first_instant(calendar, period.from_on)
        tasks = _tasks(uow, found.id, begins)
        pauses = _pauses(uow, found.id, begins)
        steps = _steps(calendar, tasks[:MOST], pauses)
        return {
            "code": found.code,
            "name": found.name,
            "agency": localities.agencies[found.owner_agency_id].code,
            "period": Period(period.from_on, period.to_on),
            "steps": steps,
            "measured": min(len(tasks), MOST),
            "is_cut": len(tasks) > MOST,
        }


def procedures(ctx: Context, *, by: Actor) -> list[dict[str, str]]:
    """Return the procedures of the agencies that the actor watches, by code.

    Raises:
        NotAllowedError: the actor watches no agency.
    """
    watched = permissions_supervision.watched(by)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = {agency.id: agency for agency in uow.agencies.all()}
        query = select(Procedure.code, Procedure.name, Procedure.owner_agency_id).where(
            Procedure.owner_agency_id.in_(watched), Procedure.current_version_id.is_not(None)
        )
        rows = uow.session.execute(query.order_by(Procedure.code, Procedure.owner_agency_id))
        return [{"code": code, "name": name, "agency": agencies[owner].code} for code, name, owner in rows]


def _procedure(
    uow: UnitOfWork, localities: Localities, watched: frozenset[AgencyId], code: str, agency: str | None
) -> Procedure:
    query = select(Procedure).where(Procedure.code == storable(code), Procedure.owner_agency_id.in_(watched))
    known = {localities.agencies[row.owner_agency_id].code: row for row in uow.session.scalars(query)}
    found = known.get(agency) if agency is not None else next((known[each] for each in sorted(known)), None)
    if found is None:
        raise ProcedureNotFoundError(f"none of the agencies that you watch has a procedure {code!r}", code=code)
    return found


def _tasks(uow: UnitOfWork, procedure: Any, begins: datetime) -> list[Any]:
    """Return the latest steps that were done, one more than are measured."""
    query = (
        select(Task.dossier_id, Task.node, Task.name, Task.opened_at, Task.claimed_at, Task.closed_at)
        .join(Dossier, Dossier.id == Task.dossier_id)
        .where(Dossier.procedure_id == procedure, Task.state == TaskState.DONE, Task.closed_at >= begins)
        .order_by(Task.closed_at.desc())
        .limit(MOST + 1)
    )
    return list(uow.session.execute(query))


def _pauses(uow: UnitOfWork, procedure: Any, begins: datetime) -> _Pauses:
    query = (
        select(Pause.dossier_id, Pause.started_at, Pause.ended_at)
        .join(Dossier, Dossier.id == Pause.dossier_id)
        .where(Dossier.procedure_id == procedure, func.coalesce(Pause.ended_at, begins) >= begins)
    )
    found: _Pauses = {}
    for dossier_id, started_at, ended_at in uow.session.execute(query):
        found.setdefault(dossier_id, []).append((started_at, ended_at))
    return found


def _steps(calendar: WorkingCalendar, tasks: list[Any], pauses: _Pauses) -> list[StepHeat]:
    waits: dict[tuple[str, str], list[int]] = {}
    works: dict[tuple[str, str], list[int]] = {}
    for row in tasks:
        taken = min(row.claimed_at or row.closed_at, row.closed_at)
        try:
            waited = _minutes(calendar, row.opened_at, taken, pauses.get(row.dossier_id, []))
            worked = _minutes(calendar, taken, row.closed_at, pauses.get(row.dossier_id, []))
        except CalendarGapError:
            continue
        waits.setdefault((row.node, row.name), []).append(waited)
        works.setdefault((row.node, row.name), []).append(worked)
    medians = {key: (percentile(sorted(waits[key]), 50) or 0, percentile(sorted(works[key]), 50) or 0) for key in waits}
    hottest = max((sum(each) for each in medians.values()), default=0)
    found = [
        StepHeat(node, name, len(waits[node, name]), waiting, working, _heat(waiting + working, hottest))
        for (node, name), (waiting, working) in medians.items()
    ]
    return sorted(found, key=lambda step: (-step.waiting - step.working, step.node))


def _heat(minutes: int, hottest: int) -> int:
    return 1 if hottest == 0 else max(1, -(-HEATS * minutes // hottest))


def _minutes(
    calendar: WorkingCalendar, from_at: datetime, to_at: datetime, pauses: list[tuple[datetime, datetime | None]]
) -> int:
    """Return the office minutes between two instants, without pauses, rounded down."""
    whole = calendar.worked(to_at) - calendar.worked(from_at)
    for started, ended in pauses:
        begins, ends = max(from_at, started), min(to_at, ended or to_at)
        if begins < ends:
            whole -= calendar.worked(ends) - calendar.worked(begins)
    return max(0, whole) // _MINUTE
