"""What people have entered for plans, as lists: figures, tasks, and the agencies whose plan somebody keeps."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.permissions_plans import can_plan
from engine.domain.plan_facts import TaskState
from engine.reports.countable import countable, may_report
from engine.reports.localities import Localities
from engine.reports.on_time_values import Period, Rate
from engine.store.indicators import PlanTask


class TaskStanding(StrEnum):
    """How a task stands today."""

    DONE_IN_TIME = "done_in_time"
    DONE_LATE = "done_late"
    OVERDUE = "overdue"  #: not done, and its day is over
    DUE = "due"  #: not done, and there is time
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class FigureLine:
    """A figure as it stands."""

    id: int
    agency: str
    indicator: str
    from_on: date
    to_on: date
    numerator: int
    denominator: int
    source: str
    entered_by: str | None
    entered_at: datetime
    may_change: bool


@dataclass(frozen=True, slots=True)
class TaskLine:
    """A task and how it stands; ``days``: until its day, negative after it, None when it is done or cancelled."""

    row: PlanTask
    agency: str
    standing: TaskStanding
    days: int | None
    may_change: bool

    def as_json(self) -> dict[str, Any]:
        """Return the task for other programs."""
        row = self.row
        return {
            "agency": self.agency, "year": row.year, "number": row.number, "name": row.name, "lead": row.lead,
            "cooperating": row.cooperating, "product": row.product, "due": row.due_on.isoformat(), "state": row.state,
            "done_on": None if row.done_on is None else row.done_on.isoformat(), "document": row.document,
            "note": row.note, "standing": self.standing.value,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of a year."""

    year: int
    lines: tuple[TaskLine, ...]

    @property
    def counts(self) -> Counter[TaskStanding]:
        """How many stand how."""
        return Counter(line.standing for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document of command and API."""
        return {
            "report": "tasks",
            "year": self.year,
            "on_time": self.on_time.as_json(),
            "counts": {standing.value: self.counts[standing] for standing in TaskStanding},
            "rows": [line.as_json() for line in self.lines],
        }

    @property
    def on_time(self) -> Rate:
        """Those done on time, of those done or past their day: the indicator ``plan_tasks_on_time``."""
        counts = self.counts
        met = counts[TaskStanding.DONE_IN_TIME]
        return Rate(met, met + counts[TaskStanding.DONE_LATE] + counts[TaskStanding.OVERDUE])


def agencies(ctx: Context, *, by: Actor) -> list[tuple[str, str, bool]]:
    """Return code and name of the agencies whose plans the actor may read, and whether they keep it, by code."""
    with ctx.unit_of_work(read_only=True) as uow:
        rows = sorted((row for row in uow.agencies.all() if may_report(by, row.id)), key=lambda row: row.code)
        return [(row.code, row.name, can_plan(by, agency=row.id)) for row in rows]


def figures(ctx: Context, *, by: Actor, period: Period, agency: str | None = None) -> list[FigureLine]:
    """Return the figures whose days lie inside a period, by indicator and day.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        counted = countable(uow, by, agency)
        codes = {row.id: row.code for row in uow.agencies.all()}
        rows = uow.indicators.figures(counted, from_on=period.from_on, to_on=period.to_on)
        names = uow.people.some([row.entered_by for row in rows if row.entered_by is not None])
        return [
            FigureLine(
                id=row.id,
                agency=codes[row.owner_agency_id],
                indicator=row.indicator,
                from_on=row.from_on,
                to_on=row.to_on,
                numerator=row.numerator,
                denominator=row.denominator,
                source=row.source,
                entered_by=names[row.entered_by].name if row.entered_by in names else None,
                entered_at=row.entered_at,
                may_change=can_plan(by, agency=row.owner_agency_id),
            )
            for row in rows
        ]


def tasks(ctx: Context, *, by: Actor, year: int | None = None, agency: str | None = None) -> Tasks:
    """Return the tasks of a year's plan by due date, and how each stands today.

    Args:
        year: None: the present one.

    Raises:
        NotAllowedError, AgencyNotFoundError: see ``countable``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        counted = countable(uow, by, agency)
        localities = Localities.read(uow)
        now = ctx.clock.now()
        lines = []
        year = year or localities.calendar(min(counted)).local_date(now).year
        for row in uow.indicators.tasks(counted, year=year):
            today = localities.calendar(row.owner_agency_id).local_date(now)
            open_ = row.state in (TaskState.TO_DO, TaskState.UNDER_WAY)
            lines.append(
                TaskLine(
                    row=row,
                    agency=localities.agencies[row.owner_agency_id].code,
                    standing=standing(row, today),
                    days=(row.due_on - today).days if open_ else None,
                    may_change=can_plan(by, agency=row.owner_agency_id),
                )
            )
        return Tasks(year, tuple(lines))


def standing(row: PlanTask, today: date) -> TaskStanding:
    """Return how a task stands on a day."""
    if row.state == TaskState.CANCELLED:
        return TaskStanding.CANCELLED
    if row.done_on is not None:
        return TaskStanding.DONE_IN_TIME if row.done_on <= row.due_on else TaskStanding.DONE_LATE
    return TaskStanding.OVERDUE if row.due_on < today else TaskStanding.DUE
