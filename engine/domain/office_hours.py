"""Office hours as data: shifts, weekly hours from a date on, and declared days (domain.md §7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from itertools import pairwise
from typing import Any

from engine.errors import InvalidInputError

YEARS = range(1971, 9999)
"""Years that a calendar may cover: in any zone, each of their dates has an instant."""

FURTHEST_YEARS = 10
"""A date or decision further than this from the years of a calendar is a slip of the pen."""

AWAITED = "chưa có quyết định"
"""How the decision of a forecast day begins; a statutory day names the law instead."""

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORKDAYS = 5


class InvalidCalendarError(InvalidInputError):
    """The calendar contradicts itself: overlapping shifts, a day declared twice, no working day.

    ``details["problem"]`` names most causes, e.g. ``shift-backwards``: screens word them by it.
    """

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
            message = f"a shift must end after it starts: {self}"
            raise InvalidCalendarError(message, problem="shift-backwards", shift=str(self))

    @classmethod
    def parse(cls, text: str) -> Shift:
        """Read ``07:00-11:30``.

        Raises:
            InvalidCalendarError: the text is not two times with a hyphen between.
        """
        try:
            start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
            if start.tzinfo or end.tzinfo:
                raise ValueError("office hours are local: no zone")
        except ValueError:
            message = f'"{text}" is not a shift such as 07:00-11:30'
            raise InvalidCalendarError(message, problem="shift-unreadable", shift=text) from None
        return cls(start, end)

    def __str__(self) -> str:
        return f"{_clock_text(self.start)}-{_clock_text(self.end)}"


def parse_shifts(text: str) -> tuple[Shift, ...]:
    """Read ``07:00-11:30, 13:30-17:00`` (commas or semicolons between); nothing for the empty text.

    Raises:
        InvalidCalendarError: a part is no shift, or two overlap or are out of order.
    """
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    shifts = tuple(Shift.parse(part) for part in parts)
    refuse_overlaps(shifts, f'"{text.strip()}"')
    return shifts


def parse_week(texts: Sequence[str]) -> tuple[tuple[Shift, ...], ...]:
    """Read the hours of Monday to Sunday.

    Raises:
        InvalidCalendarError: those of a day cannot be used; ``weekday`` (Monday 0) is in its details.
    """
    week = []
    for weekday, text in enumerate(texts):
        try:
            week.append(parse_shifts(text))
        except InvalidCalendarError as error:
            message = f"{_DAYS[weekday]}: {error.message}"
            raise InvalidCalendarError(message, **error.details, weekday=weekday) from error
    return tuple(week)


def shifts_text(shifts: Iterable[Shift]) -> str:
    """Write shifts such that ``parse_shifts`` reads them back."""
    return ", ".join(str(shift) for shift in shifts)


def refuse_overlaps(shifts: Sequence[Shift], where: str) -> None:
    """Refuse shifts of one day that overlap or are out of order.

    Raises:
        InvalidCalendarError: they do; ``where`` names their place.
    """
    for before, after in pairwise(shifts):
        if after.start < before.end:
            message = f"shifts of {where} overlap or are out of order: {before} and {after}"
            raise InvalidCalendarError(message, problem="shifts-overlap", before=str(before), after=str(after))


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

    def as_json(self) -> dict[str, Any]:
        """Give the row as the content of a calendar keeps it."""
        return {
            "on": self.on.isoformat(),
            "kind": self.kind.value,
            "decision": self.decision,
            "note": self.note,
            "provisional": self.provisional,
            "shifts": [str(shift) for shift in self.shifts],
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> DayRule:
        """Read back what ``as_json`` gave.

        Raises:
            InvalidCalendarError, KeyError, TypeError, ValueError: it is something else.
        """
        return cls(
            on=date.fromisoformat(row["on"]),
            kind=DayKind(row["kind"]),
            decision=row["decision"],
            note=row["note"],
            provisional=bool(row["provisional"]),
            shifts=tuple(Shift.parse(text) for text in row["shifts"]),
        )


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The weekly hours from a date on, by which decision: seven days, Monday first; a day without shifts is off.

    Raises:
        InvalidCalendarError: there are not seven days, shifts overlap, or no day works.
    """

    valid_from: date
    week: tuple[tuple[Shift, ...], ...]
    decision: str
    note: str = ""

    def __post_init__(self) -> None:
        if len(self.week) != len(_DAYS):
            raise InvalidCalendarError(f"weekly hours name seven days, not {len(self.week)}")
        for name, shifts in zip(_DAYS, self.week, strict=True):
            refuse_overlaps(shifts, f"{name} from {self.valid_from}")
        if not any(self.week):
            message = f"the week from {self.valid_from} has no shift: name at least one working day"
            raise InvalidCalendarError(message, problem="week-empty")

    @classmethod
    def usual(cls, shifts: tuple[Shift, ...]) -> OfficeHours:
        """Give the same shifts from Monday to Friday, from the beginning of time."""
        week = tuple(shifts if day < _WORKDAYS else () for day in range(len(_DAYS)))
        return cls(date.min, week, decision="")

    @property
    def whole_day(self) -> tuple[Shift, ...]:
        """The hours of the week's first working day: those of a make-up day, which stands for a weekday."""
        return next(shifts for shifts in self.week if shifts)

    def as_json(self) -> dict[str, Any]:
        """Give the hours as the content of a calendar keeps them."""
        return {
            "from": self.valid_from.isoformat(),
            "week": [[str(shift) for shift in shifts] for shifts in self.week],
            "decision": self.decision,
            "note": self.note,
        }

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> OfficeHours:
        """Read back what ``as_json`` gave.

        Raises:
            InvalidCalendarError, KeyError, TypeError, ValueError: it is something else.
        """
        week = tuple(tuple(Shift.parse(text) for text in shifts) for shifts in row["week"])
        return cls(date.fromisoformat(row["from"]), week, decision=row["decision"], note=row["note"])


def _clock_text(clock: time) -> str:
    return clock.isoformat("minutes" if clock == clock.replace(second=0, microsecond=0) else "auto")
