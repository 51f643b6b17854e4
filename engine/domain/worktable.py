"""Prefix tables of working time, in whole microseconds since 1970 UTC ("ticks"); ``WorkingCalendar`` speaks instants.

A look-up is one or two ``bisect`` calls, whatever the length of the limit (libraries.md §10). Everything here is whole
numbers, and here alone ties and rounding are decided (docs/reference/working-time.md).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

from engine.domain.local_clock import DAY, LocalClock, day_of, year_of
from engine.errors import InvalidInputError


class CalendarGapError(InvalidInputError):
    """The calendar does not reach the date that is asked for; the message names the remedy."""

    code = "calendar-gap"


@dataclass(frozen=True, slots=True, eq=False)
class WorkTable:
    """Slot ``i`` is ``opens[i]..closes[i]``, with ``worked[i]`` ticks of work before it, on day ``slot_day[i]``.

    Working day ``d`` has the date ordinal ``days[d]``, its midnight at the local reading ``midnights[d]``, the slots
    ``first_slot[d]`` to ``first_slot[d + 1] - 1``, and ``lengths[d]`` ticks of work after ``day_begins[d]``.
    ``day_from[n]`` is the first working day at or after the local day ``first_day + n``, ``len(days)`` for none.
    The table covers the ticks from ``begins`` until before ``ends``. Tables are equal only to themselves.
    """

    begins: int
    ends: int
    first_year: int
    last_year: int
    clock: LocalClock
    opens: tuple[int, ...]
    closes: tuple[int, ...]
    worked: tuple[int, ...]
    slot_day: tuple[int, ...]
    days: tuple[int, ...]
    midnights: tuple[int, ...]
    first_slot: tuple[int, ...]
    day_begins: tuple[int, ...]
    lengths: tuple[int, ...]
    first_day: int
    day_from: tuple[int, ...]

    @classmethod
    def of(
        cls,
        working: Iterable[tuple[int, list[tuple[int, int]]]],
        *,
        begins: int,
        ends: int,
        first_year: int,
        last_year: int,
        clock: LocalClock,
    ) -> WorkTable:
        """Sum up working days, each an ordinal with its slots in ticks, in order of time."""
        days = list(working)
        slots = [slot for _, slots in days for slot in slots]
        worked = tuple(accumulate((closing - opening for opening, closing in slots), initial=0))
        first_slot = tuple(accumulate((len(slots) for _, slots in days), initial=0))
        bounds = [worked[slot] for slot in first_slot]
        local_days = [day_of(ordinal) for ordinal, _ in days]
        first_day = clock.reading(begins) // DAY
        return cls(
            begins=begins,
            ends=ends,
            first_year=first_year,
            last_year=last_year,
            clock=clock,
            opens=tuple(opening for opening, _ in slots),
            closes=tuple(closing for _, closing in slots),
            worked=worked,
            slot_day=tuple(day for day, (_, slots) in enumerate(days) for _ in slots),
            days=tuple(ordinal for ordinal, _ in days),
            midnights=tuple(day * DAY for day in local_days),
            first_slot=first_slot,
            day_begins=tuple(bounds[:-1]),
            lengths=tuple(after - before for before, after in pairwise(bounds)),
            first_day=first_day,
            day_from=tuple(bisect_left(local_days, day) for day in range(first_day, clock.reading(ends) // DAY)),
        )

    # --- slots ---------------------------------------------------------------------------------------------------

    def slot_from(self, ticks: int) -> int:
        """Find the slot that holds ``ticks`` (its closing excluded), otherwise the next one.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        slot = bisect_right(self.closes, ticks)
        if slot == len(self.opens):
            raise self.gap(self.last_year + 1)
        return slot

    def next_opening(self, ticks: int) -> int:
        """Give ``ticks`` inside a shift, otherwise the next opening (a closing is already outside).

        Raises:
            CalendarGapError: the last closing has passed.
        """
        return max(ticks, self.opens[self.slot_from(ticks)])

    def first_moment(self, ticks: int) -> int:
        """Give ``ticks`` inside a shift or on a closing, otherwise the next opening.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        return max(ticks, self.opens[self._slot_ending_from(ticks)])

    def last_closing(self, ticks: int) -> int:
        """Give the last closing of the working day that holds ``ticks``; of the next one once that has passed.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        return self.closes[self.first_slot[self.slot_day[self._slot_ending_from(ticks)] + 1] - 1]

    def _slot_ending_from(self, ticks: int) -> int:
        slot = bisect_left(self.closes, ticks)
        if slot == len(self.opens):
            raise self.gap(self.last_year + 1)
        return slot

    # --- working hours -------------------------------------------------------------------------------------------

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
        if worked < 0:
            raise self.gap(self.first_year - 1)
        slot = max((bisect_right if later else bisect_left)(self.worked, worked) - 1, 0)
        if slot >= len(self.opens):
            raise self.gap(self.last_year + 1)
        return self.opens[slot] + worked - self.worked[slot]

    # --- working days --------------------------------------------------------------------------------------------

    def days_at(self, ticks: int) -> Fraction:
        """Measure the working days before ``ticks``: whole days, and the share of that day's work which is done.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        slot = self.slot_from(ticks)
        day = self.slot_day[slot]
        done = self.worked[slot] + max(ticks - self.opens[slot], 0) - self.day_begins[day]
        return day + Fraction(done, self.lengths[day])

    def ticks_at_days(self, days: Fraction) -> int:
        """Invert ``days_at``; ties go to the later tick, a part of a tick is rounded up.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        day = floor(days)
        share = days - day
        return self._ticks_at_share(day, share.numerator, share.denominator)

    def after_days(self, ticks: int, numerator: int, denominator: int) -> int:
        """Give ``ticks_at_days(days_at(ticks) + numerator / denominator)``, without fractions on the way.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        slot = self.slot_from(ticks)
        day = self.slot_day[slot]
        done = self.worked[slot] + max(ticks - self.opens[slot], 0) - self.day_begins[day]
        whole = self.lengths[day] * denominator
        days, share = divmod(done * denominator + numerator * self.lengths[day], whole)
        return self._ticks_at_share(day + days, share, whole)

    def _ticks_at_share(self, day: int, share: int, whole: int) -> int:
        """Find when ``share / whole`` (less than 1) of the work of a working day is done."""
        if not 0 <= day < len(self.days):
            raise self.gap(self.first_year - 1 if day < 0 else self.last_year + 1)
        return self.ticks_at(self.day_begins[day] - (-share * self.lengths[day] // whole), later=True)

    def day_span(self, day: int) -> tuple[int, int]:
        """Give the ticks of work before and after working day number ``day`` (counted from 0)."""
        return self.day_begins[day], self.day_begins[day] + self.lengths[day]

    # --- calendar days -------------------------------------------------------------------------------------------

    def working_day_from(self, local_day: int) -> int:
        """Find the number of the first working day at or after a local day.

        Raises:
            CalendarGapError: the table does not cover the day, or ends first.
        """
        place = local_day - self.first_day
        if not 0 <= place < len(self.day_from):
            raise self.gap(year_of(local_day))
        number = self.day_from[place]
        if number == len(self.days):
            raise self.gap(self.last_year + 1)
        return number

    def opening_after(self, local_day: int) -> int:
        """Give the opening of the first working day after a local day.

        Raises:
            CalendarGapError: the table ends first.
        """
        return self.opens[self.first_slot[self.working_day_from(local_day + 1)]]

    def settled(self, reading: int) -> int:
        """Move a local end into the shifts of its day, or of the next working day with the clock time kept.

        Before opening → opening; in a break → the opening after it; after closing → the last closing.

        Raises:
            CalendarGapError: the table does not cover the day, or ends first.
        """
        local_day, clock = divmod(reading, DAY)
        day = self.working_day_from(local_day)
        ticks = self.clock.ticks(self.midnights[day] + clock)
        after = self.first_slot[day + 1]
        slot = bisect_right(self.closes, ticks, self.first_slot[day], after)
        return self.closes[slot - 1] if slot == after else max(ticks, self.opens[slot])

    # --- what is not covered -------------------------------------------------------------------------------------

    def gap(self, year: int) -> CalendarGapError:
        """Word the error for a ``year`` that is not covered."""
        covered = f"{self.first_year}–{self.last_year}"
        message = f"the working calendar covers {covered}, not {year}: add the days of {year} (motcua calendar import)"
        return CalendarGapError(message, year=year, covered=covered)

    def require(self, ticks: int) -> None:
        """Refuse ticks outside the table.

        Raises:
            CalendarGapError: they are.
        """
        if not self.begins <= ticks < self.ends:
            raise self.gap(year_of(self.clock.reading(ticks) // DAY))
