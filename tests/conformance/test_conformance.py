"""Every element of the subset: the trace that is written down, in our interpreter and in stock SpiffWorkflow."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bpmn import decisions
from bpmn.errors import BpmnError, InvalidModelError
from bpmn.lint import lint
from bpmn.runner import Model, complete, open_tasks, send, start
from bpmn.soundness import SEEN
from bpmn.spiff import ConditionEngine, LibraryRun, parse_model
from bpmn.vocabulary import FLOW_NODES
from tests.support.random_nets import unchecked

HERE = Path(__file__).parent
FILES = sorted((HERE / "cases").glob("*.toml"))
REFUSED = tomllib.loads((HERE / "refused.toml").read_text(encoding="utf-8"))["refused"]
CASES = [
    pytest.param(file.stem, case, id=f"{file.stem}: {case['name']}")
    for file in FILES
    for case in tomllib.loads(file.read_text(encoding="utf-8"))["case"]
]


@dataclass(frozen=True)
class Trace:
    """What can be seen of a run."""

    passed: list[str]
    open: list[str]
    finished: bool

    def in_any_order(self) -> Trace:
        """Return it as parallel branches may interleave."""
        return Trace(sorted(self.passed), sorted(self.open), self.finished)


def _model(name: str) -> Model:
    read = unchecked((HERE / "models" / f"{name}.bpmn").read_text(encoding="utf-8"))
    tables = HERE / "models" / f"{name}.dmn"
    return Model(read.digest, read.net, decisions.parse(tables.read_bytes()) if tables.exists() else None)


def _ours(name: str, case: Mapping[str, Any]) -> tuple[Trace, list[str]]:
    model = _model(name)
    step = start(model, case.get("start", {}))
    passed, effects = [*step.passed], [*step.effects]
    for act in case.get("do", []):
        if "send" in act:
            step = send(model, step.state, act["send"])
        else:
            task = next(each for each in open_tasks(model, step.state) if each.node == act["complete"])
            step = complete(model, step.state, task.id, act.get("with", {}))
        passed += step.passed
        effects += step.effects
    told = [" ".join(each for each in (effect.kind, effect.name, effect.value) if each) for effect in effects]
    return Trace(passed, [task.node for task in step.open], step.finished), told


def _theirs(name: str, case: Mapping[str, Any]) -> Trace:
    model = _model(name)

    def decide(node: str, data: Mapping[str, Any]) -> Mapping[str, Any]:
        assert model.decisions is not None
        return model.decisions.evaluate(model.net.nodes[node].decision or "", data)

    parsed = parse_model((HERE / "models" / f"{name}.bpmn").read_text(encoding="utf-8"))
    run = LibraryRun(parsed, case.get("start", {}), ConditionEngine(decide))
    for act in case.get("do", []):
        if "send" in act:
            run.send(act["send"])
        else:
            run.complete(act["complete"], act.get("with", {}))
    return Trace(run.passed, run.open, run.finished)


@pytest.mark.parametrize(("name", "case"), CASES)
def test_our_interpreter_gives_the_trace_of_the_case(name: str, case: Mapping[str, Any]) -> None:
    trace, effects = _ours(name, case)
    assert trace == Trace(case["passed"], case["open"], case["finished"])
    assert effects == case.get("effects", [])


@pytest.mark.parametrize(("name", "case"), CASES)
def test_the_library_gives_the_same_trace_or_differs_for_the_reason_given(name: str, case: Mapping[str, Any]) -> None:
    ours, _ = _ours(name, case)
    try:
        theirs = _theirs(name, case)
    except BpmnError:
        assert "differs" in case
        return
    if case.get("interleaves"):
        ours, theirs = ours.in_any_order(), theirs.in_any_order()
    if "differs" in case:
        assert ours != theirs, "The library agrees now: take `differs` away."
    else:
        assert ours == theirs


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_model_of_the_suite_is_in_the_subset(file: Path) -> None:
    found = lint((HERE / "models" / f"{file.stem}.bpmn").read_bytes())
    about_structure = [each for each in found if each.severity == "error" and each.rule not in SEEN]
    assert about_structure == []


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused["model"])
def test_what_is_outside_is_refused_with_rule_and_element(refused: Mapping[str, str]) -> None:
    xml = (HERE / "models" / "refused" / f"{refused['model']}.bpmn").read_text(encoding="utf-8")
    errors = {(found.rule, found.where) for found in lint(xml) if found.severity == "error"}
    assert (refused["rule"], refused["where"]) in errors


@pytest.mark.parametrize("refused", REFUSED, ids=lambda refused: refused["model"])
def test_what_the_library_does_with_it_is_known(refused: Mapping[str, str]) -> None:
    xml = (HERE / "models" / "refused" / f"{refused['model']}.bpmn").read_text(encoding="utf-8")
    if refused["library"] == "accepts":
        parse_model(xml)
        return
    with pytest.raises(InvalidModelError):
        parse_model(xml)


def test_the_suite_is_whole() -> None:
    said = {
        word for file in FILES for each in tomllib.loads(file.read_text("utf-8"))["elements"] for word in each.split()
    }
    assert said >= FLOW_NODES | {"multiInstanceLoopCharacteristics", "sequenceFlow"}
    assert {file.stem for file in FILES} == {file.stem for file in (HERE / "models").glob("*.bpmn")}
    assert {each["model"] for each in REFUSED} == {file.stem for file in (HERE / "models" / "refused").glob("*.bpmn")}
    assert len(FILES) + len(REFUSED) >= 60
