"""Prefix tables of working time, in whole microseconds since 1970 UTC ("ticks"); ``WorkingCalendar`` speaks instants.

A look-up is one or two ``bisect`` calls, whatever the length of the limit (libraries.md §10).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor

from engine.errors import InvalidInputError


class CalendarGapError(InvalidInputError):
    """The calendar does not reach the date that is asked for; the message names the remedy."""

    code = "calendar-gap"


@dataclass(frozen=True, slots=True)
class WorkTable:
    """Slot ``i`` is ``opens[i]..closes[i]``, with ``worked[i]`` ticks of work before it, on day ``slot_day[i]``.

    Working day ``d`` has the date ordinal ``days[d]`` and the slots ``first_slot[d]`` to ``first_slot[d + 1] - 1``.
    The table covers the ticks from ``begins`` until before ``ends``.
    """

    begins: int
    ends: int
    first_year: int
    last_year: int
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    worked: tuple[int, ...]
    slot_day: tuple[int, ...]
    days: tuple[int, ...]
    first_slot: tuple[int, ...]

    @classmethod
    def of(
        cls,
        working: Iterable[tuple[int, list[tuple[int, int]]]],
        *,
        begins: int,
        ends: int,
        first_year: int,
        last_year: int,
    ) -> WorkTable:
        """Sum up working days, each an ordinal with its slots in ticks, in order of time."""
        opens: list[int] = []
        closes: list[int] = []
        worked = [0]
        slot_day: list[int] = []
        days: list[int] = []
        first_slot = [0]
        for ordinal, slots in working:
            for opening, closing in slots:
                opens.append(opening)
                closes.append(closing)
                worked.append(worked[-1] + closing - opening)
                slot_day.append(len(days))
            days.append(ordinal)
            first_slot.append(len(opens))
        return cls(
            begins=begins,
            ends=ends,
            first_year=first_year,
            last_year=last_year,
            opens=tuple(opens),
            closes=tuple(closes),
            worked=tuple(worked),
            slot_day=tuple(slot_day),
            days=tuple(days),
            first_slot=tuple(first_slot),
        )

    def slot_from(self, ticks: int) -> int:
        """Find the slot that holds ``ticks`` (its closing excluded), otherwise the next one.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        slot = bisect_right(self.closes, ticks)
        if slot == len(self.opens):
            raise self.gap(self.last_year + 1)
        return slot

    def worked_at(self, ticks: int) -> int:
        """Measure the ticks of work before ``ticks``.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        slot = self.slot_from(ticks)
        return self.worked[slot] + max(ticks - self.opens[slot], 0)

    def ticks_at(self, worked: int, *, later: bool) -> int:
        """Invert ``worked_at``; where work was interrupted, the closing or with ``later`` the opening after it.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        slot = max((bisect_right if later else bisect_left)(self.worked, worked) - 1, 0)
        if worked < 0:
            raise self.gap(self.first_year - 1)
        if slot >= len(self.opens):
            raise self.gap(self.last_year + 1)
        return self.opens[slot] + worked - self.worked[slot]

    def days_at(self, ticks: int) -> Fraction:
        """Measure the working days before ``ticks``: whole days, and the share of that day's work which is done.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        slot = self.slot_from(ticks)
        day = self.slot_day[slot]
        begins, ends = self.day_span(day)
        return day + Fraction(self.worked[slot] + max(ticks - self.opens[slot], 0) - begins, ends - begins)

    def ticks_at_days(self, days: Fraction) -> int:
        """Invert ``days_at``; ties go to the later tick, a part of a tick is rounded up.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        day = floor(days)
        if day < 0:
            raise self.gap(self.first_year - 1)
        if day >= len(self.days):
            raise self.gap(self.last_year + 1)
        begins, ends = self.day_span(day)
        return self.ticks_at(begins + ceil((days - day) * (ends - begins)), later=True)

    def day_span(self, day: int) -> tuple[int, int]:
        """Give the ticks of work before and after working day number ``day`` (counted from 0)."""
        return self.worked[self.first_slot[day]], self.worked[self.first_slot[day + 1]]

    def gap(self, year: int) -> CalendarGapError:
        """Word the error for a ``year`` that is not covered."""
        covered = f"{self.first_year}–{self.last_year}"
        message = f"the working calendar covers {covered}, not {year}: add the days of {year} (motcua calendar import)"
        return CalendarGapError(message, year=year, covered=covered)
