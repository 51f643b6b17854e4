"""Worklists: one page of dossiers in a queue, and how many each queue holds under the same filters (contract §3).

A page is three statements, whatever it holds: the localities, the counts, the rows (docs/decisions/0022).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, literal, select

from engine.context import Context
from engine.domain.actors import Actor
from engine.errors import InvalidInputError
from engine.reports import cursors, shortfalls, worklist_rows
from engine.reports.filters import Filters, InvalidFilterError, Queue, in_queue, matching, visible
from engine.reports.localities import Localities
from engine.reports.worklist_order import Order, Sort
from engine.store.agencies import Agency
from engine.store.dossiers import Dossier, DossierNotFoundError
from engine.store.events import Event
from engine.store.unit_of_work import UnitOfWork

__all__ = ["MOST_COUNTED", "InvalidPageError", "Page", "Sort", "marker", "one", "page", "walk"]

LONGEST_PAGE = 200
MOST_COUNTED = 1000  #: a queue that holds more is said to hold "more than": nobody works through it by the number
MOST_RANKED = 500  #: of ``will_be_late``; what a longer queue misses is not worked out for a list


class InvalidPageError(InvalidInputError):
    """A page has between 1 and 200 rows."""

    code = "invalid-page"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, the cursor of the next page (None on the last) and the size of each queue."""

    items: list[dict[str, Any]]
    next_cursor: str | None
    counts: dict[Queue, int]  #: at most MOST_COUNTED
    more: frozenset[Queue]  #: queues that hold more than MOST_COUNTED
    sort: Sort  #: as it was done


@dataclass(frozen=True)
class _Asked:
    """What the statements of one page are about."""

    by: Actor
    queue: Queue
    filters: Filters
    now: datetime
    limit: int = 0
    conditions: dict[Queue, ColumnElement[bool]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "conditions", {each: in_queue(each, by=self.by, now=self.now) for each in Queue})

    def matches(self, localities: Localities) -> ColumnElement[bool]:
        """The condition of every queue: who asks, and the filters; what filters find is looked for once a statement."""
        condition = and_(visible(self.by), matching(self.filters, localities=localities))
        if self.filters == Filters():
            return condition
        found = select(Dossier.id).where(condition).cte("found")
        return Dossier.id.in_(select(found.c.id))


def page(
    ctx: Context,
    *,
    by: Actor,
    queue: Queue = Queue.ALL,
    filters: Filters | None = None,
    sort: Sort | None = None,
    cursor: str | None = None,
    limit: int = 50,
    counted: bool = True,
) -> Page:
    """Return one page of the dossiers that the actor may read; as many statements for one row as for 200.

    Args:
        sort: None: ``missing`` in the queue ``will_be_late`` while that holds at most 500, otherwise ``due``.
        cursor: ``next_cursor`` of the page before, taken with the same queue, filters and sort.
        limit: rows, 1 to 200.
        counted: False leaves the sizes of the queues out after the first page, which may need them for its order.

    Raises:
        InvalidCursorError, InvalidPageError, InvalidFilterError, InvalidDateError.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise InvalidPageError(f"limit must lie between 1 and {LONGEST_PAGE}", field="limit")
    _check_sort(sort, queue)
    asked = _Asked(by, queue, filters or Filters(), ctx.clock.now(), limit)
    started = None if cursor is None else _position(cursor, sort, queue, asked.now)
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        is_counted = counted or started is None
        counts = _counts(uow, asked.matches(localities), asked.conditions) if is_counted else {}
        order, values = started or (_first(sort, queue, counts[queue], asked.now), None)
        items, last = _rows(uow, asked, localities, order, values)
        return Page(
            items=items,
            next_cursor=None if last is None else _cursor(order, last),
            counts={each: min(size, MOST_COUNTED) for each, size in counts.items()},
            more=frozenset(each for each, size in counts.items() if size > MOST_COUNTED),
            sort=order.sort,
        )


def walk(
    ctx: Context, *, by: Actor, queue: Queue, filters: Filters, sort: Sort | None = None
) -> Iterator[dict[str, Any]]:
    """Yield all rows of a list in its order: found by one statement, read some hundred at a time as they are by then.

    Raises:
        InvalidFilterError, InvalidDateError: at the first row.
    """
    _check_sort(sort, queue)
    asked = _Asked(by, queue, filters, ctx.clock.now())
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        matches = asked.matches(localities)
        order = _first(sort, queue, _counts(uow, matches, {queue: asked.conditions[queue]})[queue], asked.now)
        wanted = and_(matches, asked.conditions[queue])
        for ids in _batches(uow, order, wanted, localities):
            source = select(Dossier.id).where(Dossier.id.in_(ids)).subquery()
            found = worklist_rows.read(uow, source, localities, now=asked.now, by=by, queue=queue)
            items = {row.id: row.item for row in found}
            yield from (items[each] for each in ids)


def _batches(
    uow: UnitOfWork, order: Order, wanted: ColumnElement[bool], localities: Localities
) -> Iterator[Sequence[Any]]:
    """Yield the ids of all wanted dossiers in their order, as many at a time as a page may have."""
    if order.sort is Sort.MISSING:
        ids = [rank[-1] for rank in shortfalls.ranked(uow, wanted, localities, at=order.at, after=None)]
        yield from (ids[first : first + LONGEST_PAGE] for first in range(0, len(ids), LONGEST_PAGE))
        return
    query = order.every(wanted).execution_options(yield_per=LONGEST_PAGE)
    yield from uow.session.scalars(query).partitions()


def one(ctx: Context, *, by: Actor, reference: str, task: str | None = None) -> dict[str, Any]:
    """Return the row of one dossier by code or id.

    Args:
        task: id of the open step that the row names, where there are several.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    now = ctx.clock.now()
    try:
        named = Dossier.id == UUID(reference)
    except ValueError:
        named = Dossier.code == reference
    with ctx.unit_of_work(read_only=True) as uow:
        wanted = select(Dossier.id).where(named, visible(by)).subquery()
        found = worklist_rows.read(uow, wanted, Localities.read(uow), now=now, by=by, queue=Queue.ALL, task=task)
        if not found:
            raise DossierNotFoundError(f"there is no dossier {reference!r}")
        return found[0].item


def marker(ctx: Context) -> str:
    """Return what stays the same while no dossier changes and no minute passes: one statement, whatever lists hold.

    Late and near follow from the clock, so that a list may change without an event; within the minute it is the same.
    An event that was committed after a later one is seen with the minute.
    """
    newest = select(func.max(Event.at)).where(Event.owner_agency_id == Agency.id).correlate(Agency).scalar_subquery()
    with ctx.unit_of_work(read_only=True) as uow:
        at = uow.session.scalar(select(func.max(newest)).select_from(Agency))
    return f"{ctx.clock.now():%Y%m%d%H%M}.{at}"


def _check_sort(sort: Sort | None, queue: Queue) -> None:
    if sort is Sort.MISSING and queue is not Queue.WILL_BE_LATE:
        raise InvalidFilterError("only the queue will_be_late can be sorted by what is missing", field="sort")


def _first(sort: Sort | None, queue: Queue, size: int, now: datetime) -> Order:
    """Return the order of a first page."""
    if sort is None:
        sort = Sort.MISSING if queue is Queue.WILL_BE_LATE and size <= MOST_RANKED else Sort.DUE
    return Order(sort, queue, now)


def _position(cursor: str, sort: Sort | None, queue: Queue, now: datetime) -> tuple[Order, list[Any]]:
    """Return the order that a cursor goes on in, as of the first page, and its last row's keys."""
    name, at, *values = cursors.decode(cursor, kinds=[str, datetime, int, datetime, str])
    try:
        began = Sort(name)
        values[-1] = UUID(values[-1])
        _check_sort(began, queue)
    except (ValueError, InvalidFilterError) as error:
        raise cursors.InvalidCursorError("this cursor is not one of this list; start again without it") from error
    if began is not sort and (sort is not None or began not in (Sort.DUE, Sort.MISSING)):
        raise cursors.InvalidCursorError(f"this cursor belongs to the order {name!r}")
    return Order(began, queue, min(at, now)), values


def _cursor(order: Order, keys: Sequence[Any]) -> str:
    rank, at, dossier_id = keys
    return cursors.encode([order.sort.value, order.at.isoformat(), rank, at.isoformat(), dossier_id.hex])


def _rows(
    uow: UnitOfWork, asked: _Asked, localities: Localities, order: Order, after: list[Any] | None
) -> tuple[list[dict[str, Any]], Sequence[Any] | None]:
    """Return the rows of a page, and the keys of the last one when there are more."""
    wanted, limit = and_(asked.matches(localities), asked.conditions[asked.queue]), asked.limit
    ranks: Collection[Any] = ()
    if order.sort is Sort.MISSING:
        ranks = shortfalls.ranked(uow, wanted, localities, at=order.at, after=after)[: limit + 1]
        source = select(Dossier.id).where(Dossier.id.in_([rank[-1] for rank in ranks][:limit])).subquery()
    else:
        source = order.rows(wanted, after, limit + 1)
    found = worklist_rows.read(uow, source, localities, now=asked.now, by=asked.by, queue=asked.queue)
    if order.sort is Sort.MISSING:
        place = {rank[-1]: rank for rank in ranks}
        found.sort(key=lambda row: place[row.id])
        keys = [place[row.id] for row in found]
        return [row.item for row in found], keys[-1] if len(ranks) > limit else None
    found = sorted(found, key=order.place)
    last = found[limit - 1].keys if len(found) > limit else None
    return [row.item for row in found[:limit]], last


def _counts(
    uow: UnitOfWork, matches: ColumnElement[bool], conditions: dict[Queue, ColumnElement[bool]]
) -> dict[Queue, int]:
    """Return the size of each queue up to one more than MOST_COUNTED, each by the condition of its list."""
    sizes = []
    for queue, condition in conditions.items():
        inside = select(literal(1)).select_from(Dossier).where(matches, condition).limit(MOST_COUNTED + 1).subquery()
        sizes.append(select(func.count()).select_from(inside).scalar_subquery().label(queue.value))
    row = uow.session.execute(select(*sizes)).one()
    return dict(zip(conditions, row, strict=True))
