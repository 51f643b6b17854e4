"""Why a date is what it is, through the services: each act of a history has its line, and nothing else does."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule, Shift
from engine.domain.date_words import Words
from engine.domain.dossier import Status
from engine.domain.office_hours import OfficeHours, parse_shifts
from engine.errors import EngineError
from engine.services import calendar_changes, explaining, tracking, waiting
from tests.support import builders as b
from tests.support.accounts import every_date, hold, hold_all
from tests.support.appointments import a_land_office, missed_first, pay, receive, tell_what_to_pay
from tests.unit.documents.sample_papers import text

DECISION = "QĐ 45/QĐ-UBND"
TEN_DAYS = {"total_days": "10"}


def why(ctx: Context, office: b.Office, dossier: b.Dossier, **which: Any) -> dict[str, Any]:
    told = explaining.why_this_date(ctx, by=office.supervisor, dossier=dossier["id"], **which)
    hold(told)
    return told


def said(lines: list[dict[str, Any]], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(line.get(name) for name in ("kind", *names)) for line in lines]


def declare(ctx: Context, office: b.Office, *rules: DayRule) -> None:
    calendar_changes.apply(ctx, by=office.admin, change=calendar_changes.Days(rules))


def a_day_off(on: str) -> DayRule:
    return DayRule(date.fromisoformat(on), DayKind.OFF, DECISION, "Lễ hội làng")


def test_receipt_is_accounted_for_with_its_rule_and_source(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"cutoff": "15:00"})
    b.turn_clock_to(ctx, "2026-03-02T15:20")
    told = why(ctx, office, b.a_received_dossier(ctx, office))

    start, days, due = told["account"]
    assert (start["rule"], start["cutoff"], start["source"]) == ("cutoff", "15:00", "thủ tục đã công bố")
    assert (start["from"], start["to"]) == ("2026-03-02T15:20:00+07:00", "2026-03-03T07:00:00+07:00")
    assert (start["limit"], days["amount"], days["unit"]) == ("4 working_day", "4", "working_day")
    assert (due["to"], due["what"]) == (told["due_at"], "promise") == ("2026-03-09T07:00:00+07:00", "promise")
    assert told["explanation"] == [*told["account"][:-1], told["explanation"][-1]]
    assert said(told["beside"], "late_rule", "to") == [("late_after", "day", "2026-03-09T23:59:59.999999+07:00")]


@pytest.mark.parametrize(
    ("clock", "counts_on", "amounts"),
    [
        pytest.param("pause", "resume", ["3.125", "6.875"], id="what-was-left"),
        pytest.param("restart", "restart", ["3.125", "10"], id="the-whole-anew"),
    ],
)
def test_supplement_says_who_stopped_the_clock_why_and_what_was_left(
    ctx: Context, clock: str, counts_on: str, amounts: list[str]
) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": clock}}, **TEN_DAYS)
    b.turn_clock_to(ctx, "2026-10-05T09:00")
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-10-08T10:00")
    b.ask_supplement(ctx, office, dossier)

    waits = why(ctx, office, dossier)
    pause = waits["account"][-2]
    assert said(waits["account"]) == [("start",), ("days",), ("pause",), ("waiting",)]
    assert (pause["to"], pause["reason"], pause["ground"]) == (None, "supplement", "Còn thiếu")
    assert (pause["person"], pause["rest"]) == ("Cán bộ officer", "6.875 working_day")
    assert (waits["late_after"], waits["beside"]) == (None, [])

    b.turn_clock_to(ctx, "2026-10-13T10:00")
    b.bring_supplement(ctx, office, dossier)
    runs = why(ctx, office, dossier)
    lines = runs["account"]
    assert said(lines) == [("start",), ("days",), ("pause",), (counts_on,), ("days",), ("due",)]
    assert [line["amount"] for line in lines if line["amount"]] == amounts
    assert (lines[2]["from"], lines[2]["to"]) == ("2026-10-08T10:00:00+07:00", "2026-10-13T10:00:00+07:00")
    assert (lines[3]["person"], lines[3]["from"]) == ("Cán bộ desk", "2026-10-13T10:00:00+07:00")
    assert [move["kind"] for move in runs["moves"]] == ["clock.paused", f"clock.{counts_on}ed".replace("ee", "e")]


def test_answer_limit_has_an_account_of_its_own(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.turn_clock_to(ctx, "2026-03-02T17:30")
    dossier = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))

    told = why(ctx, office, dossier, supplement=1)
    assert said(told["account"], "rule") == [("asked", "after_closing"), ("days", None), ("due", None)]
    assert (told["what"], told["limit"], told["account"][1]["amount"]) == ("answer", "15 working_day", "15")
    b.bring_supplement(ctx, office, dossier)
    assert said(why(ctx, office, dossier, supplement=1)["beside"]) == [("late_after",), ("answered",)]


def test_unanswered_request_says_that_its_limit_ended(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    b.turn_clock_to(ctx, "2026-03-24T08:00")

    assert said(why(ctx, office, dossier, supplement=1)["beside"])[-1] == ("lapsed",)
    assert said(why(ctx, office, dossier)["account"])[-2:] == [("pause",), ("ended",)]


def test_calendar_change_that_moves_dates_names_decision_and_person(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}}, total_days="15")
    dossier = b.a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2026-03-23T08:00:00+07:00"
    asked = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    declare(ctx, office, a_day_off("2026-03-23"))

    told = why(ctx, office, dossier)
    moved = told["account"][-2]
    assert said(told["account"]) == [("start",), ("days",), ("moved",), ("due",)]
    assert (moved["decision"], moved["person"]) == (DECISION, "Cán bộ admin")
    assert (moved["from"], moved["to"]) == (dossier["due_at"], "2026-03-24T07:00:00+07:00")
    assert said(told["beside"], "to") == [("late_after", "2026-03-24T23:59:59.999999+07:00")]
    assert said(why(ctx, office, asked, supplement=1)["account"])[-2:] == [("moved",), ("due",)]

    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-04T09:00")
    b.bring_supplement(ctx, office, dossier)
    runs = why(ctx, office, dossier)["account"]
    assert said(runs) == [("start",), ("moved",), ("pause",), ("resume",), ("days",), ("day_off",), ("days",), ("due",)]
    assert [move["kind"] for move in told["moves"]] == ["promise.moved"]


def test_date_kept_over_a_calendar_change_is_what_a_pause_counts_to(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}}, **TEN_DAYS)
    dossier = b.a_received_dossier(ctx, office)
    declare(ctx, office, a_day_off("2026-03-04"))  # the promised Monday 16 March 08:00 stays
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-05T08:00")
    b.bring_supplement(ctx, office, dossier)

    told = why(ctx, office, dossier)
    lines = said(told["account"], "amount", "rest", "until")
    assert lines[1:3] == [("days", "1", None, None), ("pause", None, "8 working_day", dossier["due_at"])]
    assert told["due_at"] == "2026-03-17T08:00:00+07:00"  # one working day later: that is how long it stood


def test_taken_back_change_is_told_as_a_second_move(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    declare(ctx, office, a_day_off("2026-03-06"))
    change = calendar_changes.history(ctx, by=office.admin)[0]["id"]
    calendar_changes.undo(ctx, by=office.admin, change_id=change)

    moves = [line for line in why(ctx, office, dossier)["account"] if line["kind"] == "moved"]
    assert [move["to"] for move in moves] == ["2026-03-09T07:00:00+07:00", dossier["due_at"]]


def test_declared_days_on_the_way_say_note_hours_and_decision(ctx: Context) -> None:
    office = b.an_office(ctx, **TEN_DAYS)
    half = (Shift.parse("07:00-11:30"),)
    declare(
        ctx,
        office,
        DayRule(date(2026, 3, 4), DayKind.OFF, DECISION, "Lễ hội làng"),
        DayRule(date(2026, 3, 7), DayKind.WORK, DECISION, "Làm bù", shifts=half),
    )
    week = tuple(parse_shifts("07:30-11:30, 13:00-16:30") if day < 5 else () for day in range(7))
    hours = OfficeHours(date(2026, 3, 9), week, decision="QĐ 46", note="Mùa đông")
    calendar_changes.apply(ctx, by=office.admin, change=calendar_changes.Hours(hours))

    told = why(ctx, office, b.a_received_dossier(ctx, office))
    assert said(told["account"], "decision", "note", "hours", "amount") == [
        ("start", None, None, None, None),
        ("days", None, None, None, "1.875"),
        ("day_off", DECISION, "Lễ hội làng", None, None),
        ("days", None, None, None, "2"),
        ("make_up", DECISION, "Làm bù", "07:00-11:30", "1"),
        ("hours", "QĐ 46", "Mùa đông", None, None),
        ("days", None, None, None, "5.125"),
        ("due", None, None, None, None),
    ]


def test_year_without_decision_is_named(ctx: Context) -> None:
    office = b.an_office(ctx, **TEN_DAYS)
    b.turn_clock_to(ctx, "2026-12-28T09:00")
    told = why(ctx, office, b.a_received_dossier(ctx, office))

    assert told["provisional"] is True
    assert said(told["account"], "years")[-2:] == [("provisional", [2027]), ("due", None)]


def test_broken_promise_and_apology_stand_beside_it(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T14:00")
    b.apologise(ctx, office, dossier, new_due="2026-03-10T09:00")
    b.turn_clock_to(ctx, "2026-03-09T09:00")
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-11T09:00")
    b.bring_supplement(ctx, office, dossier)

    told = why(ctx, office, dossier)
    assert said(told["account"], "why", "broken")[2:] == [
        ("pause", None, True), ("kept", "broken", None), ("due", None, None),
    ]  # fmt: skip
    assert said(told["beside"], "person", "to") == [
        ("late_after", None, "2026-03-06T23:59:59.999999+07:00"),
        ("extended", "Cán bộ approver", "2026-03-10T09:00:00+07:00"),
        ("passed", None, "2026-03-07T00:00:00+07:00"),
    ]
    assert told["due_at"] == dossier["due_at"]


def test_extension_that_a_calendar_change_moves_says_so(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T14:00")
    b.apologise(ctx, office, dossier, new_due="2026-03-10T09:00")
    declare(ctx, office, a_day_off("2026-03-10"))

    beside = why(ctx, office, dossier)["beside"]
    assert said(beside, "decision", "to")[-1] == ("extension_moved", DECISION, "2026-03-11T07:00:00+07:00")


def test_promise_whose_time_is_used_up_keeps_its_date_over_a_pause_on_its_last_day(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-06T10:00")
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-06T11:00")
    b.bring_supplement(ctx, office, dossier)

    assert said(why(ctx, office, dossier)["account"], "why")[2:] == [
        ("pause", None), ("kept", "last_day"), ("due", None),
    ]  # fmt: skip


def test_missed_appointment_leaves_nothing_promised_until_payment(ctx: Context) -> None:
    office = a_land_office(ctx)
    told = why(ctx, office, missed_first(ctx, office))

    assert said(told["account"], "broken")[2:] == [("pause", True), ("met", True), ("waiting", None)]
    assert said(told["beside"]) == [("passed",)]


def test_two_appointments_are_accounted_for_in_turn(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T08:00")
    dossier = tell_what_to_pay(ctx, office, dossier)
    waits = why(ctx, office, dossier)
    assert said(waits["account"], "promise")[2:] == [("pause", None), ("met", 1), ("waiting", None)]
    b.turn_clock_to(ctx, "2026-03-12T16:00")
    pay(ctx, office, dossier)

    told = why(ctx, office, dossier)
    assert said(told["account"], "promise", "limit")[4:] == [
        ("appointment", 2, "2 working_day"), ("days", None, None), ("due", 2, None),
    ]  # fmt: skip
    assert [each["no"] for each in told["appointments"]] == [1, 2]
    printed = text(explaining.pdf(ctx, by=office.desk, dossier=dossier["id"]))
    assert "Thời hạn giải quyết theo quy định: lần 1: 4 ngày làm việc; lần 2: 2 ngày làm việc" in printed


# --- who is told what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "code"),
    [
        ({"step": "00000000-0000-0000-0000-000000000000"}, "task-not-found"),
        ({"step": "x"}, "task-not-found"),
        ({"supplement": 1}, "supplement-not-found"),
        ({"step": "x", "supplement": 1}, "invalid-input"),
    ],
)
def test_date_that_there_is_not_is_an_error(ctx: Context, which: dict[str, Any], code: str) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    with pytest.raises(EngineError) as refused:
        why(ctx, office, dossier, **which)
    assert refused.value.code == code


def test_step_outside_the_promise_has_no_date(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    (task,) = dossier["open_tasks"]
    with pytest.raises(EngineError) as refused:
        why(ctx, office, dossier, step=task["id"])
    assert refused.value.code == "no-stage-end"


def test_dossier_that_is_not_received_has_no_date(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_submitted_dossier(ctx, office)
    with pytest.raises(EngineError) as refused:
        why(ctx, office, dossier)
    assert refused.value.code == "not-received"
    assert every_date(ctx, by=office.desk, dossier=dossier["id"]) == []
    asked = waiting.request_supplement(ctx, by=office.desk, dossier=dossier["id"], items=["Ảnh"], reason="Thiếu")
    assert said(why(ctx, office, asked, supplement=1)["account"])[0] == ("asked",)


def test_stranger_is_told_nothing(ctx: Context) -> None:
    office, other = b.an_office(ctx), b.an_office(ctx, code="H01")
    dossier = b.a_received_dossier(ctx, office)
    for tell in (explaining.why_this_date, explaining.why_these_dates, explaining.pdf):
        with pytest.raises(EngineError) as refused:
            tell(ctx, by=other.supervisor, dossier=dossier["id"])
        assert refused.value.code == "dossier-not-found"


def test_citizens_are_told_without_people_and_free_text(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    waiting.request_supplement(
        ctx, by=office.officer, dossier=dossier["id"], items=["CCCD"], reason="Ông Nguyễn Văn A chưa ký"
    )
    b.turn_clock_to(ctx, "2026-03-03T09:00")
    b.bring_supplement(ctx, office, dossier)
    declare(ctx, office, a_day_off("2026-03-09"))

    shown = tracking.look_up(ctx, code=dossier["code"])["why"]
    assert said(shown["account"]) == said(why(ctx, office, dossier)["account"])
    assert ("pause", "supplement") in said(shown["account"], "reason")
    assert not any(word in str(shown) for word in ("Cán bộ", "Nguyễn Văn A", "person", "ground", "text"))


def test_paper_is_the_same_for_the_same_history(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    first = explaining.pdf(ctx, by=office.desk, dossier=dossier["id"])
    b.turn_clock_to(ctx, "2026-03-03T09:00")

    assert explaining.pdf(ctx, by=SYSTEM, dossier=dossier["code"]) == first
    b.ask_supplement(ctx, office, dossier)
    assert explaining.pdf(ctx, by=office.desk, dossier=dossier["id"]) != first


def test_every_date_of_a_dossier_is_told_at_once(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    found = explaining.why_these_dates(ctx, by=office.desk, dossier=dossier["id"])

    assert found["promise"] == why(ctx, office, dossier)
    assert found["answers"] == {1: why(ctx, office, dossier, supplement=1)}
    assert [told["name"] for told in found["steps"].values()] == ["Bước NHAN", "Bước THU_LY"]
    assert all(told == why(ctx, office, dossier, step=task) for task, told in found["steps"].items())
    hold_all(ctx, by=office.desk, dossier=dossier["id"])


def test_day_declared_on_the_way_is_told_beside_a_kept_date(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    declare(ctx, office, a_day_off("2026-03-04"))

    told = why(ctx, office, dossier)

    assert told["due_at"] == dossier["due_at"]
    (since,) = [line for line in told["beside"] if line["kind"] == "since"]
    assert (since["decision"], since["hours"], since["from"]) == (DECISION, "", "2026-03-04T00:00:00+07:00")
    assert Words().line(since) == (
        f"Sau khi hẹn, ngày 04/03/2026 được khai là ngày nghỉ ({DECISION}): hạn đã hẹn vẫn giữ."
    )
