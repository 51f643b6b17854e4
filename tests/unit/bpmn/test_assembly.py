"""From source to model: the frame, shared parts, and what is filled in by rule."""

from __future__ import annotations

import pytest

from bpmn.assembly import assemble, source_of
from bpmn.errors import InvalidModelError
from bpmn.lint import lint
from bpmn.model import facts
from bpmn.parts import library
from bpmn.runner import complete, load, start
from bpmn.xml import parse_document
from tests.support.sources_of_models import a_source
from tests.support.step_tables import a_model_xml

LANES = {"Bộ phận Một cửa": "MC", "Phòng chuyên môn": "PCM", "Lãnh đạo": "LD", "Văn thư": "VT"}
FLOWS = ("start > take > examine > sign > issue > give > end", "returned > examine")
NODES = {
    "start": ("startEvent", "MC", {}),
    "take": ("userTask", "MC", {"limit": "0.5 working_day"}),
    "examine": ("userTask", "PCM", {"limit": "1 working_day"}),
    "sign": ("part_signing", "LD", {"limit": "0.5 working_day"}),
    "returned": ("error returned on sign", "LD", {}),
    "issue": ("part_issuing", "VT", {"limit": "0.25 working_day"}),
    "give": ("part_return", "MC", {}),
    "end": ("endEvent", "MC", {}),
}


def _source(**changes: object) -> str:
    return a_source(lanes=LANES, nodes=NODES | changes, flows=FLOWS)  # type: ignore[arg-type]


def test_a_model_of_a_table_is_made_of_its_source_again() -> None:
    model = a_model_xml()
    assert assemble(source_of(model)) == model
    assert assemble(model) == model


def test_a_source_becomes_a_model_that_runs_to_the_end() -> None:
    model = assemble(_source())
    assert [finding for finding in lint(model) if finding.severity == "error"] == []
    step = start(load(model), {})
    seen = []
    while step.open:
        seen.append(step.open[0].node)
        outcome = {"check": "complete", "sign__sign": "sign"}.get(step.open[0].node, "done")
        step = complete(load(model), step.state, step.open[0].id, {"outcome": outcome})
    assert step.finished
    assert seen == ["check", "take", "examine", "sign__sign", "issue__issue", "give__hand"]


def test_steps_get_unit_order_stage_share_and_phase() -> None:
    steps = facts(assemble(_source())).steps
    assert [
        (step.node, step.order, step.unit, step.stage, step.stage_limit, step.phase.value)
        for step in steps.values()
        if step.order
    ] == [
        ("take", 1, "MC", 1, "0.5 working_day", "reception"),
        ("examine", 2, "PCM", 2, "1 working_day", "processing"),
        ("sign__sign", 3, "LD", 3, "0.5 working_day", "processing"),
        ("issue__issue", 4, "VT", 4, "0.25 working_day", "processing"),
        ("give__hand", 5, "MC", 5, "0 working_day", "return"),
    ]
    assert [step.node for step in steps.values() if step.last] == ["give__hand", "return_refusal"]


def test_steps_of_one_unit_in_a_row_share_a_stage() -> None:
    more = {"sign": ("userTask", "PCM", {"limit": "0.5 working_day"})}
    steps = facts(assemble(_source(**more))).steps
    assert (steps["examine"].stage, steps["sign"].stage) == (2, 2)
    assert (steps["examine"].stage_limit, steps["sign"].stage_limit) == ("1.5 working_day", "1.5 working_day")


def test_what_a_step_says_itself_stays() -> None:
    said = {"limit": "1 working_day", "phase": "return", "unit": "LD", "key": "xem", "stageLimit": "2 working_day"}
    step = facts(assemble(_source(examine=("userTask", "PCM", said)))).steps["examine"]
    assert (step.key, step.phase.value, step.unit, step.stage_limit) == ("xem", "return", "LD", "2 working_day")


def test_each_call_has_a_copy_of_its_part() -> None:
    nodes = {"take": ("part_signing", "MC", {"limit": "1 working_day"})}
    model = parse_document(assemble(_source(**nodes)))
    processes = [each.get("id") for each in model.iter("{*}process")]
    assert processes.count("take__part_signing") == processes.count("sign__part_signing") == 1
    assert [each.get("errorCode") for each in model.iter("{*}error")] == ["returned"]


def test_ids_that_the_frame_has_too_are_renamed_everywhere() -> None:
    model = parse_document(assemble(_source()))
    ids = [each.get("id") for each in model.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert "own_start" in ids
    assert {each.text for each in model.iter("{*}flowNodeRef")} >= {"own_start", "start"}


def test_a_drawn_task_may_have_the_id_of_the_check() -> None:
    nodes = {name: NODES[name] for name in NODES if name != "examine"} | {"check": NODES["examine"]}
    model = assemble(a_source(lanes=LANES, nodes=nodes, flows=[way.replace("examine", "check") for way in FLOWS]))
    assert list(facts(model).steps)[:2] == ["take", "own_check"]
    assert [finding for finding in lint(model) if finding.severity == "error"] == []


def test_every_node_of_the_source_and_the_frame_is_drawn() -> None:
    model = parse_document(assemble(_source()))
    drawn = {each.get("bpmnElement") for each in model.iter("{*}BPMNShape")}
    assert {"own_start", "take", "sign", "check", "steps", "pool_case"} <= drawn


def test_a_part_that_the_library_lacks_is_refused_by_the_call() -> None:
    with pytest.raises(InvalidModelError, match=r"take.*part_dance"):
        assemble(_source(take=("part_dance", "MC", {})))


def test_a_file_without_a_procedure_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="motcua:procedure"):
        assemble(_source().replace("motcua:procedure", "motcua:other"))


def test_the_library_names_each_part_and_says_what_it_is_for() -> None:
    assert {part.id for part in library().values()} >= {"part_signing", "part_issuing", "part_return"}
    assert [part.id for part in library().values() if not (part.name and part.purpose)] == []
