"""Counts that may be published: small ones are hidden, and so many others that nobody can work them out.

A count from 1 to 4 says too much about single people; it is hidden (primary). The rows of a group add up to a total
that is published, too: where a hidden count could be had, or told to be small, by subtracting from it, another row that
is not all zeros is hidden as well (secondary), and where that does not help, the total. Which row that is must not
follow from the counts: who knows that it is the next smallest can work hidden counts out (of 5, 5 and 4 with the second
and the total shown). A count that is the rest of two
others (finished = on time + late) is hidden with them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

SMALLEST = 5  #: least count that is published, and least sum of hidden ones


@dataclass(frozen=True, slots=True)
class Counts:
    """What one row counts; ``finished`` is ``on_time`` and ``late`` together."""

    received: int
    on_time: int
    late: int

    @property
    def finished(self) -> int:
        """How many were decided."""
        return self.on_time + self.late


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it may be published; None is hidden."""

    received: int | None
    finished: int | None
    on_time: int | None
    late: int | None

    @property
    def hides(self) -> bool:
        """Whether anything is hidden."""
        return None in (self.received, self.finished, self.on_time, self.late)


def publishable(rows: Sequence[Counts], *, order: Sequence[int]) -> tuple[list[Shown], Shown]:
    """Return the rows of a group and its total as they may be published together.

    Args:
        order: the numbers of all rows, as they are hidden together with others; not by their counts, and no reader's
            to know.
    """
    received = _hidden([(row.received,) for row in rows], (), order, total_is_hidden=False)
    finished = _hidden([(row.finished,) for row in rows], (), order, total_is_hidden=False)
    parts = _hidden([(row.on_time, row.late) for row in rows], finished.rows, order, total_is_hidden=finished.total)
    total = Counts(sum(row.received for row in rows), sum(row.on_time for row in rows), sum(row.late for row in rows))
    made = [
        _shown(row, received=no in received.rows, finished=no in finished.rows, parts=no in parts.rows)
        for no, row in enumerate(rows)
    ]
    return made, _shown(total, received=received.total, finished=finished.total, parts=parts.total)


@dataclass(frozen=True, slots=True)
class _Hidden:
    rows: frozenset[int]
    total: bool


def _hidden(
    rows: Sequence[tuple[int, ...]], forced: Collection[int], order: Sequence[int], *, total_is_hidden: bool
) -> _Hidden:
    """Return which rows hide these measures, which are hidden together, and whether the total does."""
    primary = frozenset(forced) | {no for no, row in enumerate(rows) if any(_is_small(count) for count in row)}
    totals = [sum(column) for column in zip(*rows, strict=True)]
    if total_is_hidden or any(_is_small(count) for count in totals):
        return _Hidden(primary, True)
    chosen = set(primary)
    others = sorted((no for no in order if no not in primary), key=lambda no: sum(rows[no]) == 0)
    while chosen and _can_be_had([rows[no] for no in chosen]):
        if not others:
            return _Hidden(primary, True)
        chosen.add(others.pop(0))
    return _Hidden(frozenset(chosen), False)


def _can_be_had(rows: Sequence[tuple[int, ...]]) -> bool:
    """Whether what these rows hide could be worked out, or told to be small, when its sum is known."""
    return len(rows) < 2 or any(_is_small(sum(column)) for column in zip(*rows, strict=True))


def _is_small(count: int) -> bool:
    return 0 < count < SMALLEST


def _shown(row: Counts, *, received: bool, finished: bool, parts: bool) -> Shown:
    return Shown(
        received=None if received else row.received,
        finished=None if finished else row.finished,
        on_time=None if parts else row.on_time,
        late=None if parts else row.late,
    )
