"""Tasks, obligations and endings at their edges: values that databases change, endless waits, claims of others."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.fields import InvalidFieldsError
from engine.errors import EngineError, InvalidInputError
from engine.services import processing, reading, waiting
from engine.services.case import VersionMismatchError, case_of, find, record
from engine.store.tasks import TaskNotFoundError
from engine.verification.verify import verify
from tests.support.builders import a_received_dossier, advance_to, an_office, do_next_step
from tests.support.step_tables import usual_steps


def test_fields_come_back_as_they_were_hashed(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    fields: dict[str, Any] = {"số": 2**53, "đạt": True, "trống": None, "diện tích": "1e22"}

    processing.complete(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"], fields=fields)

    assert [found.as_json() for found in verify(ctx)] == []


@pytest.mark.parametrize("value", [1e22, -0.0, float("nan"), 2**60, ["a"]])
def test_fields_that_a_database_changes_are_refused(ctx: Context, value: object) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)

    with pytest.raises(InvalidFieldsError):
        processing.complete(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"], fields={"a": value})

    with ctx.unit_of_work(read_only=True) as uow:
        assert find(uow, by=office.desk, reference=dossier["id"]).version == dossier["version"]


def test_float_in_a_payload_is_a_mistake(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)

    with sqlite_ctx.unit_of_work() as uow:
        case = case_of(sqlite_ctx, uow, by=office.desk, dossier=find(uow, by=office.desk, reference=dossier["id"]))
        with pytest.raises(ValueError, match="holds a float"):
            record(case, EventKind.PAPER_ADDED, {"deep": [{"a": 0.5}]})


@pytest.mark.parametrize("amount_vnd", [0, 3_000_000_000, 10**13])
def test_large_amounts_are_kept(ctx: Context, amount_vnd: int) -> None:
    office = an_office(ctx, fee="3000000000")
    dossier = a_received_dossier(ctx, office)

    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=amount_vnd, notice="TB 01")

    shown = reading.detail(ctx, by=office.officer, dossier=dossier["id"])
    assert [owed["amount_vnd"] for owed in shown["obligations"]] == [amount_vnd]
    assert shown["fee_vnd"] == 3_000_000_000
    assert [found.as_json() for found in verify(ctx)] == []


@pytest.mark.parametrize("amount_vnd", [-1, 10**13 + 1, 2**63])
def test_impossible_amounts_are_refused(ctx: Context, amount_vnd: int) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)

    with pytest.raises(InvalidInputError, match="an amount lies between 0 and 10000000000000 đồng"):
        waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=amount_vnd, notice="TB 01")


@pytest.mark.parametrize("pausing", [[2], [3], [1, 2, 3]])
def test_pause_at_the_end_of_processing_or_after_never_blocks_the_result(ctx: Context, pausing: list[int]) -> None:
    steps = usual_steps()
    for at in pausing:
        steps[at]["pauses_clock"] = True
    office = an_office(ctx, steps=steps)

    dossier = advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)

    assert (dossier["status"], dossier["paused"]) == (10, False)
    assert [found.as_json() for found in verify(ctx)] == []


def test_tasks_are_claimed_released_and_assigned_only_as_they_were_seen(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    task, version = dossier["open_tasks"][0]["id"], dossier["version"]

    def refused(change: Any, **more: Any) -> None:
        with pytest.raises(VersionMismatchError):
            change(ctx, task_id=task, expected=version - 1, **more)

    refused(processing.claim, by=office.officer)
    version = processing.claim(ctx, by=office.officer, task_id=task, expected=version)["version"]
    refused(processing.release, by=office.officer)
    version = processing.release(ctx, by=office.officer, task_id=task, expected=version)["version"]
    refused(processing.assign, by=office.supervisor, username="officer")
    given = processing.assign(ctx, by=office.supervisor, task_id=task, username="officer", expected=version)
    assert given["open_tasks"][0]["assignee"] is not None


def test_task_of_an_unknown_dossier_is_told_as_a_missing_one(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    dossier = a_received_dossier(ctx, office)
    theirs = dossier["open_tasks"][0]["id"]
    do_next_step(ctx, office, dossier)  # whether it is closed is not told either
    open_now = reading.detail(ctx, by=office.desk, dossier=dossier["id"])["open_tasks"][0]["id"]
    told = {}
    for task in (theirs, open_now, "00000000-0000-7000-8000-000000000000"):
        with pytest.raises(EngineError) as refused:
            processing.complete(ctx, by=other.officer, task_id=task)
        told[task] = (type(refused.value), refused.value.message, refused.value.details)

    assert told == {task: (TaskNotFoundError, f"there is no task with id {task}", {}) for task in told}
