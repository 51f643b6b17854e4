"""Version moves beside others: two that carry one on, an officer who works meanwhile, an apology that is out."""

from __future__ import annotations

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import processing, reading, version_moves, version_verdicts
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
