"""The national days off and make-up days of the public sector, as data with their decision (domain.md §7.2).

A row is off or working because a law or a decision says so; a day that only a library declares has no row here.
"""

from __future__ import annotations

import csv
from datetime import date, time, timedelta
from pathlib import Path

from engine.domain.calendar import DayKind, DayRule, Shift, WorkingCalendar

ZONE = "Asia/Ho_Chi_Minh"
SHIFTS = (Shift(time(7), time(11, 30)), Shift(time(13, 30), time(17)))
YEARS = range(2023, 2029)
_TABLE = Path(__file__).with_name("calendar_vn.csv")
_FIXED = ((1, 1, "Tết Dương lịch"), (4, 30, "Ngày Chiến thắng"), (5, 1, "Ngày Quốc tế lao động"), (9, 2, "Quốc khánh"))
_SATURDAY = 5


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


def fixed_days(year: int) -> tuple[DayRule, ...]:
    """List the statutory days with a fixed date, all provisional: the lunar ones need the yearly decision.

    One that falls on a weekend is made good on the next working day (Labour Code 2019, articles 111.3 and 112).
    """
    rules: list[DayRule] = []
    taken: set[date] = {date(year, month, day) for month, day, _ in _FIXED}
    for month, day, note in _FIXED:
        on = date(year, month, day)
        if on.weekday() < _SATURDAY:
            rules.append(DayRule(on, DayKind.OFF, "Bộ luật Lao động 2019 Điều 112", note, provisional=True))
            continue
        while on.weekday() >= _SATURDAY or on in taken:
            on += timedelta(days=1)
        taken.add(on)
        decision = "Bộ luật Lao động 2019 Điều 111 khoản 3"
        rules.append(DayRule(on, DayKind.OFF, decision, f"Nghỉ bù {note}", provisional=True))
    return tuple(rules)


def default_calendar() -> WorkingCalendar:
    """Build the national calendar of 2023 to 2028; years without a table have only the fixed days, provisional."""
    official = official_days()
    declared = {rule.on.year for rule in official}
    others = tuple(rule for year in YEARS if year not in declared for rule in fixed_days(year))
    return WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=(*official, *others), years=YEARS)
