"""What an administrator is warned of in a calendar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from engine.domain.calendar import WorkingCalendar
from engine.domain.calendar_warnings import CalendarWarning, WarningCode, warnings
from engine.domain.office_hours import DayKind, DayRule
from engine.domain.statutory_days import lunar_new_year
from engine.seeds.calendar_vn import SHIFTS, ZONE, default_calendar

SPRING = date(2026, 3, 2)


def _calendar(days: Iterable[DayRule], *, years: range = range(2026, 2029)) -> WorkingCalendar:
    return WorkingCalendar.build(zone=ZONE, shifts=SHIFTS, days=days, years=years)


def _decided(*years: int) -> list[DayRule]:
    return [_rule(on, decision=f"{year}/QĐ") for year in years for on in _tet(year)]


def _tet(year: int) -> list[date]:
    around = (lunar_new_year(year) + timedelta(days=day) for day in range(-1, 8))
    return [on for on in around if on.weekday() < 5][:5]


def _rule(on: date, *, kind: DayKind = DayKind.OFF, decision: str = "1/QĐ") -> DayRule:
    return DayRule(on, kind, decision, "thử")


def _seen(found: list[CalendarWarning]) -> list[tuple[str, int]]:
    return [(each.code.value, each.year) for each in found]


def test_two_decided_years_with_tet_give_no_warning() -> None:
    assert warnings(_calendar(_decided(2026, 2027)), today=SPRING) == []


@pytest.mark.parametrize("today", [date(2026, 1, 1), SPRING, date(2026, 12, 31)])
def test_coming_year_without_decision_is_told_all_the_year(today: date) -> None:
    (found,) = warnings(default_calendar(), today=today)

    assert (found.code, found.year) == (WarningCode.YEAR_UNDECIDED, 2027)
    assert "provisional" in found.message
    assert "motcua calendar import" in found.message


def test_present_year_without_decision_is_told_too() -> None:
    assert _seen(warnings(default_calendar(), today=date(2027, 1, 4))) == [
        ("year-undecided", 2027),
        ("year-undecided", 2028),
    ]


def test_years_that_are_over_or_far_away_are_not_told_of() -> None:
    tet = _decided(2025, 2026)

    assert warnings(_calendar(tet, years=range(2023, 2029)), today=date(2025, 5, 5)) == []


@pytest.mark.parametrize(
    ("days_off", "expected"),
    [
        pytest.param([16, 17, 18], [], id="three-weekdays-will-do"),
        pytest.param([16, 17], [("tet-missing", 2026)], id="two-weekdays-are-too-few"),
        pytest.param([14, 15, 16, 17], [("tet-missing", 2026)], id="a-weekend-does-not-count"),
    ],
)
def test_declared_year_without_tet_looks_incomplete(days_off: list[int], expected: list[tuple[str, int]]) -> None:
    tet = [_rule(date(2026, 2, day)) for day in days_off]

    assert _seen(warnings(_calendar([*tet, *_decided(2027)]), today=SPRING)) == expected


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 12, 31), []),
        (date(2027, 1, 1), [("calendar-ends", 2028)]),
        (date(2029, 5, 5), [("calendar-ends", 2028)]),
    ],
)
def test_calendar_that_ends_within_a_year_is_told(today: date, expected: list[tuple[str, int]]) -> None:
    decided = _calendar(_decided(2026, 2027), years=range(2026, 2028))

    assert _seen(warnings(decided, today=today)) == expected


def test_make_up_day_without_its_day_off_is_told_with_date_and_decision() -> None:
    saturday = _rule(date(2026, 8, 22), kind=DayKind.WORK, decision="9859/VPCP")

    (found,) = warnings(_calendar([saturday, *_decided(2026, 2027)]), today=SPRING)

    assert found.as_json() == {
        "code": "make-up-alone",
        "year": 2026,
        "message": '2026-08-22 is a working Saturday by "9859/VPCP", which gives no day off in its place: '
        "declare the day off under the same decision",
        "date": "2026-08-22",
        "decision": "9859/VPCP",
    }


@pytest.mark.parametrize(
    "days",
    [
        pytest.param([("2026-08-22", "work", "1/QĐ"), ("2026-08-31", "off", "1/QĐ")], id="swapped"),
        pytest.param([("2026-12-26", "work", "1/QĐ"), ("2027-01-04", "off", "1/QĐ")], id="swapped-over-the-new-year"),
        pytest.param([("2026-08-26", "work", "1/QĐ")], id="half-day-on-a-wednesday"),
        pytest.param([("2028-08-26", "work", "1/QĐ")], id="far-away"),
    ],
)
def test_other_working_days_are_no_make_up_days_alone(days: list[tuple[str, str, str]]) -> None:
    rules = [_rule(date.fromisoformat(on), kind=DayKind(kind), decision=law) for on, kind, law in days]

    assert warnings(_calendar([*rules, *_decided(2026, 2027)]), today=SPRING) == []


def test_half_day_on_a_saturday_stands_for_no_day_off() -> None:
    morning = DayRule(date(2026, 8, 22), DayKind.WORK, "1/QĐ", "trực", shifts=SHIFTS[:1])

    assert warnings(_calendar([morning, *_decided(2026, 2027)]), today=SPRING) == []


def test_warning_without_a_day_has_none_as_json() -> None:
    (found,) = warnings(default_calendar(), today=SPRING)

    assert (found.as_json()["date"], found.as_json()["code"]) == (None, "year-undecided")
