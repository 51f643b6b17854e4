"""Who used the time of a dossier, lived through the services: every minute has its holder, lateness its cause."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event

from engine.context import Context
from engine.domain.dossier import Status
from engine.errors import EngineError
from engine.services import processing, transfers, waiting
from engine.services.time_used import time_used
from tests.support.appointments import a_land_office, missed_first, pay
from tests.support.builders import (
    Dossier,
    Office,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    ask_supplement,
    bring_supplement,
    do_next_step,
    local,
    turn_clock_to,
    withdraw,
)

DAY = 480  # working minutes


def told(ctx: Context, office: Office, dossier: Dossier) -> dict[str, Any]:
    """Return the ledger, after checking that every way of adding up gives the total."""
    found = time_used(ctx, by=office.auditor, dossier=dossier["id"])
    beside = sum(pause["minutes"] for pause in found["pauses"]) + found["unassigned_minutes"]
    steps = [step for stage in found["stages"] for step in stage["steps"]]
    by_step = sum(step["used_minutes"] for step in steps)
    by_unit = [unit for agency in found["agencies"] for unit in agency["units"]]
    assert by_step == sum(holder["minutes"] for step in steps for holder in step["holders"])
    assert by_step == sum(stage["used_minutes"] for stage in found["stages"])
    assert by_step == sum(agency["minutes"] for agency in found["agencies"])
    assert by_step == sum(unit["minutes"] for unit in by_unit)
    assert by_step == sum(officer["minutes"] for unit in by_unit for officer in unit["officers"])
    assert by_step + beside == found["elapsed_minutes"]
    if found["lateness"]:
        assert sum(charge["minutes"] for charge in found["lateness"]["charges"]) == found["lateness"]["minutes"]
    return found


def stages(found: dict[str, Any]) -> list[tuple[int, int | None, int, int | None]]:
    return [(each["no"], each["share_minutes"], each["used_minutes"], each["over_minutes"]) for each in found["stages"]]


def officers(found: dict[str, Any]) -> dict[tuple[str, str, str | None], int]:
    return {
        (agency["code"], unit["code"], officer["username"]): officer["minutes"]
        for agency in found["agencies"]
        for unit in agency["units"]
        for officer in unit["officers"]
    }


def charges(found: dict[str, Any]) -> list[tuple[str, str | None, int]]:
    return [
        (each["side"], each["unit"] and each["unit"]["code"], each["minutes"]) for each in found["lateness"]["charges"]
    ]


def test_each_hand_has_its_time(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    dossier = a_received_dossier(ctx, office)  # Monday 08:00
    (task,) = dossier["open_tasks"]
    turn_clock_to(ctx, "2026-03-02T09:00")
    processing.claim(ctx, by=office.officer, task_id=task["id"])
    turn_clock_to(ctx, "2026-03-02T10:00")
    processing.release(ctx, by=office.officer, task_id=task["id"])
    turn_clock_to(ctx, "2026-03-02T10:30")
    processing.assign(ctx, by=office.supervisor, task_id=task["id"], username="officer")
    turn_clock_to(ctx, "2026-03-02T14:30")
    moved = transfers.transfer(
        ctx, by=office.officer, dossier=dossier["id"], unit="PHONG_TU_PHAP", agency="H01", note="đúng địa bàn"
    )
    turn_clock_to(ctx, "2026-03-03T08:30")
    do_next_step(ctx, other, moved)
    turn_clock_to(ctx, "2026-03-03T09:00")

    found = told(ctx, office, dossier)

    assert officers(found) == {
        ("H00", "PHONG_TU_PHAP", None): 60 + 30,
        ("H00", "PHONG_TU_PHAP", "officer"): 60 + 60 + 60,
        ("H00", "LANH_DAO", None): 30,
        ("H01", "PHONG_TU_PHAP", None): 150 + 90,
    }
    assert stages(found) == [(1, DAY, 0, -DAY), (2, DAY, 510, 30), (3, DAY, 30, 30 - DAY)]
    assert (found["limit_minutes"], found["elapsed_minutes"], found["running"]) == (4 * DAY, 540, True)
    assert [(step["name"], step["advice_minutes"]) for step in found["stages"][1]["steps"]] == [("Bước THU_LY", 240)]
    assert found["lateness"] is None


def test_time_ends_with_processing_and_the_return_is_not_in_it(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = advance_to(ctx, office, dossier, Status.FINISHED)
    turn_clock_to(ctx, "2026-03-30T08:00")
    before = told(ctx, office, dossier)
    advance_to(ctx, office, dossier, Status.RETURNED)

    after = told(ctx, office, dossier)

    assert after == before
    assert (after["elapsed_minutes"], after["running"]) == (DAY, False)
    assert after["until"] == "2026-03-03T08:00:00+07:00"


def test_pauses_stand_beside_the_stages(ctx: Context) -> None:
    office = an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-02T10:00")
    ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-03T10:00")
    bring_supplement(ctx, office, dossier)
    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=8000, notice="TB-01")
    turn_clock_to(ctx, "2026-03-03T11:00")

    found = told(ctx, office, dossier)

    assert [(each["reason"], each["holder"], each["minutes"]) for each in found["pauses"]] == [
        ("supplement", "citizen", DAY),
        ("obligation", "citizen", 60),
    ]
    assert [each["to"] for each in found["pauses"]] == ["2026-03-03T10:00:00+07:00", None]
    assert found["limit_minutes"] == 4 * DAY
    assert found["agencies"][0]["minutes"] == 120


def test_restart_leaves_what_was_before_out_of_the_shares(ctx: Context) -> None:
    office = an_office(ctx, policy={"supplement": {"clock": "restart"}})
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-03T10:00")
    ask_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-04T10:00")
    bring_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-04T11:00")

    found = told(ctx, office, dossier)

    assert stages(found)[1] == (2, DAY, DAY + 120 + 60, 60 - DAY)
    assert found["stages"][1]["uncounted_minutes"] == DAY + 120
    assert (found["limit_minutes"], found["pauses"][0]["minutes"]) == (4 * DAY, DAY)


def test_lateness_is_charged_inside_outside_and_to_the_citizen(ctx: Context) -> None:
    office, other = an_office(ctx, total_days="3"), an_office(ctx, code="H01")  # 3 stages of a day
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-02T09:00")
    moved = transfers.transfer(
        ctx, by=office.officer, dossier=dossier["id"], unit="PHONG_TU_PHAP", agency="H01", note="đúng địa bàn"
    )
    turn_clock_to(ctx, "2026-03-06T08:00")  # promised for Thursday 08:00
    dossier = do_next_step(ctx, other, moved)
    waiting.request_supplement(ctx, by=office.approver, dossier=dossier["id"], items=["Đơn"], reason="Thiếu")
    turn_clock_to(ctx, "2026-03-06T10:00")
    bring_supplement(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-10T10:00")

    found = told(ctx, office, dossier)

    # stage 2 used 4 days (1 h here, 31 h there) and stage 3 two: 3 and 1 beyond their shares of one
    assert found["lateness"]["minutes"] == 3 * DAY + 120
    assert charges(found) == [("outside", "PHONG_TU_PHAP", 1046), ("inside", "LANH_DAO", 360), ("citizen", None, 120),
                              ("inside", "PHONG_TU_PHAP", 34)]  # fmt: skip
    assert found["limit_minutes"] == 3 * DAY


def test_limits_that_cannot_be_compared_charge_who_held_it(ctx: Context) -> None:
    office = an_office(ctx)
    with ctx.unit_of_work() as uow:
        version = uow.procedures.by_code(office.id, office.procedure).current_version_id
        assert version is not None
        uow.procedures.version(version).limit = "32 working_hour"  # beside stages in working days
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-06T10:00")  # promised for 08:00
    dossier = do_next_step(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-09T08:00")

    found = told(ctx, office, dossier)

    assert stages(found) == [(2, None, 4 * DAY + 120, None), (3, None, 360, None)]
    assert charges(found) == [("inside", "LANH_DAO", 360), ("inside", "PHONG_TU_PHAP", 120)]


def test_first_appointment_missed_is_charged_though_the_second_is_kept(ctx: Context) -> None:
    office = a_land_office(ctx)
    dossier = missed_first(ctx, office)  # by 9 hours
    while_paying = told(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-12T09:00")
    dossier = pay(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-13T09:00")
    runs = told(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-17T09:00")  # promised for Monday 09:00

    missed = told(ctx, office, dossier)

    first = [(1, DAY, 0, -DAY), (2, 3 * DAY, 5 * DAY + 60, 2 * DAY + 60)]
    assert (stages(while_paying), while_paying["limit_minutes"]) == (first, 4 * DAY)
    assert (stages(runs), runs["limit_minutes"]) == ([*first, (3, 2 * DAY, DAY, -DAY)], 6 * DAY)
    assert charges(while_paying) == charges(runs) == [("inside", "PHONG_TU_PHAP", DAY + 60)]
    assert charges(missed) == [("inside", "PHONG_TU_PHAP", DAY + 60), ("inside", "LANH_DAO", DAY)]


def test_receipt_entered_later_is_the_time_of_the_desk(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office, received_at=local("2026-02-27T08:00"))  # entered on Monday
    turn_clock_to(ctx, "2026-03-02T09:00")

    found = told(ctx, office, dossier)

    assert stages(found)[0] == (0, 0, DAY, DAY)
    assert officers(found) == {("H00", "BP_MOT_CUA", None): DAY, ("H00", "PHONG_TU_PHAP", None): 60}


def test_withdrawn_dossier_ends_with_its_pause(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-02T10:00")
    withdraw(ctx, office, dossier)
    turn_clock_to(ctx, "2026-03-05T10:00")

    found = told(ctx, office, dossier)

    assert (found["elapsed_minutes"], [each["minutes"] for each in found["pauses"]]) == (120, [120])


def test_dossier_that_is_not_received_has_used_no_time(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_submitted_dossier(ctx, office)

    with pytest.raises(EngineError) as refused:
        time_used(ctx, by=office.desk, dossier=dossier["id"])

    assert refused.value.code == "not-received"


@pytest.mark.parametrize("stranger", ["admin", "elsewhere"])
def test_time_is_told_only_to_who_may_read_the_dossier(ctx: Context, stranger: str) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    dossier = a_received_dossier(ctx, office)

    with pytest.raises(EngineError) as refused:
        time_used(ctx, by=office.admin if stranger == "admin" else other.desk, dossier=dossier["id"])

    assert refused.value.code == "dossier-not-found"


def test_many_hands_are_asked_for_in_as_many_queries_as_one(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-02T09:00")

    def asked() -> int:
        statements: list[str] = []

        def note(*args: object) -> None:
            statements.append(str(args[2]))

        event.listen(ctx.database.engine, "before_cursor_execute", note)
        told(ctx, office, dossier)
        event.remove(ctx.database.engine, "before_cursor_execute", note)
        return len(statements)

    few = asked()
    processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    turn_clock_to(ctx, "2026-03-02T10:00")
    moved = transfers.transfer(
        ctx, by=office.officer, dossier=dossier["id"], unit="PHONG_TU_PHAP", agency="H01", note="vì"
    )
    turn_clock_to(ctx, "2026-03-02T11:00")
    do_next_step(ctx, other, moved)
    turn_clock_to(ctx, "2026-03-02T14:00")

    assert asked() == few
    assert few < 20
