"""Two at once: exactly one wins, the other is told, and the same request asked twice has one effect."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import Role
from engine.errors import EngineError
from engine.services import apologies, intake, processing, timekeeping
from engine.services.transactions import Request
from tests.support.builders import a_filing, a_person, a_received_dossier, an_office, turn_clock_to


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; return answers, or the code of the error."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait(timeout=30)
        try:
            return call()
        except EngineError as error:
            return error.code

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_two_officers_complete_one_task_and_one_wins(ctx: Context) -> None:
    office = an_office(ctx)
    rival = a_person(ctx, office.id, "rival", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    for _ in range(10):
        dossier = a_received_dossier(ctx, office)
        [task] = dossier["open_tasks"]

        outcomes = at_once(
            *(
                lambda by=by, task=task: processing.complete(ctx, by=by, task_id=task["id"])
                for by in (office.officer, rival)
            )
        )

        assert [outcome for outcome in outcomes if isinstance(outcome, str)] == ["task-gone"]
        with ctx.unit_of_work(read_only=True) as uow:
            done = [task for task in uow.tasks.all_of(uow.dossiers.by_code(dossier["code"]).id) if task.outcome]
            assert [row.node for row in done if str(row.id) == task["id"]] == [task["node"]]


def test_two_officers_claim_one_task_and_one_wins(ctx: Context) -> None:
    office = an_office(ctx)
    rival = a_person(ctx, office.id, "rival", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    [task] = a_received_dossier(ctx, office)["open_tasks"]

    outcomes = at_once(
        *(lambda by=by: processing.claim(ctx, by=by, task_id=task["id"]) for by in (office.officer, rival))
    )

    assert [outcome for outcome in outcomes if isinstance(outcome, str)] == ["task-claimed"]


def test_many_identical_requests_have_one_effect_and_one_answer(ctx: Context) -> None:
    office = an_office(ctx)
    request = Request(key="same", fingerprint="0" * 64)

    answers = at_once(
        *(lambda: intake.receive(ctx, by=office.desk, filing=a_filing(office), request=request) for _ in range(8))
    )

    assert answers == [answers[0]] * 8
    assert a_received_dossier(ctx, office)["code"].endswith("-0002")


def test_codes_of_a_day_have_no_gap_and_no_double(ctx: Context) -> None:
    office = an_office(ctx)

    answers = at_once(*(lambda: intake.receive(ctx, by=office.desk, filing=a_filing(office)) for _ in range(12)))

    assert sorted(answer["code"] for answer in answers) == [f"H00-260302-{no:04d}" for no in range(1, 13)]


def test_many_clock_processes_order_one_letter_each(ctx: Context) -> None:
    office = an_office(ctx)
    for _ in range(5):
        a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00", ticker=False)

    acted = at_once(*(lambda: timekeeping.pass_due(ctx) for _ in range(4)))

    assert sum(acted) == 5
    letters = apologies.listed(ctx, by=office.supervisor)
    assert [letter["trigger"] for letter in letters] == ["passed"] * 5
    assert len({letter["dossier"] for letter in letters}) == 5


@pytest.mark.parametrize("round_no", range(3))
def test_officer_and_clock_at_the_same_instant_agree(ctx: Context, round_no: int) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T09:00", ticker=False)
    [task] = dossier["open_tasks"]

    at_once(
        lambda: processing.complete(ctx, by=office.officer, task_id=task["id"]),
        lambda: timekeeping.pass_due(ctx),
    )
    timekeeping.pass_due(ctx)

    assert [letter["dossier_code"] for letter in apologies.listed(ctx, by=office.supervisor)] == [dossier["code"]]
