"""The orders of a worklist as statements that an index can answer: a few ordered pieces, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, literal, literal_column, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from engine.reports.filters import Queue, is_finished, is_unfinished
from engine.reports.lateness_sql import is_late
from engine.store.base import UTCDateTime
from engine.store.dossiers import Dossier

NONE = datetime(9000, 1, 1, tzinfo=UTC)  # stands for "no date" in keys and cursors
_ID: ColumnElement[Any] = Dossier.__table__.c.id
_FINISHED_ONLY = frozenset({Queue.TO_RETURN, Queue.DONE})
_UNFINISHED_ONLY = frozenset({Queue.DUE_SOON, Queue.WILL_BE_LATE, Queue.OVERDUE})
LATE, OPEN, OPEN_UNDATED, FINISHED, FINISHED_UNDATED = range(5)  #: ranks of the order by due date


class Sort(StrEnum):
    """Orders of a list; the id decides between equals."""

    DUE = "due"  #: overdue first, then by due instant, without one last; finished ones after all others
    RECEIVED = "received"  #: oldest receipt (or filing) first
    NEWEST = "-received"  #: newest receipt (or filing) first
    MISSING = "missing"  #: the queue ``will_be_late`` alone: what misses most office time first


class Placed(Protocol):
    """A row with the keys that it was found by."""

    @property
    def keys(self) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class Order:
    """A sort of a queue; ``at`` is the instant of the first page, so that ranks stay while somebody pages on."""

    sort: Sort
    queue: Queue
    at: datetime

    def rows(self, wanted: ColumnElement[bool], after: Sequence[Any] | None, limit: int) -> Subquery:
        """Return up to ``limit`` wanted dossiers as (rank, at, id), after a row with these keys.

        Each rank is a statement of its own with its own limit, so that an index that is ordered by its instant gives
        the first rows without looking at the others; no OFFSET.
        """
        parts = [
            self._part(rank, condition, instant, after, wanted, limit)
            for rank, condition, instant in self._pieces()
            if after is None or rank >= after[0]
        ]
        if not parts:  # a cursor with a rank that this order does not have
            parts = [self._part(LATE, literal_column("1") == 0, Dossier.due_at, None, wanted, limit)]
        if len(parts) == 1:
            return parts[0].subquery()
        both = union_all(*(select(part.subquery()) for part in parts)).subquery()
        return select(both).order_by(both.c.rank, both.c.at, both.c.id).limit(limit).subquery()

    def every(self, wanted: ColumnElement[bool]) -> Select[Any]:
        """Return the ids of all wanted dossiers in order."""
        parts = [self._part(rank, condition, at, None, wanted, None) for rank, condition, at in self._pieces()]
        both = union_all(*(select(part.subquery()) for part in parts)).subquery()
        columns = (both.c.rank, both.c.at, both.c.id)
        ordered = (each.desc() for each in columns) if self.sort is Sort.NEWEST else columns
        return select(both.c.id).order_by(*ordered)

    def place(self, row: Placed) -> Any:
        """Return what sorts rows that were read, as the statement did."""
        rank, at, dossier_id = row.keys
        sign = -1 if self.sort is Sort.NEWEST else 1
        return rank, sign * at.timestamp(), sign * dossier_id.int

    def _pieces(self) -> list[tuple[int, ColumnElement[bool] | None, Any]]:
        """Return rank, condition and instant of each piece; an instant of None has no date to sort by."""
        if self.sort is not Sort.DUE:
            received = func.coalesce(Dossier.received_at, Dossier.submitted_at, type_=UTCDateTime())
            return [(LATE, None, received)]
        unfinished, finished, late, due = is_unfinished(), is_finished(), is_late(self.at), Dossier.due_at
        dated, undated = due.is_not(None), due.is_(None)
        pieces: list[tuple[int, ColumnElement[bool] | None, Any]] = []
        if self.queue not in _FINISHED_ONLY:
            pieces += [
                (LATE, and_(unfinished, dated, late), due),
                (OPEN, and_(unfinished, dated, ~late), due),
                (OPEN_UNDATED, and_(unfinished, undated), None),
            ]
        if self.queue not in _UNFINISHED_ONLY:
            pieces += [(FINISHED, and_(finished, dated), due), (FINISHED_UNDATED, and_(finished, undated), None)]
        return pieces

    def _part(
        self, rank: int, condition: ColumnElement[bool] | None, instant: Any, after: Sequence[Any] | None,
        wanted: ColumnElement[bool], limit: int | None,
    ) -> Select[Any]:  # fmt: skip
        descending = self.sort is Sort.NEWEST
        key = literal(NONE, UTCDateTime()) if instant is None else instant
        part = select(literal_column(str(rank)).label("rank"), key.label("at"), _ID.label("id")).where(wanted)
        if condition is not None:
            part = part.where(condition)
        if after is not None and rank == after[0]:
            part = part.where(_beyond(instant, after, descending=descending))
        if limit is None:
            return part
        ordered = [_ID] if instant is None else [instant, _ID]
        return part.order_by(*(each.desc() if descending else each for each in ordered)).limit(limit)


def _beyond(
    instant: ColumnElement[Any] | InstrumentedAttribute[Any] | None, after: Sequence[Any], *, descending: bool
) -> ColumnElement[bool]:
    """Return the condition of what comes after a row: first what an index can begin at, then the tie."""
    dossier_id = literal(after[2], _ID.type)
    next_id = dossier_id > _ID if descending else dossier_id < _ID
    if instant is None:
        return next_id
    at = literal(after[1], UTCDateTime())
    if descending:
        return and_(instant <= at, or_(instant < at, next_id))
    return and_(instant >= at, or_(instant > at, next_id))
