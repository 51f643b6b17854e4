"""Results that wait for their people at the desks that return them, oldest first (domain.md §1.11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engine.context import Context
from engine.domain import result_return
from engine.domain.actors import Actor, Role
from engine.domain.dossier import Status
from engine.domain.permissions import NotAllowedError
from engine.reports import cursors
from engine.reports.filters import storable
from engine.store.dossiers import Dossier, Party
from engine.store.procedures import Procedure
from engine.store.results import ResultReturn

PAGE = 50  #: results of one page
LONGEST_TAIL = 60  #: characters of a code
_ORDER: tuple[InstrumentedAttribute[Any], ...] = (Dossier.finished_at, Dossier.id)  # oldest first


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A page of waiting results, how many there are in all, and how many of them need something."""

    items: tuple[dict[str, Any], ...]
    next_cursor: str | None
    counts: dict[str, int]  #: all, untold, in_post, uncollected


def page(ctx: Context, *, by: Actor, tail: str = "", cursor: str | None = None, limit: int = PAGE) -> WaitingPage:
    """Return the results that wait at the actor's desks; instants are aware, in UTC.

    Args:
        tail: only codes that end so; the counts are of all the same.

    Raises:
        NotAllowedError: the actor holds the desk role nowhere. InvalidCursorError.
    """
    now = ctx.clock.now()
    waits = _waits(by)
    after = None if cursor is None else _position(cursor)
    query = _rows().where(waits).order_by(*_ORDER).limit(limit + 1)
    if tail:
        query = query.where(Dossier.code.endswith(storable(tail)[:LONGEST_TAIL], autoescape=True))
    if after is not None:
        keys: list[tuple[ColumnElement[Any], bool]] = [(column.expression, False) for column in _ORDER]
        query = query.where(cursors.after(keys, after))
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.session.execute(query).all()
        counts = dict(uow.session.execute(_counts(waits, now)).mappings().one())
    shown = rows[:limit]
    following = _cursor(shown[-1]) if len(rows) > limit else None
    return WaitingPage(tuple(_item(row, now) for row in shown), following, counts)


def _waits(by: Actor) -> ColumnElement[bool]:
    desks = frozenset().union(*(each.agencies_with(Role.DESK) for each in by.standings))
    if not desks:
        raise NotAllowedError("only desk may see the results that wait", needed=[Role.DESK.value])
    return and_(Dossier.status == Status.FINISHED.value, Dossier.returning_agency_id.in_(desks))


def _rows() -> Select[*tuple[Any, ...]]:
    owner, applicant = aliased(Party), aliased(Party)
    return (
        select(
            Dossier.id, Dossier.code, Dossier.finished_at, Dossier.due_at, Dossier.result_channel, Dossier.decision,
            func.coalesce(owner.name, applicant.name).label("person"),
            Procedure.code.label("procedure_code"), Procedure.name.label("procedure_name"),
            ResultReturn.notified_at, ResultReturn.notified_how, ResultReturn.posted_at, ResultReturn.carrier,
            ResultReturn.tracking_number,
        )
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .outerjoin(owner, and_(owner.dossier_id == Dossier.id, owner.role == "owner"))
        .outerjoin(applicant, and_(applicant.dossier_id == Dossier.id, applicant.role == "applicant"))
        .outerjoin(ResultReturn, ResultReturn.dossier_id == Dossier.id)
    )  # fmt: skip


def _counts(waits: ColumnElement[bool], now: datetime) -> Select[*tuple[Any, ...]]:
    old = Dossier.finished_at < now - result_return.UNCOLLECTED_AFTER
    posted = ResultReturn.posted_at.is_not(None)
    wanted = {
        "untold": and_(ResultReturn.notified_at.is_(None), ~posted),
        "in_post": posted,
        "uncollected": and_(old, ~posted),
    }
    sums = (func.coalesce(func.sum(case((each, 1), else_=0)), 0).label(name) for name, each in wanted.items())
    joined = Dossier.__table__.outerjoin(ResultReturn.__table__, ResultReturn.dossier_id == Dossier.id)
    return select(func.count().label("all"), *sums).select_from(joined).where(waits)


def _item(row: Any, now: datetime) -> dict[str, Any]:
    facts = dict(row._mapping)
    return facts | {
        "id": str(row.id),
        "days": (now - row.finished_at).days,
        "uncollected": result_return.is_uncollected(arrived_at=row.finished_at, now=now) and row.posted_at is None,
        "early": row.due_at is not None and now < row.due_at,
    }


def _cursor(row: Any) -> str:
    return cursors.encode([row.finished_at.isoformat(), row.id.hex])


def _position(cursor: str) -> Sequence[Any]:
    at, key = cursors.decode(cursor, kinds=[datetime, str])
    try:
        return (at, UUID(key))
    except ValueError as error:
        raise cursors.InvalidCursorError("this cursor names no dossier") from error
