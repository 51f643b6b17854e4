"""Periods that agencies report: their names, first and last dates, and when the report is to be sent (domain.md §6.2).

A name says the period and how it is cut: ``2026-03``, ``2026-Q1``, ``2026-H1``, ``2026`` begin on the 1st; with ``-15``
behind, each begins on the 15th of the month before and ends on the 14th of its last month (NĐ 09/2019 Đ12).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from engine.errors import InvalidInputError

CALENDAR, FIFTEENTH = 1, 15  #: the day of the month on which a period may begin
YEARS = range(1972, 9990)  #: years that people mean
_NAME = re.compile(r"(?P<year>\d{4})(?:-(?P<part>Q[1-4]|H[12]|0[1-9]|1[0-2]))?(?P<cut>-15)?")
_LONGEST_REMINDER = 60  # working days
_A_DAY = timedelta(days=1)


class InvalidPeriodNameError(InvalidInputError):
    """A text names no reporting period."""

    code = "period-name-invalid"


class InvalidScheduleError(InvalidInputError):
    """A reporting schedule has a value that it cannot have; nothing was saved."""

    code = "report-schedule-invalid"


class Kind(StrEnum):
    """How long a period is."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


MONTHS = {Kind.MONTH: 1, Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}  #: of each kind
_LETTER = {Kind.QUARTER: "Q", Kind.HALF: "H"}


@dataclass(frozen=True, slots=True)
class NamedPeriod:
    """A period with a name; both dates are included.

    Args:
        year: that it is reported for; with the 15th as first day it begins in the December before.
        no: which one of its kind in the year, from 1.
        first_day: 1, or 15.
    """

    kind: Kind
    year: int
    no: int
    first_day: int

    @property
    def name(self) -> str:
        """The name by which everybody asks for it."""
        part = {Kind.YEAR: "", Kind.MONTH: f"-{self.no:02d}"}.get(self.kind, f"-{_LETTER.get(self.kind, '')}{self.no}")
        return f"{self.year:04d}{part}{'-15' if self.first_day == FIFTEENTH else ''}"

    @property
    def last_month(self) -> date:
        """The first of the month in which it ends."""
        return date(self.year, self.no * MONTHS[self.kind], 1)

    @property
    def from_on(self) -> date:
        """Its first date."""
        first = _months_on(self.last_month, 1 - MONTHS[self.kind])
        return first if self.first_day == CALENDAR else _months_on(first, -1).replace(day=FIFTEENTH)

    @property
    def to_on(self) -> date:
        """Its last date."""
        end = self.last_month
        if self.first_day == CALENDAR:
            return end.replace(day=monthrange(end.year, end.month)[1])
        return end.replace(day=FIFTEENTH - 1)

    def shifted(self, by: int) -> NamedPeriod:
        """Return the period of the same kind so many later, or earlier when negative."""
        count = 12 // MONTHS[self.kind]
        year, place = divmod(self.year * count + self.no - 1 + by, count)
        return NamedPeriod(self.kind, _checked_year(year), place + 1, self.first_day)


def named(name: str) -> NamedPeriod:
    """Return the period of that name; letters may be small, spaces around it are not looked at.

    Raises:
        InvalidPeriodNameError: the text names none.
    """
    found = _NAME.fullmatch(name.strip().upper())
    if found is None:
        shown = name.strip()[:20]
        raise InvalidPeriodNameError(
            f"{shown!r} names no period; write 2026-03, 2026-Q1, 2026-H1 or 2026, with -15 behind from the 15th",
            field="period",
        )
    part, first_day = found["part"] or "", FIFTEENTH if found["cut"] else CALENDAR
    kind = {"": Kind.YEAR, "Q": Kind.QUARTER, "H": Kind.HALF}.get(part[:1], Kind.MONTH)
    no = int(part.lstrip("QH") or 1)
    return NamedPeriod(kind, _checked_year(int(found["year"])), no, first_day)


def containing(on: date, kind: Kind, first_day: int) -> NamedPeriod:
    """Return the period of a kind in which a date lies.

    Raises:
        InvalidPeriodNameError: the year is not one that people mean.
    """
    month = on.replace(day=1)
    if first_day == FIFTEENTH and on.day >= FIFTEENTH:
        month = _months_on(month, 1)
    return NamedPeriod(kind, _checked_year(month.year), (month.month - 1) // MONTHS[kind] + 1, first_day)


def between(first: date, last: date, kind: Kind, first_day: int) -> Iterator[NamedPeriod]:
    """Yield the periods of a kind that end from ``first`` to ``last``, both included, oldest first."""
    period = containing(first, kind, first_day)
    while period.to_on <= last:
        yield period
        period = period.shifted(1)


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a unit reports a kind of period; units have rules of their own (domain.md §9.5, 4).

    Args:
        send_month: 0: the report is sent in the last month of the period; 1: in the month after it.
        send_before_day: before this day of that month; a day that the month does not have means its last one.
        remind_days: so many working days ahead of it people are reminded.
    """

    kind: Kind
    first_day: int
    send_month: int
    send_before_day: int
    remind_days: int

    def __post_init__(self) -> None:
        wanted = {
            "first_day": self.first_day in (CALENDAR, FIFTEENTH),
            "send_month": self.send_month in (0, 1),
            "send_before_day": 1 <= self.send_before_day <= 31,
            "remind_days": 0 <= self.remind_days <= _LONGEST_REMINDER,
        }
        for name, is_right in wanted.items():
            if not is_right:
                raise InvalidScheduleError(
                    f"{name} is {getattr(self, name)}; periods begin on day 1 or 15, are sent in month 0 or 1 before "
                    f"a day from 1 to 31, and reminded 0 to {_LONGEST_REMINDER} working days ahead",
                    field=name,
                )

    def send_before(self, period: NamedPeriod) -> date:
        """Return the date before which the report of a period is sent."""
        month = _months_on(period.last_month, self.send_month)
        return month.replace(day=min(self.send_before_day, monthrange(month.year, month.month)[1]))

    def remind_on(self, period: NamedPeriod, is_working_day: Callable[[date], bool]) -> date:
        """Return the date on which people are reminded.

        Args:
            is_working_day: of the unit's calendar; dates that it does not know count as working days, so that the
                reminder comes rather than not.
        """
        on, left = self.send_before(period), self.remind_days
        while left > 0:
            on -= _A_DAY
            left -= is_working_day(on)
        return on


def usual(kind: Kind, first_day: int) -> Schedule:
    """Return when a period is reported of which nobody has said it: by the 20th, as to the Ministry of Home Affairs.

    In the last month of a period from the 15th (NĐ 09/2019 Đ12; domain.md §6.2), in the month after one of the
    calendar.
    """
    return Schedule(kind, first_day, 0 if first_day == FIFTEENTH else 1, 21, 3)


@dataclass(frozen=True, slots=True)
class Standard:
    """What the standard reports say of a period: the hash of each by its name, and findings of the quality checks."""

    digests: Mapping[str, str]
    quality: Mapping[str, int] = field(default_factory=dict)


def _checked_year(year: int) -> int:
    if year not in YEARS:
        raise InvalidPeriodNameError(f"the year {year} is not between {YEARS[0]} and {YEARS[-1]}", field="period")
    return year


def _months_on(first: date, months: int) -> date:
    """Return the first of the month so many months on from the first of another."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)
