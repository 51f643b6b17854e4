"""Public holidays from the law and the lunar calendar (docs/reference/working-time.md, "The national table")."""

from __future__ import annotations

from datetime import date

import pytest

from engine.domain.calendar_layers import AWAITED, names_tet
from engine.domain.office_hours import DayKind, DayRule, InvalidCalendarError
from engine.domain.statutory_days import statutory_days


def _by_date(year: int) -> dict[date, DayRule]:
    return {rule.on: rule for rule in statutory_days(year)}


@pytest.mark.parametrize("year", range(2021, 2101))
def test_every_year_has_eleven_days_off_and_tet(year: int) -> None:
    rules = statutory_days(year)

    weekdays = [rule for rule in rules if rule.on.weekday() < 5]
    assert names_tet(rules, year)
    assert len(weekdays) == 11
    assert all(rule.provisional and rule.kind is DayKind.OFF and rule.note for rule in rules)
    assert [rule.on for rule in rules] == sorted({rule.on for rule in rules})


@pytest.mark.parametrize(
    "on",
    ["2027-02-04", "2027-02-09", "2027-02-10", "2027-09-03", "2028-01-24"],
)
def test_day_that_the_law_leaves_to_the_yearly_decision_awaits_it(on: str) -> None:
    day = date.fromisoformat(on)

    assert _by_date(day.year)[day].decision.startswith(AWAITED)


@pytest.mark.parametrize(
    ("on", "article"),
    [
        ("2028-01-01", "Điều 112"),  # a Saturday
        ("2028-01-03", "Điều 111 khoản 3"),
        ("2027-02-05", "Điều 112"),  # the last day of the lunar year, in both choices of the five days
        ("2027-02-06", "Điều 112"),  # the lunar new year, a Saturday: no desk receives
        ("2028-04-04", "Điều 112"),  # Giỗ Tổ
        ("2026-04-27", "Điều 111 khoản 3"),  # Giỗ Tổ on a Sunday made good
        ("2023-05-03", "Điều 111 khoản 3"),  # two holidays on one weekend made good on two days
        ("2028-09-02", "Điều 112"),
        ("2028-09-04", "Điều 111 khoản 3"),
    ],
)
def test_day_that_the_law_fixes_names_its_article(on: str, article: str) -> None:
    day = date.fromisoformat(on)

    assert _by_date(day.year)[day].decision == f"Bộ luật Lao động 2019 {article}"


@pytest.mark.parametrize(
    ("year", "days", "law"), [(2013, 10, "Bộ luật Lao động 2012"), (2020, 10, "Bộ luật Lao động 2012")]
)
def test_year_before_the_present_labour_code_has_the_days_of_the_former(year: int, days: int, law: str) -> None:
    rules = [rule for rule in statutory_days(year) if rule.on.weekday() < 5]

    assert len(rules) == days  # one day less: the National Day had no day beside it
    assert all(rule.decision.startswith((law, AWAITED)) for rule in rules)


@pytest.mark.parametrize("on", ["2026-11-24", "2026-08-31", "2025-05-02"])
def test_day_of_a_decision_or_of_the_library_alone_is_no_statutory_day(on: str) -> None:
    day = date.fromisoformat(on)

    assert day not in _by_date(day.year)


@pytest.mark.parametrize("year", [-1, 0, 2012, 2101, 9999])
def test_year_that_law_or_lunar_calendar_does_not_reach_is_refused(year: int) -> None:
    with pytest.raises(InvalidCalendarError, match=f"2013 to 2100, not of {year}"):
        statutory_days(year)
