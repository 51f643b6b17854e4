"""The shortest ways of a process in both interpreters, and what is said where they part."""

from __future__ import annotations

from pathlib import Path

import pytest

from bpmn import references
from bpmn.assembly import assemble
from bpmn.second_engine import second_engine_findings
from tests.support import small_models as small
from tests.support.small_models import flows, task, with_end, xor
from tests.support.step_tables import a_model_xml

MODELS = Path(__file__).parents[2] / "conformance" / "models"


def _said(xml: str) -> list[tuple[str, str]]:
    return [(found.where, found.message) for found in second_engine_findings(xml)]


def test_both_engines_agree_on_a_generated_model() -> None:
    assert _said(a_model_xml()) == []


@pytest.mark.parametrize("code", ["1.001193", "1.013225", "3.000722"])
def test_both_engines_agree_on_a_reference_process(code: str) -> None:
    assert _said(assemble(references.read(code).source)) == []


def test_answers_of_the_walk_lead_both_engines_the_same_way() -> None:
    xml = with_end(
        task("a", many="n"), task("b"), xor("choice", "decide"),
        flow=("start -> choice -> decide", "choice -[pages > 20 and urgent = true]-> a -> b -> decide"),
    )  # fmt: skip
    assert _said(xml) == []


def test_a_difference_names_the_node_and_the_way_there() -> None:
    inner = (small.start("in"), task("a"), task("b"), small.parallel("split"), small.end("a_end"), small.end("b_end"))
    ends = small.sub(
        "work", *inner, small.sub("aside", small.start("told", small.message("wait.over")), small.end("done"),
                                  flows("told -> done"), triggeredByEvent="true"),
        flows("in -> split -> a -> a_end", "split -> b -> b_end"),
    )  # fmt: skip
    ((where, message),) = _said(with_end(ends, flow=("start -> work -> decide",)))
    assert where == "p"
    assert "send wait.over" in message


def test_a_message_to_two_places_is_told() -> None:
    assert _said((MODELS / "catch_twice.bpmn").read_text(encoding="utf-8")) != []


def test_a_model_that_the_library_cannot_read_is_told() -> None:
    xml = with_end(task("a"), task("b"), flow=("start -> a -> b -> decide", "a -> decide"))
    ((where, message),) = _said(xml)
    assert (where, "cannot read" in message) == ("p", True)


def test_a_loop_that_would_never_rest_is_left_to_the_linter() -> None:
    xml = with_end(xor("head"), xor("tail", "decide"), flow=("start -> head -> tail -> decide", "tail -[x = 1]-> head"))
    assert _said(xml) == []
