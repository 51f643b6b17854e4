"""Version moves beside others: two that carry one on, an officer who works meanwhile, an apology that is out."""

from __future__ import annotations

from uuid import UUID

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import corrections, processing, reading, version_moves, version_verdicts
from engine.verification.verify import verify
from tests.integration.test_races import at_once
from tests.support import builders as b
from tests.support import version_acts as v


def test_two_that_carry_one_move_on_take_each_dossier_once(ctx: Context) -> None:
    office = b.an_office(ctx)
    for _ in range(6):
        b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    move = version_moves.begin(ctx, by=SYSTEM, code=office.procedure, to_version=2, ground=v.GROUND)["id"]

    at_once(*(lambda: version_moves.carry_on(ctx, move_id=move) for _ in range(3)))
    version_moves.carry_on(ctx, move_id=move)

    told = version_verdicts.told(ctx, move)
    assert (told["state"], told["counts"]["moves_date"]) == ("done", 6)
    assert verify(ctx) == []


def test_officer_who_works_meanwhile_and_the_move_both_count(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(3)]
    v.second_version(ctx, office, total_days="6")
    move = version_moves.begin(ctx, by=SYSTEM, code=office.procedure, to_version=2, ground=v.GROUND)["id"]
    tasks = [dossier["open_tasks"][0]["id"] for dossier in dossiers]

    at_once(
        lambda: version_moves.carry_on(ctx, move_id=move),
        *(lambda task=task: processing.complete(ctx, by=office.officer, task_id=task) for task in tasks),
    )
    version_moves.carry_on(ctx, move_id=move)

    after = [reading.detail(ctx, by=SYSTEM, dossier=each["id"]) for each in dossiers]
    assert [each["procedure_version"] for each in after] == [2, 2, 2]
    assert [each["open_tasks"][0]["name"] for each in after] == ["Bước KY"] * 3
    assert verify(ctx) == []


def test_new_date_of_an_apology_stays_beside_the_promise_that_moves(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    b.apologise(ctx, office, dossier, new_due="2026-03-12T09:00")
    v.second_version(ctx, office, total_days="8")

    v.move(ctx, office)

    after = reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])
    assert (after["due_at"], after["extended_due_at"]) == ("2026-03-12T08:00:00+07:00", "2026-03-12T09:00:00+07:00")
    assert [letter["state"] for letter in after["letters"]] == ["sent"]
    assert verify(ctx) == []


def test_dossier_whose_procedure_is_corrected_while_others_move_stays_there(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.publish(ctx, code=office.code, procedure="TP98", total_days="10")
    dossiers = sorted((b.a_received_dossier(ctx, office) for _ in range(2)), key=lambda each: UUID(each["id"]))
    v.second_version(ctx, office, total_days="6")
    wish = corrections.Correction(reason="nhầm thủ tục", procedure_code="TP98")

    def correct_the_last(done: int, _total: int) -> None:
        if done == 1:
            corrections.correct(ctx, by=office.desk, dossier=dossiers[1]["id"], correction=wish)

    v.move(ctx, office, progress=correct_the_last)

    after = [reading.detail(ctx, by=SYSTEM, dossier=each["id"]) for each in dossiers]
    assert [(each["procedure_code"], each["procedure_version"]) for each in after] == [("TP99", 2), ("TP98", 1)]
    assert verify(ctx) == []
