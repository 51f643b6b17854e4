"""The 61 real procedures: what is read, that every model runs every way, and how it is drawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from bpmn.generator import build
from bpmn.lint import lint
from bpmn.model import facts
from bpmn.phases import Phase
from bpmn.runner import Model, Step, awaited, complete, load, open_tasks, send, start
from tests.support.drawings import problems
from tests.support.step_tables import REAL, needs_real, real_models, real_readings

pytestmark = needs_real
CODES = sorted(real_models()) if REAL.exists() else []


def test_real_procedures_are_published_but_two() -> None:
    refused = {reading.code for reading in real_readings() if reading.table is None}
    assert len(real_readings()) == 61
    assert refused == {"LD05", "TN00"}
    for reading in real_readings():
        if reading.code in refused:
            errors = [finding.rule for finding in reading.findings if finding.severity == "error"]
            assert errors == ["limit-missing"]


def test_real_procedures_warn_as_counted_by_hand() -> None:
    rules = Counter(
        finding.rule for reading in real_readings() if reading.table is not None for finding in reading.findings
    )
    assert rules == {"total-missing": 17, "total-differs": 6, "ends-missing": 18}
    assert not any("fee" in finding.rule for reading in real_readings() for finding in reading.findings)


def test_real_fees_are_read_in_all_spellings() -> None:
    fees = {reading.code: reading.table.fee_vnd for reading in real_readings() if reading.table is not None}
    assert (fees["DT01"], fees["DT02"], fees["TP05"], fees["TN05"], fees["LD01"]) == (50000, 50000, 3000, 0, None)


def test_real_labels_separate_two_stages_of_one_unit() -> None:
    (reading,) = (each for each in real_readings() if each.code == "TN23")
    assert reading.table is not None
    assert [stage.limit for stage in reading.table.stages] == [
        "1 working_day",
        "4 working_day",
        "1 working_day",
        "0 working_day",
    ]


@pytest.mark.parametrize("code", CODES)
def test_real_model_is_clean_and_well_drawn(code: str) -> None:
    xml = real_models()[code]
    found = lint(xml)
    assert {finding.rule for finding in found} <= {
        "stages-exceed-limit",
        "stages-below-limit",
        "step-without-limit",
    }  # real_findings.toml
    assert lint(xml.encode()) == found
    assert problems(xml) == []
    (table,) = (each.table for each in real_readings() if each.code == code)
    assert table is not None
    assert build(table) == xml


@pytest.mark.parametrize("code", CODES)
def test_real_model_states_the_facts_of_its_table(code: str) -> None:
    (table,) = (each.table for each in real_readings() if each.code == code)
    assert table is not None
    said = facts(real_models()[code])
    steps = [step for step in said.steps.values() if step.stage > 0]
    assert (said.code, said.name, said.limit, said.fee_vnd) == (table.code, table.name, table.limit, table.fee_vnd)
    assert [(step.key, step.unit, step.stage, step.stage_limit, step.limit) for step in steps] == [
        (step.key, step.unit, step.stage, step.stage_limit, step.limit) for step in table.steps
    ]
    assert [step.phase for step in steps] == [step.phase for step in table.steps]
    assert sum(step.ends_processing for step in steps) == 1
    assert [(stage.no, stage.unit, stage.limit) for stage in said.stages] == [
        (stage.no, stage.unit, stage.limit) for stage in table.stages
    ]
    assert said.first_unit == table.steps[0].unit
    assert (said.steps["check"].phase, said.steps["return_refusal"].phase) == (Phase.RECEPTION, Phase.RETURN)


def _received(model: Model) -> Step:
    step = start(model, {})
    assert [task.node for task in step.open] == ["check"]
    return complete(model, step.state, step.open[0].id, {"outcome": "complete"})


def _step_nodes(code: str) -> list[str]:
    return [node for node, step in facts(real_models()[code]).steps.items() if step.stage > 0]


def _walk(model: Model, step: Step) -> Iterator[Step]:
    while not step.finished:
        (task,) = step.open
        assert open_tasks(model, step.state) == step.open
        step = complete(model, step.state, task.id, {})
        yield step


@pytest.mark.parametrize("code", CODES)
def test_real_model_runs_straight_to_its_end(code: str) -> None:
    model = load(real_models()[code])
    received = _received(model)
    steps = [received, *_walk(model, received)]
    passed = [node for step in steps for node in step.passed]
    assert [node for node in passed if node in _step_nodes(code)] == _step_nodes(code)
    crossings = list(facts(real_models()[code]).handovers)
    assert [node for node in passed if node.startswith("handover_")] == crossings
    assert passed[-3:] == ["steps_end", "steps", "end_done"]
    assert steps[-1].finished
    assert awaited(model, steps[-1].state) == frozenset()


@pytest.mark.parametrize("code", CODES)
def test_real_model_runs_the_ways_at_the_desk(code: str) -> None:
    model = load(real_models()[code])
    begun = start(model, {})
    task = begun.open[0].id
    refused = complete(model, begun.state, task, {"outcome": "refused"})
    assert (refused.finished, refused.passed[-1]) == (True, "end_refused_desk")
    waiting = complete(model, begun.state, task, {"outcome": "supplement"})
    assert (waiting.open, waiting.finished) == ((), False)
    assert awaited(model, waiting.state) == {"supplement.received", "stopped", "withdrawn"}
    assert send(model, waiting.state, "stopped").passed[-1] == "end_stopped_desk"
    assert send(model, waiting.state, "withdrawn").passed[-1] == "end_withdrawn_desk"
    again = send(model, waiting.state, "supplement.received")
    assert [task.node for task in again.open] == ["check"]
    received = complete(model, again.state, again.open[0].id, {"outcome": "complete"})
    assert [task.node for task in received.open] == _step_nodes(code)[:1]


@pytest.mark.parametrize("code", CODES)
def test_real_model_runs_the_ways_beside_every_step(code: str) -> None:
    model = load(real_models()[code])
    step = _received(model)
    for node in _step_nodes(code):
        step = _interrupted(model, step, node)
        step = complete(model, step.state, step.open[0].id, {})
    assert step.finished


def _interrupted(model: Model, step: Step, node: str) -> Step:
    """Try every way at one step; return the step as it is after supplements and obligations."""
    assert [task.node for task in step.open] == [node]
    for message, last in (("withdrawn", "end_withdrawn"), ("stopped", "end_stopped")):
        closed = send(model, send(model, step.state, "supplement.requested").state, message)
        assert (closed.finished, closed.open, closed.passed[-1]) == (True, (), last)
    refused = send(model, step.state, "refused")
    assert [task.node for task in refused.open] == ["return_refusal"]
    closed = complete(model, refused.state, refused.open[0].id, {})
    assert (closed.finished, closed.passed) == (True, ("return_refusal", "end_refused"))
    before = step
    for asked, answered in 2 * [("supplement.requested", "supplement.received")] + [
        ("obligation.raised", "obligation.settled")
    ]:
        step = send(model, step.state, asked)
        assert step.open == before.open
        assert answered in awaited(model, step.state)
        step = send(model, step.state, answered)
        assert step.open == before.open
        assert awaited(model, step.state) == awaited(model, before.state)
        assert len(step.state) <= len(before.state) + 2
    return step
