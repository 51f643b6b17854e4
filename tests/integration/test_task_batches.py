"""Many tasks in one act: what it would do, what it does, trying again, undoing, and dying in the middle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.clock import TurnedClock
from engine.errors import EngineError
from engine.services import batch_previews, processing, reading, step_back, task_batches
from engine.services.transactions import Request
from engine.store.task_batches import TaskBatch, TaskBatchLine
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import processes as p
from tests.support.statements import count_statements
from tests.support.step_tables import linear

STEPS = linear(
    ("NHAN", "BP_MOT_CUA"), ("THU_LY", "PHONG_TU_PHAP"), ("THAM_DINH", "PHONG_TU_PHAP"), ("KY", "LANH_DAO"),
    ("TRA", "BP_MOT_CUA"), ends="KY",
)  # fmt: skip


@pytest.fixture
def office(ctx: Context) -> b.Office:
    return b.an_office(ctx, steps=STEPS, total_days="5")


def some(ctx: Context, office: b.Office, count: int) -> list[b.Dossier]:
    return [b.a_received_dossier(ctx, office) for _ in range(count)]


def tasks(dossiers: list[b.Dossier]) -> list[str]:
    return [dossier["open_tasks"][0]["id"] for dossier in dossiers]


def code_of(call: Callable[[], object]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(EngineError) as refused:
        call()
    return refused.value.code, refused.value.details


def names(ctx: Context, office: b.Office, dossiers: list[b.Dossier]) -> list[str]:
    shown = [reading.detail(ctx, by=office.supervisor, dossier=each["id"]) for each in dossiers]
    return [task["name"] for each in shown for task in each["open_tasks"]]


def five_of_which_two_cannot(ctx: Context, office: b.Office) -> tuple[list[b.Dossier], Any]:
    dossiers = some(ctx, office, 5)
    mate = b.a_person(ctx, office.id, "ban_cung_phong", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    processing.claim(ctx, by=mate, task_id=tasks(dossiers)[1])
    b.ask_supplement(ctx, office, dossiers[3])
    return dossiers, mate


def test_a_preview_says_what_the_act_then_does(ctx: Context, office: b.Office) -> None:
    dossiers, mate = five_of_which_two_cannot(ctx, office)
    chosen = [*tasks(dossiers), "x"]

    seen = batch_previews.preview(ctx, by=office.officer, task_ids=chosen)
    done = task_batches.run(ctx, by=office.officer, task_ids=chosen, note="chuyển cả lô")

    assert (seen["step"], seen["outcomes"], seen["outcome"], seen["undoable"]) == ("Bước THU_LY", [], "done", True)
    assert (seen["able"], seen["unable"]) == (3, 3)
    assert [line["error"] for line in seen["lines"]] == [
        None, "task-claimed", None, "dossier-waits", None, "task-not-found",
    ]  # fmt: skip
    assert seen["lines"][1]["who"] == mate.name
    assert [verdict["code"] for verdict in done["verdicts"]] == [line["error"] for line in seen["lines"]]
    assert (done["state"], done["done"], done["refused"], done["left"]) == ("done", 3, 2, 0)
    assert done["verdicts"][1]["who"] == mate.name
    assert done["undo_until"] is not None
    assert verify(ctx) == []


def test_those_refused_are_tried_again_as_a_batch_of_their_own(ctx: Context, office: b.Office) -> None:
    dossiers, mate = five_of_which_two_cannot(ctx, office)
    first = task_batches.run(ctx, by=office.officer, task_ids=tasks(dossiers))
    processing.release(ctx, by=mate, task_id=tasks(dossiers)[1])

    again = task_batches.retry(ctx, by=office.officer, batch_id=first["id"])
    task_batches.carry_on(ctx, batch_id=UUID(again["id"]))

    told = task_batches.told(ctx, by=office.officer, batch_id=again["id"])
    assert [(each["dossier"], each["code"]) for each in told["verdicts"]] == [
        (dossiers[1]["code"], None), (dossiers[3]["code"], "dossier-waits"),
    ]  # fmt: skip
    whole = task_batches.run(ctx, by=office.officer, task_ids=tasks(some(ctx, office, 2)))
    assert code_of(lambda: task_batches.retry(ctx, by=office.officer, batch_id=whole["id"]))[0] == "nothing-to-retry"
    assert verify(ctx) == []


def test_a_batch_is_undone_but_where_somebody_acted_since(ctx: Context, office: b.Office) -> None:
    dossiers = some(ctx, office, 4)
    batch = task_batches.run(ctx, by=office.officer, task_ids=tasks(dossiers))
    mate = b.a_person(ctx, office.id, "ban_cung_phong", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    now = reading.detail(ctx, by=office.officer, dossier=dossiers[2]["id"])["open_tasks"][0]
    processing.claim(ctx, by=mate, task_id=now["id"])

    undone = task_batches.undo(ctx, by=office.officer, batch_id=batch["id"])

    assert [each["state"] for each in undone["verdicts"]] == ["undone", "undone", "kept", "undone"]
    assert (undone["verdicts"][2]["code"], undone["verdicts"][2]["who"]) == ("acted-since", mate.name)
    assert (undone["state"], undone["undone"], undone["kept"], undone["may_undo"]) == ("undone", 3, 1, False)
    assert names(ctx, office, dossiers) == ["Bước THU_LY", "Bước THU_LY", "Bước THAM_DINH", "Bước THU_LY"]
    assert code_of(lambda: task_batches.undo(ctx, by=office.officer, batch_id=batch["id"]))[0] == (
        "task-batch-not-undoable"
    )
    assert verify(ctx) == []


def test_the_window_of_an_undo_ends_after_ten_minutes(ctx: Context, office: b.Office) -> None:
    batch = task_batches.run(ctx, by=office.officer, task_ids=tasks(some(ctx, office, 1)))
    clock = ctx.clock
    assert isinstance(clock, TurnedClock)
    clock.advance(timedelta(minutes=10))
    assert task_batches.told(ctx, by=office.officer, batch_id=batch["id"])["may_undo"]
    clock.advance(timedelta(seconds=1))
    assert not task_batches.told(ctx, by=office.officer, batch_id=batch["id"])["may_undo"]
    code, details = code_of(lambda: task_batches.undo(ctx, by=office.officer, batch_id=batch["id"]))
    assert (code, details["state"]) == ("task-batch-not-undoable", "done")


def test_different_steps_are_refused_with_what_differs(ctx: Context, office: b.Office) -> None:
    first, second = some(ctx, office, 2)
    further = b.do_next_step(ctx, office, second)
    chosen = tasks([first, further])
    for call in (batch_previews.preview, task_batches.begin):
        code, details = code_of(lambda: call(ctx, by=office.officer, task_ids=chosen))  # type: ignore[operator]  # noqa: B023
        assert code == "mixed-steps"
        assert [(each["step"], each["tasks"]) for each in details["groups"]] == [
            ("Bước THU_LY", chosen[:1]), ("Bước THAM_DINH", chosen[1:]),
        ]  # fmt: skip


def test_bad_orders_are_refused(ctx: Context, office: b.Office) -> None:
    chosen = tasks(some(ctx, office, 1))
    other = b.an_office(ctx, code="H01")

    def order(**changes: Any) -> Any:
        usual = {"by": office.officer, "task_ids": chosen}
        return task_batches.begin(ctx, **(usual | changes))

    assert code_of(lambda: order(task_ids=[]))[0] == "invalid-input"
    assert code_of(lambda: order(task_ids=[str(UUID(int=no)) for no in range(201)]))[0] == "invalid-input"
    assert code_of(lambda: order(task_ids=["x", str(UUID(int=1))]))[0] == "task-not-found"
    assert code_of(lambda: order(by=other.officer))[0] == "task-not-found"
    assert code_of(lambda: order(outcome="khac"))[0] == "invalid-outcome"
    assert code_of(lambda: task_batches.told(ctx, by=office.officer, batch_id="x"))[0] == "task-batch-not-found"
    batch = order()
    for by in (office.desk, other.supervisor):
        found = code_of(lambda: task_batches.told(ctx, by=by, batch_id=batch["id"]))[0]  # noqa: B023
        assert found == "task-batch-not-found"
    assert task_batches.told(ctx, by=office.supervisor, batch_id=batch["id"])["left"] == 1
    assert code_of(lambda: task_batches.undo(ctx, by=office.supervisor, batch_id=batch["id"]))[0] == "not-allowed"
    assert code_of(lambda: task_batches.undo(ctx, by=office.officer, batch_id=batch["id"]))[0] == (
        "task-batch-not-undoable"
    )


def test_the_clock_process_does_what_is_left(ctx: Context, office: b.Office) -> None:
    dossiers = some(ctx, office, 4)
    batch = task_batches.run(ctx, by=office.officer, task_ids=tasks(dossiers), at_once=1)
    assert (batch["state"], batch["left"]) == ("running", 3)
    assert task_batches.carry_on_all(ctx, most=2) == 2
    assert task_batches.told(ctx, by=office.officer, batch_id=batch["id"])["left"] == 1
    assert task_batches.carry_on_all(ctx, most=50) == 1
    assert task_batches.carry_on_all(ctx, most=50) == 0
    assert task_batches.told(ctx, by=office.officer, batch_id=batch["id"])["state"] == "done"
    assert names(ctx, office, dossiers) == ["Bước THAM_DINH"] * 4
    assert verify(ctx) == []


def test_who_may_no_longer_do_the_step_is_refused_in_the_middle(ctx: Context, office: b.Office) -> None:
    dossiers = some(ctx, office, 2)
    leaver = b.a_person(ctx, office.id, "sap_nghi", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    batch = task_batches.run(ctx, by=leaver, task_ids=tasks(dossiers), at_once=1)
    with ctx.unit_of_work() as uow:
        assert leaver.id is not None
        uow.people.get(leaver.id).is_active = False
    task_batches.carry_on_all(ctx, most=50)
    told = task_batches.told(ctx, by=office.supervisor, batch_id=batch["id"])
    assert [each["code"] for each in told["verdicts"]] == [None, "not-allowed"]


def test_the_same_order_twice_is_one_batch(ctx: Context, office: b.Office) -> None:
    dossiers = some(ctx, office, 2)
    request = Request("lo-1", "0" * 64)
    first = task_batches.run(ctx, by=office.officer, task_ids=tasks(dossiers), request=request)
    assert task_batches.run(ctx, by=office.officer, task_ids=tasks(dossiers), request=request)["id"] == first["id"]
    assert [p.kinds(ctx, each).count("task.completed") for each in dossiers] == [
        p.kinds(ctx, dossiers[0]).count("task.completed")
    ] * 2


def test_who_completes_the_next_step_while_it_is_undone_wins_or_is_told(ctx: Context, office: b.Office) -> None:
    (dossier,) = some(ctx, office, 1)
    batch = task_batches.run(ctx, by=office.officer, task_ids=tasks([dossier]))
    now = reading.detail(ctx, by=office.officer, dossier=dossier["id"])["open_tasks"][0]
    step_back.take_back(ctx, by=office.officer, task_id=tasks([dossier])[0])
    code, details = code_of(lambda: processing.complete(ctx, by=office.officer, task_id=now["id"]))
    assert (code, details["by"]) == ("task-gone", office.officer.name)
    undone = task_batches.undo(ctx, by=office.officer, batch_id=batch["id"])
    assert [(each["state"], each["code"]) for each in undone["verdicts"]] == [("kept", "step-not-reversible")]
    assert verify(ctx) == []


def test_a_preview_of_many_asks_the_database_few_times(ctx: Context, office: b.Office) -> None:
    chosen = tasks(some(ctx, office, 30))
    with count_statements(ctx) as sent:
        batch_previews.preview(ctx, by=office.officer, task_ids=chosen)
    sent.hold(12)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (TaskBatch, {"finished_at": None}),
        (TaskBatch, {"state": "undone"}),
        (TaskBatchLine, {"state": "undone"}),
        (TaskBatchLine, {"code": "x"}),
        (TaskBatchLine, {"state": "waiting"}),
    ],
)
def test_verify_sees_what_is_changed_of_a_batch(
    ctx: Context, office: b.Office, table: type[Any], values: dict[str, Any]
) -> None:
    task_batches.run(ctx, by=office.officer, task_ids=tasks(some(ctx, office, 1)))
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(table).values(values))
    found = {difference.table for difference in verify(ctx)}
    assert found
    assert found <= {"task_batch", "task_batch_line"}
