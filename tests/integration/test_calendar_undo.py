"""A change taken back: every date goes to where it was given, whatever was changed and undone around it."""

from __future__ import annotations

from datetime import date

import pytest

from engine.context import Context
from engine.domain.calendar import DayKind
from engine.services.calendar_changes import Days
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

WORK = DayKind.WORK
PRINTED, MOVED = "2026-03-06T08:00:00+07:00", "2026-03-09T07:00:00+07:00"


@pytest.fixture
def office(ctx: Context) -> Office:
    """The office of the default agency, with a dossier promised for Friday 6 March and a first change (3 March off)."""
    made = an_office(ctx)
    a_received_dossier(ctx, made)
    make(ctx, days(3, no="first"))
    return made


def test_date_between_two_days_off_stays(ctx: Context, office: Office) -> None:
    (code,) = [row["code"] for row in dump(ctx, "dossier")["dossier"]]

    made = make(ctx, days(5, 9))

    assert [each["what"] for each in made["moves"]] == []
    assert now_of(ctx, {"code": code})["due_at"] == PRINTED


def test_undo_moves_nothing_that_another_word_keeps_where_it_is(ctx: Context, office: Office) -> None:
    ward = below(ctx, office.code, "H01")
    dossier = a_received_dossier(ctx, ward)
    assert dossier["due_at"] == MOVED.replace("07:00:00+", "08:00:00+"), "3 March is off"
    made = make(ctx, days(9, no="country"))
    make(ctx, days(9, no="ward"), agency="H01")

    undone = undo(ctx, made)

    assert [each for each in undone["moves"] if each["code"] == dossier["code"]] == []
    assert now_of(ctx, dossier)["due_at"] == "2026-03-10T07:00:00+07:00"
    assert len(moves_of(ctx, dossier)) == 1
    assert verify(ctx) == []


def test_undo_that_takes_dates_back_out_of_a_year_may_take_the_year(ctx: Context, office: Office) -> None:
    turn_clock_to(ctx, "2028-12-25T08:00", ticker=False)
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2028-12-29T08:00:00+07:00"
    made = make(ctx, days(date(2028, 12, 29), date(2029, 6, 1)))
    assert now_of(ctx, dossier)["due_at"] == "2029-01-02T07:00:00+07:00"

    undo(ctx, made)

    assert now_of(ctx, dossier)["due_at"] == "2028-12-29T08:00:00+07:00"
    assert calendar_of(ctx).last_year == 2028
    assert verify(ctx) == []


def test_undone_change_can_be_made_again_and_undone_again(ctx: Context, office: Office) -> None:
    (code,) = [row["code"] for row in dump(ctx, "dossier")["dossier"]]
    for _ in range(2):
        made = make(ctx, days(6))
        assert now_of(ctx, {"code": code})["due_at"] == "2026-03-09T07:00:00+07:00"
        undo(ctx, made)
        assert now_of(ctx, {"code": code})["due_at"] == "2026-03-06T08:00:00+07:00"
    assert verify(ctx) == []


@pytest.mark.parametrize("first", [0, 1], ids=["in-order", "in-reverse"])
def test_two_changes_of_one_date_undone_in_any_order_bring_the_printed_one_back(
    ctx: Context, office: Office, first: int
) -> None:
    (code,) = [row["code"] for row in dump(ctx, "dossier")["dossier"]]
    changes = [make(ctx, days(6)), make(ctx, days(9))]
    assert now_of(ctx, {"code": code})["due_at"] == "2026-03-10T07:00:00+07:00"

    for each in (changes[first], changes[1 - first]):
        undo(ctx, each)
        assert verify(ctx) == []

    assert now_of(ctx, {"code": code})["due_at"] == "2026-03-06T08:00:00+07:00"
    kinds = [each["what"] for event in moves_of(ctx, {"code": code}) for each in event["facts"]["moves"]]
    assert kinds.count("promise") == (3 if first == 0 else 4)


def test_change_made_after_an_undo_goes_back_to_what_was_given_then(ctx: Context, office: Office) -> None:
    """The dates of an earlier change, undone long before, are not to be taken for those of this one."""
    (code,) = [row["code"] for row in dump(ctx, "dossier")["dossier"]]
    undo(ctx, make(ctx, days(6)))
    made = make(ctx, days(6, no="second"))
    last = make(ctx, days(9))

    undo(ctx, last)
    assert now_of(ctx, {"code": code})["due_at"] == "2026-03-09T07:00:00+07:00"
    undo(ctx, made)
    assert now_of(ctx, {"code": code})["due_at"] == "2026-03-06T08:00:00+07:00"
    assert verify(ctx) == []


def test_undo_of_a_day_beside_another_day_off_goes_to_the_next_working_moment(ctx: Context, office: Office) -> None:
    (code,) = [row["code"] for row in dump(ctx, "dossier")["dossier"]]
    made = make(ctx, days(6))
    make(ctx, hours(4, *[USUAL] * 4, "", USUAL))  # no Fridays any more, Saturdays instead

    undo(ctx, made)

    assert now_of(ctx, {"code": code})["due_at"] == "2026-03-07T07:00:00+07:00"
    assert verify(ctx) == []


def test_undo_puts_the_former_day_back_with_who_entered_it_when(ctx: Context, office: Office) -> None:
    make(ctx, days(4, no="1/QĐ"), by=office.admin)
    before = dump(ctx, "calendar_day")
    turn_clock_to(ctx, "2026-03-02T15:00")

    undo(ctx, make(ctx, Days((a_day(4, WORK, no="2/QĐ"), a_day(5, no="2/QĐ")))))

    assert dump(ctx, "calendar_day") == before
    assert [row["entered_by"] for row in before["calendar_day"] if row["decision"] == "1/QĐ"] == [office.admin.id]
