"""Which dossiers a list, count or export is about: who may see them, the queue, and the caller's filters.

Statuses and states of steps stand in the statements as constants: a partial index serves only conditions that name its
own, and a prepared statement's parameter is not known when PostgreSQL plans it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, literal_column, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from engine.domain.actors import Actor
from engine.domain.dossier import ENDED, RUNNING, UNFINISHED, Channel, Status, TaskState
from engine.domain.permissions import agencies_read
from engine.domain.text import dialled, fold
from engine.errors import InvalidInputError
from engine.reports.lateness_sql import is_late
from engine.reports.localities import InvalidDateError, Localities, first_instant, last_instant
from engine.store.agencies import Agency, Unit
from engine.store.dossiers import Dossier, DossierAgency
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.tasks import Task

LONGEST_SEARCH = 200  # characters


class InvalidFilterError(InvalidInputError):
    """A filter has a value that it cannot have."""

    code = "invalid-filter"


class Queue(StrEnum):
    """The worklists of contract §3."""

    MINE = "mine"  #: an open task is assigned to me
    UNCLAIMED = "unclaimed"  #: an open task waits in one of my units
    DUE_SOON = "due_soon"  #: the clock runs, not late, the share of the limit that its agency calls near is used
    WILL_BE_LATE = "will_be_late"  #: the clock runs, not late, what is left of its stages needs more than what is left
    OVERDUE = "overdue"  #: unfinished and late
    PAUSED = "paused"  #: the clock stands
    TO_RETURN = "to_return"  #: decided, not handed over
    DONE = "done"  #: ended
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Filters:
    """What the caller narrows a list by; None does not narrow. Days are those of the resolving agency.

    Args:
        agency: code of an agency that takes part (receives, resolves or returns).
        procedure: its code.
        officer: sign-in name of who has an open task of it; of an ended dossier, of who did one.
        received_from: first local date of receipt.
        received_to: last local date of receipt.
        q: words, each found in code, name, identity number or phone; with or without accents.
        status: number of the national list.
        step: name of a step that is open.
        unit: code of the unit whose step is open, alone or after the code of its agency and ``/``.
        assignee: sign-in name of who has an open step. This, ``step``, ``unit`` and ``unassigned`` mean one same step.
        unassigned: a step is open that nobody has (True), or that somebody has (False).
        due_from: first local date of the promise.
        due_to: last local date of the promise.
        returned_from: first local date of the return of the result.
        returned_to: last local date of it.
        out_of_territory: received by another agency than the one that resolves (domain.md §3.2), or by the same.
    """

    agency: str | None = None
    procedure: str | None = None
    officer: str | None = None
    channel: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    q: str | None = None
    status: int | None = None
    step: str | None = None
    unit: str | None = None
    assignee: str | None = None
    unassigned: bool | None = None
    due_from: date | None = None
    due_to: date | None = None
    returned_from: date | None = None
    returned_to: date | None = None
    out_of_territory: bool | None = None


def visible(by: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may know of a dossier: the twin of ``permissions.can_read`` (S05)."""
    if by.is_system:
        return true()
    agencies = agencies_read(by)
    return Dossier.id.in_(select(DossierAgency.dossier_id).where(DossierAgency.owner_agency_id.in_(agencies)))


def in_queue(queue: Queue, *, by: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition of a queue: its only definition, for the list and for its count.

    Late, near and late to be are derived here and now from instants, so that the queues are right with the clock
    process dead (docs/reference/working-time.md, "Near, and will be late").
    """
    if queue in (Queue.MINE, Queue.UNCLAIMED):
        return _has_task_for(by, queue)
    late = is_late(now)
    match queue:
        case Queue.DUE_SOON:
            return and_(_running(), ~late, _reached(Dossier.nears_at, now))
        case Queue.WILL_BE_LATE:
            return and_(_running(), ~late, _reached(Dossier.foreseen_at, now))
        case Queue.OVERDUE:
            return and_(is_unfinished(), late)
        case Queue.PAUSED:
            return Dossier.is_paused.is_(True)
        case Queue.TO_RETURN:
            return _in_status({Status.FINISHED})
        case Queue.DONE:
            return _in_status(ENDED)
    return true()


def _has_task_for(by: Actor, queue: Queue) -> ColumnElement[bool]:
    if by.is_system:
        return false()
    if queue is Queue.MINE:
        return Dossier.id.in_(_open_tasks().where(Task.assignee_id.in_({by.id, *by.covers})))
    return Dossier.id.in_(_open_tasks().where(Task.unit_id.in_(by.reached_units), Task.assignee_id.is_(None)))


def is_unfinished() -> ColumnElement[bool]:
    """Return the condition that the office still has to decide, or the citizen to answer."""
    return _in_status(UNFINISHED)


def is_finished() -> ColumnElement[bool]:
    """Return the condition that nothing is left to be decided, by its own numbers: an index names the same."""
    return _in_status(set(Status) - UNFINISHED)


def matching(filters: Filters, *, localities: Localities) -> ColumnElement[bool]:
    """Return the condition of the caller's filters.

    Raises:
        InvalidFilterError: a channel or status that does not exist, or a search that is too long.
        InvalidDateError: a date that no calendar knows, or a last day before the first.
    """
    return and_(
        true(),
        *_people_and_places(filters),
        *_steps(filters),
        *_facts(filters),
        *_days(filters, localities),
        *_words(filters),
    )


def _people_and_places(filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.agency is not None:
        agency = select(Agency.id).where(Agency.code == storable(filters.agency)).scalar_subquery()
        yield Dossier.id.in_(select(DossierAgency.dossier_id).where(DossierAgency.owner_agency_id == agency))
    if filters.procedure is not None:
        yield Dossier.procedure_id.in_(select(Procedure.id).where(Procedure.code == storable(filters.procedure)))
    if filters.officer is not None:
        officer = select(Officer.id).where(Officer.username == storable(filters.officer)).scalar_subquery()
        ever = select(Task.dossier_id).where(Task.assignee_id == officer)
        was = and_(_in_status(ENDED), Dossier.id.in_(ever))
        yield or_(Dossier.id.in_(_open_tasks().where(Task.assignee_id == officer)), was)


def _steps(filters: Filters) -> Iterable[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if filters.step is not None:
        wanted.append(Task.name == storable(filters.step))
    if filters.unit is not None:
        wanted.append(Task.unit_id.in_(_units(storable(filters.unit))))
    if filters.assignee is not None:
        officer = select(Officer.id).where(Officer.username == storable(filters.assignee))
        wanted.append(Task.assignee_id == officer.scalar_subquery())
    if filters.unassigned is not None:
        wanted.append(Task.assignee_id.is_(None) if filters.unassigned else Task.assignee_id.is_not(None))
    if wanted:
        yield Dossier.id.in_(_open_tasks().where(*wanted))


def _units(named: str) -> Select[Any]:
    agency, _, code = named.rpartition("/")
    units = select(Unit.id).where(Unit.code == code)
    if not agency:
        return units
    return units.where(Unit.owner_agency_id == select(Agency.id).where(Agency.code == agency).scalar_subquery())


def _facts(filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.channel is not None:
        if filters.channel not in {member.value for member in Channel}:
            raise InvalidFilterError(f"channel must be one of {', '.join(Channel)}", field="channel")
        yield Dossier.channel == Channel(filters.channel)
    if filters.status is not None:
        if filters.status not in {member.value for member in Status}:
            raise InvalidFilterError("status must be a number from 1 to 10", field="status")
        yield _in_status({Status(filters.status)})
    if filters.out_of_territory is not None:
        abroad = Dossier.receiving_agency_id != Dossier.resolving_agency_id
        yield abroad if filters.out_of_territory else ~abroad


def _days(filters: Filters, localities: Localities) -> Iterable[ColumnElement[bool]]:
    yield from _between("received", Dossier.received_at, filters.received_from, filters.received_to, localities)
    yield from _between("due", Dossier.due_at, filters.due_from, filters.due_to, localities)
    returned = list(_between("returned", Dossier.ended_at, filters.returned_from, filters.returned_to, localities))
    if returned:
        yield from (_in_status({Status.RETURNED}), *returned)


def _between(
    what: str, at: InstrumentedAttribute[datetime | None], first_on: date | None, last_on: date | None,
    localities: Localities,
) -> Iterable[ColumnElement[bool]]:  # fmt: skip
    if first_on is not None and last_on is not None and last_on < first_on:
        raise InvalidDateError(f"{what}_to lies before {what}_from", field=f"{what}_to", date=last_on.isoformat())
    if first_on is not None:
        yield localities.where(lambda days: at >= first_instant(days, first_on))
    if last_on is not None:
        yield localities.where(lambda days: at <= last_instant(days, last_on))


def _words(filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.q is None:
        return
    if len(filters.q) > LONGEST_SEARCH:
        raise InvalidFilterError(f"search for at most {LONGEST_SEARCH} characters", field="q")
    words = fold(storable(filters.q)).split()
    said = and_(true(), *(_holds(word) for word in words))
    number = dialled(" ".join(words))
    yield said if number is None or len(words) < 2 else or_(said, Dossier.search.contains(number))  # in groups


def _holds(word: str) -> ColumnElement[bool]:
    """Return the condition that a word is in what is searched: as it stands, or as the number that it is."""
    number, as_written = dialled(word), Dossier.search.contains(word, autoescape=True)
    return as_written if number in (None, word) else or_(as_written, Dossier.search.contains(number))


def storable(text: str) -> str:
    """Return the text without what no database keeps: NUL and halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _running() -> ColumnElement[bool]:
    return and_(_in_status(RUNNING), Dossier.is_paused.is_(False))


def is_open() -> ColumnElement[bool]:
    """Return the condition that a step waits for somebody."""
    return Task.state == literal_column(f"'{TaskState.OPEN.value}'")


def _open_tasks() -> Select[Any]:
    return select(Task.dossier_id).where(is_open())


def _reached(instant: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    return and_(instant.is_not(None), instant <= now)


def _in_status(statuses: Iterable[Status]) -> ColumnElement[bool]:
    numbers = sorted(status.value for status in statuses)
    return Dossier.status.in_([literal_column(str(number)) for number in numbers])
