"""The last weeks: how much office time finished dossiers had used, and how many were in time (peers.md §5).

Median and 90th percentile by the nearest rank, never a mean. Office time used is what the time ledger gives to whoever
held the dossier: from where its limit was counted until it was finished, without the pauses.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import aliased

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor
from engine.domain.ageing import percentile
from engine.domain.calendar import CalendarGapError, WorkingCalendar
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId
from engine.reports.lateness_sql import is_late
from engine.reports.localities import Localities
from engine.reports.on_time_values import Period, Rate
from engine.reports.supervision import finished_within
from engine.store.deadlines import Pause
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.unit_of_work import UnitOfWork

WEEKS = 12  #: calendar weeks from Monday to Sunday, the present one among them
_MINUTE = 60_000_000  # microseconds
AT_ONCE = 2000  # rows fetched together


@dataclass(frozen=True, slots=True)
class Week:
    """What was finished in a week: office minutes used, None where nothing can be measured, and the share in time."""

    period: Period
    median: int | None
    ninetieth: int | None
    kept: Rate

    def as_json(self) -> dict[str, Any]:
        """Return the week JSON-ready; a share without dossiers has ``percent`` null."""
        return {
            "from": self.period.from_on.isoformat(),
            "to": self.period.to_on.isoformat(),
            "median_minutes": self.median,
            "p90_minutes": self.ninetieth,
            "on_time": self.kept.as_json(),
        }


def trend(ctx: Context, *, by: Actor) -> list[Week]:
    """Return the last 12 weeks of the agencies that the actor watches, the oldest first; the present one until today.

    Raises:
        NotAllowedError: the actor watches no agency.
    """
    watched = permissions_supervision.watched(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        today = localities.calendar(min(watched)).local_date(now)
        weeks = _weeks(today)
        whole = Period(weeks[0].from_on, today)
        used: dict[date, list[int]] = {week.from_on: [] for week in weeks}
        counts: dict[date, list[int]] = {week.from_on: [0, 0] for week in weeks}
        for row in _rows(uow, localities, watched, whole, now):
            calendar = localities.calendar(row.resolving_agency_id)
            monday = _monday(calendar.local_date(row.finished_at))
            counts[monday][0] += 1
            counts[monday][1] += not row.late
            minutes = _used(calendar, row)
            if minutes is not None:
                used[monday].append(minutes)
    return [_week(week, sorted(used[week.from_on]), counts[week.from_on]) for week in weeks]


def _week(period: Period, ordered: list[int], counts: list[int]) -> Week:
    finished, kept = counts
    return Week(period, percentile(ordered, 50), percentile(ordered, 90), Rate(kept, finished))


def _weeks(today: date) -> list[Period]:
    last = _monday(today)
    mondays = [last - timedelta(weeks=back) for back in range(WEEKS - 1, -1, -1)]
    return [Period(monday, min(today, monday + timedelta(days=6))) for monday in mondays]


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())


def _rows(uow: UnitOfWork, localities: Localities, watched: Collection[AgencyId], whole: Period, now: datetime) -> Any:
    """Read what was finished, each with the instant from which its limit was counted, and its pauses beside it."""
    received = aliased(Event)
    counted_from = received.payload["counted_from"].as_string().label("counted_from")
    inside = and_(
        Dossier.resolving_agency_id.in_(watched), finished_within(localities, whole), Dossier.finished_at <= now
    )
    pauses: dict[Any, list[tuple[datetime, datetime | None]]] = {}
    stood = select(Pause.dossier_id, Pause.started_at, Pause.ended_at).join(Dossier, Dossier.id == Pause.dossier_id)
    for dossier_id, started_at, ended_at in uow.session.execute(stood.where(inside)):
        pauses.setdefault(dossier_id, []).append((started_at, ended_at))
    query = (
        select(Dossier.id, Dossier.resolving_agency_id, Dossier.finished_at, is_late(now).label("late"), counted_from)
        .join(received, and_(received.dossier_id == Dossier.id, received.kind == EventKind.RECEIVED.value))
        .where(inside)
        .execution_options(yield_per=AT_ONCE)
    )
    for row in uow.session.execute(query):
        yield _Finished(
            row.resolving_agency_id, row.finished_at, bool(row.late), row.counted_from, pauses.get(row.id, [])
        )


@dataclass(frozen=True, slots=True)
class _Finished:
    resolving_agency_id: AgencyId
    finished_at: datetime
    late: bool
    counted_from: str
    pauses: list[tuple[datetime, datetime | None]]


def _used(calendar: WorkingCalendar, row: _Finished) -> int | None:
    """Return the office minutes that a dossier was in somebody's hands, rounded down; None outside the calendar."""
    begins = datetime.fromisoformat(row.counted_from)
    try:
        whole = _between(calendar, begins, row.finished_at)
        stood = sum(
            _between(calendar, max(begins, started), min(row.finished_at, ended or row.finished_at))
            for started, ended in row.pauses
        )
    except CalendarGapError:
        return None
    return (whole - stood) // _MINUTE


def _between(calendar: WorkingCalendar, from_at: datetime, to_at: datetime) -> int:
    return max(0, calendar.worked(to_at) - calendar.worked(from_at)) if from_at < to_at else 0


__all__ = ["WEEKS", "Week", "trend"]
