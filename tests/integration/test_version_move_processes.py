"""Moving what is spread over a process: branches, joins, calls, opinions, waits, and limits that are decided."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import reading, version_moves, version_verdicts
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import processes as p
from tests.support import version_acts as v
from tests.support.calendar_acts import dump

CODE = "1.013225"
PARTNERS = {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"}
RENAMED = {'id="visit"': 'id="visit_site"', ">visit<": ">visit_site<", '"visit"': '"visit_site"'}


def asked(ctx: Context, *, private: bool = False) -> tuple[p.Reference, b.Dossier]:
    """Receive a dossier; an office visits the place while two agencies are asked within 12 days."""
    reference = p.a_reference(ctx, CODE, partners=PARTNERS)
    dossier = p.receive(ctx, reference, facts={"private_house": private})
    dossier = p.do(ctx, reference, dossier, "appraise", "complete")
    fields = {"opinion_count": 2, "opinion_1": "dien_luc", "opinion_2": "CO_QUAN_Y_KIEN"}
    return reference, p.do(ctx, reference, dossier, "plan", **fields)


def now_of(ctx: Context, dossier: b.Dossier) -> dict[str, Any]:
    return reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])


def test_branches_opinions_and_their_waits_go_along(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    v.another_reference(ctx, reference, rules={"15 calendar_day": "14 calendar_day"})
    before = {(each["node"], each["due_at"]) for each in now_of(ctx, dossier)["open_tasks"]}
    waits = dump(ctx, "process_wait")

    made = v.move_reference(ctx, reference)

    assert made["counts"]["moves"] == 1
    assert {(each["node"], each["due_at"]) for each in now_of(ctx, dossier)["open_tasks"]} == before
    assert dump(ctx, "process_wait") == waits
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-17T00:01")
    assert p.nodes(now_of(ctx, dossier)) == ["visit"], "silence is consent, in the new version too"
    assert verify(ctx) == []


def test_one_of_several_places_that_is_gone_blocks_until_it_is_mapped(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    v.another_reference(ctx, reference, changes=RENAMED)

    blocked = v.move_reference(ctx, reference)
    made = v.move_reference(ctx, reference, mapping={"visit": "visit_site"})

    assert (blocked["counts"]["blocked"], made["counts"]["moves"]) == (1, 1)
    assert p.nodes(now_of(ctx, dossier)) == ["opinions__answer", "opinions__answer", "visit_site"]
    assert verify(ctx) == []
    dossier = p.do(ctx, reference, now_of(ctx, dossier), "visit_site")
    for _ in range(2):
        dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")
    assert p.nodes(dossier) == ["conclude"]
    assert verify(ctx) == []


def test_token_that_waits_for_its_siblings_at_a_join_goes_along(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    p.do(ctx, reference, dossier, "visit")
    v.another_reference(ctx, reference, changes=RENAMED)

    made = v.move_reference(ctx, reference)

    assert made["counts"]["blocked"] == 0, "what is done may be gone"
    dossier = now_of(ctx, dossier)
    for _ in range(2):
        dossier = p.do(ctx, reference, dossier, "opinions__answer", "agree")
    assert p.nodes(dossier) == ["conclude"]
    assert verify(ctx) == []


def test_call_under_another_name_blocks_with_all_that_is_inside(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    renamed = {'id="opinions"': 'id="asked"', ">opinions<": ">asked<", '"opinions"': '"asked"'}
    v.another_reference(ctx, reference, changes=renamed)

    made = v.move_reference(ctx, reference)
    shown = version_verdicts.show(ctx, by=SYSTEM, code=CODE, move_id=made["id"])["dossiers"][0]
    gone = [why["node"] for why in shown["why"]]
    mapping = {node: node.replace("opinions", "asked") for node in gone}
    moved = v.move_reference(ctx, reference, mapping=mapping)

    assert "opinions" in gone
    assert "opinions__answer" in gone
    assert moved["counts"]["moves"] == 1
    assert p.nodes(now_of(ctx, dossier)) == ["asked__answer", "asked__answer", "visit"]
    assert verify(ctx) == []


@pytest.mark.parametrize("private", [True, False], ids=["house", "building"])
def test_limit_that_a_decision_gives_moves_whom_it_concerns(ctx: Context, private: bool) -> None:
    reference = p.a_reference(ctx, CODE, partners=PARTNERS)
    dossier = p.receive(ctx, reference, facts={"private_house": private})
    due = dossier["due_at"]
    v.another_reference(ctx, reference, rules={"15 calendar_day": "10 calendar_day"})

    made = v.move_reference(ctx, reference)

    assert (made["counts"]["moves_date"], made["counts"]["moves"]) == ((1, 0) if private else (0, 1))
    assert (now_of(ctx, dossier)["due_at"] == due) is not private
    assert verify(ctx) == []


def test_undo_brings_branches_and_waits_back(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    tables = ("task", "process_instance", "process_wait", "deadline")
    before = dump(ctx, *tables)
    v.another_reference(ctx, reference, changes=RENAMED, rules={"20 calendar_day": "25 calendar_day"})
    made = v.move_reference(ctx, reference, mapping={"visit": "visit_site"})
    assert (made["counts"]["moves_date"], dump(ctx, *tables) == before) == (1, False)

    undone = version_moves.undo(ctx, by=SYSTEM, code=CODE, move_id=made["id"])

    assert undone["counts"]["undone"] == 1
    assert dump(ctx, *tables) == before
    assert p.nodes(now_of(ctx, dossier)) == ["opinions__answer", "opinions__answer", "visit"]
    assert verify(ctx) == []


def test_time_that_others_were_given_goes_on_with_another_version(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    waits = dump(ctx, "process_wait")
    v.another_reference(ctx, reference, changes={"12 calendar_day": "20 calendar_day"})

    v.move_reference(ctx, reference)

    opinions = [each for each in now_of(ctx, dossier)["open_tasks"] if each["node"] == "opinions__answer"]
    assert {each["due_at"] for each in opinions} == {"2026-03-16T08:00:00+07:00"}
    assert dump(ctx, "process_wait") == waits
    assert verify(ctx) == []
