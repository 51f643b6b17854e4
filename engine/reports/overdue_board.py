"""The overdue board: late dossiers by unit, procedure, step and officer, and since when they are late (peers.md §5).

A line counts dossiers with an open step there, as the list that it opens does; one with steps in two places is in both
and once in what is above them. What is late and open is little beside what was ever closed, so lines are added up here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import and_, select

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor
from engine.domain.ageing import Age, age, due_that_broke
from engine.domain.ids import DossierId
from engine.reports.filters import Queue, in_queue, is_open, visible
from engine.reports.localities import Localities
from engine.store.agencies import Unit
from engine.store.dossiers import Dossier
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task

_Step = tuple[str, str, str, dict[str, Any]]  # level, key, name and filter of a line


@dataclass
class Line:
    """A place on the board: what it is, how many dossiers by age, and the lines below it.

    ``where`` has the filters of its list: ``unit`` (agency and unit), ``procedure``, ``step``, and ``assignee`` or
    ``unassigned``.
    """

    level: str
    name: str
    where: dict[str, Any]
    ages: dict[Age, set[DossierId]] = field(default_factory=lambda: {each: set() for each in Age})
    below: dict[str, Line] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many dossiers are late here."""
        return sum(len(dossiers) for dossiers in self.ages.values())

    @property
    def lines(self) -> list[Line]:
        """The lines below, those with most dossiers first."""
        return sorted(self.below.values(), key=lambda line: (-line.count, line.name))

    def as_json(self) -> dict[str, Any]:
        """Return the line with those below it."""
        return {
            "level": self.level,
            "name": self.name,
            "where": self.where,
            "count": self.count,
            "ages": {each.value: len(dossiers) for each, dossiers in self.ages.items()},
            "lines": [line.as_json() for line in self.lines],
        }


def board(ctx: Context, *, by: Actor) -> Line:
    """Return the whole board; its first line is all that the actor may read and is late.

    Raises:
        NotAllowedError: the actor neither works on dossiers nor watches over them.
    """
    permissions_supervision.check_can_see_board(by)
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        rows = uow.session.execute(_LATE.where(visible(by), in_queue(Queue.OVERDUE, by=by, now=now))).all()
    top = Line("all", "", {})
    for row in rows:
        since = due_that_broke(row.due_at, row.late_after, row.missed_late_after, now)
        late_for = _age(localities, row, since, now)
        _count(top, row.id, late_for, _place(localities, row))
    return top


def _age(localities: Localities, row: Any, since: datetime | None, now: datetime) -> Age:
    return Age.LONGER if since is None else age(localities.calendar(row.resolving_agency_id), since, now)


def _place(localities: Localities, row: Any) -> Iterable[_Step]:
    """Return level, key, name and filter of each line that counts the row; none below the top without an open step."""
    if row.unit is None:
        return []
    unit = f"{localities.agencies[row.unit_agency].code}/{row.unit}"
    who: _Step = ("officer", "", "", {"unassigned": True})
    if row.username is not None:
        who = ("officer", row.username, row.officer, {"assignee": row.username})
    return [
        ("unit", unit, row.unit_name, {"unit": unit}),
        ("procedure", row.procedure, f"{row.procedure} {row.procedure_name}", {"procedure": row.procedure}),
        ("step", row.step, row.step, {"step": row.step}),
        who,
    ]


def _count(top: Line, dossier: DossierId, late_for: Age, place: Iterable[_Step]) -> None:
    line = top
    line.ages[late_for].add(dossier)
    for level, key, name, where in place:
        line = line.below.setdefault(key, Line(level, name, line.where | where))
        line.ages[late_for].add(dossier)


_LATE = (
    select(
        Dossier.id,
        Dossier.resolving_agency_id,
        Dossier.due_at,
        Dossier.late_after,
        Dossier.missed_late_after,
        Procedure.code.label("procedure"),
        Procedure.name.label("procedure_name"),
        Task.name.label("step"),
        Unit.code.label("unit"),
        Unit.name.label("unit_name"),
        Unit.owner_agency_id.label("unit_agency"),
        Officer.username,
        Officer.name.label("officer"),
    )
    .join(Procedure, Procedure.id == Dossier.procedure_id)
    .outerjoin(Task, and_(Task.dossier_id == Dossier.id, is_open()))
    .outerjoin(Unit, Unit.id == Task.unit_id)
    .outerjoin(Officer, Officer.id == Task.assignee_id)
)
