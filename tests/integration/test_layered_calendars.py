"""Whose words count: the country's days reach the city, the city's its wards, and no office another's."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, Shift
from engine.domain.calendar_layers import AWAITED
from engine.errors import EngineError
from engine.services import calendar_changes, calendars
from engine.verification.verify import verify
from tests.support.builders import Office, a_received_dossier, an_office, turn_clock_to
from tests.support.calendar_acts import (
    USUAL,
    a_day,
    below,
    calendar_of,
    days,
    dump,
    hours,
    make,
    moves_of,
    now_of,
    undo,
)

CITY, WARD, SIBLING, ELSEWHERE = "T01", "H01", "H02", "H77"
PRINTED, NEXT = "2026-03-06T08:00:00+07:00", "2026-03-09T07:00:00+07:00"
MORNING, SATURDAY, MAKE_UP = "07:00-11:30", date(2026, 3, 7), DayKind.WORK
WITH_SATURDAYS = hours(2, USUAL, USUAL, USUAL, USUAL, USUAL, MORNING)


@pytest.fixture
def country(ctx: Context) -> Office:
    """The office of the default agency, whose calendar is the country's."""
    return an_office(ctx)


@pytest.fixture
def ward(ctx: Context, country: Office) -> Office:
    """An office under a city."""
    an_office(ctx, code=CITY)
    return below(ctx, CITY, WARD)


@pytest.fixture
def sibling(ctx: Context, ward: Office) -> Office:
    """Another office under the same city."""
    return below(ctx, CITY, SIBLING)


def works(ctx: Context, on: date) -> dict[str, bool]:
    """Return by agency whether the day works there."""
    with ctx.unit_of_work(read_only=True) as uow:
        return {agency.code: calendars.in_force(uow, agency.id).is_working_day(on) for agency in uow.agencies.all()}


def shifts_on(ctx: Context, agency: str, on: date) -> list[str]:
    """Return the local hours of a day."""
    calendar = calendar_of(ctx, agency)
    return [f"{calendar.local(a):%H:%M}-{calendar.local(b):%H:%M}" for a, b in calendar.slots(on)]


def test_day_of_the_city_reaches_its_wards_and_nobody_else(ctx: Context, ward: Office, country: Office) -> None:
    elsewhere = an_office(ctx, code=ELSEWHERE)
    mine, others = a_received_dossier(ctx, ward), [a_received_dossier(ctx, each) for each in (country, elsewhere)]

    made = make(ctx, days(6), agency=CITY)

    assert works(ctx, date(2026, 3, 6)) == {"H00": True, CITY: False, WARD: False, ELSEWHERE: True}
    assert (made["open"], made["moved"]) == (1, 1)
    assert now_of(ctx, mine)["due_at"] == NEXT
    assert [now_of(ctx, each)["due_at"] for each in others] == [PRINTED, PRINTED]
    assert verify(ctx) == []


@pytest.mark.parametrize("ward_first", [True, False], ids=["before-the-city", "after-the-city"])
def test_own_word_of_the_ward_wins_on_its_date(ctx: Context, ward: Office, sibling: Office, ward_first: bool) -> None:
    mine, other = a_received_dossier(ctx, ward), a_received_dossier(ctx, sibling)

    acts = [(days(6, kind=MAKE_UP, no="H01"), WARD), (days(6, 5, no="T01"), CITY)]
    for change, agency in acts if ward_first else reversed(acts):
        make(ctx, change, agency=agency)

    assert works(ctx, date(2026, 3, 6)) == {"H00": True, CITY: False, WARD: True, SIBLING: False}
    assert works(ctx, date(2026, 3, 5)) == {"H00": True, CITY: False, WARD: False, SIBLING: False}
    assert now_of(ctx, mine)["due_at"] == (PRINTED if ward_first else NEXT), "what was promised anew stays promised"
    assert now_of(ctx, other)["due_at"] == NEXT
    assert verify(ctx) == []


def test_ward_with_saturday_mornings_works_the_whole_make_up_day(ctx: Context, ward: Office) -> None:
    make(ctx, WITH_SATURDAYS, agency=WARD)
    assert shifts_on(ctx, WARD, SATURDAY) == [MORNING]

    make(ctx, days(7, kind=MAKE_UP))

    whole = ["07:00-11:30", "13:30-17:00"]
    assert {agency: shifts_on(ctx, agency, SATURDAY) for agency in ("H00", CITY, WARD)} == dict.fromkeys(
        ("H00", CITY, WARD), whole
    )
    assert shifts_on(ctx, WARD, date(2026, 3, 14)) == [MORNING]
    assert shifts_on(ctx, CITY, date(2026, 3, 14)) == []


def test_national_holiday_takes_the_saturday_morning_of_a_ward(ctx: Context, ward: Office) -> None:
    make(ctx, WITH_SATURDAYS, agency=WARD)
    dossier = a_received_dossier(ctx, ward)
    assert dossier["due_at"] == PRINTED

    make(ctx, days(6, 7))

    assert shifts_on(ctx, WARD, SATURDAY) == []
    assert now_of(ctx, dossier)["due_at"] == NEXT, "not Saturday, which its own hours would open"
    assert verify(ctx) == []


def test_national_day_is_published_anew_for_a_ward_with_own_days(ctx: Context, ward: Office, country: Office) -> None:
    make(ctx, days(4, no="H01"), agency=WARD)
    before = calendar_of(ctx, WARD)
    mine, theirs = a_received_dossier(ctx, ward), a_received_dossier(ctx, country)
    assert mine["due_at"] == NEXT.replace("07:00:00", "08:00:00"), "the ward's own day off counts"

    make(ctx, days(6, 9, no="country"))

    after = calendar_of(ctx, WARD)
    declared = {str(rule.on): rule.decision for rule in after.days if rule.on.month == 3}
    assert after.version != before.version
    assert declared == {"2026-03-04": "H01", "2026-03-06": "country", "2026-03-09": "country"}
    assert [now_of(ctx, each)["due_at"][:10] for each in (mine, theirs)] == ["2026-03-10", "2026-03-10"]
    (event,) = moves_of(ctx, mine)
    assert (event["facts"]["calendar"], event["facts"]["ground"]) == (after.version, "country")
    assert verify(ctx) == []


def test_calendar_of_a_ward_is_never_that_of_another(ctx: Context, ward: Office, sibling: Office) -> None:
    """A static calendar shared by tenants is the bug of a rival (peers.md §2)."""
    theirs = a_received_dossier(ctx, sibling)
    before = {agency: calendar_of(ctx, agency) for agency in ("H00", CITY, SIBLING)}

    made = make(ctx, days(6), agency=WARD)
    make(ctx, WITH_SATURDAYS, agency=WARD)

    assert (made["open"], made["moves"]) == (0, [])
    assert {agency: calendar_of(ctx, agency) for agency in before} == before
    assert calendar_of(ctx, WARD) != before[SIBLING]
    assert now_of(ctx, theirs)["due_at"] == PRINTED
    assert a_received_dossier(ctx, sibling)["due_at"] == PRINTED
    assert a_received_dossier(ctx, ward)["due_at"] == "2026-03-07T07:33:45+07:00", "1/8 of a Saturday morning"
    assert calendar_changes.history(ctx, by=SYSTEM, agency=SIBLING) == []
    assert [each["agency"] for each in calendar_changes.history(ctx, by=SYSTEM, agency=WARD)] == [WARD, WARD]
    assert verify(ctx) == []


def test_agency_without_one_above_has_the_calendar_of_the_country(ctx: Context, ward: Office) -> None:
    elsewhere = an_office(ctx, code=ELSEWHERE)
    dossier = a_received_dossier(ctx, elsewhere)

    make(ctx, days(6))

    assert calendar_of(ctx, ELSEWHERE) == calendar_of(ctx)
    assert now_of(ctx, dossier)["due_at"] == NEXT
    make(ctx, days(10), agency=ELSEWHERE)
    assert works(ctx, date(2026, 3, 10)) == {"H00": True, CITY: True, WARD: True, ELSEWHERE: False}
    assert works(ctx, date(2026, 3, 6))[ELSEWHERE] is False


def test_undo_at_the_country_leaves_what_a_ward_declared_since(ctx: Context, ward: Office) -> None:
    made = make(ctx, days(6, no="country"))
    make(ctx, days(4, no="H01"), agency=WARD)
    dossier = a_received_dossier(ctx, ward)
    assert dossier["due_at"] == "2026-03-10T08:00:00+07:00"

    undo(ctx, made)

    assert works(ctx, date(2026, 3, 6))[WARD] is True
    assert works(ctx, date(2026, 3, 4))[WARD] is False
    assert now_of(ctx, dossier)["due_at"] == "2026-03-10T08:00:00+07:00"
    assert verify(ctx) == []


# --- weekly hours ----------------------------------------------------------------------------------------------------


def test_weekly_hours_count_from_their_date_on(ctx: Context, country: Office) -> None:
    late = "08:00-12:00"
    make(ctx, hours(9, late, late, "", late, late))  # from Monday 9 March mornings, no Wednesdays
    turn_clock_to(ctx, "2026-03-05T09:15")

    dossier = a_received_dossier(ctx, country)

    # 135 of Thursday's 480 minutes are over; then Friday, Monday, Tuesday, and 135/480 of Thursday's 240
    assert dossier["due_at"] == "2026-03-12T09:07:30+07:00"
    assert shifts_on(ctx, "H00", date(2026, 3, 6)) == ["07:00-11:30", "13:30-17:00"]
    assert shifts_on(ctx, "H00", date(2026, 3, 9)) == ["08:00-12:00"]
    assert shifts_on(ctx, "H00", date(2026, 3, 11)) == []
    assert verify(ctx) == []


def test_weekly_hours_that_close_a_weekday_move_what_was_promised_there(ctx: Context, country: Office) -> None:
    dossier = a_received_dossier(ctx, country)

    made = make(ctx, hours(4, MORNING, MORNING, MORNING, MORNING, "", MORNING))

    assert now_of(ctx, dossier)["due_at"] == "2026-03-07T07:00:00+07:00"
    undo(ctx, made)
    assert now_of(ctx, dossier)["due_at"] == PRINTED
    assert calendar_changes.history(ctx, by=SYSTEM)[1]["undone_by"] == 2
    assert verify(ctx) == []


def test_weekly_hours_that_end_earlier_keep_the_promised_hour(ctx: Context, country: Office) -> None:
    turn_clock_to(ctx, "2026-03-02T16:00")
    dossier = a_received_dossier(ctx, country)
    assert dossier["due_at"] == "2026-03-06T16:00:00+07:00"

    make(ctx, hours(5, *[MORNING] * 5))

    assert now_of(ctx, dossier)["due_at"] == "2026-03-06T16:00:00+07:00"
    assert verify(ctx) == []


def test_undo_of_weekly_hours_brings_those_of_the_same_date_back(ctx: Context, country: Office) -> None:
    first = make(ctx, hours(9, *[MORNING] * 5, no="1/QĐ"), by=country.admin)
    before = dump(ctx, "office_hours")["office_hours"]
    turn_clock_to(ctx, "2026-03-03T08:00")
    second = make(ctx, hours(9, *[USUAL] * 5, no="2/QĐ"))
    assert [each["decision"] for each in second["replaced"]] == ["1/QĐ"]

    undone = undo(ctx, second)

    (kept,) = dump(ctx, "office_hours")["office_hours"]
    assert kept | {"id": 0} == before[0] | {"id": 0}, "with who entered it when, by which change"
    assert undone["calendar"]["after"] == first["calendar"]["after"]
    assert (kept["entered_by"], kept["change_id"]) == (country.admin.id, first["id"])
    undo(ctx, first)
    assert dump(ctx, "office_hours")["office_hours"] == []
    assert verify(ctx) == []


# --- reception hours of a desk ---------------------------------------------------------------------------------------


def test_reception_on_saturday_morning_moves_no_date(ctx: Context, country: Office) -> None:
    promised = a_received_dossier(ctx, country)
    made = make(ctx, hours(2, *[USUAL] * 4, "", MORNING, desk="BP_MOT_CUA"))

    with ctx.unit_of_work(read_only=True) as uow:
        desk = calendars.reception(uow, country.id, country.units["BP_MOT_CUA"])
        other = calendars.reception(uow, country.id, country.units["PHONG_TU_PHAP"])
    assert desk.is_working_day(SATURDAY)
    assert not desk.is_working_day(date(2026, 3, 6))
    assert other == calendar_of(ctx)
    assert not calendar_of(ctx).is_working_day(SATURDAY)
    assert (made["open"], made["moves"], made["kind"]) == (0, [], "reception")
    assert now_of(ctx, promised)["due_at"] == PRINTED
    turn_clock_to(ctx, "2026-03-07T08:00")
    assert a_received_dossier(ctx, country)["due_at"] == "2026-03-13T07:00:00+07:00", "counted from Monday's opening"

    undo(ctx, made)

    with ctx.unit_of_work(read_only=True) as uow:
        assert calendars.reception(uow, country.id, country.units["BP_MOT_CUA"]) == calendar_of(ctx)
    assert verify(ctx) == []


def test_reception_hours_keep_the_days_off_of_the_agency(ctx: Context, country: Office) -> None:
    make(ctx, hours(2, *[USUAL] * 5, MORNING, desk="BP_MOT_CUA"))
    make(ctx, days(7))

    with ctx.unit_of_work(read_only=True) as uow:
        desk = calendars.reception(uow, country.id, country.units["BP_MOT_CUA"])
    assert not desk.is_working_day(SATURDAY)
    assert desk.is_working_day(date(2026, 3, 14))


# --- years beyond the calendar ---------------------------------------------------------------------------------------


def tet_of_2029() -> Any:
    """Return a decision that names Tết of 2029 (the new year is 13 February)."""
    return days(*(date(2029, 2, day) for day in (12, 13, 14, 15, 16)), no="2029/QĐ-TTg")


def test_year_beyond_the_calendar_comes_with_its_statutory_days(ctx: Context, country: Office) -> None:
    made = make(ctx, days(date(2030, 3, 1)))

    calendar = calendar_of(ctx)
    assert (calendar.first_year, calendar.last_year) == (2023, 2030)
    assert calendar.provisional_years >= {2029, 2030}
    for holiday in (date(2029, 1, 1), date(2029, 4, 30), date(2030, 9, 2), date(2029, 2, 13), date(2030, 2, 4)):
        assert not calendar.is_working_day(holiday), holiday
    assert {each["on"][:4] for each in made["declared"]} == {"2029", "2030"}
    assert [each["date"][:4] for each in made["notices"] if each["code"] == "year-provisional"] == ["2030"]

    make(ctx, tet_of_2029())

    decided = calendar_of(ctx)
    assert 2029 not in decided.provisional_years
    assert not any(rule.decision.startswith(AWAITED) for rule in decided.days if rule.on.year == 2029)
    assert not decided.is_working_day(date(2029, 4, 30)), "the law stays"
    assert verify(ctx) == []


def test_undone_decision_of_a_year_leaves_it_provisional_as_before(ctx: Context, country: Office) -> None:
    make(ctx, days(date(2029, 3, 1)))
    before, rows = calendar_of(ctx), dump(ctx, "calendar_day")
    made = make(ctx, tet_of_2029())
    assert made["replaced"] != []

    undo(ctx, made)

    assert calendar_of(ctx) == before
    assert dump(ctx, "calendar_day") == rows
    assert verify(ctx) == []


def test_only_the_country_adds_years(ctx: Context, ward: Office) -> None:
    with pytest.raises(EngineError, match=r"2029 is not in the calendar of the country \(2023 to 2028\)") as refused:
        make(ctx, days(date(2029, 3, 1)), agency=WARD)
    assert refused.value.code == "invalid-calendar"

    make(ctx, days(date(2029, 3, 2)))
    make(ctx, days(date(2029, 3, 1)), agency=WARD)
    make(ctx, tet_of_2029())

    assert 2029 not in calendar_of(ctx, WARD).provisional_years, "the later decision counts in the ward, too"
    assert not calendar_of(ctx, WARD).is_working_day(date(2029, 3, 1))
    assert calendar_of(ctx, WARD).days != calendar_of(ctx).days
    assert verify(ctx) == []


def test_own_shifts_of_a_half_day_are_inherited(ctx: Context, ward: Office) -> None:
    make(ctx, days(4, kind=MAKE_UP, shifts="13:30-17:00"), agency=CITY)

    assert shifts_on(ctx, WARD, date(2026, 3, 4)) == ["13:30-17:00"]
    assert calendar_of(ctx, WARD).day_rule(date(2026, 3, 4)) == a_day(4, MAKE_UP, shifts="13:30-17:00")
    assert a_day(4, MAKE_UP, shifts="13:30-17:00").shifts == (Shift(time(13, 30), time(17)),)
