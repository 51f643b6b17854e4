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

from engine.domain.local_clock import DAY, HOUR, LocalClock, day_of, year_of
from engine.domain.office_hours import FURTHEST_YEARS
from engine.errors import InvalidInputError


class CalendarGapError(InvalidInputError):
    """The calendar does not reach the date that is asked for; the message names the remedy."""

    code = "calendar-gap"


@dataclass(frozen=True, slots=True, eq=False)
class WorkTable:
    """Slot ``i`` is ``opens[i]..closes[i]`` on working day ``slot_day[i]``, after ``worked[i]`` ticks of work.

    Inside it, ``ticks - idle[i]`` are worked: the only way from one scale to the other.

    Working day ``d`` has the date ordinal ``days[d]``, its midnight at the local reading ``midnights[d]``, the slots
    ``first_slot[d]`` to ``first_slot[d + 1] - 1``, and ``lengths[d]`` ticks of work after ``day_begins[d]``.

    The local day ``first_day + n`` has the first working day at or after it ``day_from[n]`` (``len(days)`` for none),
    the opening of the first one after it ``next_openings[n]``, and fewer than 60 minutes of work left after
    ``last_hours[n]`` (both ``ends`` for none).

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
    idle: tuple[int, ...]
    slot_day: tuple[int, ...]
    days: tuple[int, ...]
    midnights: tuple[int, ...]
    first_slot: tuple[int, ...]
    day_begins: tuple[int, ...]
    lengths: tuple[int, ...]
    first_day: int
    day_from: tuple[int, ...]
    next_openings: tuple[int, ...]
    last_hours: tuple[int, ...]

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
        last_hours = {day: _last_hour(slots) for day, (_, slots) in zip(local_days, days, strict=True)}
        dates = range(clock.reading(begins) // DAY, clock.reading(ends) // DAY)
        day_from = [bisect_left(local_days, day) for day in dates]
        return cls(
            begins=begins,
            ends=ends,
            first_year=first_year,
            last_year=last_year,
            clock=clock,
            opens=tuple(opening for opening, _ in slots),
            closes=tuple(closing for _, closing in slots),
            worked=worked,
            idle=tuple(opening - before for (opening, _), before in zip(slots, worked, strict=False)),
            slot_day=tuple(day for day, (_, slots) in enumerate(days) for _ in slots),
            days=tuple(ordinal for ordinal, _ in days),
            midnights=tuple(day * DAY for day in local_days),
            first_slot=first_slot,
            day_begins=tuple(bounds[:-1]),
            lengths=tuple(after - before for before, after in pairwise(bounds)),
            first_day=dates[0],
            day_from=tuple(day_from),
            next_openings=(*(days[day][1][0][0] if day < len(days) else ends for day in day_from[1:]), ends),
            last_hours=tuple(last_hours.get(day, ends) for day in dates),
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
        opening = self.opens[slot]
        return (ticks if ticks > opening else opening) - self.idle[slot]

    def ticks_at(self, worked: int, *, later: bool) -> int:
        """Invert ``worked_at``; where work was interrupted, the closing or with ``later`` the opening after it.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        if worked < 0:
            raise self.gap(self.first_year - 1)
        slot = (bisect_right if later else bisect_left)(self.worked, worked) - 1
        if slot >= len(self.opens):
            raise self.gap(self.last_year + 1)
        return worked + self.idle[slot if slot > 0 else 0]

    def after_work(self, added: int, ticks: int) -> int:
        """Find when ``added`` ticks of work are done from ``ticks`` on; an end on a closing stays there.

        Raises:
            CalendarGapError: the table ends first.
        """
        return self.ticks_at(self.worked_at(ticks) + added, later=False)

    # --- working days --------------------------------------------------------------------------------------------

    def days_at(self, ticks: int) -> Fraction:
        """Measure the working days before ``ticks``: whole days, and the share of that day's work which is done.

        Raises:
            CalendarGapError: the last closing has passed.
        """
        day = self.slot_day[self.slot_from(ticks)]
        return day + Fraction(self.worked_at(ticks) - self.day_begins[day], self.lengths[day])

    def ticks_at_days(self, days: Fraction) -> int:
        """Invert ``days_at``; ties and rounding are those of ``after_days``.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        return self.after_days(days.numerator, days.denominator, self.opens[0])

    def after_days(self, numerator: int, denominator: int, ticks: int) -> int:
        """Find when ``numerator / denominator`` working days are over from ``ticks`` on (before it, when negative).

        Ties go to the later tick, a part of a tick is rounded up.

        Raises:
            CalendarGapError: the table ends first, or begins later.
        """
        slot = bisect_right(self.closes, ticks)
        if slot == len(self.opens):
            raise self.gap(self.last_year + 1)
        day = self.slot_day[slot]
        length = self.lengths[day]
        opening = self.opens[slot]
        done = (ticks if ticks > opening else opening) - self.idle[slot] - self.day_begins[day]
        whole = length * denominator
        days, share = divmod(done * denominator + numerator * length, whole)
        day += days
        if not 0 <= day < len(self.days):
            raise self.gap(self.first_year - 1 if day < 0 else self.last_year + 1)
        work = self.day_begins[day] - (-share * self.lengths[day] // whole)
        slot = bisect_right(self.worked, work, self.first_slot[day] + 1, self.first_slot[day + 1] + 1) - 1
        if slot == len(self.opens):
            raise self.gap(self.last_year + 1)
        return work + self.idle[slot]

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
        day = self.day_from[place]
        if day == len(self.days):
            raise self.gap(self.last_year + 1)
        return day

    def opening_after(self, local_day: int) -> int:
        """Give the opening of the first working day after a local day of the table.

        Raises:
            CalendarGapError: the table ends first.
        """
        opening = self.next_openings[local_day - self.first_day]
        if opening == self.ends:
            raise self.gap(self.last_year + 1)
        return opening

    def after_calendar_days(self, added: int, ticks: int) -> int:
        """Find the working moment at which ``added`` ticks of the local clock are over; never before ``ticks``.

        Raises:
            CalendarGapError: the table ends first.
        """
        end = self._settled(self.clock.reading(ticks) + added)
        return end if end >= ticks else self.next_opening(ticks)

    def _settled(self, reading: int) -> int:
        """Move a local end to a working day, with the clock time kept, and then into the shifts of that day.

        Before opening → opening; in a break → the opening after it; after closing → the last closing.
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
        remedy = f"add the days of {year} (motcua calendar import)"
        if not self.first_year - FURTHEST_YEARS <= year <= self.last_year + FURTHEST_YEARS:
            remedy = f"{year} is further away than a calendar may be extended to; correct the date or the limit"
        message = f"the working calendar covers {covered}, not {year}: {remedy}"
        return CalendarGapError(message, year=year, covered=covered)

    def require(self, ticks: int) -> None:
        """Refuse ticks outside the table.

        Raises:
            CalendarGapError: they are.
        """
        if not self.begins <= ticks < self.ends:
            raise self.gap(year_of(self.clock.reading(ticks) // DAY))


def _last_hour(slots: list[tuple[int, int]]) -> int:
    """Find the last tick at which 60 minutes of a day's work are left; its opening on a shorter day."""
    left = HOUR
    for opening, closing in reversed(slots):
        if closing - opening >= left:
            return closing - left
        left -= closing - opening
    return slots[0][0]
