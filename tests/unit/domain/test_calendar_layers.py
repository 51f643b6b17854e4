"""Layers of a calendar: the nearest owner's word, and what a yearly decision does to forecasts."""

from __future__ import annotations

from datetime import date

import pytest

from engine.domain.calendar_layers import AWAITED, Layer, merged, names_tet, owners
from engine.domain.ids import AgencyId
from engine.domain.office_hours import DayKind, DayRule, OfficeHours, Shift, parse_shifts
from engine.seeds.calendar_vn import SHIFTS, ZONE

TET = ("2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20")
MORNING = parse_shifts("07:30-11:30")


def day(on: str, kind: DayKind = DayKind.OFF, *, decision: str = "9/QĐ", **more: object) -> DayRule:
    return DayRule(date.fromisoformat(on), kind, decision, "ghi chú", **more)


def hours(since: str, weekdays: tuple[Shift, ...], decision: str = "12/QĐ") -> OfficeHours:
    return OfficeHours(date.fromisoformat(since), (*[weekdays] * 5, (), ()), decision)


def in_force(*layers: Layer):
    return merged(zone=ZONE, shifts=SHIFTS, years=range(2026, 2028), layers=layers)


def test_the_nearest_owner_says_what_a_date_is():
    country = Layer(days=(day("2026-03-02"), day("2026-03-03"), day("2026-03-07", DayKind.WORK)))
    city = Layer(days=(day("2026-03-03", DayKind.WORK, decision="2/QĐ"), day("2026-03-07", decision="2/QĐ")))
    ward = Layer(days=(day("2026-03-04", decision="3/QĐ"),))
    calendar = in_force(ward, city, country)
    dates = [date(2026, 3, on) for on in range(2, 8)]
    assert [calendar.is_working_day(on) for on in dates] == [False, True, False, True, True, False]
    assert [getattr(calendar.day_rule(on), "decision", None) for on in dates] == [
        "9/QĐ",
        "2/QĐ",
        "3/QĐ",
        None,
        None,
        "2/QĐ",
    ]


def test_an_owner_above_holds_until_the_nearer_one_has_hours_in_force():
    country = Layer(hours=(hours("2026-02-02", MORNING, "9/QĐ"), hours("2026-09-07", MORNING[:0] + SHIFTS[:1], "9/QĐ")))
    ward = Layer(hours=(hours("2026-06-01", SHIFTS[1:], "3/QĐ"),))
    calendar = in_force(ward, country)
    found = [len(calendar.slots(date(2026, month, 5))) for month in (1, 2, 6, 10)]
    assert found == [2, 1, 1, 1]
    assert [(each.valid_from, each.decision) for each in calendar.hours] == [
        (date(2026, 2, 2), "9/QĐ"),
        (date(2026, 6, 1), "3/QĐ"),
    ]


def test_a_make_up_day_of_the_country_has_the_hours_of_the_ward():
    country = Layer(days=(day("2026-03-07", DayKind.WORK),))
    ward = Layer(hours=(hours("2026-03-02", MORNING),))
    (slot,) = in_force(ward, country).slots(date(2026, 3, 7))
    assert (slot[1] - slot[0]).total_seconds() == 4 * 3600


def test_days_put_in_take_the_place_of_those_of_their_date():
    layer = Layer(days=(day("2026-03-02"), day("2026-03-04")))
    found = layer.with_days([day("2026-03-03"), day("2026-03-02", DayKind.WORK, decision="1/QĐ")])
    assert [(rule.on.day, rule.kind, rule.decision) for rule in found.days] == [
        (2, DayKind.WORK, "1/QĐ"),
        (3, DayKind.OFF, "9/QĐ"),
        (4, DayKind.OFF, "9/QĐ"),
    ]


def test_a_decision_that_names_tet_decides_its_year():
    forecast = [day(on, decision=f"{AWAITED} (dự báo)", provisional=True) for on in ("2026-02-13", "2026-02-16")]
    statutory = day("2026-05-01", decision="Bộ luật Lao động 2019 Điều 112", provisional=True)
    next_year = day("2027-05-03", decision="Bộ luật Lao động 2019 Điều 111", provisional=True)
    found = Layer(days=(*forecast, statutory, next_year)).with_days([day(on) for on in TET])
    assert [(rule.on.isoformat(), rule.provisional) for rule in found.days] == [
        *((on, False) for on in TET),
        ("2026-05-01", False),
        ("2027-05-03", True),
    ]


def test_a_single_day_decides_no_year():
    forecast = day("2026-02-16", decision=AWAITED, provisional=True)
    found = Layer(days=(forecast,)).with_days([day("2026-03-02")])
    assert found.days == (forecast, day("2026-03-02"))


def test_weekly_hours_put_in_take_the_place_of_those_of_their_date():
    layer = Layer(hours=(hours("2026-03-02", SHIFTS), hours("2026-06-01", SHIFTS)))
    found = layer.with_hours(hours("2026-03-02", MORNING)).with_hours(hours("2026-01-05", MORNING))
    assert [(each.valid_from.month, each.week[0]) for each in found.hours] == [(1, MORNING), (3, MORNING), (6, SHIFTS)]


@pytest.mark.parametrize(
    ("off", "named"),
    [
        (TET, True),
        (TET[:3], True),
        (TET[:2], False),
        (("2026-02-14", "2026-02-15", *TET[:2]), False),  # a weekend is off without a decision
        (("2026-02-13", "2026-02-16", "2026-02-20"), False),
        (("2026-01-19", "2026-01-20", "2026-01-21"), False),  # a storm in January
        (("2026-02-17", "2026-02-20", "2026-02-24"), True),
        (("2027-02-08", "2027-02-09", "2027-02-10"), False),
    ],
)
def test_tet_is_named_by_three_weekdays_off_around_the_lunar_new_year(off: tuple[str, ...], named: bool):
    assert names_tet([day(on) for on in off], 2026) is named
    assert not names_tet([day(on, DayKind.WORK) for on in off], 2026)


@pytest.mark.parametrize(
    ("agency", "found"), [(3, [3, 2, 1, 9]), (2, [2, 1, 9]), (9, [9]), (8, [8, 9]), (7, [7, 6, 9]), (5, [5, 9, 4])]
)
def test_owners_are_those_above_and_at_last_the_country(agency: int, found: list[int]):
    above = {3: 2, 2: 1, 8: 9, 7: 6, 6: 7, 5: 9, 9: None}
    above[9] = 4 if agency == 5 else None
    asked = owners(AgencyId(agency), parent_of=lambda each: above.get(each), country=AgencyId(9))
    assert asked == found
