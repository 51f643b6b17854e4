"""The local clock in whole ticks: microseconds since 1970, UTC for instants and local for the reading of a clock."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

HOUR = 3_600_000_000
"""Ticks of an hour."""

DAY = 24 * HOUR
"""Ticks of a calendar day on the local clock."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = EPOCH.toordinal()
_TICK = timedelta(microseconds=1)


def ticks_of(instant: datetime) -> int:
    """Give the ticks of an aware instant."""
    return (instant - EPOCH) // _TICK


def instant_of(ticks: int) -> datetime:
    """Give the instant (UTC) of ticks."""
    return EPOCH + timedelta(microseconds=ticks)


def day_of(ordinal: int) -> int:
    """Give the local day, counted from 1970-01-01, of a date's ordinal."""
    return ordinal - _EPOCH_ORDINAL


def year_of(day: int) -> int:
    """Give the year of a local day; a day beyond the dates of Python has the first or the last year of those."""
    return date.fromordinal(min(max(day + _EPOCH_ORDINAL, 1), date.max.toordinal())).year


@dataclass(frozen=True, slots=True)
class LocalClock:
    """The local clock is ahead of UTC by ``offsets[n]`` ticks from the instant ``changes[n - 1]`` on.

    ``readings[n]`` is the first reading that is understood with ``offsets[n + 1]``. A reading that a change leaves
    out, or gives twice, is understood as before the change (``fold=0``).
    """

    offsets: tuple[int, ...]
    changes: tuple[int, ...] = ()
    readings: tuple[int, ...] = ()

    @classmethod
    def of(cls, zone: tzinfo, begins: int, ends: int) -> LocalClock:
        """Read the offsets of ``zone`` from ``begins`` until ``ends``; two changes lie more than a day apart."""
        offsets, changes, readings = [_offset(zone, begins)], [], []
        for before in range(begins, ends, DAY):
            after = min(before + DAY, ends)
            offset = _offset(zone, after)
            if offset != offsets[-1]:
                change = _change_between(zone, before, after)
                changes.append(change)
                readings.append(change + max(offset, offsets[-1]))
                offsets.append(offset)
        return cls(tuple(offsets), tuple(changes), tuple(readings))

    def reading(self, ticks: int) -> int:
        """Read the clock at an instant."""
        return ticks + self.offsets[bisect_right(self.changes, ticks)]

    def ticks(self, reading: int) -> int:
        """Find the instant at which the clock shows ``reading``."""
        return reading - self.offsets[bisect_right(self.readings, reading)]


def _offset(zone: tzinfo, ticks: int) -> int:
    instant = instant_of(ticks)
    return (instant.astimezone(zone).replace(tzinfo=UTC) - instant) // _TICK


def _change_between(zone: tzinfo, before: int, after: int) -> int:
    old = _offset(zone, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _offset(zone, middle) == old:
            before = middle
        else:
            after = middle
    return after
