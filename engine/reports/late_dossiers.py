"""The late dossiers of a period: by how much office time, through whom, and why (domain.md §2.10, §6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.statistics import Column, Window, columns_of
from engine.domain.time_ledger import MINUTE
from engine.domain.worktable import CalendarGapError
from engine.reports import fact_rows, quality
from engine.reports.about import About
from engine.reports.fact_entries import Entry, entry
from engine.reports.localities import last_instant
from engine.reports.on_time_values import Period
from engine.reports.scope import Asked, Scope
from engine.store.facts import DossierFact


class How(StrEnum):
    """How a late dossier stands at the end of the period."""

    FINISHED = "finished"
    OPEN = "open"
    ENDED = "ended"  #: withdrawn or stopped when its promise was broken


_HOW: Mapping[How, Column] = {How.FINISHED: Column.LATE, How.OPEN: Column.OPEN_LATE, How.ENDED: Column.ENDED_LATE}


@dataclass(frozen=True, slots=True)
class LateLine:
    """A late dossier; the minutes of an open one run until the end of the period, or until now."""

    how: How
    entry: Entry

    def as_json(self) -> dict[str, Any]:
        """Return the facts of the line."""
        return {"how": self.how.value, **self.entry.as_json()}


@dataclass(frozen=True, slots=True)
class LateDossiers:
    """All late dossiers of the period, those that are late longest first."""

    about: About
    reporter: str
    lines: tuple[LateLine, ...]
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def period(self) -> Period:
        """The period that is reported."""
        return self.about.period

    @property
    def counts(self) -> dict[How, int]:
        """How many stand how."""
        return {how: sum(1 for line in self.lines if line.how is how) for how in How}

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of the command."""
        return {
            "report": "late",
            "reporter": self.reporter,
            "counts": {how.value: count for how, count in self.counts.items()},
            "dossiers": [line.as_json() for line in self.lines],
            "about": self.about.as_json(),
        }


def late_dossiers(ctx: Context, *, by: Actor, asked: Asked) -> LateDossiers:
    """List the dossiers that were or are late in a period.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        scope = Scope.read(ctx, uow, by=by, asked=asked)
        query = scope.facts(DossierFact).where(scope.where(quality.is_late))
        lines = [_line(scope, row) for row in uow.session.scalars(query)]
        lines.sort(key=lambda line: (-(line.entry.late_minutes or 0), line.entry.reference))
        return LateDossiers(quality.about(scope), scope.reporter.name, tuple(lines), scope.choices)


def _line(scope: Scope, row: DossierFact) -> LateLine:
    window = scope.windows[row.resolving_agency_id]
    columns = columns_of(fact_rows.fact_of(row), window)
    how = next(how for how, column in _HOW.items() if column in columns)
    if how is not How.OPEN:
        return LateLine(how, entry(scope, row, late_minutes=row.late_minutes))
    minutes = _late_so_far(row, scope.localities.calendar(row.resolving_agency_id), window)
    return LateLine(how, entry(scope, row, late_minutes=minutes))


def _late_so_far(row: DossierFact, calendar: WorkingCalendar, window: Window) -> int | None:
    """Return the office minutes from the promise until the end of the period, or until now when that is earlier.

    None where the calendar does not reach, and where an earlier appointment of the dossier was missed while the present
    one still runs: that time is told when it ends.
    """
    until = min(window.now, last_instant(calendar, window.to_on))
    if row.due_at is None or row.due_at >= until:
        return None
    try:
        return (calendar.worked(until) - calendar.worked(row.due_at)) // MINUTE
    except CalendarGapError:
        return None
