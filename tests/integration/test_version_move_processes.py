"""Moving what is spread over a process: branches, joins, calls, opinions, waits, and limits that are decided."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import reading, version_moves, version_previews, version_verdicts
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import processes as p
from tests.support import version_acts as v
from tests.support.calendar_acts import dump
from web.version_words import reason_words

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


def test_place_from_which_a_sound_version_sticks_blocks_and_is_named(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    v.another_reference(ctx, reference, changes=RENAMED)

    made = v.move_reference(ctx, reference, mapping={"visit": "conclude"})  # which comes when opinions are in, too

    assert made["counts"]["blocked"] == 1
    why = version_verdicts.show(ctx, by=SYSTEM, code=CODE, move_id=made["id"])["dossiers"][0]["why"]
    assert {each["reason"] for each in why} == {"position-unsound"}
    assert all(set(each["at"]) >= {"Tổng hợp ý kiến, kết luận điều kiện"} for each in why)
    assert "Từ vị trí đang đứng (" in reason_words(why[0])
    assert f"“{why[0]['name']}”" in reason_words(why[0])
    assert now_of(ctx, dossier)["procedure_version"] == 1
    assert verify(ctx) == []


def test_join_at_which_a_dossier_waits_is_named_and_not_its_flow(ctx: Context) -> None:
    reference, dossier = asked(ctx)
    p.do(ctx, reference, dossier, "visit")
    v.another_reference(ctx, reference, changes={"flow_visit_join": "flow_visited"})

    seen = version_previews.preview(ctx, by=SYSTEM, code=CODE, to_version=2)

    why = seen["dossiers"][0]["why"]
    assert [(each["reason"], each["name"]) for each in why] == [("join-gone", "Đủ thực địa và ý kiến")]
    assert "for its other branches" in why[0]["text"]
    assert "Đang chờ các nhánh khác ở điểm nối “Đủ thực địa và ý kiến”" in str(reason_words(why[0]))
    assert [(each["name"], each["waits"], each["suggested"]) for each in seen["gone"]] == [
        ("Đủ thực địa và ý kiến", True, [])
    ]
    left = v.move_reference(ctx, reference, mapping={why[0]["node"]: None})
    assert left["counts"]["left"] == 1
