"""Sending a task back to the one before: either refused, or the redone step leads where it had led."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import references, runner
from bpmn.assembly import assemble
from bpmn.errors import NoWayBackError, TaskNotOpenError
from bpmn.joins import hopeless
from bpmn.tokens import decode
from bpmn.way_back import leads_straight
from tests.support import small_models as sm
from tests.support.model_paths import Act, Explorer, ModelPath
from tests.support.step_tables import a_model_xml

CODES = references.codes()


def shape(state: bytes) -> Any:
    """Return a state without the numbers of its tokens: what stands where, inside what, with which data."""
    stored = json.loads(state)

    def plain(rows: list[Any]) -> list[Any]:
        return sorted(([place, data, plain(inner)] for _, place, data, inner in rows), key=json.dumps)

    return stored["d"], plain(stored["t"])


def positions(explorer: Explorer, path: ModelPath) -> Iterator[tuple[Act, runner.Step, runner.Step]]:
    """Yield each completion of a path with the step before and after it."""
    model, facts = explorer.model, dict(path.facts)
    begun = runner.start(model, facts)
    step = runner.complete(model, begun.state, begun.open[0].id, {"outcome": "complete"})
    over: set[str] = set()
    for act in path.acts:
        before = step
        if act.do == "complete":
            step = runner.complete(model, step.state, act.task, {"outcome": act.outcome, **dict(act.fields)})
            yield act, before, step
        elif act.do == "message":
            step = runner.send(model, step.state, act.node)
        else:
            for wait in [each for each in step.waits if each.node in act.node.split("+") and each.id not in over]:
                if wait.id in {each.id for each in step.waits}:
                    over.add(wait.id)
                    step = runner.send(model, step.state, wait.message, token=wait.id)


def check_position(model: runner.Model, act: Act, before: runner.Step, after: runner.Step) -> tuple[int, int]:
    """Send each task that a completion opened back, do it again, and compare; return how many went and were refused."""
    known = {task.id for task in before.open}
    went = refused = 0
    for task in [each for each in after.open if each.id not in known]:
        try:
            back = runner.sent_back(model, after.state, task.id, act.node)
        except NoWayBackError:
            refused += 1
            continue
        went += 1
        (again,) = [each for each in back.open if each.id not in {every.id for every in after.open}]
        assert again.node == act.node
        assert task.id not in {each.id for each in back.open}
        assert back.effects == ()
        assert not back.finished
        assert hopeless(model.net, decode(model.digest, back.state)[0]) == []
        redone = runner.complete(model, back.state, again.id, {"outcome": act.outcome, **dict(act.fields)})
        assert shape(redone.state) == shape(after.state)
        assert [each.node for each in redone.open] == [each.node for each in after.open]
    return went, refused


@pytest.mark.parametrize("code", CODES)
def test_at_every_position_of_a_reference_process_a_step_goes_back_and_comes_again_or_is_refused(code: str) -> None:
    reference = references.read(code)
    explorer = Explorer(assemble(reference.source), reference.form, reference.decisions)
    seen: set[bytes] = set()
    went = 0
    for path in explorer.paths():
        for act, before, after in positions(explorer, path):
            if after.state not in seen and not after.finished:
                seen.add(after.state)
                went += check_position(explorer.model, act, before, after)[0]
    assert went > 0


@given(st.integers(1, 6))
@settings(max_examples=10)
def test_a_step_may_go_back_again_and_again(times: int) -> None:
    model = runner.load(a_model_xml())
    begun = runner.start(model, {})
    step = runner.complete(model, begun.state, begun.open[0].id, {"outcome": "complete"})
    first = step.open[0]
    step = runner.complete(model, step.state, first.id, {})
    wanted = shape(step.state)
    for _ in range(times):
        (task,) = step.open
        step = runner.sent_back(model, step.state, task.id, first.node)
        assert [each.node for each in step.open] == [first.node]
        step = runner.complete(model, step.state, step.open[0].id, {})
        assert shape(step.state) == wanted
    assert int(step.open[0].id) > int(first.id) + times


def _opened(xml: str, *done: str) -> tuple[runner.Model, runner.Step]:
    model = runner.load(xml)
    step = runner.start(model, {})
    for node in done:
        task = next(each for each in step.open if each.node == node)
        step = runner.complete(model, step.state, task.id, {})
    return model, step


def test_nothing_goes_back_over_a_gateway_that_splits_or_joins() -> None:
    nodes = (sm.task("t1"), sm.parallel("split"), sm.task("t2"), sm.task("t3"), sm.parallel("both"), sm.task("t4"))
    flow = ("start -> t1 -> split -> t2 -> both -> t4 -> decide", "split -> t3 -> both")
    xml = sm.with_end(*nodes, flow=flow)
    model, step = _opened(xml, "t1")
    task = next(each for each in step.open if each.node == "t2")
    with pytest.raises(NoWayBackError):
        runner.sent_back(model, step.state, task.id, "t1")
    model, step = _opened(xml, "t1", "t2", "t3")
    (task,) = step.open
    assert task.node == "t4"
    for before in ("t1", "t2", "t3", "nowhere"):
        with pytest.raises(NoWayBackError):
            runner.sent_back(model, step.state, task.id, before)
    with pytest.raises(TaskNotOpenError):
        runner.sent_back(model, step.state, "999", "t3")


def test_a_way_over_another_task_is_no_straight_one() -> None:
    model = runner.load(a_model_xml())
    nodes = [each.node for each in _walked(model)]
    assert leads_straight(model.net, nodes[0], nodes[1])
    assert not leads_straight(model.net, nodes[0], nodes[2])
    assert not leads_straight(model.net, nodes[1], nodes[0])
    assert not leads_straight(model.net, nodes[0], "nowhere")


def _walked(model: runner.Model) -> Iterator[runner.OpenTask]:
    step = runner.start(model, {})
    step = runner.complete(model, step.state, step.open[0].id, {"outcome": "complete"})
    while not step.finished:
        yield step.open[0]
        step = runner.complete(model, step.state, step.open[0].id, {})
