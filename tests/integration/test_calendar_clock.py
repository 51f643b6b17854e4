"""After a calendar change the clock process looks at every running promise again, and verify agrees at every moment."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind
from engine.domain.dossier import Status
from engine.domain.ids import DossierId
from engine.services import calendar_changes, timekeeping
from engine.store.deadlines import Deadline
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
    local,
    turn_clock_to,
    withdraw,
)
from tests.support.calendar_acts import below, days, make, moves_of, now_of, undo

PAUSING = {"supplement": {"clock": "pause"}}


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office whose clock pauses for a supplement."""
    return an_office(ctx, policy=PAUSING)


def limit_of(ctx: Context, dossier: Dossier, kind: str = "promise") -> Deadline:
    """Return the row of a limit."""
    with ctx.unit_of_work(read_only=True) as uow:
        query = select(Deadline).where(Deadline.dossier_id == UUID(dossier["id"]), Deadline.kind == kind)
        return uow.session.scalars(query).one()


def wakes(ctx: Context, dossier: Dossier) -> tuple[datetime | None, str | None]:
    """Return when and for what the clock process looks at the promise next."""
    row = limit_of(ctx, dossier)
    return row.wake_at, row.wake_for


def letters_of(ctx: Context, dossier: Dossier) -> list[tuple[str, str | None]]:
    """Return state and new date of each letter."""
    return [(each["state"], each["new_due_at"]) for each in now_of(ctx, dossier)["letters"]]


def test_day_off_brings_the_order_of_the_apology_forward(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    assert wakes(ctx, dossier) == (local("2026-03-05T08:00"), "letter")

    made = make(ctx, days(5))

    assert wakes(ctx, dossier) == (local("2026-03-02T08:00"), "letter"), "it is looked at again at once"
    assert verify(ctx) == []
    assert timekeeping.pass_due(ctx) == 1
    assert wakes(ctx, dossier) == (local("2026-03-04T08:00"), "letter"), "a working day before Friday 08:00"
    assert verify(ctx) == []
    undo(ctx, made)
    assert verify(ctx) == []
    timekeeping.pass_due(ctx)
    assert wakes(ctx, dossier) == (local("2026-03-05T08:00"), "letter")
    assert verify(ctx) == []


def test_make_up_saturday_puts_the_order_off(ctx: Context, office: Office) -> None:
    turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2026-03-09T08:00:00+07:00"
    assert wakes(ctx, dossier) == (local("2026-03-06T08:00"), "letter")

    make(ctx, days(7, kind=DayKind.WORK))
    timekeeping.pass_due(ctx)

    assert wakes(ctx, dossier) == (local("2026-03-07T08:00"), "letter")
    assert verify(ctx) == []


def test_days_off_that_leave_too_little_time_order_the_apology_at_once(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)

    made = make(ctx, days(3, 4, 5))
    assert letters_of(ctx, dossier) == [], "the act itself moves dates and writes no letters"
    timekeeping.pass_due(ctx)

    assert letters_of(ctx, dossier) == [("draft", None)]
    assert wakes(ctx, dossier) == (local("2026-03-07T00:00"), "passed")
    assert verify(ctx) == []
    undo(ctx, made)
    timekeeping.pass_due(ctx)
    assert letters_of(ctx, dossier) == [("draft", None)], "it was ordered, and waits to be withdrawn or sent"
    assert verify(ctx) == []
    advance_to(ctx, office, now_of(ctx, dossier), Status.FINISHED)
    assert letters_of(ctx, dossier) == [("withdrawn", None)]
    assert verify(ctx) == []


def test_moved_promise_is_looked_at_by_its_new_date(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T09:00")
    assert wakes(ctx, dossier) == (local("2026-03-07T00:00"), "passed")

    make(ctx, days(6, 9))
    assert verify(ctx) == []
    timekeeping.pass_due(ctx)

    assert wakes(ctx, dossier) == (local("2026-03-11T00:00"), "passed")
    turn_clock_to(ctx, "2026-03-10T23:59")
    assert not now_of(ctx, dossier)["late"]
    turn_clock_to(ctx, "2026-03-11T00:01")
    assert now_of(ctx, dossier)["late"]
    assert verify(ctx) == []


def test_only_those_whose_calendar_changed_are_looked_at_again(ctx: Context, office: Office) -> None:
    ward = below(ctx, office.code, "H01")
    mine, other = a_received_dossier(ctx, ward), a_received_dossier(ctx, office)
    paused = ask_supplement(ctx, ward, a_received_dossier(ctx, ward))
    done = withdraw(ctx, ward, a_received_dossier(ctx, ward))
    before = [wakes(ctx, each) for each in (other, done)]

    make(ctx, days(12), agency="H01")

    assert wakes(ctx, mine) == (local("2026-03-02T08:00"), "letter")
    assert [wakes(ctx, each) for each in (other, done)] == before
    assert wakes(ctx, done) == (None, None)
    assert wakes(ctx, paused) == (None, None)
    assert limit_of(ctx, paused, "answer").wake_at == local("2026-03-24T00:00"), "an answer is due on its own day"
    assert timekeeping.pass_due(ctx) == 1
    assert verify(ctx) == []


def test_broken_promise_that_moves_is_looked_at_and_stays_marked_when_late_all_the_same(
    ctx: Context, office: Office
) -> None:
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-12T08:00")
    passed_at = limit_of(ctx, dossier).passed_at
    assert passed_at is not None
    assert wakes(ctx, dossier) == (None, None)

    told = make(ctx, days(6))

    assert (told["stop_late"], told["become_late"]) == (0, 0)
    assert [(each["was_late"], each["is_late"]) for each in told["moves"] if each["what"] == "promise"] == [
        (True, True)
    ]
    assert limit_of(ctx, dossier).passed_at == passed_at
    assert wakes(ctx, dossier) == (ctx.clock.now(), "passed")
    timekeeping.pass_due(ctx)
    assert wakes(ctx, dossier) == (None, None)
    assert verify(ctx) == []
    undo(ctx, {"id": told["id"]})
    timekeeping.pass_due(ctx)
    assert now_of(ctx, dossier)["late"]
    assert limit_of(ctx, dossier).passed_at == passed_at
    assert verify(ctx) == []


def test_mark_goes_on_the_last_instant_that_is_not_late_and_not_after_it(ctx: Context, office: Office) -> None:
    """At 23:59:59.999999 of the new day the promise is kept; a microsecond later it is broken."""
    kept = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-07T08:00")
    made = make(ctx, days(6))
    turn_clock_to(ctx, "2026-03-09T23:59:59.999999")
    assert (limit_of(ctx, kept).passed_at, now_of(ctx, kept)["late"]) == (None, False)
    undo(ctx, made)
    timekeeping.pass_due(ctx)

    told = calendar_changes.preview(ctx, by=SYSTEM, change=days(6))
    assert told["stop_late"] == 1
    turn_clock_to(ctx, "2026-03-10T00:00")
    assert calendar_changes.preview(ctx, by=SYSTEM, change=days(6))["stop_late"] == 0
    assert verify(ctx) == []


def test_paused_dossier_keeps_its_clock_through_changes(ctx: Context, office: Office) -> None:
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    before = now_of(ctx, dossier)

    made = make(ctx, days(6))
    undo(ctx, made)

    assert (made["open"], made["moved"], moves_of(ctx, dossier)) == (1, 0, [])
    assert now_of(ctx, dossier) == before
    turn_clock_to(ctx, "2026-03-04T08:00")
    bring_supplement(ctx, office, dossier)
    assert verify(ctx) == []


def test_answer_that_the_citizen_owes_can_be_undone_to_its_first_day(ctx: Context, office: Office) -> None:
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    made = make(ctx, days(23))
    assert limit_of(ctx, dossier, "answer").wake_at == local("2026-03-25T00:00")

    undo(ctx, made)

    row = limit_of(ctx, dossier, "answer")
    assert (row.due_at, row.wake_at, row.wake_for) == (local("2026-03-23T08:00"), local("2026-03-24T00:00"), "lapse")
    assert now_of(ctx, dossier)["supplements"][0]["answer_due_at"] == "2026-03-23T08:00:00+07:00"
    assert verify(ctx) == []
    turn_clock_to(ctx, "2026-03-24T00:01")
    assert now_of(ctx, dossier)["status"] == Status.STOPPED.value
    assert verify(ctx) == []


def test_end_of_a_step_moves_and_comes_back(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    (task,) = now_of(ctx, dossier)["open_tasks"]
    on = datetime.fromisoformat(task["due_at"]).day

    made = make(ctx, days(on))

    assert [each["what"] for each in made["moves"]] == ["step"]
    assert now_of(ctx, dossier)["open_tasks"][0]["due_at"] == f"2026-03-{on + 1:02}T07:00:00+07:00"
    assert now_of(ctx, dossier)["due_at"] == dossier["due_at"]
    assert verify(ctx) == []
    undo(ctx, made)
    assert now_of(ctx, dossier)["open_tasks"][0]["due_at"] == task["due_at"]
    assert verify(ctx) == []


def test_step_that_is_done_meanwhile_keeps_its_moved_end(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office)
    made = make(ctx, days(3))
    assert [each["what"] for each in made["moves"]] == ["step"]
    advance_to(ctx, office, now_of(ctx, dossier), Status.FINISHED)

    undone = undo(ctx, made)

    assert undone["moves"] == []
    assert verify(ctx) == []


def test_date_of_an_apology_comes_back_and_names_the_letter_that_is_out(ctx: Context, office: Office) -> None:
    dossier = apologise(ctx, office, a_received_dossier(ctx, office), new_due="2026-03-11T09:00")
    made = make(ctx, days(11))
    assert [(each["what"], each["due_after"]) for each in made["moves"]] == [("extension", "2026-03-12T07:00:00+07:00")]
    assert (made["letters_out"], made["become_late"], made["stop_late"]) == (1, 0, 0)

    undo(ctx, made)

    assert now_of(ctx, dossier)["extended_due_at"] == "2026-03-11T09:00:00+07:00"
    assert verify(ctx) == []


def test_several_dates_of_one_dossier_are_one_event(ctx: Context, office: Office) -> None:
    dossier = apologise(ctx, office, a_received_dossier(ctx, office), new_due="2026-03-11T09:00")

    made = make(ctx, days(3, 6, 11))

    assert sorted(each["what"] for each in made["moves"]) == ["extension", "promise", "step"]
    assert made["moved"] == 1
    (event,) = moves_of(ctx, dossier)
    assert len(event["facts"]["moves"]) == 3
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.get(DossierId(UUID(dossier["id"])))
    assert (row.due_at, row.extended_due_at) == (local("2026-03-09T07:00"), local("2026-03-12T07:00"))
    assert row.version == dossier["version"] + 1, "a form that was opened before is refused"
    assert verify(ctx) == []
    assert sorted(each["what"] for each in undo(ctx, made)["moves"]) == ["extension", "promise", "step"]
    assert verify(ctx) == []


def test_promise_moved_into_a_year_without_decision_is_provisional(ctx: Context, office: Office) -> None:
    turn_clock_to(ctx, "2026-12-25T08:00", ticker=False)
    dossier = a_received_dossier(ctx, office)
    assert (dossier["due_at"], dossier["provisional"]) == ("2026-12-31T08:00:00+07:00", False)

    made: Any = make(ctx, days(date(2026, 12, 31)))

    moved = now_of(ctx, dossier)
    assert (moved["due_at"], moved["provisional"]) == ("2027-01-04T07:00:00+07:00", True)
    assert verify(ctx) == []
    undo(ctx, made)
    assert now_of(ctx, dossier)["provisional"] is False
    assert verify(ctx) == []
