"""A table that ends with the decision gets the step that returns the result."""

from __future__ import annotations

import pytest

from bpmn import runner
from bpmn.generator import build
from bpmn.lint import lint
from bpmn.model import facts
from tests.support.step_tables import DESK, OFFICE, linear, read_one


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(linear(("NHAN", DESK), ("KY", OFFICE), ends="KY"), id="last-step-decides"),
        pytest.param(linear(("NHAN", DESK), ends="NHAN"), id="one-step-that-decides"),
        pytest.param(linear(("NHAN", DESK)), id="one-step"),
    ],
)
def test_return_is_added_and_the_model_runs_to_its_end(steps: list[dict[str, object]]) -> None:
    reading = read_one(steps=steps, total_days=str(len(steps)))
    assert reading.table is not None
    assert "return-missing" in [finding.rule for finding in reading.findings]

    xml = build(reading.table)
    last = list(facts(xml).steps.values())[-1]
    model = runner.load(xml)
    step = runner.start(model, {})
    names = []
    while step.open:
        [task] = step.open
        names.append(facts(xml).steps[task.node].name)
        step = runner.complete(model, step.state, task.id, {"outcome": "complete"} if task.node == "check" else {})

    assert lint(xml) == ()
    assert (names[-1], step.finished) == ("Trả kết quả", True)
    assert (last.phase, last.unit) == ("return", DESK) or last.order == 0


def test_table_with_a_return_gets_none() -> None:
    assert "return-missing" not in [finding.rule for finding in read_one().findings]
