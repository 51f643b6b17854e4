"""What an administrator should know of declared days before they are saved; none of it stops the change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_warnings import make_ups_alone
from engine.domain.office_hours import DayKind, DayRule


def notices(
    rules: Sequence[DayRule], *, old: WorkingCalendar, new: WorkingCalendar, today: date
) -> list[dict[str, Any]]:
    """Return a notice for each day that changes nothing or lies in the past, and for each year that stays open.

    A make-up day without a day off under the same decision has one, too.
    """
    found = [notice for rule in rules for notice in _of_day(rule, old, today)]
    declared = {rule.on for rule in rules}
    for rule in make_ups_alone(new):
        if rule.on in declared:
            message = f"{rule.on} makes up for no day off of the same decision: declare that day, too, if there is one"
            found.append({"code": "make-up-alone", "date": rule.on.isoformat(), "message": message})
    for year in sorted({rule.on.year for rule in rules} & new.provisional_years):
        message = f"{year} still has no decision on its public holidays: dates in it stay provisional"
        found.append({"code": "year-provisional", "date": f"{year}-01-01", "message": message})
    return found


def _of_day(rule: DayRule, old: WorkingCalendar, today: date) -> list[dict[str, Any]]:
    found = []
    known = old.first_year <= rule.on.year <= old.last_year
    works = known and old.is_working_day(rule.on)
    if known and not rule.shifts and works is (rule.kind is DayKind.WORK):
        state = "a working day" if works else "off"
        found.append(("changes-nothing", f"{rule.on} is {state} already; only its decision is noted"))
    if rule.on < today:
        found.append(("in-the-past", f"{rule.on} has passed: what was counted over it stays as it was"))
    return [{"code": code, "date": rule.on.isoformat(), "message": message} for code, message in found]
