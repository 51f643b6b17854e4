"""What a calendar refuses: each with its code and where, and nothing of it saved; and who may change or see which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule, Shift
from engine.domain.office_hours import OfficeHours
from engine.errors import EngineError
from engine.services import calendar_changes, calendar_overview
from engine.services.calendar_changes import Days, Hours
from engine.services.transactions import Request
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
    undo,
)

WARD, SIBLING = "H01", "H02"
OFF, WORK = DayKind.OFF, DayKind.WORK
OVERLAP = (Shift(time(7), time(11, 30)), Shift(time(11), time(17)))


@pytest.fixture
def office(ctx: Context) -> Office:
    """The office of the default agency, with a dossier promised for Friday 6 March and a first change (3 March off)."""
    made = an_office(ctx)
    a_received_dossier(ctx, made)
    make(ctx, days(3, no="first"))
    return made


@pytest.fixture
def ward(ctx: Context, office: Office) -> Office:
    """An office below it."""
    return below(ctx, office.code, WARD)


def all_of(year: int, *, weekday: int | None = None) -> Days:
    """Return every day of a year off, or every one that falls on a weekday."""
    every = (date(year, 1, 1) + timedelta(each) for each in range(365))
    return days(*(on for on in every if weekday in (None, on.weekday())), no="all")


BAD: list[Any] = [
    pytest.param(days(3, no="first"), "calendar-decision-known", "2026-03-03 is declared off", id="imported-twice"),
    pytest.param(Days(()), "calendar-decision-known", "name at least one day", id="no-day"),
    pytest.param(
        Days((a_day(6), a_day(6, WORK, no="13/QĐ"))), "invalid-calendar",
        '2026-03-06 is declared both off and working: by "12/QĐ" and by "13/QĐ"', id="off-and-make-up",
    ),
    pytest.param(Days((a_day(6), a_day(6))), "invalid-calendar", "2026-03-06 is declared twice", id="twice"),
    pytest.param(days(date(1970, 3, 6)), "invalid-calendar", "1970-03-06 lies outside", id="before-all-years"),
    pytest.param(days(date(9999, 3, 6)), "invalid-calendar", "9999-03-06 lies outside", id="after-all-years"),
    pytest.param(days(date(2039, 3, 6)), "invalid-calendar", "2039 lies more than 10 years", id="far-ahead"),
    pytest.param(days(6, date(2012, 3, 6)), "invalid-calendar", "2012 lies more than 10 years", id="far-back"),
    pytest.param(
        Days((DayRule(date(2026, 3, 6), OFF, "1", "", shifts=OVERLAP[:1]),)), "invalid-calendar",
        "2026-03-06 is off and has shifts", id="off-with-shifts",
    ),
    pytest.param(
        Days((DayRule(date(2026, 3, 6), WORK, "1", "", shifts=OVERLAP),)), "invalid-calendar",
        "shifts of 2026-03-06 overlap", id="overlapping-shifts",
    ),
    pytest.param(all_of(2027), "invalid-calendar", "no working day in 2027", id="year-without-working-day"),
    pytest.param(hours(date(2029, 1, 1), USUAL), "invalid-calendar", "2029-01-01", id="hours-after-the-years"),
    pytest.param(hours(date(2022, 12, 31), USUAL), "invalid-calendar", "2022-12-31", id="hours-before-the-years"),
    pytest.param(hours(9, USUAL, desk="PHONG_X"), "unit-not-found", "PHONG_X", id="desk-unknown"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "words"), BAD)
def test_bad_change_is_refused_with_its_place_and_nothing_is_saved(
    ctx: Context, office: Office, change: Days | Hours, code: str, words: str
) -> None:
    before = dump(ctx)
    for act in (calendar_changes.preview, calendar_changes.apply):
        with pytest.raises(EngineError) as refused:
            act(ctx, by=SYSTEM, change=change)
        assert (refused.value.code, words in refused.value.message) == (code, True), refused.value.message
    assert dump(ctx) == before


def test_change_that_starts_well_and_ends_badly_is_not_half_saved(ctx: Context, office: Office) -> None:
    before = dump(ctx)
    with pytest.raises(EngineError, match="no working day in 2027"):
        make(ctx, Days((a_day(6), *all_of(2027).rules)))
    assert dump(ctx) == before


def test_hours_and_days_that_leave_no_working_day_together_are_refused(ctx: Context, office: Office) -> None:
    make(ctx, hours(date(2026, 1, 1), USUAL, no="Mondays"))
    before = dump(ctx)
    with pytest.raises(EngineError, match="no working day in 2027"):
        make(ctx, all_of(2027, weekday=0))
    with pytest.raises(EngineError, match="has no shift"):
        hours(9)
    assert dump(ctx) == before


def test_year_emptied_by_a_ward_above_which_all_is_well(ctx: Context, ward: Office) -> None:
    before = dump(ctx)
    with pytest.raises(EngineError, match="no working day in 2027"):
        make(ctx, all_of(2027), agency=WARD)
    assert dump(ctx) == before
    assert calendar_of(ctx, WARD) == calendar_of(ctx)


def test_week_of_overlapping_shifts_is_no_week() -> None:
    with pytest.raises(EngineError, match="shifts of Tuesday from 2026-03-09 overlap"):
        OfficeHours(date(2026, 3, 9), (OVERLAP[:1], OVERLAP, *[()] * 5), decision="1")
    with pytest.raises(EngineError, match="weekly hours name seven days, not 2"):
        OfficeHours(date(2026, 3, 9), (OVERLAP[:1], ()), decision="1")


def test_hours_entered_twice_are_known(ctx: Context, office: Office) -> None:
    make(ctx, hours(9, USUAL))
    make(ctx, hours(9, USUAL, desk="BP_MOT_CUA"))
    before = dump(ctx)
    for change in (hours(9, USUAL), hours(9, USUAL, desk="BP_MOT_CUA")):
        with pytest.raises(EngineError, match=r'those of "15/QĐ" already: entered before') as refused:
            make(ctx, change)
        assert refused.value.code == "calendar-decision-known"
    assert dump(ctx) == before
    assert make(ctx, hours(9, USUAL, no="16/QĐ"))["replaced"][0]["decision"] == "15/QĐ"


def test_decision_of_which_a_part_is_known_declares_the_rest(ctx: Context, office: Office) -> None:
    made = make(ctx, days(3, 4, no="first"))

    assert [each["on"] for each in made["declared"]] == ["2026-03-04"]
    assert made["replaced"] == []
    with pytest.raises(EngineError, match="imported before"):
        make(ctx, days(3, 4, no="first"))


def test_same_day_with_another_note_is_known_with_another_decision_is_not(ctx: Context, office: Office) -> None:
    other_note = Days((DayRule(date(2026, 3, 3), OFF, "first", "lũ"),))
    with pytest.raises(EngineError, match="imported before"):
        make(ctx, other_note)
    assert [each["decision"] for each in make(ctx, days(3, no="second"))["replaced"]] == ["first"]


# --- undo ------------------------------------------------------------------------------------------------------------


def test_undo_refused_leaves_everything(ctx: Context, office: Office) -> None:
    undone = undo(ctx, make(ctx, days(6)))
    over = make(ctx, days(5))
    make(ctx, days(5, no="again"))
    before = dump(ctx)
    for change_id, code, words in (
        (99, "calendar-change-not-found", "no calendar change 99"),
        (undone["id"], "calendar-change-superseded", "undo"),
        (undone["id"] - 1, "calendar-change-superseded", f"it was undone by change {undone['id']}"),
        (over["id"], "calendar-change-superseded", "declared again since"),
    ):
        for act in (calendar_changes.preview_undo, calendar_changes.undo):
            with pytest.raises(EngineError) as refused:
                act(ctx, by=SYSTEM, change_id=change_id)
            assert (refused.value.code, words in refused.value.message) == (code, True), refused.value.message
    with pytest.raises(EngineError, match="changed since the preview"):
        calendar_changes.undo(ctx, by=SYSTEM, change_id=over["id"] + 1, expected="0" * 16)
    assert dump(ctx) == before


def test_undo_is_refused_while_dates_need_the_year_that_it_takes_away(ctx: Context, office: Office) -> None:
    made = make(ctx, days(date(2029, 6, 1)))
    turn_clock_to(ctx, "2028-12-27T08:00", ticker=False)
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2029-01-03T08:00:00+07:00"
    before = dump(ctx)

    with pytest.raises(EngineError, match="1 dates of open dossiers lie in 2029 or later") as refused:
        undo(ctx, made)

    assert refused.value.code == "calendar-dates-beyond"
    assert dump(ctx) == before


def test_day_off_at_the_end_of_the_calendar_is_refused_while_something_is_promised_there(
    ctx: Context, office: Office
) -> None:
    turn_clock_to(ctx, "2028-12-25T08:00", ticker=False)
    a_received_dossier(ctx, office)
    before = dump(ctx)
    with pytest.raises(EngineError) as refused:
        make(ctx, days(date(2028, 12, 29)))
    assert refused.value.code == "calendar-gap"
    assert dump(ctx) == before


# --- asked twice -----------------------------------------------------------------------------------------------------


def test_change_asked_for_twice_has_one_effect_and_one_answer(ctx: Context, office: Office) -> None:
    request = Request(key="one", fingerprint="f")
    told = [calendar_changes.apply(ctx, by=office.admin, change=days(6), request=request) for _ in range(2)]
    assert told[0] == told[1]
    asked = Request(key="two", fingerprint="f")
    undone = [calendar_changes.undo(ctx, by=office.admin, change_id=told[0]["id"], request=asked) for _ in range(2)]
    assert undone[0] == undone[1]
    assert [each["kind"] for each in calendar_changes.history(ctx, by=SYSTEM)] == ["undo", "days", "days"]

    before = dump(ctx)
    with pytest.raises(EngineError) as refused:
        calendar_changes.apply(ctx, by=office.admin, change=days(5), request=Request(key="one", fingerprint="g"))
    assert refused.value.code == "idempotency-key-reused"
    assert dump(ctx) == before


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["desk", "officer", "approver", "supervisor", "auditor"])
def test_who_does_not_administer_changes_nothing_and_reads(ctx: Context, office: Office, who: str) -> None:
    by = getattr(office, who)
    made = make(ctx, days(5))
    before = dump(ctx)
    acts: list[Callable[[], Any]] = [
        lambda: calendar_changes.preview(ctx, by=by, change=days(6)),
        lambda: calendar_changes.apply(ctx, by=by, change=days(6)),
        lambda: calendar_changes.apply(ctx, by=by, change=hours(9, USUAL, desk="BP_MOT_CUA")),
        lambda: calendar_changes.preview_undo(ctx, by=by, change_id=made["id"]),
        lambda: calendar_changes.undo(ctx, by=by, change_id=made["id"]),
    ]
    for act in acts:
        with pytest.raises(EngineError) as refused:
            act()
        assert refused.value.code == "not-allowed"
    assert dump(ctx) == before
    assert [each["id"] for each in calendar_changes.history(ctx, by=by)] == [2, 1]
    assert calendar_overview.overview(ctx, by=by, year=2026)["agency"] == office.code
    assert [each["may_change"] for each in calendar_overview.agencies(ctx, by=by)] == [False]
    assert calendar_overview.warnings(ctx, by=by) == []


def test_administrator_changes_the_own_agency_and_no_other(ctx: Context, ward: Office, office: Office) -> None:
    other = below(ctx, office.code, SIBLING)
    theirs = make(ctx, days(5), agency=SIBLING, by=other.admin)
    before = dump(ctx)
    for agency in (None, office.code, SIBLING):
        with pytest.raises(EngineError) as refused:
            calendar_changes.apply(ctx, by=ward.admin, change=days(6), agency=agency)
        assert refused.value.code == "not-allowed"
    for act in (calendar_changes.preview_undo, calendar_changes.undo):
        with pytest.raises(EngineError) as refused:
            act(ctx, by=ward.admin, change_id=theirs["id"])
        assert refused.value.code == "not-allowed"
    assert dump(ctx) == before

    made = make(ctx, days(6), agency=WARD, by=ward.admin)

    (row,) = [row for row in dump(ctx, "calendar_change")["calendar_change"] if row["id"] == made["id"]]
    assert (row["made_by"], row["owner_agency_id"]) == (ward.admin.id, ward.id)
    assert [each["made_by"] for each in calendar_changes.history(ctx, by=ward.auditor, agency=WARD)] == [
        "Cán bộ admin.h01",
        None,
    ]
    for who in (other.auditor, office.desk):
        with pytest.raises(EngineError) as refused:
            calendar_changes.history(ctx, by=who, agency=WARD)
        assert refused.value.code == "not-allowed"


def test_agency_that_is_not_there_is_named(ctx: Context, office: Office) -> None:
    for act in (calendar_changes.preview, calendar_changes.apply):
        with pytest.raises(EngineError) as refused:
            act(ctx, by=SYSTEM, change=days(6), agency="H99")
        assert refused.value.code == "agency-not-found"
