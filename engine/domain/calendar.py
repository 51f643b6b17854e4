"""The working calendar: shifts, days off and make-up days as one immutable, versioned table (domain.md §7).

All look-ups are ``bisect`` calls on prefix tables of whole microseconds; nothing here walks minutes. Instants given
are aware; instants returned are aware UTC. A *shift* is half-open: 11:30 already lies in the break.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.domain.worktable import CalendarGapError as CalendarGapError  # part of this module's interface
from engine.domain.worktable import WorkTable
from engine.errors import InvalidInputError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_SATURDAY = 5


class InvalidCalendarError(InvalidInputError):
    """The calendar contradicts itself: overlapping shifts, a day declared twice, no working day."""

    code = "invalid-calendar"


class DayKind(StrEnum):
    """What a decision makes of a day."""

    OFF = "off"
    WORK = "work"


@dataclass(frozen=True, slots=True, order=True)
class Shift:
    """Local office hours from ``start`` until just before ``end``.

    Raises:
        InvalidCalendarError: ``end`` is not after ``start``.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise InvalidCalendarError(f"a shift must end after it starts: {self}", shift=str(self))

    @classmethod
    def parse(cls, text: str) -> Shift:
        """Read ``07:00-11:30``.

        Raises:
            InvalidCalendarError: the text is not two times with a hyphen between.
        """
        try:
            start, end = (time.fromisoformat(part) for part in text.split("-"))
        except ValueError:
            raise InvalidCalendarError(f'"{text}" is not a shift such as 07:00-11:30', shift=text) from None
        return cls(start, end)

    def __str__(self) -> str:
        return f"{_clock_text(self.start)}-{_clock_text(self.end)}"


@dataclass(frozen=True, slots=True)
class DayRule:
    """One declared day: off or working, by which decision, and whether the decision is still awaited (``provisional``).

    ``shifts`` replaces the calendar's own shifts on a working day (half days); empty keeps them.
    """

    on: date
    kind: DayKind
    decision: str
    note: str
    provisional: bool = False
    shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """When an office works, in one time zone, over whole years. Weekly days off are Saturday and Sunday.

    Use ``build`` or ``from_content``. ``version`` names the content: equal content, equal version.
    """

    zone: str
    shifts: tuple[Shift, ...]
    days: tuple[DayRule, ...]
    first_year: int
    last_year: int
    version: str
    tz: ZoneInfo = field(compare=False, repr=False)
    provisional_years: frozenset[int] = field(compare=False, repr=False)
    _rules: dict[date, DayRule] = field(compare=False, repr=False)
    _table: WorkTable = field(compare=False, repr=False)

    @classmethod
    def build(cls, *, zone: str, shifts: tuple[Shift, ...], days: Iterable[DayRule], years: range) -> WorkingCalendar:
        """Check the parts and make the tables for ``years``.

        A year without rows, or with a provisional row, is provisional: dates computed in it may still move.

        Raises:
            InvalidCalendarError: shifts overlap, a day is declared twice or lies outside ``years``, the zone is
                unknown, or no day works.
            CalendarGapError: there is no shift or no year.
        """
        ordered = tuple(sorted(shifts))
        if not ordered:
            raise CalendarGapError("the calendar has no shift: declare office hours such as 07:00-11:30")
        if not years or years.step != 1 or years[0] < 1971 or years[-1] > 9998:
            raise CalendarGapError("the calendar covers no year: name the first and the last year")
        _refuse_overlaps(ordered, "the calendar")
        rules = _rules_by_date(days, years)
        tz = _zone(zone)
        rows = tuple(rules.values())
        declared = {rule.on.year for rule in rows} - {rule.on.year for rule in rows if rule.provisional}
        content = _content(zone, ordered, rows, years)
        return cls(
            zone=zone,
            shifts=ordered,
            days=rows,
            first_year=years[0],
            last_year=years[-1],
            version=hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16],
            tz=tz,
            provisional_years=frozenset(years) - declared,
            _rules=rules,
            _table=_tabulate(tz, ordered, rules, years),
        )

    def content(self) -> dict[str, Any]:
        """Give the whole calendar as JSON-ready values, for the store; ``from_content`` reads it back."""
        return _content(self.zone, self.shifts, self.days, range(self.first_year, self.last_year + 1))

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> WorkingCalendar:
        """Build the calendar that ``content()`` described.

        Raises:
            InvalidCalendarError: a part is missing or malformed.
            CalendarGapError: there is no shift or no year.
        """
        try:
            days = tuple(_rule_from(row) for row in content["days"])
            shifts = tuple(Shift.parse(text) for text in content["shifts"])
            first, last = content["years"]
            years = range(first, last + 1)
            zone = str(content["zone"])
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidCalendarError(f"the stored calendar is malformed: {error!r}") from error
        return cls.build(zone=zone, shifts=shifts, days=days, years=years)

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
        return tuple((_instant(table.opens[slot]), _instant(table.closes[slot])) for slot in slots)

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
        ticks = self._ticks(instant)
        slot = bisect_left(self._table.closes, ticks)
        return slot < len(self._table.opens) and self._table.opens[slot] <= ticks

    def next_opening(self, instant: datetime) -> datetime:
        """Give the instant itself inside a shift, otherwise the next opening (a closing is already outside).

        Raises:
            CalendarGapError: the calendar ends first.
        """
        ticks = self._ticks(instant)
        return _instant(max(ticks, self._table.opens[self._table.slot_from(ticks)]))

    # --- the two working axes ------------------------------------------------------------------------------------

    def worked(self, instant: datetime) -> int:
        """Measure the working time, in microseconds, from the calendar's first date until the instant.

        Raises:
            CalendarGapError: the instant lies outside the calendar, or after its last closing.
        """
        return self._table.worked_at(self._ticks(instant))

    def moment(self, worked: Fraction | int, *, later: bool) -> datetime:
        """Find the instant until which ``worked`` microseconds of work have passed, rounded up to a microsecond.

        On a closing there are two: the closing itself, or with ``later`` the opening after it.

        Raises:
            CalendarGapError: the calendar ends first, or begins later.
        """
        return _instant(self._table.ticks_at(ceil(worked), later=later))

    def days_worked(self, instant: datetime) -> Fraction:
        """Measure working days from the calendar's first date until the instant: whole days and the share of the last.

        Every working day has length 1; the share is its elapsed shift time.

        Raises:
            CalendarGapError: the instant lies outside the calendar, or after its last closing.
        """
        return self._table.days_at(self._ticks(instant))

    def moment_of_days(self, days: Fraction) -> datetime:
        """Find the instant until which ``days`` working days have passed, rounded up to a microsecond.

        Ties go to the later instant: a day boundary is the opening of the later day, a break the opening after it.

        Raises:
            CalendarGapError: the calendar ends first, or begins later.
        """
        return _instant(self._table.ticks_at_days(days))

    def day_span(self, day: int) -> tuple[int, int]:
        """Give the working microseconds before and after the working day number ``day`` (counted from 0)."""
        return self._table.day_span(day)

    def _ticks(self, instant: datetime) -> int:
        ticks = (instant - EPOCH) // _TICK
        if not self._table.begins <= ticks < self._table.ends:
            raise self._table.gap(self.local_date(instant).year)
        return ticks


def _tabulate(tz: ZoneInfo, shifts: tuple[Shift, ...], rules: dict[date, DayRule], years: range) -> WorkTable:
    working: list[tuple[int, list[tuple[int, int]]]] = []
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        on = date.fromordinal(ordinal)
        rule = rules.get(on)
        if _works(on, rule):
            today = (rule.shifts if rule else ()) or shifts
            working.append((ordinal, [(_ticks_of(on, s.start, tz), _ticks_of(on, s.end, tz)) for s in today]))
    if not working:
        raise InvalidCalendarError("the calendar has no working day")
    begins, ends = _ticks_of(first, time(), tz), _ticks_of(last + timedelta(days=1), time(), tz)
    return WorkTable.of(working, begins=begins, ends=ends, first_year=years[0], last_year=years[-1])


def _works(on: date, rule: DayRule | None) -> bool:
    return on.weekday() < _SATURDAY if rule is None else rule.kind is DayKind.WORK


def _ticks_of(on: date, clock: time, tz: ZoneInfo) -> int:
    return (datetime.combine(on, clock, tzinfo=tz) - EPOCH) // _TICK


def _instant(ticks: int) -> datetime:
    return EPOCH + timedelta(microseconds=ticks)


def _rules_by_date(days: Iterable[DayRule], years: range) -> dict[date, DayRule]:
    rules: dict[date, DayRule] = {}
    for rule in sorted(days, key=lambda rule: rule.on):
        known = rules.get(rule.on)
        if known is not None:
            kinds = "twice" if known.kind is rule.kind else "both off and working"
            message = f'{rule.on} is declared {kinds}: by "{known.decision}" and by "{rule.decision}"'
            raise InvalidCalendarError(message, on=rule.on.isoformat())
        if rule.on.year not in years:
            message = f"{rule.on} lies outside the calendar's years {years[0]}–{years[-1]}"
            raise InvalidCalendarError(message, on=rule.on.isoformat())
        if rule.shifts and rule.kind is DayKind.OFF:
            raise InvalidCalendarError(f"{rule.on} is off and has shifts", on=rule.on.isoformat())
        _refuse_overlaps(rule.shifts, str(rule.on))
        rules[rule.on] = rule
    return rules


def _refuse_overlaps(shifts: tuple[Shift, ...], where: str) -> None:
    for before, after in pairwise(shifts):
        if after.start < before.end:
            raise InvalidCalendarError(f"shifts of {where} overlap or are out of order: {before} and {after}")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidCalendarError(f'"{name}" is not a time zone such as Asia/Ho_Chi_Minh', zone=name) from None


def _clock_text(clock: time) -> str:
    return clock.isoformat("minutes" if clock == clock.replace(second=0, microsecond=0) else "auto")


def _content(zone: str, shifts: tuple[Shift, ...], days: tuple[DayRule, ...], years: range) -> dict[str, Any]:
    return {
        "zone": zone,
        "shifts": [str(shift) for shift in shifts],
        "years": [years[0], years[-1]],
        "days": [
            {
                "on": rule.on.isoformat(),
                "kind": rule.kind.value,
                "decision": rule.decision,
                "note": rule.note,
                "provisional": rule.provisional,
                "shifts": [str(shift) for shift in rule.shifts],
            }
            for rule in days
        ],
    }


def _rule_from(row: dict[str, Any]) -> DayRule:
    return DayRule(
        on=date.fromisoformat(row["on"]),
        kind=DayKind(row["kind"]),
        decision=row["decision"],
        note=row["note"],
        provisional=bool(row["provisional"]),
        shifts=tuple(Shift.parse(text) for text in row["shifts"]),
    )
