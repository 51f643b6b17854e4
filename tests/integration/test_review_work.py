"""Tasks, obligations and endings at their edges: values that databases change, endless waits, claims of others."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.acts import Act
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.domain.fields import InvalidFieldsError
from engine.domain.identity_numbers import InvalidIdentityError, check_identity_number
from engine.domain.permissions import NotAllowedError, TaskClaimedError
from engine.errors import EngineError, InvalidInputError
from engine.services import acts, attachments, endings, intake, processing, reading, receipts, transfers, waiting
from engine.services.case import VersionMismatchError, case_of, find, record
from engine.store.tasks import TaskNotFoundError
from engine.verification.verify import verify
from tests.support.builders import (
    LAST_STEP,
    a_person,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    do_next_step,
    hand_over,
)
from tests.support.step_tables import DESK, OFFICE, usual_steps
from tests.unit.documents.sample_papers import text


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


def test_result_claimed_by_another_is_not_handed_over(ctx: Context) -> None:
    office = an_office(ctx)
    rival = a_person(ctx, office.id, "rival", [Role.DESK], [office.units[DESK]])
    dossier = advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)
    dossier = do_next_step(ctx, office, dossier)  # the fee
    processing.claim(ctx, by=rival, task_id=dossier["open_tasks"][0]["id"])

    with pytest.raises(TaskClaimedError, match="claimed by Cán bộ rival"):
        hand_over(ctx, office, dossier)

    assert hand_over(ctx, replace(office, desk=rival), dossier)["status"] == Status.RETURNED


@pytest.mark.parametrize(("change", "field"), [({"capacity": "friend"}, "capacity"), ({"how": "pigeon"}, "how")])
def test_impossible_receiver_is_refused(sqlite_ctx: Context, change: dict[str, str], field: str) -> None:
    office = an_office(sqlite_ctx)
    dossier = advance_to(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office), Status.FINISHED)
    dossier = do_next_step(sqlite_ctx, office, dossier)
    receiver = endings.Receiver(name="Nguyễn Văn Thử", **change)

    with pytest.raises(InvalidInputError) as refused:
        endings.hand_over_result(sqlite_ctx, by=office.desk, dossier=dossier["id"], receiver=receiver)

    assert (refused.value.code, refused.value.details) == ("invalid-input", {"field": field})


def test_role_in_one_agency_and_unit_in_another_interrupt_nothing(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    # A member of the unit that works on the dossier, whose role is in the agency that resolves it.
    guest = a_person(ctx, office.id, "guest", [Role.OFFICER], [other.units[OFFICE]])
    dossier = a_received_dossier(ctx, office)
    transfers.transfer(ctx, by=office.officer, dossier=dossier["id"], unit=OFFICE, agency="H01", note="đúng địa bàn")
    asked = {"ctx": ctx, "by": guest, "dossier": dossier["id"]}
    interrupting = {Act.SUPPLEMENT, Act.OBLIGATION, Act.TRANSFER, Act.SETTLE}

    assert interrupting & set(acts.offered(**asked)["acts"]) == set()
    for refused in (
        lambda: waiting.request_supplement(**asked, items=["Bản sao"], reason="thiếu"),
        lambda: waiting.raise_obligation(**asked, amount_vnd=1, notice="TB"),
        lambda: transfers.transfer(**asked, unit="LANH_DAO", note="vì"),
    ):
        with pytest.raises(NotAllowedError):
            refused()


def test_unit_without_a_working_role_is_offered_no_interruption(ctx: Context) -> None:
    office = an_office(ctx)
    auditor = a_person(ctx, office.id, "auditor", [], [office.units[OFFICE]])
    dossier = a_received_dossier(ctx, office)

    assert acts.offered(ctx, by=auditor, dossier=dossier["id"])["acts"] == []


@pytest.mark.parametrize("number", ["1" * 21, "031 090", "số 12", "031090<b>"])
def test_refused_identity_number_is_not_repeated(number: str) -> None:
    with pytest.raises(InvalidIdentityError) as refused:
        check_identity_number(number)

    assert number not in refused.value.message
    assert refused.value.details == {"field": "identity_number"}


@pytest.mark.parametrize("number", ["031090000001", "12345", "0" * 12, "001299000017", "B1234567", "0312345678-001"])
def test_number_that_is_only_odd_is_taken(number: str) -> None:
    check_identity_number(number)


def test_receiver_with_an_impossible_identity_number_is_refused(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)
    while [task["name"] for task in dossier["open_tasks"]] != [LAST_STEP]:
        dossier = do_next_step(ctx, office, dossier)

    with pytest.raises(InvalidIdentityError):
        endings.hand_over_result(
            ctx, by=office.desk, dossier=dossier["id"], receiver=endings.Receiver("Ai đó", identity_number="số 1")
        )


def test_reprinted_receipt_lists_the_papers_of_the_receipt(sqlite_ctx: Context) -> None:
    ctx, office = sqlite_ctx, an_office(sqlite_ctx)
    dossier = a_submitted_dossier(ctx, office)
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)
    usual = {"by": office.desk, "dossier": dossier["id"]}
    attachments.add_paper(ctx, **usual, name="Quét trước", file_name="a.png", content=png)
    waiting.request_supplement(ctx, **usual, items=["Bản sao"], reason="thiếu")
    waiting.complete_supplement(ctx, **usual, papers=[intake.PaperLine(name="Bổ sung trước")])
    intake.receive_submitted(ctx, **usual)
    first = text(receipts.pdf(ctx, by=office.desk, dossier=dossier["id"]))
    attachments.add_paper(ctx, **usual, name="Quét sau", file_name="a.png", content=png)

    again = text(receipts.pdf(ctx, by=office.desk, dossier=dossier["id"]))

    assert again == first
    assert [name for name in ("Tờ khai", "Quét trước", "Bổ sung trước", "Quét sau") if name in again] == [
        "Tờ khai", "Quét trước", "Bổ sung trước",
    ]  # fmt: skip
