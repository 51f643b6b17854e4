"""The queues of the apology desk: what waits for whom, counted and listed by the same conditions (domain.md §1.9)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.dossier import LetterState
from engine.domain.ids import LetterId
from engine.domain.permissions import agencies_read
from engine.domain.signing import ELECTRONIC
from engine.reports import cursors
from engine.store.agencies import Agency, Unit
from engine.store.dossiers import Dossier, Party
from engine.store.letters import Letter
from engine.store.procedures import Procedure

LONGEST_PAGE = 50  #: as many as can be approved or sent at once, so that all of a page can be chosen
LONGEST_CODE = 60


class DeskQueue(StrEnum):
    """What a letter waits for. A letter is in one queue by its state; the last but one are beside it."""

    TO_WRITE = "to_write"  #: ordered, and cause or reason is still missing
    TO_APPROVE = "to_approve"  #: complete
    TO_SIGN = "to_sign"  #: approved, in an agency that signs electronically
    TO_NUMBER = "to_number"  #: approved on paper or signed; or numbered, and the dispatch was broken off
    SENT = "sent"
    UNPROVEN = "unproven"  #: sent as a print, and nothing shows that it arrived
    BROKEN = "broken"  #: sent, and the new date was not kept either
    WITHDRAWN = "withdrawn"


NEWEST_FIRST = frozenset({DeskQueue.SENT, DeskQueue.WITHDRAWN})  #: what is over; all else begins with the oldest date


@dataclass(frozen=True, slots=True)
class Row:
    """A letter as a list shows it; instants as stored."""

    id: str
    code: str
    state: str
    procedure: str
    applicant: str
    trigger: str
    cause: str | None
    reason: str | None
    caused_by: str | None  #: name of the unit that took the time
    old_due_at: datetime
    new_due_at: datetime | None
    ordered_at: datetime
    number: str | None
    sent_at: datetime | None
    sent_how: str | None
    delivered_at: datetime | None
    electronic: bool  #: whether its agency signs with keys


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a queue, where the next page begins (None on the last), and the size of every queue."""

    rows: tuple[Row, ...]
    next_cursor: str | None
    counts: Mapping[DeskQueue, int]


def page(
    ctx: Context,
    *,
    by: Actor,
    queue: DeskQueue,
    code: str = "",
    cursor: str | None = None,
    limit: int = LONGEST_PAGE,
) -> Page:
    """Return a page of a queue, by the old due date, and how many letters each queue holds: two statements.

    Args:
        code: part of a dossier's code that rows and counts are narrowed by.
        cursor: ``next_cursor`` of the page before.
        limit: rows of a page, at most LONGEST_PAGE.

    Raises:
        InvalidCursorError: the cursor is of another list.
    """
    after = _position(cursor) if cursor else None
    limit, descending = min(limit, LONGEST_PAGE), queue in NEWEST_FIRST
    keys: list[tuple[Any, bool]] = [(key, descending) for key in (Letter.old_due_at, Dossier.code, Letter.id)]
    seen = and_(_visible(by), _with_code(code))
    query = _rows().where(seen, _in_queue(queue)).limit(limit + 1)
    query = query.order_by(*(key.desc() if down else key.asc() for key, down in keys))
    if after is not None:
        query = query.where(cursors.after(keys, after))
    sizes = select(*(func.count().filter(_in_queue(each)) for each in DeskQueue)).select_from(Letter)
    sizes = sizes.join(Dossier, Dossier.id == Letter.dossier_id).join(Agency, Agency.id == Letter.owner_agency_id)
    with ctx.unit_of_work(read_only=True) as uow:
        found = [_row(row) for row in uow.session.execute(query)]
        counts = uow.session.execute(sizes.where(seen)).one()
    last = found[limit - 1] if len(found) > limit else None
    return Page(
        rows=tuple(found[:limit]),
        next_cursor=cursors.encode([last.old_due_at.isoformat(), last.code, last.id]) if last else None,
        counts=MappingProxyType(dict(zip(DeskQueue, counts, strict=True))),
    )


def chosen(ctx: Context, *, by: Actor, letter_ids: Collection[str]) -> tuple[Row, ...]:
    """Return the letters with these ids of which the actor may know, by the old due date and code."""
    ids = {LetterId(known) for each in letter_ids if (known := _known(each)) is not None}
    query = _rows().where(_visible(by), Letter.id.in_(ids)).order_by(Letter.old_due_at, Dossier.code, Letter.id)
    with ctx.unit_of_work(read_only=True) as uow:
        return tuple(_row(row) for row in uow.session.execute(query))


def queue_of(row: Row) -> DeskQueue:
    """Return the queue in which a listed letter is by its state."""
    return waiting_in(LetterState(row.state), complete=bool(row.cause and row.reason), electronic=row.electronic)


def waiting_in(state: LetterState, *, complete: bool, electronic: bool) -> DeskQueue:
    """Return the queue in which a letter is by its state.

    Args:
        complete: it has cause and reason.
        electronic: its agency signs with keys.
    """
    match state:
        case LetterState.DRAFT:
            return DeskQueue.TO_APPROVE if complete else DeskQueue.TO_WRITE
        case LetterState.APPROVED if electronic:
            return DeskQueue.TO_SIGN
        case LetterState.SENT:
            return DeskQueue.SENT
        case LetterState.WITHDRAWN:
            return DeskQueue.WITHDRAWN
    return DeskQueue.TO_NUMBER


def _in_queue(queue: DeskQueue) -> ColumnElement[bool]:
    """Return the condition of a queue: its only definition, for the list and for its count."""
    complete = and_(Letter.cause.is_not(None), Letter.reason.is_not(None), Letter.reason != "")
    electronic = Agency.signs_letters == ELECTRONIC
    conditions: dict[DeskQueue, ColumnElement[bool]] = {
        DeskQueue.TO_WRITE: and_(Letter.state == LetterState.DRAFT, ~func.coalesce(complete, False)),
        DeskQueue.TO_APPROVE: and_(Letter.state == LetterState.DRAFT, complete),
        DeskQueue.TO_SIGN: and_(Letter.state == LetterState.APPROVED, electronic),
        DeskQueue.TO_NUMBER: or_(
            and_(Letter.state == LetterState.APPROVED, ~electronic),
            Letter.state.in_((LetterState.SIGNED, LetterState.NUMBERED)),
        ),
        DeskQueue.SENT: Letter.state == LetterState.SENT,
        DeskQueue.UNPROVEN: and_(
            Letter.state == LetterState.SENT, Letter.sent_how == "print", Letter.delivered_at.is_(None)
        ),
        DeskQueue.BROKEN: and_(Letter.state == LetterState.SENT, Dossier.extension_broken_at.is_not(None)),
        DeskQueue.WITHDRAWN: Letter.state == LetterState.WITHDRAWN,
    }
    return conditions[queue]


def _visible(by: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may know of a letter: the twin of ``letter_rules.readable`` (S05)."""
    theirs = true() if by.is_system else Letter.owner_agency_id.in_(agencies_read(by))
    return and_(Letter.kind == "apology", theirs)


def _with_code(code: str) -> ColumnElement[bool]:
    wanted = code.strip().upper()[:LONGEST_CODE]
    return Dossier.code.contains(wanted, autoescape=True) if wanted else true()


def _rows() -> Select[Any]:
    names: tuple[Any, ...] = (Letter, Dossier.code, Procedure.name, Party.name, Unit.name, Agency.signs_letters)
    return (
        select(*names)
        .join(Dossier, Dossier.id == Letter.dossier_id)
        .join(Agency, Agency.id == Letter.owner_agency_id)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .join(Party, and_(Party.dossier_id == Letter.dossier_id, Party.role == "applicant"))
        .outerjoin(Unit, Unit.id == Letter.caused_by_unit_id)
    )


def _row(found: Any) -> Row:
    letter, code, procedure, applicant, unit, signs = found
    return Row(
        id=str(letter.id),
        code=code or "",
        state=letter.state.value,
        procedure=procedure,
        applicant=applicant,
        trigger=letter.trigger,
        cause=letter.cause.value if letter.cause else None,
        reason=letter.reason,
        caused_by=unit,
        old_due_at=letter.old_due_at,
        new_due_at=letter.new_due_at,
        ordered_at=letter.ordered_at,
        number=letter.number,
        sent_at=letter.sent_at,
        sent_how=letter.sent_how,
        delivered_at=letter.delivered_at,
        electronic=signs == ELECTRONIC,
    )


def _position(cursor: str) -> Sequence[Any]:
    due_at, code, letter = cursors.decode(cursor, kinds=(datetime, str, str))
    if (known := _known(letter)) is None:
        raise cursors.InvalidCursorError("this cursor names no letter; start again without it")
    return (due_at, code, known)


def _known(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
