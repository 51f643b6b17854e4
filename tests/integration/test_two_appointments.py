"""Two appointments: until the notice of payment, and after payment; the dossier is late when either was missed."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.statistics import Column
from engine.services import apologies, reading, waiting
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.appointments import (
    a_land_office,
    land_steps,
    letters,
    missed_first,
    pay,
    promises,
    receive,
    report,
    summary,
    tell_what_to_pay,
)
from tests.support.step_tables import DESK

# --- both, one, none --------------------------------------------------------------------------------------------------


def test_first_appointment_has_the_first_limit(ctx: Context) -> None:
    office = a_land_office(ctx)

    dossier = receive(ctx, office)

    assert dossier["due_at"] == "2026-03-06T08:00:00+07:00"
    assert promises(ctx, dossier) == [
        (1, "2026-03-06T08:00:00+07:00", "running", None),
        (2, None, "awaited", None),
    ]


def test_nothing_is_promised_while_the_citizen_pays(ctx: Context) -> None:
    office = a_land_office(ctx)
    b.turn_clock_to(ctx, "2026-03-02T09:00")
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T08:00")

    waits = tell_what_to_pay(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-05-04T09:00")

    assert (waits["status"], waits["paused"], waits["late_after"], waits["late"]) == (6, True, None, False)
    assert promises(ctx, dossier)[0][2:] == ("ended", True)
    assert promises(ctx, dossier)[1] == (2, None, "awaited", None)
    assert letters(ctx, office) == []


def test_second_appointment_counts_its_own_limit_from_the_payment_by_the_start_rule(ctx: Context) -> None:
    office = a_land_office(ctx, policy={"cutoff": "15:00"})
    dossier = tell_what_to_pay(ctx, office, receive(ctx, office))
    b.turn_clock_to(ctx, "2026-03-10T15:01")  # after the cut-off: counted from Wednesday's opening

    runs = pay(ctx, office, dossier)

    assert (runs["status"], runs["paused"], runs["due_at"]) == (4, False, "2026-03-13T07:00:00+07:00")
    assert promises(ctx, dossier)[1] == (2, "2026-03-13T07:00:00+07:00", "running", None)


def test_dossier_that_keeps_both_is_on_time(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, tell_what_to_pay(ctx, office, receive(ctx, office)))

    done = b.advance_to(ctx, office, dossier, Status.FINISHED)

    assert done["late"] is False
    assert [each[2:] for each in promises(ctx, dossier)] == [("ended", True), ("ended", True)]
    assert letters(ctx, office) == []
    assert verify(ctx) == []


def test_dossier_that_misses_the_first_is_late_for_good(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = missed_first(ctx, office)
    assert (dossier["late"], dossier["late_after"], dossier["paused"]) == (True, None, True)
    b.turn_clock_to(ctx, "2026-03-12T09:00")

    runs = pay(ctx, office, dossier)
    done = b.advance_to(ctx, office, runs, Status.FINISHED)

    assert (runs["late"], runs["due_at"]) == (True, "2026-03-16T09:00:00+07:00")
    assert done["late"] is True
    assert [each[2:] for each in promises(ctx, dossier)] == [("ended", False), ("ended", True)]
    assert letters(ctx, office) == [(1, "draft")]
    assert finished_as(ctx, dossier) == "late"
    assert verify(ctx) == []


def finished_as(ctx: Context, dossier: b.Dossier) -> str:
    (finished,) = [event for event in reading.timeline(ctx, by=SYSTEM, dossier=dossier["id"])
                   if event["kind"] == "dossier.finished"]  # fmt: skip
    return str(finished["facts"]["standing"])


def test_dossier_that_misses_the_second_is_late(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, tell_what_to_pay(ctx, office, receive(ctx, office)))
    b.turn_clock_to(ctx, "2026-03-09T09:00")

    done = b.advance_to(ctx, office, dossier, Status.FINISHED)

    assert done["late"] is True
    assert [each[2:] for each in promises(ctx, dossier)] == [("ended", True), ("ended", False)]
    assert letters(ctx, office) == [(2, "draft")]
    assert verify(ctx) == []


def test_each_missed_appointment_has_its_own_letter(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, missed_first(ctx, office))
    b.turn_clock_to(ctx, "2026-03-20T09:00")

    b.advance_to(ctx, office, dossier, Status.FINISHED)

    assert [each[3] for each in promises(ctx, dossier)] == [False, False]
    assert letters(ctx, office) == [(1, "draft"), (2, "draft")]
    assert verify(ctx) == []


def test_letter_foreseen_for_the_first_is_taken_back_when_the_notice_comes_in_time(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-06T07:30")
    assert letters(ctx, office) == [(1, "draft")]

    tell_what_to_pay(ctx, office, dossier)

    assert letters(ctx, office) == [(1, "withdrawn")]
    assert verify(ctx) == []


def test_dossier_decided_without_payment_is_judged_by_the_first_alone(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)

    b.refuse(ctx, office, dossier)

    assert promises(ctx, dossier) == [(1, "2026-03-06T08:00:00+07:00", "ended", True)]
    assert verify(ctx) == []


# --- pauses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clock", "first", "second"),
    [
        pytest.param("pause", "2026-03-10T08:00:00+07:00", "2026-03-18T08:00:00+07:00", id="pauses"),
        pytest.param("restart", "2026-03-11T08:00:00+07:00", "2026-03-19T08:00:00+07:00", id="restarts"),
    ],
)
def test_supplement_moves_the_appointment_that_runs_and_ends_none(
    ctx: Context, clock: str, first: str, second: str
) -> None:
    office = a_land_office(ctx, policy={"supplement": {"clock": clock, "max": 2}})
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-05T08:00")
    in_first = b.bring_supplement(ctx, office, dossier)
    tell_what_to_pay(ctx, office, in_first)
    b.turn_clock_to(ctx, "2026-03-12T08:00")
    paid = pay(ctx, office, summary(ctx, dossier))
    b.turn_clock_to(ctx, "2026-03-13T08:00")
    waiting.request_supplement(ctx, by=office.approver, dossier=dossier["id"], items=["A"], reason="thiếu")
    b.turn_clock_to(ctx, "2026-03-17T08:00")
    in_second = b.bring_supplement(ctx, office, dossier)

    assert in_first["due_at"] == first
    assert paid["due_at"] == "2026-03-16T08:00:00+07:00"
    assert in_second["due_at"] == second
    assert [each[:3] for each in promises(ctx, dossier)] == [(1, first, "ended"), (2, second, "running")]
    assert verify(ctx) == []


@pytest.mark.parametrize("how", ["paid", "exempt", "deferred"])
def test_obligation_that_is_settled_in_whatever_way_begins_the_second(ctx: Context, how: str) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=5_000_000, notice="TB-1")
    b.turn_clock_to(ctx, "2026-03-10T08:00")

    runs = waiting.settle_obligation(ctx, by=office.officer, dossier=dossier["id"], how=how)

    assert runs["due_at"] == "2026-03-12T08:00:00+07:00"
    assert [each[2:] for each in promises(ctx, dossier)] == [("ended", True), ("running", None)]
    assert verify(ctx) == []


def test_further_obligation_moves_the_second_as_any_pause_does(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = pay(ctx, office, tell_what_to_pay(ctx, office, receive(ctx, office)))
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    waiting.raise_obligation(ctx, by=office.approver, dossier=dossier["id"], amount_vnd=1, notice="TB-2")
    b.turn_clock_to(ctx, "2026-03-10T08:00")

    runs = waiting.settle_obligation(ctx, by=office.approver, dossier=dossier["id"])

    assert runs["due_at"] == "2026-03-11T08:00:00+07:00"
    assert [each[0] for each in promises(ctx, dossier)] == [1, 2]
    assert verify(ctx) == []


@pytest.mark.parametrize("end", [b.withdraw, b.stop], ids=["withdrawn", "stopped"])
def test_dossier_that_ends_while_the_citizen_pays_is_judged_by_the_first(ctx: Context, end: Any) -> None:
    office = a_land_office(ctx)
    kept = tell_what_to_pay(ctx, office, receive(ctx, office))
    missed = missed_first(ctx, office)
    b.turn_clock_to(ctx, "2026-04-20T09:00")

    ended = [end(ctx, office, dossier) for dossier in (kept, missed)]

    assert [dossier["late"] for dossier in ended] == [False, True]
    assert [promises(ctx, dossier) for dossier in ended] == [
        [(1, "2026-03-06T08:00:00+07:00", "ended", True)],
        [(1, "2026-03-06T08:00:00+07:00", "ended", False)],
    ]
    assert letters(ctx, office) == [(1, "draft")]
    assert report(ctx, office, "2026-03-02", "2026-04-20")[Column.ENDED_LATE] == 1
    assert verify(ctx) == []


# --- stages -----------------------------------------------------------------------------------------------------------


def test_stages_after_the_notice_do_not_press_the_first_appointment(ctx: Context) -> None:
    office = a_land_office(ctx)  # desk 1, office 3 | head 2
    dossier = receive(ctx, office)

    assert dossier["open_tasks"][0]["due_at"] == "2026-03-05T08:00:00+07:00"
    b.turn_clock_to(ctx, "2026-03-05T07:59")
    assert letters(ctx, office) == []
    b.turn_clock_to(ctx, "2026-03-05T08:00")  # one working day before: nothing was foreseen earlier
    assert [letter["trigger"] for letter in apologies.listed(ctx, by=office.supervisor)] == ["lead"]


def test_stages_after_the_notice_fill_the_second_appointment(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = tell_what_to_pay(ctx, office, receive(ctx, office))
    b.turn_clock_to(ctx, "2026-03-10T08:00")

    paid = pay(ctx, office, dossier)

    (task,) = paid["open_tasks"]
    assert (task["name"], task["due_at"]) == ("Bước KY", "2026-03-12T08:00:00+07:00")


def test_step_that_opens_while_the_citizen_pays_has_its_share_of_the_second(ctx: Context) -> None:
    steps = land_steps()  # proof of payment is a stage of the desk: 1 day, with 2 of the head cut to 1.5 in all
    steps[3] |= {"unit": DESK, "unit_label": "Tên một cửa", "stage_limit_days": "1"}
    office = a_land_office(ctx, policy={"appointments": ["4 working_day", "1.5 working_day"]}, steps=steps, days="7")

    told = tell_what_to_pay(ctx, office, receive(ctx, office))

    (task,) = told["open_tasks"]
    assert (task["name"], task["due_at"]) == ("Bước BIEN_LAI", "2026-03-02T14:00:00+07:00")


def test_obligation_in_the_middle_leaves_the_rest_of_its_stage_to_the_second(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T08:00")  # one day of the office's three is left
    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=1, notice="TB-1")
    b.turn_clock_to(ctx, "2026-03-10T08:00")

    runs = waiting.settle_obligation(ctx, by=office.officer, dossier=dossier["id"])

    (task,) = runs["open_tasks"]
    assert (task["name"], task["due_at"]) == ("Bước THU_LY", "2026-03-11T08:00:00+07:00")
    b.turn_clock_to(ctx, "2026-03-10T08:01")  # a day here and two of the head do not fit into two
    assert [letter["trigger"] for letter in apologies.listed(ctx, by=office.supervisor)] == ["foreseen"]
    assert verify(ctx) == []
