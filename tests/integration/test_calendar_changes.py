"""A calendar change keeps what was promised, unless its day becomes a day off; every move is an event, and undone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.domain.dossier import Status
from engine.domain.office_hours import parse_shifts
from engine.errors import EngineError
from engine.services import agency_settings, calendar_changes, reading
from engine.services.calendar_changes import Days
from engine.verification.verify import verify
from tests.support.builders import (
    Dossier,
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    turn_clock_to,
)

PAUSING = {"supplement": {"clock": "pause"}}
PRINTED = "2026-03-06T08:00:00+07:00"  # of a dossier received at the builders' Monday 2 March, 08:00


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office whose clock pauses for a supplement."""
    return an_office(ctx, policy=PAUSING)


def declare(ctx: Context, *days: int, kind: DayKind = DayKind.OFF, shifts: str = "", no: str = "12/QĐ") -> Any:
    """Declare days of March 2026 for the whole country."""
    rules = tuple(DayRule(date(2026, 3, day), kind, no, "bão", shifts=parse_shifts(shifts)) for day in days)
    return calendar_changes.apply(ctx, by=SYSTEM, change=Days(rules))


def now_of(ctx: Context, dossier: Dossier) -> dict[str, Any]:
    """Return the dossier as it is."""
    return reading.detail(ctx, by=SYSTEM, dossier=dossier["code"])


def moves_of(ctx: Context, dossier: Dossier) -> list[dict[str, Any]]:
    """Return the events by which calendar changes moved dates."""
    return [
        each for each in reading.timeline(ctx, by=SYSTEM, dossier=dossier["code"]) if each["kind"] == "promise.moved"
    ]


def test_promise_stays_when_another_day_becomes_a_day_off(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)

    made = declare(ctx, 4, 5)

    assert now_of(ctx, dossier)["due_at"] == PRINTED
    assert [each["what"] for each in made["moves"]] == []
    assert moves_of(ctx, dossier) == []
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("days", "due_at"),
    [
        pytest.param((6,), "2026-03-09T07:00:00+07:00", id="next-opening"),
        pytest.param((6, 9, 10), "2026-03-11T07:00:00+07:00", id="several-days-in-a-row"),
    ],
)
def test_promise_moves_when_its_day_becomes_a_day_off(
    ctx: Context, office: Office, days: tuple[int, ...], due_at: str
) -> None:
    dossier = a_received_dossier(ctx, office)

    declare(ctx, *days)

    assert now_of(ctx, dossier)["due_at"] == due_at
    (event,) = moves_of(ctx, dossier)
    assert (event["facts"]["ground"], event["facts"]["promise"]) == ("12/QĐ", 1)
    turn_clock_to(ctx, "2026-03-08T12:00")
    assert not now_of(ctx, dossier)["late"]
    assert verify(ctx) == []


def test_half_day_moves_nothing(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)

    declare(ctx, 6, kind=DayKind.WORK, shifts="13:30-17:00")

    assert now_of(ctx, dossier)["due_at"] == PRINTED


def test_promise_on_a_make_up_day_that_is_taken_back_moves(ctx: Context, office: Office) -> None:
    made = declare(ctx, 7, kind=DayKind.WORK)
    turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2026-03-07T08:00:00+07:00"

    undone = calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"])

    assert [each["due_after"] for each in undone["moves"] if each["what"] == "promise"] == ["2026-03-09T07:00:00+07:00"]
    assert now_of(ctx, dossier)["due_at"] == "2026-03-09T07:00:00+07:00"
    assert verify(ctx) == []


def test_paused_promise_is_not_moved_and_resumes_by_the_new_calendar(ctx: Context, office: Office) -> None:
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))

    declare(ctx, 6)
    assert [each["facts"]["moves"][0]["what"] for each in moves_of(ctx, dossier)] == []
    turn_clock_to(ctx, "2026-03-03T08:00")
    bring_supplement(ctx, office, dossier)

    assert now_of(ctx, dossier)["due_at"] == "2026-03-10T08:00:00+07:00"
    assert verify(ctx) == []


def test_time_to_answer_moves_and_lapses_at_its_new_end(ctx: Context, office: Office) -> None:
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    asked = now_of(ctx, dossier)["supplements"][0]["answer_due_at"]
    assert asked == "2026-03-23T08:00:00+07:00"

    declare(ctx, 23)

    assert now_of(ctx, dossier)["supplements"][0]["answer_due_at"] == "2026-03-24T07:00:00+07:00"
    turn_clock_to(ctx, "2026-03-24T20:00")
    assert now_of(ctx, dossier)["status"] == 5
    turn_clock_to(ctx, "2026-03-25T00:01")
    assert now_of(ctx, dossier)["status"] == 8
    assert verify(ctx) == []


def test_new_date_of_an_apology_moves_beside_the_promise(ctx: Context, office: Office) -> None:
    dossier = apologise(ctx, office, a_received_dossier(ctx, office), new_due="2026-03-11T09:00")

    declare(ctx, 11)

    assert now_of(ctx, dossier)["extended_due_at"] == "2026-03-12T07:00:00+07:00"
    assert now_of(ctx, dossier)["due_at"] == PRINTED
    assert verify(ctx) == []


def test_late_dossier_whose_day_was_a_day_off_stops_being_late(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-07T08:00")
    assert now_of(ctx, dossier)["late"]

    told = calendar_changes.preview(ctx, by=SYSTEM, change=Days((DayRule(date(2026, 3, 6), DayKind.OFF, "1", ""),)))
    declare(ctx, 6)

    assert (told["stop_late"], told["become_late"]) == (1, 0)
    assert not now_of(ctx, dossier)["late"]
    turn_clock_to(ctx, "2026-03-09T08:00")
    assert verify(ctx) == []
    advance_to(ctx, office, now_of(ctx, dossier), Status.FINISHED)
    assert [letter["state"] for letter in now_of(ctx, dossier)["letters"]] == ["withdrawn"]
    assert verify(ctx) == []


def test_dossier_that_stopped_being_late_becomes_late_again_with_one_letter(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-07T08:00")
    declare(ctx, 6)

    turn_clock_to(ctx, "2026-03-10T08:00")

    kinds = [each["kind"] for each in reading.timeline(ctx, by=SYSTEM, dossier=dossier["code"])]
    assert (kinds.count("promise.passed"), kinds.count("letter.ordered")) == (2, 1)
    assert now_of(ctx, dossier)["late"]
    assert verify(ctx) == []


def test_undo_gives_the_printed_date_back(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    made = declare(ctx, 6)

    undone = calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"])

    assert now_of(ctx, dossier)["due_at"] == PRINTED
    assert (undone["kind"], undone["moved"]) == ("undo", 1)
    assert undone["calendar"] == {"before": made["calendar"]["after"], "after": made["calendar"]["before"]}
    assert verify(ctx) == []


def test_undo_leaves_a_date_that_was_moved_since(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    made = declare(ctx, 6)
    turn_clock_to(ctx, "2026-03-04T08:00")
    ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-05T08:00")
    bring_supplement(ctx, office, dossier)
    moved = now_of(ctx, dossier)["due_at"]

    undone = calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"])

    assert [each for each in undone["moves"] if each["what"] == "promise"] == []
    assert now_of(ctx, dossier)["due_at"] == moved
    assert verify(ctx) == []


def test_undo_after_the_printed_day_says_what_becomes_late(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    made = declare(ctx, 6)
    turn_clock_to(ctx, "2026-03-07T09:00")

    told = calendar_changes.preview_undo(ctx, by=SYSTEM, change_id=made["id"])
    calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"], expected=told["token"])

    assert (told["become_late"], told["stop_late"]) == (1, 0)
    assert now_of(ctx, dossier)["late"]
    turn_clock_to(ctx, "2026-03-07T09:30")
    assert verify(ctx) == []


def test_undo_puts_back_what_was_declared_before_with_its_mark(ctx: Context, office: Office) -> None:
    first = declare(ctx, 4, no="1/QĐ")
    second = declare(ctx, 4, no="2/QĐ", kind=DayKind.WORK, shifts="07:00-11:30")

    calendar_changes.undo(ctx, by=SYSTEM, change_id=second["id"])

    with ctx.unit_of_work(read_only=True) as uow:
        (row,) = [row for row in uow.calendars.days(uow.agencies.default().id) if row.on == date(2026, 3, 4)]
    assert (row.kind, row.decision, row.change_id) == ("off", "1/QĐ", first["id"])
    calendar_changes.undo(ctx, by=SYSTEM, change_id=first["id"])
    assert verify(ctx) == []


def test_undo_is_refused_when_the_day_was_declared_again(ctx: Context, office: Office) -> None:
    first = declare(ctx, 4, no="1/QĐ")
    second = declare(ctx, 4, no="2/QĐ")
    undone = calendar_changes.undo(ctx, by=SYSTEM, change_id=declare(ctx, 5)["id"])

    for change in (first["id"], undone["id"]):
        with pytest.raises(EngineError) as refused:
            calendar_changes.undo(ctx, by=SYSTEM, change_id=change)
        assert refused.value.code == "calendar-change-superseded"
    can_undo = {each["id"]: each["can_undo"] for each in calendar_changes.history(ctx, by=SYSTEM)}
    assert [change for change, can in can_undo.items() if can] == [second["id"]]


def test_stale_preview_is_refused_and_nothing_is_saved(ctx: Context, office: Office) -> None:
    change = Days((DayRule(date(2026, 3, 6), DayKind.OFF, "12/QĐ", ""),))
    token = calendar_changes.preview(ctx, by=SYSTEM, change=change)["token"]
    declare(ctx, 4)

    with pytest.raises(EngineError) as refused:
        calendar_changes.apply(ctx, by=SYSTEM, change=change, expected=token)

    assert refused.value.code == "calendar-changed"
    assert len(calendar_changes.history(ctx, by=SYSTEM)) == 1


@pytest.mark.parametrize(
    ("day", "kind"),
    [pytest.param(4, DayKind.OFF, id="day-off-before-it"), pytest.param(7, DayKind.WORK, id="make-up-day-before-it")],
)
def test_short_pause_moves_a_kept_date_by_no_more_than_itself(
    ctx: Context, office: Office, day: int, kind: DayKind
) -> None:
    turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2026-03-09T08:00:00+07:00"
    declare(ctx, day, kind=kind)
    turn_clock_to(ctx, "2026-03-05T08:00")

    ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-05T08:05")
    bring_supplement(ctx, office, dossier)

    assert now_of(ctx, dossier)["due_at"] == "2026-03-09T08:05:00+07:00"
    assert verify(ctx) == []


def test_moved_date_keeps_the_late_rule_of_its_promise(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    agency_settings.change(ctx, by=SYSTEM, late_rule="instant")

    made = declare(ctx, 6)
    assert now_of(ctx, dossier)["late_after"] == "2026-03-09T23:59:59.999999+07:00"
    calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"])

    assert now_of(ctx, dossier)["late_after"] == dossier["late_after"] == "2026-03-06T23:59:59.999999+07:00"
    assert verify(ctx) == []


def test_letter_that_gave_a_moved_date_is_counted(ctx: Context, office: Office) -> None:
    dossier = apologise(ctx, office, a_received_dossier(ctx, office), new_due="2026-03-11T09:00")

    told = calendar_changes.preview(ctx, by=SYSTEM, change=Days((DayRule(date(2026, 3, 11), DayKind.OFF, "1", ""),)))

    (moved,) = told["moves"]
    assert (told["letters_out"], moved["what"]) == (1, "extension")
    assert moved["letter"]["id"] == now_of(ctx, dossier)["letters"][0]["id"]
