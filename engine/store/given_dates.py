"""Dates that open dossiers were given: of promises, answers, apologies, steps, waits; read and moved in bulk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, Update, and_, bindparam, func, insert, literal, select, update
from sqlalchemy.orm import Session

from engine.domain.dossier import DeadlineKind, DeadlineState, TaskState
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId, VersionId
from engine.store.base import Base
from engine.store.calendars import CalendarMove
from engine.store.deadlines import Deadline
from engine.store.dossiers import OPEN_STATUSES, Dossier, Supplement
from engine.store.events import Event
from engine.store.letters import Letter
from engine.store.procedures import Procedure
from engine.store.tasks import Task
from engine.store.waits import ProcessWait, WaitState

Statement = Select[*tuple[Any, ...]]

Values = dict[str, Any]
Name = tuple[DossierId, str, int | str | None]  #: what tells a given date from all others: dossier, what, key

AT_ONCE = 500  # ids in one statement

# rows by the thousand are written without an object for each
_DOSSIER, _DEADLINE, _TASK, _SUPPLEMENT, _WAIT, _EVENT, _MOVE = (
    Base.metadata.tables[row.__tablename__]
    for row in (Dossier, Deadline, Task, Supplement, ProcessWait, Event, CalendarMove)
)


@dataclass(frozen=True, slots=True)
class GivenDate:
    """A date of an open dossier.

    ``what`` is ``promise``, ``answer``, ``extension``, ``step`` or ``wait``; ``key`` the number of the promise or
    supplement, the id of the task, or the wait's id inside the process.
    """

    what: str
    key: int | str | None
    dossier_id: DossierId
    agency_id: AgencyId
    at: datetime
    late_after: datetime | None
    late_rule: str | None = None  #: of a wait: the rule by which it was opened
    stands: tuple[VersionId, str] | None = None  #: of a step while the dossier's clock stands: version and node

    @property
    def name(self) -> Name:
        """What tells it from all others."""
        return self.dossier_id, self.what, self.key


@dataclass(frozen=True, slots=True)
class MovingDossier:
    """What the move of a dossier's dates is written after: its history so far."""

    id: DossierId
    owner_agency_id: AgencyId
    resolving_agency_id: AgencyId
    event_seq: int
    event_hash: str


@dataclass(frozen=True, slots=True)
class MovingLimit:
    """What the move of a running limit is written after."""

    id: int
    running_from: datetime | None
    passed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rows:
    """What stands behind the given dates of some dossiers; ``limits`` by dossier, kind and number."""

    dossiers: list[MovingDossier]
    limits: dict[tuple[DossierId, str, int], MovingLimit]


@dataclass(slots=True)
class Writes:
    """New rows and values by kind of change, one statement for each; key columns begin with ``b_``."""

    events: list[Values] = field(default_factory=list)
    marks: list[Values] = field(default_factory=list)
    dossiers: list[Values] = field(default_factory=list)  # b_id and whatever columns are new
    promises: list[Values] = field(default_factory=list)  # b_id, due_at, late_after, …, wake_at, passed_at
    answers: list[Values] = field(default_factory=list)  # b_id, due_at, late_after, …, wake_at
    supplements: list[Values] = field(default_factory=list)  # b_dossier, b_no, answer_due_at
    steps: list[Values] = field(default_factory=list)  # b_id, due_at
    waits: list[Values] = field(default_factory=list)  # b_dossier, b_wait, due_at, calendar_version, wake_at


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

    def moved_by(self, change_id: int) -> list[GivenDate]:
        """Return all dates, still open, of the dossiers that a calendar change moved."""
        moved = select(CalendarMove.dossier_id).where(CalendarMove.change_id == change_id)
        return list(self._dates(lambda query, _: query.where(Dossier.id.in_(moved))))

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

    def behind(self, dossiers: Sequence[DossierId]) -> Rows:
        """Return what stands behind the given dates of these dossiers, at most ``AT_ONCE``.

        Nothing is locked: whoever changes a calendar writes alone (``unit_of_work``).
        """
        found = self._session.execute(
            select(
                Dossier.id, Dossier.owner_agency_id, Dossier.resolving_agency_id, Dossier.event_seq, Dossier.event_hash
            )
            .where(Dossier.id.in_(dossiers))
            .order_by(Dossier.id)
        )
        limits = self._session.execute(
            select(
                Deadline.dossier_id, Deadline.kind, Deadline.promise_no, Deadline.id, Deadline.running_from,
                Deadline.passed_at,
            ).where(Deadline.dossier_id.in_(dossiers), Deadline.state == DeadlineState.RUNNING)
        )  # fmt: skip
        return Rows(
            dossiers=[MovingDossier(*row) for row in found],
            limits={(row[0], row[1].value, row[2]): MovingLimit(row[3], row[4], row[5]) for row in limits},
        )

    def write(self, writes: Writes) -> None:
        """Write moved dates, the events that say so, and which act it was."""
        for statement, values in (
            (insert(_EVENT), writes.events),
            (insert(_MOVE), writes.marks),
            *_by_columns(writes.dossiers),
            (
                _set(_DEADLINE, "due_at", "late_after", "calendar_version", "wake_at", "passed_at").values(
                    wake_for=func.coalesce(_DEADLINE.c.wake_for, "passed")
                ),
                writes.promises,
            ),
            (_set(_DEADLINE, "due_at", "late_after", "calendar_version", "wake_at"), writes.answers),
            (_set(_TASK, "due_at"), writes.steps),
            (
                update(_SUPPLEMENT)
                .where(_SUPPLEMENT.c.dossier_id == bindparam("b_dossier"), _SUPPLEMENT.c.no == bindparam("b_no"))
                .values(answer_due_at=bindparam("answer_due_at")),
                writes.supplements,
            ),
            (_set_wait(), writes.waits),
        ):
            if values:
                self._session.connection().execute(statement, values)

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
        """Yield the dates of four queries, each narrowed by ``chosen(query, column of the date)``."""
        limits = select(
            Deadline.kind, Deadline.promise_no, Dossier.id, Dossier.resolving_agency_id, Deadline.due_at,
            Deadline.late_after,
        ).join(Dossier, Dossier.id == Deadline.dossier_id).where(Deadline.state == DeadlineState.RUNNING)  # fmt: skip
        limits = limits.where(Deadline.kind != DeadlineKind.EXTENSION)  # that is read from its dossier, see below
        for kind, no, *rest in self._session.execute(chosen(limits, Deadline.due_at)):
            yield GivenDate(kind.value, no, *rest)
        unfinished = Dossier.status.in_(OPEN_STATUSES)
        nothing = literal(None)
        extended = select(Dossier.id, Dossier.resolving_agency_id, Dossier.extended_due_at, nothing).where(unfinished)
        extended = extended.where(Dossier.extended_due_at.is_not(None))
        for row in self._session.execute(chosen(extended, Dossier.extended_due_at)):
            yield GivenDate("extension", None, *row)
        steps = (
            select(
                Task.id, Task.node, Dossier.version_id, Dossier.is_paused, Dossier.id, Dossier.resolving_agency_id,
                Task.due_at,
            )
            .join(Dossier, Dossier.id == Task.dossier_id)
            .where(Task.state == TaskState.OPEN, Task.due_at.is_not(None), unfinished)
        )  # fmt: skip
        for task, node, version, is_paused, dossier, agency, at in self._session.execute(chosen(steps, Task.due_at)):
            stands = (version, node) if is_paused else None
            yield GivenDate("step", str(task), dossier, agency, at, None, stands=stands)
        waits = (
            select(ProcessWait.process_wait, Event.payload, Dossier.id, Dossier.resolving_agency_id, ProcessWait.due_at)
            .join(Dossier, Dossier.id == ProcessWait.dossier_id)
            .join(Event, _opens_wait())
            .where(ProcessWait.state == WaitState.OPEN, unfinished)
        )
        for name, opened, dossier, agency, at in self._session.execute(chosen(waits, ProcessWait.due_at)):
            yield GivenDate("wait", name, dossier, agency, at, None, late_rule=opened["late_rule"])


def _set(table: Table, *columns: str) -> Update:
    """Return an UPDATE of these columns of the row with id ``b_id``."""
    new = {name: bindparam(name, type_=table.c[name].type) for name in columns}
    return update(table).where(table.c.id == bindparam("b_id")).values(new)


def _opens_wait() -> ColumnElement[bool]:
    """Return the condition that an event is the one by which a wait was opened."""
    named = Event.payload["wait"].as_string() == ProcessWait.process_wait
    return and_(Event.dossier_id == ProcessWait.dossier_id, Event.kind == EventKind.WAIT_OPENED, named)


def _set_wait() -> Update:
    """Return an UPDATE of the end of a wait; one that had failed has a new time, and no failures any more."""
    new = {name: bindparam(name, type_=_WAIT.c[name].type) for name in ("due_at", "calendar_version", "wake_at")}
    same = and_(_WAIT.c.dossier_id == bindparam("b_dossier"), _WAIT.c.process_wait == bindparam("b_wait"))
    return update(_WAIT).where(same).values(**new, attempts=0)


def _by_columns(dossiers: Sequence[Values]) -> Iterator[tuple[Update, list[Values]]]:
    """Yield a statement for each set of columns; the version counts up, so that a stale form is refused."""
    groups: dict[tuple[str, ...], list[Values]] = defaultdict(list)
    for values in dossiers:
        groups[tuple(name for name in values if name != "b_id")].append(values)
    for columns, some in groups.items():
        yield _set(_DOSSIER, *columns).values(version=_DOSSIER.c.version + 1), some
