"""The look-ups of ``WorkTable`` for arrays of ticks (docs/reference/working-time.md, "Fast").

Every answer is the one of the table, or ``UNSURE``. What asks for local dates needs a clock that never changes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from engine.domain.local_clock import DAY
from engine.domain.worktable import WorkTable

Ticks = NDArray[np.int64]
Places = NDArray[np.intp]

UNSURE = int(np.iinfo(np.int64).min)
"""Stands for ticks that the arrays do not know; it lies before every table."""

_NEVER = int(np.iinfo(np.int64).max)
_SAFE = 1 << 62
_CELLS_PER_MARK = 4


@dataclass(frozen=True, slots=True)
class Marks:
    """``bisect_right`` for arrays: equal cells of 2**``shift`` say where to begin, then a few steps go up.

    ``numpy.searchsorted`` takes about four times as long for values in no order: no processor guesses its branches.
    """

    marks: Ticks
    begins: int
    shift: int
    before_cell: Places

    @classmethod
    def of(cls, marks: Sequence[int], *, begins: int) -> Marks:
        """Prepare for values from ``begins`` to the last mark."""
        span = marks[-1] - begins
        shift = max(span // (_CELLS_PER_MARK * len(marks)), 1).bit_length() - 1
        cells = begins + (np.arange((span >> shift) + 1) << shift)
        return cls(np.array((*marks, _NEVER)), begins, shift, np.searchsorted(np.array(marks), cells, side="right"))

    def passed(self, values: Ticks) -> Places:
        """Count the marks at or before each value."""
        found: Places = self.before_cell[(values - self.begins) >> self.shift]
        while (more := self.marks[found] <= values).any():
            found += more
        return found


@dataclass(frozen=True, slots=True)
class Tables:
    """``WorkTable`` in arrays: by slot, by working day, and by local date up to the last working day.

    ``closings`` finds the slot of ticks, ``work_ends`` that of an amount of work; ``idle`` has one slot more, behind
    the end. ``scale`` are the lengths of the days in their largest common measure. By date: ``carried`` leads from a
    local reading to the ticks of that clock time on the first working day at or after it, which ends with ``closing``;
    ``last_hour`` and ``opening_after`` are what a cut-off asks.
    """

    begins: int
    last_closing: int
    closings: Marks
    work_ends: Marks
    opens: Ticks
    idle: Ticks
    day: Places
    day_begins: Ticks
    length: Ticks
    scale: Ticks
    offset: int
    first_day: int
    carried: Ticks
    closing: Ticks
    last_hour: Ticks
    opening_after: Ticks

    @classmethod
    def of(cls, table: WorkTable) -> Tables:
        """Copy the table into arrays."""
        measure = gcd(*table.lengths)
        offset = table.clock.offsets[0]
        by_date = table.day_from[: bisect_left(table.day_from, len(table.days))]
        midnights = range(table.first_day * DAY, (table.first_day + len(by_date)) * DAY, DAY)
        closings = [table.closes[table.first_slot[day + 1] - 1] for day in by_date]
        off = [table.midnights[day] - midnight for day, midnight in zip(by_date, midnights, strict=True)]
        return cls(
            begins=table.begins,
            last_closing=table.closes[-1],
            closings=Marks.of(table.closes, begins=table.begins),
            work_ends=Marks.of(table.worked[1:], begins=0),
            opens=np.array(table.opens),
            idle=np.array((*table.idle, 0)),
            day=np.array(table.slot_day),
            day_begins=np.array(table.day_begins),
            length=np.array(table.lengths),
            scale=np.array([length // measure for length in table.lengths]),
            offset=offset,
            first_day=table.first_day,
            carried=np.array(off) - offset,
            closing=np.array(closings),
            last_hour=np.array(table.last_hours),
            opening_after=np.array(table.next_openings),
        )

    def covers(self, ticks: Ticks) -> NDArray[np.bool_]:
        """Tell which ticks lie in the table, before its last closing; the other methods want only such ones."""
        return (self.begins <= ticks) & (ticks < self.last_closing)

    def can_share(self, parts: int) -> bool:
        """Tell whether every product that ``after_days`` makes of an n-th of a day stays within 64 bits."""
        return int(self.length.max()) * int(self.scale.max()) * parts < _SAFE

    def moved(self, received: Ticks, latest: Ticks, last_hour: NDArray[np.bool_]) -> Ticks:
        """Move receipts after their cut-off: past the clock time ``latest``, or in the ``last_hour`` of the day."""
        reading = received + self.offset
        day = reading // DAY
        place = day - self.first_day
        passed = (reading - day * DAY > latest) | (last_hour & (received > self.last_hour[place]))
        return np.where(passed, self.opening_after[place], received)

    def after_work(self, start: Ticks, added: Ticks) -> Ticks:
        """Count ticks of work (more than 0) from ``start`` on; see ``WorkTable.after_work``."""
        slot = self.closings.passed(start)
        work = np.maximum(start, self.opens[slot]) - self.idle[slot] + added
        return self._at_work(work, work - 1)

    def after_days(self, start: Ticks, days: Ticks, part: Ticks, parts: Ticks) -> Ticks:
        """Count ``days + part / parts`` working days (more than 0) from ``start`` on; see ``WorkTable.after_days``."""
        slot = self.closings.passed(start)
        before = self.day[slot]
        length = self.length[before]
        whole = length * parts
        done = np.maximum(start, self.opens[slot]) - self.idle[slot] - self.day_begins[before]
        share = done * parts + part * length
        over = share >= whole
        after = before + days + over
        known = after < len(self.length)
        np.minimum(after, len(self.length) - 1, out=after)
        # share / whole of the later day's length, in the common measure of both days and rounded up
        rest = -(-(share - over * whole) * self.scale[after] // (self.scale[before] * parts))
        work = self.day_begins[after] + rest
        return np.where(known, self._at_work(work, work), UNSURE)

    def _at_work(self, work: Ticks, within: Ticks) -> Ticks:
        """Find the ticks of an amount of work, on the slot in which the amount ``within`` is being worked."""
        slot = self.work_ends.passed(np.minimum(within, self.work_ends.marks[-2]))
        return np.where(slot < len(self.opens), work + self.idle[slot], UNSURE)

    def after_calendar_days(self, start: Ticks, added: Ticks) -> Ticks:
        """Count ticks of the local clock from ``start`` on; see ``WorkTable.after_calendar_days``."""
        reading = start + (self.offset + added)
        place = reading // DAY - self.first_day
        known = place < len(self.carried)
        np.minimum(place, len(self.carried) - 1, out=place)
        closing = self.closing[place]
        end = reading + self.carried[place]
        slot = self.closings.passed(np.minimum(end, closing - 1))
        end = np.maximum(np.minimum(end, closing), self.opens[slot])
        return np.where(known & (end >= start), end, UNSURE)
