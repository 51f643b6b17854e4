"""The table of official days off beside the ``holidays`` library, which knows no decision (libraries.md §10)."""

from __future__ import annotations

from datetime import date

import pytest
from holidays.countries.vietnam import Vietnam

from engine.domain.office_hours import DayKind
from engine.domain.statutory_days import statutory_days
from engine.seeds.calendar_vn import default_calendar, official_days

MISSING = {("2026-01-02", "off"), ("2026-01-10", "work")}
"""The swap of 12729/VPCP-KGVX (25 December 2025), which the library does not have."""

EXTRA = {("2025-02-01", "off"), ("2026-11-24", "off"), ("2027-11-24", "off")}
"""A fourth day of Tết on a Saturday, beside the five that 8726/VPCP-KGVX names; a day that no law has made off yet."""


def test_library_and_table_differ_in_the_known_days_only() -> None:
    years = range(2024, 2028)
    found = Vietnam(years=years)
    theirs = {(on.isoformat(), "off") for on in found}
    theirs |= {(on.isoformat(), "work") for on in found.weekend_workdays if on.year in years}

    ours = {(rule.on.isoformat(), rule.kind.value) for rule in official_days()}

    assert (ours - theirs, theirs - ours) == (MISSING, EXTRA)


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_law_alone_gives_the_weekdays_off_of_the_table_but_for_swaps(year: int) -> None:
    table = {
        rule.on
        for rule in official_days()
        if rule.on.year == year and rule.on.weekday() < 5 and not rule.note.startswith("Nghỉ hoán đổi")
    }

    assert {rule.on for rule in statutory_days(year) if rule.on.weekday() < 5} == table


@pytest.mark.parametrize("year", [2023, 2028])
def test_year_without_table_is_seeded_from_the_law_and_provisional(year: int) -> None:
    calendar = default_calendar()

    assert year in calendar.provisional_years
    assert tuple(rule for rule in calendar.days if rule.on.year == year) == statutory_days(year)


@pytest.mark.parametrize("on", ["2024-02-10", "2026-04-26", "2027-02-06", "2027-05-01", "2028-01-01"])
def test_holiday_on_a_weekend_is_off_for_desks_that_receive_then(on: str) -> None:
    rule = default_calendar().day_rule(date.fromisoformat(on))

    assert rule is not None
    assert rule.kind is DayKind.OFF
