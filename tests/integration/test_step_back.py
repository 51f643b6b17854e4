"""Taking back what was just done, and sending a step back to the one before, on rows, events and clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.acts import Act
from engine.domain.dossier import Status
from engine.errors import EngineError
from engine.services import acts, processing, reading, step_back, time_used, tracking, transfers, waiting
from engine.services.transactions import Request
from engine.store.tasks import Handover, ProcessInstance, Task
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import processes as p
from tests.support.step_tables import linear

THREE = linear(
    ("NHAN", "BP_MOT_CUA"), ("THU_LY", "PHONG_TU_PHAP"), ("THAM_DINH", "PHONG_TU_PHAP"), ("KY", "LANH_DAO"),
    ("TRA", "BP_MOT_CUA"), ends="KY",
)  # fmt: skip


def an_office(ctx: Context, **changes: Any) -> b.Office:
    return b.an_office(ctx, steps=THREE, total_days="5", **changes)


def state_of(ctx: Context, dossier: b.Dossier) -> bytes:
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.session.get(ProcessInstance, UUID(dossier["id"]))
        assert row is not None
        return row.state


def task_of(ctx: Context, dossier: b.Dossier, name: str) -> dict[str, Any]:
    """Return the latest step with this name."""
    steps = reading.detail(ctx, by=SUPERVISOR[0], dossier=dossier["id"])["steps"]
    return [step for step in steps if step["name"] == f"Bước {name}"][-1]


SUPERVISOR: list[Any] = []


@pytest.fixture
def office(ctx: Context) -> b.Office:
    made = an_office(ctx)
    SUPERVISOR[:] = [made.supervisor]
    return made


def code_of(call: Callable[[], object]) -> tuple[str, dict[str, Any]]:
    with pytest.raises(EngineError) as refused:
        call()
    return refused.value.code, refused.value.details


def test_what_was_just_sent_is_taken_back_as_if_it_had_not_been(ctx: Context, office: b.Office) -> None:
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    (appraisal,) = dossier["open_tasks"]
    before = state_of(ctx, dossier)
    sent = processing.complete(ctx, by=office.officer, task_id=appraisal["id"], note="đủ")
    handovers = len(reading.detail(ctx, by=office.officer, dossier=dossier["id"])["handovers"])

    back = step_back.take_back(ctx, by=office.officer, task_id=appraisal["id"])

    assert [task["id"] for task in back["open_tasks"]] == [appraisal["id"]]
    assert back["open_tasks"][0]["assignee"] == "officer"
    assert (back["status"], back["due_at"]) == (dossier["status"], dossier["due_at"])
    assert state_of(ctx, dossier) == before
    shown = reading.detail(ctx, by=office.officer, dossier=dossier["id"])
    assert len(shown["handovers"]) == handovers - 1
    assert verify(ctx) == []
    code, details = code_of(lambda: processing.complete(ctx, by=office.approver, task_id=sent["open_tasks"][0]["id"]))
    assert (code, details["by"]) == ("task-gone", "Cán bộ officer")
    again = b.advance_to(ctx, office, back, Status.RETURNED)
    assert again["status"] == 10
    assert verify(ctx) == []


def test_a_supervisor_takes_back_too_and_others_do_not(ctx: Context, office: b.Office) -> None:
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    task = task_of(ctx, dossier, "THU_LY")
    assert code_of(lambda: step_back.take_back(ctx, by=office.approver, task_id=task["id"]))[0] == "not-allowed"
    other = b.an_office(ctx, code="H01")
    assert code_of(lambda: step_back.take_back(ctx, by=other.officer, task_id=task["id"]))[0] == "task-not-found"
    assert code_of(lambda: step_back.take_back(ctx, by=office.officer, task_id="x"))[0] == "task-not-found"
    back = step_back.take_back(ctx, by=office.supervisor, task_id=task["id"])
    assert back["open_tasks"][0]["assignee"] == "officer"
    assert verify(ctx) == []


def test_nothing_is_taken_back_when_somebody_acted_since(ctx: Context, office: b.Office) -> None:
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    task = task_of(ctx, dossier, "THU_LY")
    mate = b.a_person(ctx, office.id, "ban_cung_phong", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    processing.claim(ctx, by=mate, task_id=dossier["open_tasks"][0]["id"])

    code, details = code_of(lambda: step_back.take_back(ctx, by=office.officer, task_id=task["id"]))

    assert (code, details["by"], details["kind"]) == ("acted-since", mate.name, "task.claimed")
    offered = acts.offered(ctx, by=office.officer, dossier=dossier["id"])
    assert Act.TAKE_BACK not in offered["acts"]
    assert code_of(lambda: step_back.take_back(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"]))[0] == (
        "step-not-reversible"
    )


def test_a_decision_is_not_taken_back(ctx: Context, office: b.Office) -> None:
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    task = task_of(ctx, dossier, "KY")
    code, details = code_of(lambda: step_back.take_back(ctx, by=office.approver, task_id=task["id"]))
    assert (code, details["effect"]) == ("step-not-reversible", "dossier.finished")
    (last,) = dossier["open_tasks"]
    code, details = code_of(lambda: step_back.send_back(ctx, by=office.desk, task_id=last["id"], reason="nhầm"))
    assert (code, details["reason"]) == ("no-step-before", "clock")
    assert Act.SEND_BACK not in acts.offered(ctx, by=office.desk, dossier=dossier["id"])["acts"]


def test_a_step_goes_back_to_who_did_the_one_before_with_the_reason(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    for _ in range(2):
        dossier = b.do_next_step(ctx, office, dossier)
    (signing,) = dossier["open_tasks"]
    b.turn_clock_to(ctx, "2026-03-02T15:00")
    offered = acts.offered(ctx, by=office.approver, dossier=dossier["id"])
    assert Act.SEND_BACK in offered["acts"]
    assert offered["back"]["send_back"] == {
        "task": task_of(ctx, dossier, "THAM_DINH")["id"], "step": "Bước THAM_DINH", "who": "Cán bộ officer",
    }  # fmt: skip

    back = step_back.send_back(ctx, by=office.approver, task_id=signing["id"], reason="  Thiếu chữ ký  ")

    (task,) = back["open_tasks"]
    assert (task["name"], task["assignee"], back["due_at"]) == ("Bước THAM_DINH", "officer", dossier["due_at"])
    shown = reading.detail(ctx, by=office.officer, dossier=dossier["id"])
    assert (shown["handovers"][-1]["from"], shown["handovers"][-1]["to"]) != (None, None)
    assert task_of(ctx, dossier, "KY")["outcome"] == "sent-back"
    assert ("task.sent_back", "Thiếu chữ ký") in [
        (event["kind"], event["facts"].get("reason"))
        for event in reading.timeline(ctx, by=office.officer, dossier=dossier["id"])
    ]
    assert verify(ctx) == []
    # once more back, to what had led to the step before
    offered = acts.offered(ctx, by=office.officer, dossier=dossier["id"])
    assert offered["back"]["send_back"]["step"] == "Bước THU_LY"
    further = step_back.send_back(ctx, by=office.officer, task_id=task["id"], reason="Xem lại từ đầu")
    assert [each["name"] for each in further["open_tasks"]] == ["Bước THU_LY"]
    assert verify(ctx) == []
    ended = b.advance_to(ctx, office, further, Status.RETURNED)
    assert ended["status"] == 10
    assert verify(ctx) == []
    assert tracking.look_up(ctx, code=dossier["code"])["status"] == 10
    assert time_used.time_used(ctx, by=office.officer, dossier=dossier["id"])


def test_the_second_step_has_no_step_before_but_the_receipt(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]
    code, details = code_of(lambda: step_back.send_back(ctx, by=office.officer, task_id=task["id"], reason="x"))
    assert code == "no-step-before"
    assert details["reason"] == "first"


def test_sending_back_needs_a_reason_and_the_right_person_and_a_dossier_that_does_not_wait(
    ctx: Context, office: b.Office
) -> None:
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    (task,) = dossier["open_tasks"]

    def send(**changes: Any) -> Any:
        usual = {"by": office.officer, "task_id": task["id"], "reason": "vì"}
        return step_back.send_back(ctx, **(usual | changes))

    assert code_of(lambda: send(reason=" "))[0] == "ground-missing"
    assert code_of(lambda: send(by=office.desk))[0] == "task-not-yours"
    assert code_of(lambda: send(expected=1))[0] == "version-mismatch"
    mate = b.a_person(ctx, office.id, "ban_cung_phong", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    processing.claim(ctx, by=mate, task_id=task["id"])
    assert code_of(send) == ("task-claimed", {"officer": mate.name})
    processing.release(ctx, by=mate, task_id=task["id"])
    b.ask_supplement(ctx, office, dossier)
    assert code_of(send)[0] == "dossier-waits"


def test_who_left_the_unit_is_not_given_the_step_again(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    gone = b.a_person(ctx, office.id, "sap_nghi", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    for _ in range(2):
        dossier = processing.complete(ctx, by=gone, task_id=dossier["open_tasks"][0]["id"])
    with ctx.unit_of_work() as uow:
        assert gone.id is not None
        uow.people.get(gone.id).is_active = False
    back = step_back.send_back(ctx, by=office.approver, task_id=dossier["open_tasks"][0]["id"], reason="Thiếu")
    assert back["open_tasks"][0]["assignee"] is None
    assert verify(ctx) == []


def test_the_same_request_goes_back_once(ctx: Context, office: b.Office) -> None:
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    task = task_of(ctx, dossier, "THU_LY")
    first = step_back.take_back(ctx, by=office.officer, task_id=task["id"], request=Request("k", "0" * 64))
    assert step_back.take_back(ctx, by=office.officer, task_id=task["id"], request=Request("k", "0" * 64)) == first
    assert p.kinds(ctx, dossier).count("step.taken_back") == 1


def test_a_transfer_or_a_pause_since_is_something_that_happened(ctx: Context, office: b.Office) -> None:
    for act in (
        lambda row: transfers.transfer(ctx, by=office.officer, dossier=row["id"], unit="LANH_DAO", note="giao"),
        lambda row: waiting.raise_obligation(ctx, by=office.officer, dossier=row["id"], amount_vnd=1, notice="1"),
    ):
        dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
        task = task_of(ctx, dossier, "THU_LY")
        act(dossier)
        assert code_of(lambda: step_back.take_back(ctx, by=office.officer, task_id=task["id"]))[0] == "acted-since"  # noqa: B023
    assert verify(ctx) == []


@pytest.mark.parametrize("column", ["before", "first_seq", "last_seq", "came_from"])
def test_verify_sees_what_is_changed_of_an_act_that_can_be_taken_back(
    ctx: Context, office: b.Office, column: str
) -> None:
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    row = task_of(ctx, dossier, "THU_LY" if column != "came_from" else "THAM_DINH")
    value: Any = {"before": b"{}", "first_seq": 2, "last_seq": 2, "came_from": None}[column]
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(Task).where(Task.id == UUID(row["id"])).values({column: value}))
    assert [difference.table for difference in verify(ctx)] == ["task"]


def test_verify_sees_a_line_that_was_not_taken_away(ctx: Context, office: b.Office) -> None:
    dossier = b.do_next_step(ctx, office, b.do_next_step(ctx, office, b.a_received_dossier(ctx, office)))
    step_back.take_back(ctx, by=office.officer, task_id=task_of(ctx, dossier, "THAM_DINH")["id"])
    with ctx.unit_of_work() as uow:
        line = uow.tasks.handovers(UUID(dossier["id"]))[-1]
        uow.session.add(
            Handover(
                dossier_id=line.dossier_id, no=line.no + 1, owner_agency_id=line.owner_agency_id,
                from_unit_id=line.from_unit_id, to_unit_id=line.to_unit_id, given_by=line.given_by,
                given_at=line.given_at + timedelta(seconds=1), result="on_time",
            )
        )  # fmt: skip
    assert [difference.table for difference in verify(ctx)] == ["handover"]
