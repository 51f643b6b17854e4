"""The working calendar: shifts, days off and make-up days as one immutable, versioned table (domain.md §7).

All look-ups are ``bisect`` calls on prefix tables of whole microseconds; nothing here walks minutes. Instants given
are aware; instants returned are aware UTC. A *shift* is half-open: 11:30 already lies in the break.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.domain.local_clock import LocalClock, instant_of, ticks_of
from engine.domain.office_hours import YEARS, refuse_overlaps
from engine.domain.office_hours import DayKind as DayKind  # the four are part of this module's interface
from engine.domain.office_hours import DayRule as DayRule
from engine.domain.office_hours import InvalidCalendarError as InvalidCalendarError
from engine.domain.office_hours import OfficeHours as OfficeHours
from engine.domain.office_hours import Shift as Shift
from engine.domain.worktable import CalendarGapError as CalendarGapError
from engine.domain.worktable import WorkTable


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an office works, in one time zone, over whole years.

    ``shifts`` are the hours from Monday to Friday until the first of ``hours``, each of which holds from its date on.
    Use ``build`` or ``from_content``. ``version`` names the content: equal content, equal version.
    """

    zone: str
    shifts: tuple[Shift, ...]
    hours: tuple[OfficeHours, ...]
    days: tuple[DayRule, ...]
    first_year: int
    last_year: int
    version: str
    tz: ZoneInfo = field(compare=False, repr=False)
    provisional_years: frozenset[int] = field(compare=False, repr=False)
    _rules: dict[date, DayRule] = field(compare=False, repr=False)
    _table: WorkTable = field(compare=False, repr=False)

    @classmethod
    def build(
        cls,
        *,
        zone: str,
        shifts: tuple[Shift, ...],
        days: Iterable[DayRule],
        years: range,
        hours: Iterable[OfficeHours] = (),
    ) -> WorkingCalendar:
        """Check the parts and make the tables for ``years``.

        A year without rows, or with a provisional row, is provisional: dates computed in it may still move.

        Raises:
            InvalidCalendarError: shifts overlap, a day or the beginning of weekly hours is declared twice or lies
                outside ``years``, the zone is unknown, or a year has no working day.
            CalendarGapError: there is no shift or no year.
        """
        ordered = tuple(sorted(shifts))
        if not ordered:
            raise CalendarGapError("the calendar has no shift: declare office hours such as 07:00-11:30")
        if not years or years.step != 1 or years[0] < YEARS[0] or years[-1] > YEARS[-1]:
            raise CalendarGapError("the calendar covers no year: name the first and the last year")
        refuse_overlaps(ordered, "the calendar")
        rules = rules_by_date(days, years)
        weeks = _weeks_in_order(hours, years)
        tz = _zone(zone)
        rows = tuple(rules.values())
        declared = {rule.on.year for rule in rows} - {rule.on.year for rule in rows if rule.provisional}
        content = _content(zone, ordered, weeks, rows, years)
        return cls(
            zone=zone,
            shifts=ordered,
            hours=weeks,
            days=rows,
            first_year=years[0],
            last_year=years[-1],
            version=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16],
            tz=tz,
            provisional_years=frozenset(years) - declared,
            _rules=rules,
            _table=_tabulate(tz, (OfficeHours.usual(ordered), *weeks), rules, years),
        )

    def content(self) -> dict[str, Any]:
        """Give the whole calendar as JSON-ready values, for the store; ``from_content`` reads it back."""
        return _content(self.zone, self.shifts, self.hours, self.days, range(self.first_year, self.last_year + 1))

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> WorkingCalendar:
        """Build the calendar that ``content()`` described.

        Raises:
            InvalidCalendarError: a part is missing or malformed.
            CalendarGapError: there is no shift or no year.
        """
        try:
            days = tuple(DayRule.from_json(row) for row in content["days"])
            hours = tuple(OfficeHours.from_json(row) for row in content.get("hours", ()))
            shifts = tuple(Shift.parse(text) for text in content["shifts"])
            first, last = content["years"]
            years = range(first, last + 1)
            zone = str(content["zone"])
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidCalendarError(f"the stored calendar is malformed: {error!r}") from error
        return cls.build(zone=zone, shifts=shifts, days=days, years=years, hours=hours)

    # --- dates ---------------------------------------------------------------------------------------------------

    def require(self, on: date) -> None:
        """Refuse a local date that the calendar does not cover.

        Raises:
            CalendarGapError: the year is not covered.
        """
        if not self.first_year <= on.year <= self.last_year:
            raise self._table.gap(on.year)

    def is_working_day(self, on: date) -> bool:
        """Tell whether work goes on at any time of the local date.

        Raises:
            CalendarGapError: the year is not covered.
        """
        self.require(on)
        index = bisect_left(self._table.days, on.toordinal())
        return index < len(self._table.days) and self._table.days[index] == on.toordinal()

    def day_rule(self, on: date) -> DayRule | None:
        """Find the row that declares the local date off or working, if there is one."""
        return self._rules.get(on)

    def working_day_from(self, on: date) -> date:
        """Find the first working day at or after the local date.

        Raises:
            CalendarGapError: the calendar ends first.
        """
        self.require(on)
        index = bisect_left(self._table.days, on.toordinal())
        if index == len(self._table.days):
            raise self._table.gap(self.last_year + 1)
        return date.fromordinal(self._table.days[index])

    def working_days_before(self, on: date) -> int:
        """Count the working days from the calendar's first date until just before the local date."""
        return bisect_left(self._table.days, on.toordinal())

    def slots(self, on: date) -> tuple[tuple[datetime, datetime], ...]:
        """List opening and closing of each shift of the local date; none on a day off."""
        if not self.is_working_day(on):
            return ()
        table = self._table
        day = bisect_left(table.days, on.toordinal())
        slots = range(table.first_slot[day], table.first_slot[day + 1])
        return tuple((instant_of(table.opens[slot]), instant_of(table.closes[slot])) for slot in slots)

    def is_provisional(self, first_on: date, last_on: date) -> bool:
        """Tell whether a year between the two local dates still awaits its decision."""
        return any(year in self.provisional_years for year in range(first_on.year, last_on.year + 1))

    # --- instants ------------------------------------------------------------------------------------------------

    def local(self, instant: datetime) -> datetime:
        """Express an aware instant in the calendar's zone.

        Raises:
            CalendarGapError: the instant has no local date, at the very end of time.
        """
        try:
            return instant.astimezone(self.tz)
        except OverflowError:
            raise self._table.gap(instant.year) from None

    def local_date(self, instant: datetime) -> date:
        """Give the local date of an aware instant."""
        return self.local(instant).date()

    def at_local(self, clock: datetime) -> datetime:
        """Turn a naive local date and time into an instant."""
        return clock.replace(tzinfo=self.tz).astimezone(UTC)

    def is_working_moment(self, instant: datetime) -> bool:
        """Tell whether the instant lies in a shift, both ends included: a promise may end exactly at closing."""
        ticks = self.ticks(instant)
        slot = bisect_left(self._table.closes, ticks)
        return slot < len(self._table.opens) and self._table.opens[slot] <= ticks

    def next_opening(self, instant: datetime) -> datetime:
        """Give the instant itself inside a shift, otherwise the next opening (a closing is already outside).

        Raises:
            CalendarGapError: the calendar ends first.
        """
        return instant_of(self._table.next_opening(self.ticks(instant)))

    # --- the two working axes ------------------------------------------------------------------------------------

    def worked(self, instant: datetime) -> int:
        """Measure the working time, in microseconds, from the calendar's first date until the instant.

        Raises:
            CalendarGapError: the instant lies outside the calendar, or after its last closing.
        """
        return self._table.worked_at(self.ticks(instant))

    def moment(self, worked: Fraction | int, *, later: bool) -> datetime:
        """Find the instant until which ``worked`` microseconds of work have passed, rounded up to a microsecond.

        On a closing there are two: the closing itself, or with ``later`` the opening after it.

        Raises:
            CalendarGapError: the calendar ends first, or begins later.
        """
        return instant_of(self._table.ticks_at(ceil(worked), later=later))

    def days_worked(self, instant: datetime) -> Fraction:
        """Measure working days from the calendar's first date until the instant: whole days and the share of the last.

        Every working day has length 1; the share is its elapsed shift time.

        Raises:
            CalendarGapError: the instant lies outside the calendar, or after its last closing.
        """
        return self._table.days_at(self.ticks(instant))

    def moment_of_days(self, days: Fraction) -> datetime:
        """Find the instant until which ``days`` working days have passed, rounded up to a microsecond.

        Ties go to the later instant: a day boundary is the opening of the later day, a break the opening after it.

        Raises:
            CalendarGapError: the calendar ends first, or begins later.
        """
        return instant_of(self._table.ticks_at_days(days))

    def day_span(self, day: int) -> tuple[int, int]:
        """Give the working microseconds before and after the working day number ``day`` (counted from 0)."""
        return self._table.day_span(day)

    def whole_day(self, instant: datetime) -> int:
        """Measure an ordinary whole day of the weekly hours that hold on the instant's local date, in microseconds.

        Declared days, off or half, do not count: it is what a working day stands for.
        """
        on = self.local_date(instant)
        weeks = [OfficeHours.usual(self.shifts), *(week for week in self.hours if week.valid_from <= on)]
        spans = (datetime.combine(on, shift.end) - datetime.combine(on, shift.start) for shift in weeks[-1].whole_day)
        return sum(spans, timedelta()) // timedelta(microseconds=1)

    # --- for those who reckon in ticks (engine/domain/reckoning.py) ----------------------------------------------

    @property
    def table(self) -> WorkTable:
        """The table that every look-up ends in."""
        return self._table

    def ticks(self, instant: datetime) -> int:
        """Give the ticks of an aware instant.

        Raises:
            CalendarGapError: the instant lies outside the calendar.
        """
        ticks = ticks_of(instant)
        self._table.require(ticks)
        return ticks


def _tabulate(tz: ZoneInfo, hours: Sequence[OfficeHours], rules: dict[date, DayRule], years: range) -> WorkTable:
    working: list[tuple[int, list[tuple[int, int]]]] = []
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    current = 0
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        on = date.fromordinal(ordinal)
        while current + 1 < len(hours) and hours[current + 1].valid_from <= on:
            current += 1
        today = _shifts_on(on, hours[current], rules.get(on))
        if today:
            working.append((ordinal, [(_ticks_of(on, s.start, tz), _ticks_of(on, s.end, tz)) for s in today]))
    _refuse_empty_years({date.fromordinal(ordinal).year for ordinal, _ in working}, years)
    begins, ends = _ticks_of(first, time(), tz), _ticks_of(last + timedelta(days=1), time(), tz)
    return WorkTable.of(
        working,
        begins=begins,
        ends=ends,
        first_year=years[0],
        last_year=years[-1],
        clock=LocalClock.of(tz, begins, ends),
    )


def _shifts_on(on: date, hours: OfficeHours, rule: DayRule | None) -> tuple[Shift, ...]:
    if rule is None:
        return hours.week[on.weekday()]
    if rule.kind is DayKind.OFF:
        return ()
    return rule.shifts or hours.whole_day


def _refuse_empty_years(working: set[int], years: range) -> None:
    empty = [year for year in years if year not in working]
    if empty:
        raise InvalidCalendarError(f"the calendar has no working day in {', '.join(map(str, empty))}", year=empty[0])


def _ticks_of(on: date, clock: time, tz: ZoneInfo) -> int:
    return ticks_of(datetime.combine(on, clock, tzinfo=tz))


def rules_by_date(days: Iterable[DayRule], years: range) -> dict[date, DayRule]:
    """Order declared days by date.

    Raises:
        InvalidCalendarError: a date is declared twice or lies outside ``years``, a day off has shifts, or they overlap.
    """
    rules: dict[date, DayRule] = {}
    for rule in sorted(days, key=lambda rule: rule.on):
        known = rules.get(rule.on)
        if known is not None:
            kinds = "twice" if known.kind is rule.kind else "both off and working"
            message = f'{rule.on} is declared {kinds}: by "{known.decision}" and by "{rule.decision}"'
            raise InvalidCalendarError(message, problem="day-twice", on=rule.on.isoformat())
        if rule.on.year not in years:
            message = f"{rule.on} lies outside the calendar's years {years[0]}–{years[-1]}"
            raise InvalidCalendarError(message, problem="date-out-of-range", on=rule.on.isoformat())
        if rule.shifts and rule.kind is DayKind.OFF:
            message = f"{rule.on} is off and has shifts"
            raise InvalidCalendarError(message, problem="off-with-shifts", on=rule.on.isoformat())
        refuse_overlaps(rule.shifts, str(rule.on))
        rules[rule.on] = rule
    return rules


def _weeks_in_order(hours: Iterable[OfficeHours], years: range) -> tuple[OfficeHours, ...]:
    weeks = tuple(sorted(hours, key=lambda each: each.valid_from))
    for before, after in pairwise(weeks):
        if before.valid_from == after.valid_from:
            message = (
                f'weekly hours from {after.valid_from} are declared twice: "{before.decision}", "{after.decision}"'
            )
            raise InvalidCalendarError(message, on=after.valid_from.isoformat())
    for each in weeks:
        if each.valid_from.year not in years:
            covered = f"{years[0]}–{years[-1]}"
            message = f"weekly hours from {each.valid_from} begin outside {covered}: import the days of that year first"
            raise InvalidCalendarError(message, on=each.valid_from.isoformat())
    return weeks


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidCalendarError(f'"{name}" is not a time zone such as Asia/Ho_Chi_Minh', zone=name) from None


def _content(
    zone: str,
    shifts: tuple[Shift, ...],
    hours: tuple[OfficeHours, ...],
    days: tuple[DayRule, ...],
    years: range,
) -> dict[str, Any]:
    content: dict[str, Any] = {
        "zone": zone,
        "shifts": [str(shift) for shift in shifts],
        "years": [years[0], years[-1]],
        "days": [rule.as_json() for rule in days],
    }
    if hours:  # left out otherwise: calendars from before there were any keep their name
        content["hours"] = [each.as_json() for each in hours]
    return content
