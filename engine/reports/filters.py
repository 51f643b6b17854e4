"""Which dossiers a list, count or export is about: who may see them, the queue, and the caller's filters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from engine.domain.actors import Actor
from engine.domain.dossier import ENDED, RUNNING, UNFINISHED, Channel, Status, TaskState
from engine.domain.permissions import READING
from engine.domain.text import fold
from engine.errors import InvalidInputError
from engine.reports.lateness_sql import is_late
from engine.reports.localities import Localities, first_instant, last_instant
from engine.store.agencies import Agency
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
    """What the caller narrows a list by; None does not narrow.

    Args:
        agency: code of an agency that takes part (receives, resolves or returns).
        procedure: its code.
        officer: sign-in name of who has an open task of it; of an ended dossier, of who did one.
        received_from: first local date of receipt.
        received_to: last local date of receipt.
        q: words, each found in code, name, identity number or phone; with or without accents.
        status: number of the national list.
    """

    agency: str | None = None
    procedure: str | None = None
    officer: str | None = None
    channel: str | None = None
    received_from: date | None = None
    received_to: date | None = None
    q: str | None = None
    status: int | None = None


def visible(by: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may know of a dossier: the twin of ``permissions.can_read`` (S05)."""
    if by.is_system:
        return true()
    agencies = by.agencies_with(*READING)
    return Dossier.id.in_(select(DossierAgency.dossier_id).where(DossierAgency.owner_agency_id.in_(agencies)))


def in_queue(queue: Queue, *, by: Actor, now: datetime) -> ColumnElement[bool]:
    """Return the condition of a queue: its only definition, for the list and for its count.

    Late, near and late to be are derived here and now from instants, so that the queues are right with the clock
    process dead (docs/reference/working-time.md, "Near, and will be late").
    """
    if queue in (Queue.MINE, Queue.UNCLAIMED):
        return _has_task_for(by, queue)
    late = is_late(now)
    unfinished = Dossier.status.in_(_numbers(UNFINISHED))
    match queue:
        case Queue.DUE_SOON:
            return and_(_running(), ~late, _reached(Dossier.nears_at, now))
        case Queue.WILL_BE_LATE:
            return and_(_running(), ~late, _reached(Dossier.foreseen_at, now))
        case Queue.OVERDUE:
            return and_(unfinished, late)
        case Queue.PAUSED:
            return Dossier.is_paused.is_(True)
        case Queue.TO_RETURN:
            return Dossier.status == Status.FINISHED.value
        case Queue.DONE:
            return Dossier.status.in_(_numbers(ENDED))
    return true()


def _has_task_for(by: Actor, queue: Queue) -> ColumnElement[bool]:
    if by.is_system:
        return false()
    if queue is Queue.MINE:
        return Dossier.id.in_(_open_tasks().where(Task.assignee_id == by.id))
    return Dossier.id.in_(_open_tasks().where(Task.unit_id.in_(by.units), Task.assignee_id.is_(None)))


def matching(filters: Filters, *, localities: Localities) -> ColumnElement[bool]:
    """Return the condition of the caller's filters.

    Raises:
        InvalidFilterError: a channel or status that does not exist, or a search that is too long.
        InvalidDateError: a date that no calendar knows.
    """
    return and_(
        true(), *_people_and_places(filters), *_facts(filters), *_receipt(filters, localities), *_words(filters)
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
        was = and_(Dossier.status.in_(_numbers(ENDED)), Dossier.id.in_(ever))
        yield or_(Dossier.id.in_(_open_tasks().where(Task.assignee_id == officer)), was)


def _facts(filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.channel is not None:
        if filters.channel not in {member.value for member in Channel}:
            raise InvalidFilterError(f"channel must be one of {', '.join(Channel)}", field="channel")
        yield Dossier.channel == Channel(filters.channel)
    if filters.status is not None:
        if filters.status not in {member.value for member in Status}:
            raise InvalidFilterError("status must be a number from 1 to 10", field="status")
        yield Dossier.status == filters.status


def _receipt(filters: Filters, localities: Localities) -> Iterable[ColumnElement[bool]]:
    first_on, last_on = filters.received_from, filters.received_to
    if first_on is not None:
        yield localities.where(lambda days: Dossier.received_at >= first_instant(days, first_on))
    if last_on is not None:
        yield localities.where(lambda days: Dossier.received_at <= last_instant(days, last_on))


def _words(filters: Filters) -> Iterable[ColumnElement[bool]]:
    if filters.q is None:
        return
    if len(filters.q) > LONGEST_SEARCH:
        raise InvalidFilterError(f"search for at most {LONGEST_SEARCH} characters", field="q")
    for word in fold(storable(filters.q)).split():
        yield Dossier.search.contains(word, autoescape=True)


def storable(text: str) -> str:
    """Return the text without what no database keeps: NUL and halves of characters."""
    return text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def _running() -> ColumnElement[bool]:
    return and_(Dossier.status.in_(_numbers(RUNNING)), Dossier.is_paused.is_(False))


def _open_tasks() -> Select[Any]:
    return select(Task.dossier_id).where(Task.state == TaskState.OPEN)


def _reached(instant: InstrumentedAttribute[datetime | None], now: datetime) -> ColumnElement[bool]:
    return and_(instant.is_not(None), instant <= now)


def _numbers(statuses: Iterable[Status]) -> list[int]:
    return sorted(status.value for status in statuses)
