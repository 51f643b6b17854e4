"""The promise and its letters through the services: what moves a date, what never does, and who gets an apology."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.dossier import Cause, Status
from engine.errors import EngineError
from engine.services import apologies, explaining, intake, letter_dispatch, timekeeping, waiting
from engine.store.unit_of_work import Database
from engine.verification.verify import verify
from tests.support.builders import (
    Office,
    a_filing,
    a_received_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    do_next_step,
    local,
    refuse,
    turn_clock_to,
    withdraw,
)
from tests.support.step_tables import DESK, HEAD, OFFICE, linear

TEN_DAYS = {"total_days": "10"}


def letters(ctx: Context, office: Office) -> list[tuple[str, str]]:
    return [(letter["trigger"], letter["state"]) for letter in apologies.listed(ctx, by=office.supervisor)]


@pytest.mark.parametrize(
    ("clock", "due_at"),
    [
        pytest.param("restart", "2026-10-27T10:00:00+07:00", id="vector-10-restart"),
        pytest.param("pause", "2026-10-22T09:00:00+07:00", id="vector-10-pause"),
    ],
)
def test_supplement_moves_the_promise_by_the_policy(ctx: Context, clock: str, due_at: str) -> None:
    office = an_office(ctx, policy={"supplement": {"clock": clock}}, **TEN_DAYS)
    turn_clock_to(ctx, "2026-10-05T09:00")
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2026-10-19T09:00:00+07:00"

    turn_clock_to(ctx, "2026-10-08T10:00")
    waits = ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-10-13T10:00")
    runs = bring_supplement(ctx, office, dossier)

    assert (waits["status"], waits["paused"], waits["late_after"]) == (5, True, None)
    assert (runs["status"], runs["paused"], runs["due_at"]) == (4, False, due_at)


@pytest.mark.parametrize(
    ("resumed", "due_at"),
    [
        pytest.param("2026-10-05T15:50", "2026-10-20T07:00:00+07:00", id="before-the-counting-began"),
        pytest.param("2026-10-06T08:00", "2026-10-20T08:00:00+07:00", id="after-it"),
    ],
)
def test_pause_before_the_counting_begins_takes_no_time_away(ctx: Context, resumed: str, due_at: str) -> None:
    office = an_office(ctx, policy={"cutoff": "15:00", "supplement": {"clock": "pause"}}, **TEN_DAYS)
    turn_clock_to(ctx, "2026-10-05T15:30")
    dossier = a_received_dossier(ctx, office)
    assert dossier["due_at"] == "2026-10-20T07:00:00+07:00"

    turn_clock_to(ctx, "2026-10-05T15:40")
    ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, resumed)

    assert bring_supplement(ctx, office, dossier)["due_at"] == due_at
    assert explaining.why_this_date(ctx, by=office.desk, dossier=dossier["code"])["due_at"] == due_at
    assert verify(ctx) == []


def test_apology_is_ordered_one_working_day_before_and_only_once(ctx: Context) -> None:
    # vector 11: due Thu 22/10/2026 09:00, so at the latest Wed 21/10/2026 09:00
    office = an_office(ctx, policy={"supplement": {"clock": "pause"}}, **TEN_DAYS)
    turn_clock_to(ctx, "2026-10-05T09:00")
    dossier = a_received_dossier(ctx, office)
    dossier = do_next_step(ctx, office, dossier)
    turn_clock_to(ctx, "2026-10-08T10:00")
    waiting.request_supplement(ctx, by=office.approver, dossier=dossier["id"], items=["A"], reason="thiếu")
    turn_clock_to(ctx, "2026-10-13T10:00")
    bring_supplement(ctx, office, dossier)

    turn_clock_to(ctx, "2026-10-21T08:59")
    assert letters(ctx, office) == []
    turn_clock_to(ctx, "2026-10-21T09:00")
    assert letters(ctx, office) == [("lead", "draft")]
    turn_clock_to(ctx, "2026-10-30T09:00")
    assert letters(ctx, office) == [("lead", "draft")]


def test_apology_is_ordered_when_the_remaining_stages_no_longer_fit(ctx: Context) -> None:
    office = an_office(ctx, total_days="3")  # the desk's stage of 1 day was not used: office and head have 3 for 2
    dossier = a_received_dossier(ctx, office)

    turn_clock_to(ctx, "2026-03-04T08:00")  # the head's day still fits before Thursday 08:00
    assert letters(ctx, office) == []
    turn_clock_to(ctx, "2026-03-04T08:01")

    assert letters(ctx, office) == [("foreseen", "draft")]
    assert advance_to(ctx, office, dossier, Status.FINISHED)["late"] is False
    assert letters(ctx, office) == [("foreseen", "withdrawn")]


def test_stage_that_starts_too_late_foresees_the_lateness_at_once(ctx: Context) -> None:
    office = an_office(ctx, total_days="3")
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-04T08:30", ticker=False)

    do_next_step(ctx, office, dossier)
    timekeeping.pass_due(ctx)

    assert letters(ctx, office) == [("foreseen", "draft")]


def test_unanswered_supplement_closes_the_dossier_without_apology(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    ask_supplement(ctx, office, dossier)

    turn_clock_to(ctx, "2026-03-23T23:00")  # 15 working days end within this day
    with ctx.unit_of_work(read_only=True) as uow:
        assert uow.dossiers.by_code(dossier["code"]).status == Status.SUPPLEMENT
    turn_clock_to(ctx, "2026-03-24T00:01")

    with ctx.unit_of_work(read_only=True) as uow:
        assert uow.dossiers.by_code(dossier["code"]).status == Status.STOPPED
    assert letters(ctx, office) == []


@pytest.mark.parametrize("end", [withdraw, refuse], ids=["withdrawn", "refused"])
def test_dossier_that_ends_in_time_takes_back_its_draft(ctx: Context, end: Any) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-06T07:30")
    assert [state for _, state in letters(ctx, office)] == ["draft"]

    end(ctx, office, dossier)

    assert [state for _, state in letters(ctx, office)] == ["withdrawn"]


def test_broken_promise_is_not_cured_by_a_pause(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00")

    paused = ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-11T09:00")
    runs = bring_supplement(ctx, office, dossier)

    assert (paused["late"], runs["late"]) == (True, True)
    assert runs["due_at"] == dossier["due_at"]
    assert len(letters(ctx, office)) == 1


def test_late_is_true_with_all_workers_dead_and_the_letter_follows(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00", ticker=False)

    finished = advance_to(ctx, office, dossier, Status.FINISHED)

    assert finished["late"] is True
    assert letters(ctx, office) == [("passed", "draft")]


def test_extension_never_moves_the_promise_and_is_given_once(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")

    extended = apologise(ctx, office, dossier, new_due="2026-03-10T09:00")
    turn_clock_to(ctx, "2026-03-09T09:00")
    finished = advance_to(ctx, office, dossier, Status.FINISHED)

    assert extended["due_at"] == dossier["due_at"]
    assert extended["extended_due_at"] == "2026-03-10T09:00:00+07:00"
    assert finished["late"] is True
    assert [state for _, state in letters(ctx, office)] == ["sent"]
    with pytest.raises(EngineError) as second:
        apologise(ctx, office, dossier, new_due="2026-03-12T09:00")
    assert second.value.code == "letter-state"


def test_sent_letter_stays_sent_when_the_dossier_is_in_time_after_all(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    apologise(ctx, office, dossier, new_due="2026-03-10T09:00")

    finished = advance_to(ctx, office, dossier, Status.FINISHED)

    assert finished["late"] is False
    assert [state for _, state in letters(ctx, office)] == ["sent"]


def test_step_that_pauses_stops_the_clock_until_the_one_that_resumes(ctx: Context) -> None:
    steps = an_office_with_tax_steps()
    office = an_office(ctx, steps=steps, total_days="5")
    dossier = a_received_dossier(ctx, office)
    dossier = do_next_step(ctx, office, dossier)  # the notice is handed out

    assert (dossier["status"], dossier["paused"]) == (6, True)
    turn_clock_to(ctx, "2026-03-12T08:00")
    dossier = do_next_step(ctx, office, dossier)  # the receipt of the tax is here

    assert (dossier["status"], dossier["paused"], dossier["due_at"]) == (4, False, "2026-03-19T08:00:00+07:00")
    assert letters(ctx, office) == []


def an_office_with_tax_steps() -> list[dict[str, Any]]:
    rows = linear(
        ("NHAN", DESK), ("THONG_BAO", OFFICE), ("BIEN_LAI", OFFICE), ("KY", HEAD), ("TRA", DESK), ends="KY"
    )  # fmt: skip
    rows[1]["pauses_clock"] = rows[2]["resumes_clock"] = True
    return rows


def test_limit_that_fails_is_pushed_and_stops_no_other(ctx: Context) -> None:
    office = an_office(ctx)
    bad, good = (a_received_dossier(ctx, office) for _ in range(2))
    with ctx.unit_of_work() as uow:
        promise = uow.deadlines.promise(uow.dossiers.by_code(bad["code"]).id)
        assert promise is not None
        promise.limit = "nonsense"
    turn_clock_to(ctx, "2026-03-05T09:00", ticker=False)

    assert timekeeping.pass_due(ctx) == 1

    assert [letter["dossier_code"] for letter in apologies.listed(ctx, by=office.supervisor)] == [good["code"]]
    with ctx.unit_of_work(read_only=True) as uow:
        promise = uow.deadlines.promise(uow.dossiers.by_code(bad["code"]).id)
        assert promise is not None
        assert (promise.attempts, promise.wake_at) == (1, ctx.clock.now() + timekeeping.POISONED)


def test_year_without_calendar_is_an_error_that_names_it_and_takes_no_number(ctx: Context) -> None:
    office = an_office(ctx, total_days="9000")

    with pytest.raises(EngineError) as refused:
        intake.receive(ctx, by=office.desk, filing=a_filing(office))

    assert refused.value.code == "calendar-gap"
    assert _counters(ctx.database) == 0


def _counters(database: Database) -> int:
    with database.engine.connect() as connection:
        return int(connection.exec_driver_sql("select count(*) from counter").scalar_one())


def test_letter_that_changes_has_to_be_approved_again(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T14:00")
    [letter] = apologies.listed(ctx, by=office.supervisor)
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=local("2026-03-09T09:00"))
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)
    apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    turn_clock_to(ctx, "2026-03-10T09:00")  # nobody sent it, and its new date has passed
    with pytest.raises(EngineError) as passed:
        letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter["id"])

    later = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=local("2026-03-12T09:00"))
    written = apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=later)

    assert passed.value.code == "new-date-invalid"
    assert (written["letter"]["state"], written["letter"]["approved_at"]) == ("draft", None)
    with pytest.raises(EngineError) as unapproved:
        letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter["id"])
    assert unapproved.value.code == "letter-state"
    apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    sent = letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter["id"])
    assert sent["dossier"]["extended_due_at"] == "2026-03-12T09:00:00+07:00"
    assert dossier["due_at"] == sent["dossier"]["due_at"]
    assert verify(ctx) == []
