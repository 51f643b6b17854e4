"""What a process waits for: opinions with limits of their own, silence that is consent, answers, one winner each."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.fields import InvalidFieldsError
from engine.domain.permissions import NotAllowedError, TaskNotYoursError
from engine.services import (
    acts,
    answers,
    clock_health,
    endings,
    explaining,
    intake,
    processing,
    reading,
    timekeeping,
    waiting,
)
from engine.services.processing import InvalidOutcomeError
from engine.services.transactions import Request
from engine.services.waiting import NotWaitingError
from engine.verification.verify import verify
from tests.integration.test_races import at_once
from tests.support import builders as b
from tests.support import processes as p
from tests.support.builders import Dossier

PARTNERS = {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"}
OUTSIDE = {'limit="12 calendar_day" role="officer"': 'limit="12 calendar_day" role="officer" countsInLimit="false"'}
CODE = "1.013225"


def asked(ctx: Context, **changes: Any) -> tuple[p.Reference, Dossier]:
    """Receive a dossier on Monday 2026-03-02 08:00 and ask two agencies for their opinion within 12 days."""
    reference = p.a_reference(ctx, CODE, partners=PARTNERS, **changes)
    dossier = p.receive(ctx, reference, facts={"private_house": False})
    dossier = p.do(ctx, reference, dossier, "appraise", "complete")
    fields = {"opinion_count": 2, "opinion_1": "dien_luc", "opinion_2": "CO_QUAN_Y_KIEN"}
    return reference, p.do(ctx, reference, dossier, "plan", **fields)


def shown(ctx: Context, reference: p.Reference, dossier: Dossier) -> dict[str, Any]:
    return reading.detail(ctx, by=reference.everybody, dossier=dossier["id"])


def test_each_agency_that_is_asked_has_a_task_with_its_own_limit(ctx: Context) -> None:
    reference, dossier = asked(ctx)

    opinions = [task for task in dossier["open_tasks"] if task["node"] == "opinions__answer"]
    assert sorted(task["unit"] for task in opinions) == ["CO_QUAN_Y_KIEN", "TIEP_NHAN"]
    assert {task["due_at"] for task in opinions} == {"2026-03-16T08:00:00+07:00"}
    assert [each["value"] for each in opinions[0]["outcomes"]] == ["agree", "agree_with_conditions", "disagree"]
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.dossiers.by_code(dossier["code"])
        codes = {uow.agencies.get(agency).code for agency in uow.dossiers.agencies(found.id)}
    assert codes == {"H00", "DL", "Y1"}
    items = [facts["item"] for kind, facts in p.events(ctx, dossier) if kind == "task.opened" and "item" in facts]
    assert items == ["dien_luc", "CO_QUAN_Y_KIEN"]
    assert verify(ctx) == []
    assert reference.code == CODE


def test_a_limit_of_its_own_is_accounted_for_and_no_pause_moves_it(sqlite_ctx: Context) -> None:
    reference, dossier = asked(sqlite_ctx)
    found = p.task(dossier, "opinions__answer")
    b.turn_clock_to(sqlite_ctx, "2026-03-04T08:00")
    waiting.request_supplement(
        sqlite_ctx, by=reference.everybody, dossier=dossier["id"], items=["Bản vẽ"], reason="Thiếu"
    )
    b.turn_clock_to(sqlite_ctx, "2026-03-10T08:00")
    waiting.complete_supplement(sqlite_ctx, by=reference.everybody, dossier=dossier["id"])

    why = explaining.why_this_date(sqlite_ctx, by=reference.everybody, dossier=dossier["id"], step=found["id"])
    assert why["due_at"] == found["due_at"] == "2026-03-16T08:00:00+07:00"
    assert why["account"][-1]["to"] == why["due_at"]
    assert "unaccounted" not in {line["kind"] for line in why["account"]}
    assert verify(sqlite_ctx) == []


def test_silence_is_consent_when_the_time_has_passed_and_not_before(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    dossier = p.do(ctx, reference, dossier, "visit")
    dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")
    assert p.nodes(dossier) == ["opinions__answer"]

    b.turn_clock_to(ctx, "2026-03-16T23:59")
    assert p.nodes(shown(ctx, reference, dossier)) == ["opinions__answer"]
    b.turn_clock_to(ctx, "2026-03-17T00:01")

    assert p.nodes(shown(ctx, reference, dossier)) == ["conclude"]
    kinds = p.kinds(ctx, dossier)
    assert [kinds.count(kind) for kind in ("wait.opened", "wait.cancelled", "wait.passed")] == [2, 1, 1]
    assert ("process.milestone", "Quá hạn trả lời ý kiến: coi như đồng ý") in [
        (kind, facts.get("text")) for kind, facts in p.events(ctx, dossier)
    ]
    assert verify(ctx) == []


def test_an_escalation_calls_the_supervisors_once_and_the_task_stays(ctx: Context) -> None:
    reference, dossier = asked(ctx, changes={"part_opinion_consent": "part_opinion_escalate"})
    with ctx.unit_of_work() as uow:
        uow.people.get(reference.supervisor.id).email = "giam-sat@example.test"

    b.turn_clock_to(ctx, "2026-03-17T00:01")
    b.turn_clock_to(ctx, "2026-04-20T08:00")

    assert p.nodes(shown(ctx, reference, dossier)) == ["opinions__answer", "opinions__answer", "visit"]
    called = [facts for kind, facts in p.events(ctx, dossier) if kind == "process.escalated"]
    assert [(each["about"], each["mails"]) for each in called] == [("opinion-late", 1)] * 2  # one for each agency
    assert p.kinds(ctx, dossier).count("wait.opened") == p.kinds(ctx, dossier).count("wait.passed") == 2
    with ctx.unit_of_work(read_only=True) as uow:
        orders = [uow.outbox.get(message) for message in uow.outbox.due(ctx.clock.now(), 20, topics=["mail"])]
    assert [order.payload["to"] for order in orders if order is not None] == ["giam-sat@example.test"] * 2
    assert verify(ctx) == []


@pytest.mark.parametrize("round_no", range(3))
def test_an_answer_and_its_time_out_at_the_same_moment_have_one_winner(ctx: Context, round_no: int) -> None:
    reference, dossier = asked(ctx)
    dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")
    found = p.task(dossier, "opinions__answer")
    b.turn_clock_to(ctx, "2026-03-17T00:01", ticker=False)

    told = at_once(
        lambda: processing.complete(ctx, by=reference.everybody, task_id=found["id"], outcome="disagree"),
        lambda: timekeeping.pass_due(ctx),
        lambda: timekeeping.pass_due(ctx),
    )
    while timekeeping.pass_due(ctx):
        pass

    kinds = p.kinds(ctx, dossier)
    passed, closed = kinds.count("wait.passed"), kinds.count("wait.cancelled")
    assert (passed, closed) in ((1, 1), (0, 2))
    assert (told[0] == "task-gone") == (passed == 1)
    assert p.nodes(shown(ctx, reference, dossier)) == ["visit"]
    assert verify(ctx) == []


def test_many_clock_processes_tell_each_process_once(ctx: Context) -> None:
    _, dossier = asked(ctx)
    b.turn_clock_to(ctx, "2026-03-17T00:01", ticker=False)

    at_once(*(lambda: timekeeping.pass_due(ctx, limit=3) for _ in range(4)))
    while timekeeping.pass_due(ctx):
        pass

    assert p.kinds(ctx, dossier).count("wait.passed") == 2
    assert verify(ctx) == []


def test_a_wait_that_nobody_looked_at_is_seen_in_the_clocks_health(sqlite_ctx: Context) -> None:
    asked(sqlite_ctx)
    before = clock_health.health(sqlite_ctx, by=SYSTEM)["limits"]["overdue"]
    b.turn_clock_to(sqlite_ctx, "2026-03-17T08:00", ticker=False)

    assert clock_health.health(sqlite_ctx, by=SYSTEM)["limits"]["overdue"] - before >= 2


def test_a_wait_that_fails_is_put_off_and_holds_up_no_other(sqlite_ctx: Context) -> None:
    reference, dossier = asked(sqlite_ctx)
    other = p.receive(sqlite_ctx, reference, facts={"private_house": False})
    other = p.do(sqlite_ctx, reference, other, "appraise", "complete")
    other = p.do(sqlite_ctx, reference, other, "plan", opinion_count=1, opinion_1="dien_luc")
    with sqlite_ctx.unit_of_work() as uow:
        uow.tasks.process(uow.dossiers.by_code(dossier["code"]).id).state = b"spoilt"
    b.turn_clock_to(sqlite_ctx, "2026-03-17T00:01", ticker=False)

    while timekeeping.pass_due(sqlite_ctx):
        pass

    assert p.kinds(sqlite_ctx, other).count("wait.passed") == 1
    limits = clock_health.health(sqlite_ctx, by=SYSTEM)["limits"]
    assert (limits["failing"], limits["overdue"]) == (2, 0)  # both of the spoilt process, an hour later


def test_withdrawing_cancels_what_the_process_waits_for(ctx: Context) -> None:
    reference, dossier = asked(ctx)

    dossier = endings.withdraw(ctx, by=reference.everybody, dossier=dossier["id"])

    assert dossier["open_tasks"] == []
    assert p.kinds(ctx, dossier).count("wait.cancelled") == 2
    assert timekeeping.next_wake(ctx) is None
    assert verify(ctx) == []


# --- outcomes, fields, roles -----------------------------------------------------------------------------------------


def test_a_step_takes_only_the_outcomes_that_it_offers(sqlite_ctx: Context) -> None:
    reference = p.a_reference(sqlite_ctx, CODE, partners=PARTNERS)
    dossier = p.receive(sqlite_ctx, reference, facts={"private_house": True})
    found = p.task(dossier, "appraise")

    for wrong in ("done", "granted"):
        with pytest.raises(InvalidOutcomeError) as caught:
            processing.complete(sqlite_ctx, by=reference.everybody, task_id=found["id"], outcome=wrong)
        assert caught.value.details["outcomes"] == ["complete", "incomplete"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "fields.opinion_count"),
        ({"opinion_count": "two"}, "fields.opinion_count"),
        ({"opinion_count": 1, "opinion_1": "NOWHERE"}, "fields.opinion_1"),
    ],
)
def test_fields_that_a_step_asks_for_must_fit_the_form(sqlite_ctx: Context, fields: dict[str, Any], named: str) -> None:
    reference = p.a_reference(sqlite_ctx, CODE, partners=PARTNERS)
    dossier = p.receive(sqlite_ctx, reference, facts={"private_house": True})
    dossier = p.do(sqlite_ctx, reference, dossier, "appraise", "complete")

    with pytest.raises(InvalidFieldsError) as caught:
        p.do(sqlite_ctx, reference, dossier, "plan", **fields)
    assert caught.value.details["field"] == named


def test_a_step_that_names_a_role_is_done_by_who_holds_it(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    reference = p.a_reference(ctx, CODE, partners=PARTNERS)
    dossier = p.receive(ctx, reference, facts={"private_house": True})
    with ctx.unit_of_work(read_only=True) as uow:
        unit = uow.agencies.find_unit(reference.agency, p.task(dossier, "appraise")["unit"])
    clerk = b.a_person(ctx, reference.agency, "van_thu", [Role.CLERK], [unit.id])

    with pytest.raises(TaskNotYoursError):
        processing.complete(ctx, by=clerk, task_id=p.task(dossier, "appraise")["id"], outcome="complete")
    assert reading.detail(ctx, by=clerk, dossier=dossier["id"])["may"]["work"] is False


# --- the stage around them -------------------------------------------------------------------------------------------


def test_a_stage_keeps_its_end_whichever_branch_of_it_is_done_last(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    b.turn_clock_to(ctx, "2026-03-04T08:00")
    dossier = p.do(ctx, reference, dossier, "visit")
    b.turn_clock_to(ctx, "2026-03-10T08:00")
    for _ in range(2):
        dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")

    assert p.task(dossier, "conclude")["due_at"] == "2026-03-16T08:00:00+07:00"  # 14 days since the 2nd, as planned
    assert "foreseen" not in [facts.get("why") for _, facts in p.events(ctx, dossier)]
    assert verify(ctx) == []


def test_a_stage_stood_still_in_the_pauses_since_its_last_step(ctx: Context) -> None:
    reference, dossier = asked(ctx, changes=OUTSIDE)
    b.turn_clock_to(ctx, "2026-03-04T08:00")
    dossier = p.do(ctx, reference, dossier, "visit")  # only the opinions are open: the clock stands
    b.turn_clock_to(ctx, "2026-03-06T08:00")
    for _ in range(2):
        dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")

    found = p.task(dossier, "conclude")
    assert found["due_at"] == "2026-03-18T08:00:00+07:00"
    told = explaining.why_this_date(ctx, by=reference.everybody, dossier=dossier["id"], step=found["id"])
    assert [line["kind"] for line in told["account"]] == ["stage", "days", "pause", "resume", "days", "due"]
    assert told["due_at"] == found["due_at"]
    assert verify(ctx) == []


# --- outside the limit -----------------------------------------------------------------------------------------------


def test_the_clock_stands_while_only_steps_outside_the_limit_are_open(ctx: Context) -> None:
    reference, dossier = asked(ctx, changes=OUTSIDE)
    assert dossier["paused"] is False  # the visit is inside
    b.turn_clock_to(ctx, "2026-03-04T08:00")

    dossier = p.do(ctx, reference, dossier, "visit")
    assert (dossier["paused"], dossier["status"]) == (True, 4)
    assert dossier["due_at"] == "2026-03-23T08:00:00+07:00"
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-06T08:00")
    for _ in range(2):
        dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")

    assert (dossier["paused"], dossier["status"], p.nodes(dossier)) == (False, 4, ["conclude"])
    assert dossier["due_at"] == "2026-03-24T08:00:00+07:00"  # day 20 was Sunday the 22nd, and is two days later
    (paused,) = [facts for kind, facts in p.events(ctx, dossier) if kind == "clock.paused"]
    assert (paused["reason"], paused["outside"]) == ("step", True)
    assert paused["ground"].endswith("ngoài thời hạn giải quyết")
    assert verify(ctx) == []


def test_the_clock_runs_until_processing_has_begun(sqlite_ctx: Context) -> None:
    step = '<motcua:step stage="2" stageLimit="14 calendar_day" limit="7 working_day" role="officer">'
    at_the_desk = step.replace(">", ' phase="reception" countsInLimit="false">')
    reference = p.a_reference(sqlite_ctx, CODE, partners=PARTNERS, changes={step: at_the_desk})

    dossier = p.receive(sqlite_ctx, reference, facts={"private_house": True})

    assert (dossier["status"], p.nodes(dossier), dossier["paused"]) == (2, ["appraise"], False)
    assert verify(sqlite_ctx) == []


def test_a_supplement_takes_over_from_a_pause_outside_the_limit(ctx: Context) -> None:
    reference, dossier = asked(ctx, changes=OUTSIDE)
    dossier = p.do(ctx, reference, dossier, "visit")
    b.turn_clock_to(ctx, "2026-03-05T10:00")

    dossier = waiting.request_supplement(
        ctx, by=reference.everybody, dossier=dossier["id"], items=["Bản vẽ"], reason="Thiếu"
    )
    assert (dossier["paused"], dossier["status"]) == (True, 5)
    b.turn_clock_to(ctx, "2026-03-06T10:00")
    dossier = waiting.complete_supplement(ctx, by=reference.everybody, dossier=dossier["id"])

    assert (dossier["paused"], dossier["status"]) == (True, 4)  # the opinions are still all that is open
    assert verify(ctx) == []
    dossier = endings.refuse(ctx, by=reference.everybody, dossier=dossier["id"], reason="Không phù hợp quy hoạch")
    assert (dossier["paused"], dossier["status"]) == (False, 9)
    assert verify(ctx) == []


def test_who_is_asked_may_answer_while_the_citizen_is_waited_for(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    b.turn_clock_to(ctx, "2026-03-04T08:00")
    waiting.request_supplement(ctx, by=reference.everybody, dossier=dossier["id"], items=["Bản vẽ"], reason="Thiếu")
    dossier = shown(ctx, reference, dossier)

    with pytest.raises(processing.DossierWaitsError):
        p.do(ctx, reference, dossier, "visit")
    with ctx.unit_of_work(read_only=True) as uow:
        partner = uow.agencies.by_code("Y1")
        units = [unit.id for unit in uow.agencies.units(partner.id)]
    asked_one = b.a_person(ctx, partner.id, "duoc_hoi", [Role.OFFICER], units)
    assert "complete" in acts.offered(ctx, by=asked_one, dossier=dossier["id"])["acts"]
    dossier = p.do(ctx, reference, dossier, "opinions__answer", "disagree")
    b.turn_clock_to(ctx, "2026-03-17T08:00")  # the time of the other one is over
    assert (shown(ctx, reference, dossier)["status"], p.nodes(shown(ctx, reference, dossier))) == (5, ["visit"])
    dossier = waiting.complete_supplement(ctx, by=reference.everybody, dossier=dossier["id"])
    dossier = p.do(ctx, reference, dossier, "visit")

    assert p.nodes(dossier) == ["conclude"]
    outcomes = [facts["outcome"] for kind, facts in p.events(ctx, dossier) if kind == "task.completed"]
    assert outcomes[-2:] == ["disagree", "done"]
    assert verify(ctx) == []


# --- answers ---------------------------------------------------------------------------------------------------------


def awaiting(ctx: Context) -> tuple[p.Reference, Dossier]:
    """Receive a marital-status dossier that waits for another commune's answer."""
    reference = p.a_reference(ctx, "1.004873")
    dossier = p.receive(ctx, reference, facts=p.usual_facts("1.004873"))
    while not reading_awaited(ctx, reference, dossier):
        node = dossier["open_tasks"][0]["node"]
        dossier = p.do(ctx, reference, dossier, node, "verify" if node == "examine" else None)
    return reference, dossier


def reading_awaited(ctx: Context, reference: p.Reference, dossier: Dossier) -> list[str]:
    found: list[str] = acts.offered(ctx, by=reference.everybody, dossier=dossier["id"])["answers"]
    return found


def test_an_answer_that_is_awaited_is_recorded_once_and_moves_the_process(ctx: Context) -> None:
    reference, dossier = awaiting(ctx)
    by, request = reference.everybody, Request(key="answer", fingerprint="0" * 64)
    before = p.nodes(dossier)

    told = at_once(
        *(
            lambda: answers.record(
                ctx, by=by, dossier=dossier["id"], message="verification.answered", note="CV 12", request=request
            )
            for _ in range(4)
        )
    )

    assert told == [told[0]] * 4
    assert p.nodes(told[0]) != before
    said = [facts for kind, facts in p.events(ctx, dossier) if kind == "answer.recorded"]
    assert [(facts["message"], facts["note"]) for facts in said] == [("verification.answered", "CV 12")]
    assert verify(ctx) == []


def test_answers_that_nobody_waits_for_are_refused_by_name(sqlite_ctx: Context) -> None:
    reference, dossier = awaiting(sqlite_ctx)
    stranger = b.a_person(sqlite_ctx, reference.agency, "la", [Role.AUDITOR], [])

    with pytest.raises(NotWaitingError) as caught:
        answers.record(sqlite_ctx, by=reference.everybody, dossier=dossier["id"], message="payment.confirmed")
    assert caught.value.details["awaited"] == ["verification.answered"]
    with pytest.raises(answers.InvalidMessageError):
        answers.record(sqlite_ctx, by=reference.everybody, dossier=dossier["id"], message="limit.passed")
    with pytest.raises(NotAllowedError):
        answers.record(sqlite_ctx, by=stranger, dossier=dossier["id"], message="verification.answered")
    with pytest.raises(InvalidFieldsError):
        answers.record(
            sqlite_ctx, by=reference.everybody, dossier=dossier["id"], message="verification.answered",
            fields={"colour": "red"},
        )  # fmt: skip


# --- facts at receipt ------------------------------------------------------------------------------------------------


def test_the_limit_follows_from_the_facts_and_the_desk_may_correct_them(ctx: Context) -> None:
    reference = p.a_reference(ctx, CODE, partners=PARTNERS)
    filing = {"procedure_code": CODE, "applicant": b.NO_EMAIL, "agency": "H00"}
    filed = intake.submit(
        ctx, by=reference.everybody, filing=intake.Filing(**filing, facts={"private_house": False})
    )  # fmt: skip

    dossier = intake.receive_submitted(
        ctx, by=reference.everybody, dossier=filed["id"], facts={"private_house": True}
    )  # fmt: skip

    assert dossier["due_at"] == "2026-03-17T08:00:00+07:00"  # 15 days of a private house, not 20
    (said,) = [facts for kind, facts in p.events(ctx, dossier) if kind == "dossier.received"]
    assert (said["limit"], said["facts"], said["fee_vnd"]) == ("15 calendar_day", {"private_house": True}, 75_000)
    assert verify(ctx) == []
    with ctx.unit_of_work() as uow:
        uow.dossiers.by_code(dossier["code"]).facts = {"private_house": False}
    assert {(each.table, each.field) for each in verify(ctx)} == {("dossier", "facts")}


def test_a_receipt_without_a_required_fact_is_refused_by_name(sqlite_ctx: Context) -> None:
    reference = p.a_reference(sqlite_ctx, CODE, partners=PARTNERS)

    for facts in ({}, {"private_house": "maybe"}, {"private_house": True, "colour": "red"}):
        with pytest.raises(InvalidFieldsError):
            p.receive(sqlite_ctx, reference, facts=facts)
    assert p.receive(sqlite_ctx, reference, facts={"private_house": True})["code"].endswith("-0001")
