"""The national days off and make-up days of the public sector, as data with their decision (domain.md §7.2).

A row is off or working because a law or a decision says so; a day that only a library declares has no row here.
Years that the table does not have yet come from ``statutory_days``, the table is its correction.
"""

from __future__ import annotations

import csv
import functools
from datetime import date, time
from pathlib import Path

from engine.domain.calendar import DayKind, DayRule, Shift, WorkingCalendar
from engine.domain.statutory_days import statutory_days

ZONE = "Asia/Ho_Chi_Minh"
SHIFTS = (Shift(time(7), time(11, 30)), Shift(time(13, 30), time(17)))
YEARS = range(2023, 2029)
_TABLE = Path(__file__).with_name("calendar_vn.csv")


def official_days() -> tuple[DayRule, ...]:
    """List the declared days of 2024 to 2027; those of 2027 are provisional until a decision is published."""
    with _TABLE.open(encoding="utf-8", newline="") as table:
        return tuple(
            DayRule(
                on=date.fromisoformat(row["date"]),
                kind=DayKind(row["kind"]),
                decision=row["decision"],
                note=row["note"],
                provisional=row["provisional"] == "yes",
            )
            for row in csv.DictReader(table)
        )


@functools.cache
def default_calendar() -> WorkingCalendar:
    """Build the national calendar of 2023 to 2028; years without a table have the statutory days, provisional."""
    official = official_days()
    declared = {rule.on.year for rule in official}
    others = tuple(rule for year in YEARS if year not in declared for rule in statutory_days(year))
    return WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=(*official, *others), years=YEARS)
