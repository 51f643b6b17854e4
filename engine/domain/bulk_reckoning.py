"""Due dates in bulk: what ``reckoning.planner`` says of each row, reckoned in arrays (docs/reference/working-time.md).

Rows that the arrays are not sure of go through the planner one by one, which also words the errors: an amount of 0, an
end that would lie before its own start, local dates of a clock that changes, a product beyond 64 bits, the last days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from math import ceil
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.domain import reckoning
from engine.domain.bulk_tables import UNSURE, Tables, Ticks
from engine.domain.calendar import WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.limits import Limit, Segment, Unit
from engine.domain.local_clock import DAY, HOUR
from engine.domain.worktable import CalendarGapError, WorkTable

Plan = tuple[Limit, Cutoff | None]

_CHUNK = 1 << 15  # rows at a time: their columns stay in the processor's cache
_OVER, _ASK, _HOURS, _DAYS, _CALENDAR_DAYS = range(5)


def due_ticks(
    calendar: WorkingCalendar, *, received: Ticks, plans: Sequence[Plan], plan_of_row: NDArray[np.integer[Any]]
) -> Ticks:
    """Find the due ticks of many receipts; ``received[row]`` has the limit and the cut-off ``plans[plan_of_row[row]]``.

    Raises:
        CalendarGapError: the calendar does not reach that far; ``details`` has the first such ``row``, counted from 0.
        IndexError: a row names no plan.
    """
    if plan_of_row.size and not 0 <= plan_of_row.min() <= plan_of_row.max() < len(plans):
        raise IndexError(f"rows name plans {plan_of_row.min()} to {plan_of_row.max()} of {len(plans)}, counted from 0")
    columns = _Columns.of(calendar.table, plans)
    due = np.empty(len(received), np.int64)
    for first in range(0, len(received), _CHUNK):
        rows = slice(first, first + _CHUNK)
        due[rows] = columns.reckon(received[rows], plan_of_row[rows])
    _ask_planners(calendar, received, plans, plan_of_row, due)
    return due


@lru_cache(maxsize=16)
def _tables(table: WorkTable) -> Tables:
    return Tables.of(table)


class _Turn(NamedTuple):
    """The segments of one turn, a value for each plan: the kind, and what is added, ``whole + part / parts``."""

    kind: Ticks
    whole: Ticks
    part: Ticks
    parts: Ticks


@dataclass(frozen=True, slots=True)
class _Columns:
    """The plans as columns: cut-offs (``moves`` tells whether there are any), and their segments, turn by turn."""

    tables: Tables
    moves: bool
    latest: Ticks
    last_hour: NDArray[np.bool_]
    turns: tuple[_Turn, ...]

    @classmethod
    def of(cls, table: WorkTable, plans: Sequence[Plan]) -> _Columns:
        tables = _tables(table)
        cutoffs = [cutoff for _, cutoff in plans]
        rows = ([_segment(table, tables, each) for each in limit.segments] for limit, _ in plans)
        turns = [np.array(turn) for turn in zip_longest(*rows, fillvalue=(_OVER, 0, 0, 1))]
        moved = np.array([cutoff is not None for cutoff in cutoffs])
        if table.clock.changes:
            turns[0][moved, 0] = _ASK
        return cls(
            tables=tables,
            moves=bool(moved.any()) and not table.clock.changes,
            latest=np.array([reckoning.clock_ticks(each.at) if each and each.at else DAY for each in cutoffs]),
            last_hour=np.array([each is not None and each.at is None for each in cutoffs]),
            turns=tuple(_Turn(*turn.T) for turn in turns),
        )

    def reckon(self, received: Ticks, plan: NDArray[np.integer[Any]]) -> Ticks:
        """Reckon the due ticks of each row, or ``UNSURE``."""
        tables = self.tables
        covered = tables.covers(received)
        at = np.where(covered, received, tables.begins)
        if self.moves:
            at = tables.moved(at, self.latest[plan], self.last_hour[plan])
        at[~covered] = UNSURE
        for turn in self.turns:
            kind = turn.kind[plan]
            kind[~tables.covers(at)] = _ASK
            at[kind == _ASK] = UNSURE
            for counted in (_HOURS, _DAYS, _CALENDAR_DAYS):
                rows = np.flatnonzero(kind == counted)
                at[rows] = _after(tables, counted, at[rows], turn, plan[rows])
        return at


def _segment(table: WorkTable, tables: Tables, segment: Segment) -> tuple[int, int, int, int]:
    amount, unit = segment.amount, segment.unit
    if amount == 0 or (unit is Unit.CALENDAR_DAY and table.clock.changes):
        return _ASK, 0, 0, 1
    if unit is Unit.WORKING_HOUR:
        return _HOURS, ceil(amount * HOUR), 0, 1
    if unit is Unit.CALENDAR_DAY:
        return _CALENDAR_DAYS, ceil(amount * DAY), 0, 1
    if not tables.can_share(amount.denominator):
        return _ASK, 0, 0, 1
    return _DAYS, *divmod(amount.numerator, amount.denominator), amount.denominator


def _after(tables: Tables, kind: int, start: Ticks, turn: _Turn, plan: NDArray[np.integer[Any]]) -> Ticks:
    whole = turn.whole[plan]
    if kind == _HOURS:
        return tables.after_work(start, whole)
    if kind == _CALENDAR_DAYS:
        return tables.after_calendar_days(start, whole)
    return tables.after_days(start, whole, turn.part[plan], turn.parts[plan])


def _ask_planners(
    calendar: WorkingCalendar, received: Ticks, plans: Sequence[Plan], plan_of_row: NDArray[np.integer[Any]], due: Ticks
) -> None:
    """Fill in the rows of ``due`` that the arrays are not sure of."""
    planners: dict[int, reckoning.Reckoner] = {}
    rows = np.flatnonzero(due == UNSURE)
    for row, at, plan in zip(rows.tolist(), received[rows].tolist(), plan_of_row[rows].tolist(), strict=True):
        if plan not in planners:
            planners[plan] = reckoning.planner(calendar, *plans[plan])
        try:
            due[row] = planners[plan](at)
        except CalendarGapError as error:
            raise CalendarGapError(f"row {row}: {error.message}", row=row, **error.details) from error
