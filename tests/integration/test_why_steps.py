"""Why a step should be done by then, through the services: the share of its stage, pauses, calendar changes."""

from __future__ import annotations

from datetime import date
from typing import Any

from engine.context import Context
from engine.domain.calendar import DayKind, DayRule
from engine.services import calendar_changes, explaining, waiting
from tests.support import builders as b
from tests.support.accounts import hold
from tests.support.appointments import a_land_office, receive, tell_what_to_pay
from tests.support.step_tables import DESK, HEAD, OFFICE, linear


def why(ctx: Context, office: b.Office, dossier: b.Dossier, step: str) -> dict[str, Any]:
    told = explaining.why_this_date(ctx, by=office.supervisor, dossier=dossier["id"], step=step)
    hold(told)
    return told


def said(lines: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(line.get(name) for name in ("kind", *names)) for line in lines]


def test_step_says_its_share_and_from_when(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    (task,) = dossier["open_tasks"]

    told = why(ctx, office, dossier, step=task["id"])
    assert said(told["account"], "stage", "limit", "planned", "to") == [
        ("stage", 2, "1 working_day", None, "2026-03-02T08:00:00+07:00"),
        ("days", None, None, None, "2026-03-03T08:00:00+07:00"),
        ("due", None, None, None, task["due_at"]),
    ]
    assert (told["what"], told["stage"], told["name"]) == ("step", 2, "Bước THU_LY")


def test_share_that_is_cut_to_the_promise_says_what_was_planned(ctx: Context) -> None:
    office = b.an_office(ctx, total_days="2")  # stages of 1 + 1 + 1 working days
    dossier = b.a_received_dossier(ctx, office)

    stage = why(ctx, office, dossier, step=dossier["open_tasks"][0]["id"])["account"][0]
    assert (stage["limit"], stage["planned"]) == ("2/3 working_day", "1 working_day")


def test_step_moves_with_a_pause_and_a_calendar_change(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    (task,) = dossier["open_tasks"]
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    b.ask_supplement(ctx, office, dossier)
    assert said(why(ctx, office, dossier, step=task["id"])["account"])[-2:] == [("pause",), ("waiting",)]
    b.turn_clock_to(ctx, "2026-03-04T10:00")
    b.bring_supplement(ctx, office, dossier)
    day_off = DayRule(date(2026, 3, 5), DayKind.OFF, "QĐ 45/QĐ-UBND", "Lễ hội làng")
    calendar_changes.apply(ctx, by=office.admin, change=calendar_changes.Days((day_off,)))

    told = why(ctx, office, dossier, step=task["id"])
    assert said(told["account"], "amount") == [
        ("stage", None), ("days", "0.25"), ("pause", None), ("resume", None), ("days", "0.75"), ("moved", None),
        ("due", None),
    ]  # fmt: skip
    assert told["account"][2]["person"] == "Cán bộ officer"


def test_steps_of_one_stage_share_its_end(ctx: Context) -> None:
    steps = linear(("NHAN", DESK), ("THU_LY", OFFICE), ("SOAT", OFFICE), ("KY", HEAD), ("TRA", DESK), ends="KY")
    office = b.an_office(ctx, steps=steps, total_days="3")
    dossier = b.a_received_dossier(ctx, office)
    first = dossier["open_tasks"][0]
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    second = b.do_next_step(ctx, office, dossier)["open_tasks"][0]

    told = why(ctx, office, dossier, step=second["id"])
    assert said(told["account"])[:2] == [("shared",), ("stage",)]
    assert said(why(ctx, office, dossier, step=first["id"])["account"])[0] == ("stage",)
    assert told["due_at"] == first["due_at"] == why(ctx, office, dossier, step=first["id"])["due_at"]


def test_third_step_of_a_stage_says_once_that_it_shares_its_end(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T08:00")
    dossier = tell_what_to_pay(ctx, office, dossier)

    told = why(ctx, office, dossier, step=dossier["open_tasks"][0]["id"])
    assert said(told["account"]) == [("shared",), ("stage",), ("days",), ("pause",), ("waiting",)]


def test_step_of_a_dossier_after_the_cutoff_counts_with_the_promise(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"cutoff": "15:00"})
    b.turn_clock_to(ctx, "2026-03-02T15:20")
    dossier = b.a_received_dossier(ctx, office)

    stage = why(ctx, office, dossier, step=dossier["open_tasks"][0]["id"])["account"][0]
    assert (stage["from"], stage["to"]) == ("2026-03-03T07:00:00+07:00", "2026-03-03T07:00:00+07:00")


def test_step_that_is_done_is_told_nothing_of_later_pauses(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    done = dossier["open_tasks"][0]["id"]
    b.do_next_step(ctx, office, dossier)
    waiting.request_supplement(ctx, by=office.approver, dossier=dossier["id"], items=["Ảnh"], reason="Thiếu")

    assert said(why(ctx, office, dossier, step=done)["account"]) == [("stage",), ("days",), ("due",)]


def test_step_of_a_broken_promise_counts_on_the_calendar_that_came_during_the_pause(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-09T09:00")
    task = b.do_next_step(ctx, office, dossier)["open_tasks"][0]["id"]
    waiting.request_supplement(ctx, by=office.approver, dossier=dossier["id"], items=["Ảnh"], reason="Thiếu")
    day_off = DayRule(date(2026, 3, 12), DayKind.OFF, "QĐ 45/QĐ-UBND", "Lễ hội làng")
    calendar_changes.apply(ctx, by=office.admin, change=calendar_changes.Days((day_off,)))
    b.turn_clock_to(ctx, "2026-03-11T09:00")
    b.bring_supplement(ctx, office, dossier)

    told = why(ctx, office, dossier, step=task)
    assert ("day_off", "QĐ 45/QĐ-UBND") in said(told["account"], "decision")
    assert told["due_at"] == "2026-03-13T09:00:00+07:00"
