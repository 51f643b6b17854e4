"""What an administrator should see to in a calendar before a date goes wrong (docs/reference/working-time.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_layers import names_tet
from engine.domain.office_hours import DayKind, DayRule

_SATURDAY = 5


class WarningCode(StrEnum):
    """What is amiss."""

    CALENDAR_ENDS = "calendar-ends"  #: dates of the coming year cannot be computed
    YEAR_UNDECIDED = "year-undecided"  #: its dates are provisional
    TET_MISSING = "tet-missing"  #: counts as decided, yet hardly a day off around the lunar new year
    MAKE_UP_ALONE = "make-up-alone"  #: a weekend that works all day, and no day off by the same decision


@dataclass(frozen=True, slots=True)
class CalendarWarning:
    """One thing to see to; ``message`` names the remedy. ``on`` and ``decision`` are those of a make-up day."""

    code: WarningCode
    year: int
    message: str
    on: date | None = None
    decision: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as ``{"code", "year", "message", "date", "decision"}``."""
        return {
            "code": self.code.value,
            "year": self.year,
            "message": self.message,
            "date": None if self.on is None else self.on.isoformat(),
            "decision": self.decision,
        }


def warnings(calendar: WorkingCalendar, *, today: date) -> list[CalendarWarning]:
    """List what is amiss in the present and the coming year, the gravest first.

    The coming year is asked for at any time of the year: receipts promise dates in it long before its decision.

    Args:
        today: the local date.
    """
    years = [year for year in (today.year, today.year + 1) if calendar.first_year <= year <= calendar.last_year]
    found = [_ends(calendar.last_year)] if calendar.last_year <= today.year else []
    found += [_undecided(year) for year in years if year in calendar.provisional_years]
    decided = [year for year in years if year not in calendar.provisional_years]
    found += [_without_tet(year) for year in decided if not names_tet(calendar.days, year)]
    return [*found, *(_alone(rule) for rule in make_ups_alone(calendar) if rule.on.year in years)]


def make_ups_alone(calendar: WorkingCalendar) -> Iterator[DayRule]:
    """Yield weekend days that work all day by a decision that gives no day off in their place."""
    days_off = {rule.decision for rule in calendar.days if rule.kind is DayKind.OFF}
    for rule in calendar.days:
        is_make_up = rule.kind is DayKind.WORK and rule.on.weekday() >= _SATURDAY and not rule.shifts
        if is_make_up and rule.decision not in days_off:
            yield rule


def _ends(last_year: int) -> CalendarWarning:
    message = (
        f"the calendar ends with {last_year}: no date after it can be computed; "
        f"import the decision on the days off of {last_year + 1} (motcua calendar import)"
    )
    return CalendarWarning(WarningCode.CALENDAR_ENDS, last_year + 1, message)


def _undecided(year: int) -> CalendarWarning:
    message = (
        f"no decision on the days off of {year}: due dates in it are provisional; "
        "import the decision when it is published (motcua calendar import)"
    )
    return CalendarWarning(WarningCode.YEAR_UNDECIDED, year, message)


def _without_tet(year: int) -> CalendarWarning:
    message = f"{year} counts as decided, but has no Tết: declare its days off (motcua calendar import)"
    return CalendarWarning(WarningCode.TET_MISSING, year, message)


def _alone(rule: DayRule) -> CalendarWarning:
    message = (
        f'{rule.on} is a working {rule.on:%A} by "{rule.decision}", which gives no day off in its place: '
        "declare the day off under the same decision"
    )
    return CalendarWarning(WarningCode.MAKE_UP_ALONE, rule.on.year, message, on=rule.on, decision=rule.decision)
