"""Dates that open dossiers were given: of promises, citizens' answers, apologies and steps; read and moved in bulk."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, update
from sqlalchemy.orm import Session

from engine.domain.dossier import DeadlineKind, DeadlineState, TaskState
from engine.domain.ids import AgencyId, DossierId
from engine.store.deadlines import Deadline
from engine.store.dossiers import OPEN_STATUSES, Dossier, Supplement
from engine.store.letters import Letter
from engine.store.procedures import Procedure
from engine.store.tasks import Task

Statement = Select[*tuple[Any, ...]]

AT_ONCE = 500  # ids in one statement


@dataclass(frozen=True, slots=True)
class GivenDate:
    """A date of an open dossier.

    ``what`` is ``promise``, ``answer``, ``extension`` or ``step``; ``key`` the number of the promise or supplement, or
    the id of the task.
    """

    what: str
    key: int | str | None
    dossier_id: DossierId
    agency_id: AgencyId
    at: datetime
    late_after: datetime | None

    @property
    def name(self) -> tuple[DossierId, str, int | str | None]:
        """What tells it from all others."""
        return self.dossier_id, self.what, self.key


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows behind the given dates of some dossiers, locked for change."""

    dossiers: list[Dossier]
    limits: dict[tuple[DossierId, str, int], Deadline]
    tasks: dict[str, Task]
    supplements: dict[tuple[DossierId, int], Supplement]


def batches(dossiers: Sequence[DossierId]) -> Iterator[Sequence[DossierId]]:
    """Yield the ids ``AT_ONCE`` at a time: a statement takes only so many."""
    for first in range(0, len(dossiers), AT_ONCE):
        yield dossiers[first : first + AT_ONCE]


class GivenDateStore:
    """Queries over all dates that open dossiers were given."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def between(self, agencies: Collection[AgencyId], first: datetime, last: datetime) -> list[GivenDate]:
        """Return the dates from ``first`` to ``last`` of open dossiers that these agencies resolve."""

        def chosen(query: Statement, column: Any) -> Statement:
            return query.where(Dossier.resolving_agency_id.in_(agencies), column.between(first, last))

        return list(self._dates(chosen))

    def of(self, dossiers: Sequence[DossierId]) -> list[GivenDate]:
        """Return all dates of these dossiers that are still open."""
        found: list[GivenDate] = []
        for ids in batches(dossiers):
            found += self._dates(_of_dossiers(ids))
        return found

    def open_dossiers(self, agencies: Collection[AgencyId]) -> int:
        """Count the open dossiers that these agencies resolve."""
        query = select(func.count()).select_from(Dossier).where(Dossier.status.in_(OPEN_STATUSES))
        return self._session.scalar(query.where(Dossier.resolving_agency_id.in_(agencies))) or 0

    def names(self, dossiers: Sequence[DossierId]) -> dict[DossierId, tuple[str, str]]:
        """Return code of dossier and procedure by dossier."""
        found = {}
        for ids in batches(dossiers):
            query = (
                select(Dossier.id, Dossier.code, Procedure.code)
                .join(Procedure, Procedure.id == Dossier.procedure_id)
                .where(Dossier.id.in_(ids))
            )
            found.update({row[0]: (row[1] or "", row[2]) for row in self._session.execute(query)})
        return found

    def letters(self, dossiers: Sequence[DossierId]) -> dict[tuple[DossierId, int], Letter]:
        """Return the apologies of these dossiers by dossier and promise."""
        found = {}
        for ids in batches(dossiers):
            rows = self._session.scalars(select(Letter).where(Letter.dossier_id.in_(ids), Letter.kind == "apology"))
            found.update({(letter.dossier_id, letter.promise_no): letter for letter in rows})
        return found

    def lock(self, dossiers: Sequence[DossierId]) -> Rows:
        """Return the rows of these dossiers (at most ``AT_ONCE``); other writers wait until the transaction ends."""
        mine = Dossier.id.in_(dossiers)
        found = self._session.scalars(select(Dossier).where(mine).order_by(Dossier.id).with_for_update())
        rows = found.all()
        limits = self._session.scalars(
            select(Deadline).where(Deadline.dossier_id.in_(dossiers), Deadline.state == DeadlineState.RUNNING)
        )
        tasks = self._session.scalars(
            select(Task).where(Task.dossier_id.in_(dossiers), Task.state == TaskState.OPEN, Task.due_at.is_not(None))
        )
        asked = self._session.scalars(
            select(Supplement).where(Supplement.dossier_id.in_(dossiers), Supplement.completed_at.is_(None))
        )
        return Rows(
            dossiers=list(rows),
            limits={(row.dossier_id, row.kind.value, row.promise_no): row for row in limits},
            tasks={str(task.id): task for task in tasks},
            supplements={(row.dossier_id, row.no): row for row in asked},
        )

    def look_again(self, agencies: Collection[AgencyId], at: datetime) -> None:
        """Let the clock process look at the running promises of these agencies at ``at``: their calendar is another."""
        theirs = select(Dossier.id).where(Dossier.resolving_agency_id.in_(agencies), Dossier.status.in_(OPEN_STATUSES))
        self._session.execute(
            update(Deadline)
            .where(
                Deadline.kind == DeadlineKind.PROMISE,
                Deadline.state == DeadlineState.RUNNING,
                Deadline.wake_at.is_not(None),
                Deadline.dossier_id.in_(theirs),
            )
            .values(wake_at=at)
            .execution_options(synchronize_session=False)
        )

    def _dates(self, chosen: Callable[[Statement, Any], Statement]) -> Iterator[GivenDate]:
        """Yield the dates of three queries, each narrowed by ``chosen(query, column of the date)``."""
        limits = select(
            Deadline.kind, Deadline.promise_no, Dossier.id, Dossier.resolving_agency_id, Deadline.due_at,
            Deadline.late_after,
        ).join(Dossier, Dossier.id == Deadline.dossier_id).where(Deadline.state == DeadlineState.RUNNING)  # fmt: skip
        for kind, no, *rest in self._session.execute(chosen(limits, Deadline.due_at)):
            yield GivenDate(kind.value, no, *rest)
        unfinished = Dossier.status.in_(OPEN_STATUSES)
        nothing = literal(None)
        extended = select(Dossier.id, Dossier.resolving_agency_id, Dossier.extended_due_at, nothing).where(unfinished)
        extended = extended.where(Dossier.extended_due_at.is_not(None))
        for row in self._session.execute(chosen(extended, Dossier.extended_due_at)):
            yield GivenDate("extension", None, *row)
        steps = (
            select(Task.id, Dossier.id, Dossier.resolving_agency_id, Task.due_at, nothing)
            .join(Dossier, Dossier.id == Task.dossier_id)
            .where(Task.state == TaskState.OPEN, Task.due_at.is_not(None), unfinished)
            .where(Dossier.is_paused.is_(False))  # after a pause it gets a new end anyway
        )
        for task, *rest in self._session.execute(chosen(steps, Task.due_at)):
            yield GivenDate("step", str(task), *rest)


def _of_dossiers(ids: Sequence[DossierId]) -> Callable[[Statement, Any], Statement]:
    return lambda query, _: query.where(Dossier.id.in_(ids))
