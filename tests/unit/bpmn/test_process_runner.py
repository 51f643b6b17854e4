"""Running a process: steps, tokens, messages, what is stored, and what is refused."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bpmn.errors import (
    BpmnError,
    InvalidDataError,
    InvalidExpressionError,
    InvalidModelError,
    InvalidStateError,
    MessageNotAwaitedError,
    StepBudgetError,
    TaskNotOpenError,
)
from bpmn.net import compile_net
from bpmn.runner import Model, OpenTask, Step, awaited, complete, load, open_tasks, send, start
from bpmn.spiff import PINNED
from bpmn.xml import content_hash, parse_document, top_process
from tests.support.step_tables import a_model_xml

XML = a_model_xml()
MODEL = load(XML)
ASIDE = frozenset({"supplement.requested", "obligation.raised", "refused", "withdrawn", "stopped"})


def _received() -> Step:
    begun = start(MODEL, {})
    return complete(MODEL, begun.state, begun.open[0].id, {"outcome": "complete"})


def test_start_opens_the_check() -> None:
    step = start(MODEL, {"channel": "counter"})
    assert step.open == (OpenTask("1", "check"),)
    assert (step.passed, step.finished) == (("start",), False)
    assert open_tasks(MODEL, step.state) == step.open
    assert awaited(MODEL, step.state) == frozenset()


def test_complete_runs_on_to_the_next_task() -> None:
    step = _received()
    assert step.open == (OpenTask("3", "s01_NHAN"),)
    assert step.passed == ("check", "outcome_choice", "steps_start")
    assert awaited(MODEL, step.state) == ASIDE
    following = complete(MODEL, step.state, "3", {})
    assert following.open == (OpenTask("4", "s02_THU_LY"),)
    assert following.passed == ("s01_NHAN", "handover_01")


def test_a_task_keeps_its_id_while_other_things_happen() -> None:
    step = _received()
    asked = send(MODEL, step.state, "supplement.requested")
    assert asked.open == step.open
    assert asked.passed == ("on_supplement",)
    assert awaited(MODEL, asked.state) == ASIDE | {"supplement.received"}


def test_a_second_request_does_not_lose_the_first() -> None:
    step = _received()
    twice = send(MODEL, send(MODEL, step.state, "supplement.requested").state, "supplement.requested")
    once = send(MODEL, twice.state, "supplement.received")
    assert "supplement.received" in awaited(MODEL, once.state)
    none = send(MODEL, once.state, "supplement.received")
    assert awaited(MODEL, none.state) == ASIDE


def test_supplement_and_obligation_wait_side_by_side() -> None:
    state = _received().state
    for message in ("supplement.requested", "obligation.raised"):
        state = send(MODEL, state, message).state
    assert awaited(MODEL, state) == ASIDE | {"supplement.received", "obligation.settled"}
    state = send(MODEL, state, "supplement.received").state
    assert awaited(MODEL, state) == ASIDE | {"obligation.settled"}


def test_the_end_closes_a_case_that_still_waits_for_something() -> None:
    step = send(MODEL, _received().state, "obligation.raised")
    while step.open:
        step = complete(MODEL, step.state, step.open[0].id, {})
    assert step.finished
    assert awaited(MODEL, step.state) == frozenset()


def test_a_refusal_is_returned_at_the_desk() -> None:
    step = send(MODEL, _received().state, "refused")
    assert [task.node for task in step.open] == ["return_refusal"]
    with pytest.raises(MessageNotAwaitedError):
        send(MODEL, step.state, "withdrawn")
    assert complete(MODEL, step.state, step.open[0].id, {}).finished


@pytest.mark.parametrize("task", ["1", "2", "99", "", "s01_NHAN", "-1"])
def test_complete_refuses_a_task_that_is_not_open(task: str) -> None:
    with pytest.raises(TaskNotOpenError):
        complete(MODEL, _received().state, task, {})


def test_complete_refuses_a_task_twice() -> None:
    step = _received()
    done = complete(MODEL, step.state, step.open[0].id, {})
    with pytest.raises(TaskNotOpenError):
        complete(MODEL, done.state, step.open[0].id, {})


@pytest.mark.parametrize("message", ["supplement.received", "obligation.settled", "nothing", ""])
def test_send_refuses_what_nothing_waits_for(message: str) -> None:
    with pytest.raises(MessageNotAwaitedError):
        send(MODEL, _received().state, message)


def test_a_finished_process_takes_nothing_more() -> None:
    ended = send(MODEL, _received().state, "withdrawn")
    assert ended.finished
    for message in ("withdrawn", "refused"):
        with pytest.raises(MessageNotAwaitedError):
            send(MODEL, ended.state, message)
    with pytest.raises(TaskNotOpenError):
        complete(MODEL, ended.state, "3", {})


def test_a_choice_without_its_variable_is_refused_and_repeatable() -> None:
    begun = start(MODEL, {})
    with pytest.raises(InvalidExpressionError):
        complete(MODEL, begun.state, "1", {})
    assert complete(MODEL, begun.state, "1", {"outcome": "complete"}).open


@pytest.mark.parametrize(
    "data",
    [
        {"outcome": ["complete"]},
        {"outcome": {"a": 1}},
        {"outcome": b"x"},
        {"Outcome": "complete"},
        {"__class__": "x"},
        {"a b": 1},
        {1: 2},
        {"outcome": "x" * 101},
        {"outcome": float("nan")},
        {f"name{at}": "x" * 90 for at in range(10)},
    ],
)
def test_routing_data_is_flat_small_and_plain(data: Any) -> None:
    with pytest.raises(InvalidDataError):
        start(MODEL, data)
    with pytest.raises(InvalidDataError):
        complete(MODEL, start(MODEL, {}).state, "1", data)


def test_the_same_command_gives_the_same_step() -> None:
    assert start(MODEL, {"a": 1}) == start(MODEL, {"a": 1})
    assert _received() == _received()
    state = _received().state
    assert send(MODEL, state, "supplement.requested") == send(MODEL, state, "supplement.requested")


def test_the_state_holds_tokens_only() -> None:
    assert json.loads(_received().state) == {
        "v": 2,
        "m": MODEL.digest[:16],
        "n": 4,
        "d": {"outcome": "complete"},
        "t": [[2, "steps", None, [[3, "s01_NHAN", None, []]]]],
    }


def test_a_state_of_the_version_before_is_read_on() -> None:
    before = {"v": 1, "m": MODEL.digest[:16], "n": 4}
    tokens = [[2, "steps", {"outcome": "complete"}, [[3, "s01_NHAN", None, []]]]]
    state = json.dumps({**before, "t": tokens}).encode()
    assert open_tasks(MODEL, state) == _received().open
    assert complete(MODEL, state, "3", {}) == complete(MODEL, _received().state, "3", {})


def test_the_state_does_not_grow_with_supplements_at_the_desk() -> None:
    begun = start(MODEL, {})
    step, sizes = begun, []
    for _ in range(300):
        waiting = complete(MODEL, step.state, step.open[0].id, {"outcome": "supplement"})
        sizes.append(len(waiting.state))
        step = send(MODEL, waiting.state, "supplement.received")
    assert sizes[-1] <= sizes[0] + 4  # only the digits of the numbers grow
    assert max(sizes) < 200
    assert [task.node for task in step.open] == ["check"]


def test_the_state_does_not_grow_with_supplements_while_working() -> None:
    step = _received()
    size = len(step.state)
    for _ in range(300):
        step = send(MODEL, send(MODEL, step.state, "supplement.requested").state, "supplement.received")
    assert len(step.state) <= size + 4
    while step.open:
        step = complete(MODEL, step.state, step.open[0].id, {})
    assert step.finished


@pytest.mark.parametrize(
    "state",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b'{"v":2,"m":"","n":1,"t":[]}',
        b'{"v":1,"m":"0123456789abcdef","n":1,"t":[]}',
    ],
)
def test_a_state_that_is_none_is_refused(state: bytes) -> None:
    for use in (open_tasks, awaited):
        with pytest.raises(InvalidStateError):
            use(MODEL, state)
    with pytest.raises(InvalidStateError):
        complete(MODEL, state, "1", {})
    with pytest.raises(InvalidStateError):
        send(MODEL, state, "withdrawn")


@pytest.mark.parametrize("token", [[1, "gone", None, []], [1, "start", None, []], [1, "check"], "check", 5])
def test_a_state_that_does_not_fit_its_model_is_refused(token: object) -> None:
    state = json.dumps({"v": 1, "m": MODEL.digest[:16], "n": 2, "t": [token]}).encode()
    with pytest.raises(InvalidStateError):
        complete(MODEL, state, "1", {"outcome": "complete"})


def test_a_state_belongs_to_its_version() -> None:
    other = load(a_model_xml(fee="9000"))
    with pytest.raises(InvalidStateError):
        complete(other, _received().state, "3", {})


def test_load_parses_each_version_once() -> None:
    assert load(XML) is load(str(XML))
    assert load(XML.replace('name="Bắt đầu"', "name='Bắt đầu'")).digest == MODEL.digest


@pytest.mark.parametrize("xml", ["", "<a/>", "không phải XML", XML.replace("userTask", "scriptTask")])
def test_load_refuses_what_the_linter_refuses(xml: str) -> None:
    with pytest.raises(InvalidModelError):
        load(xml)


def test_a_model_that_loops_is_cut() -> None:
    turn = (
        '<bpmn:exclusiveGateway id="turn" default="flow_back"/>'
        '<bpmn:sequenceFlow id="flow_back" sourceRef="turn" targetRef="outcome_choice"/>'
        '<bpmn:sequenceFlow id="flow_out" sourceRef="turn" targetRef="end_refused_desk"><bpmn:conditionExpression>'
        'outcome == "never"</bpmn:conditionExpression></bpmn:sequenceFlow>'
    )
    looping = XML.replace(
        'sourceRef="outcome_choice" targetRef="end_refused_desk"', 'sourceRef="outcome_choice" targetRef="turn"'
    ).replace("</bpmn:process>", turn + "</bpmn:process>", 1)
    with pytest.raises(InvalidModelError, match="loop-without-human"):
        load(looping)
    root = parse_document(looping)  # as if the linter had not seen it
    model = Model(content_hash(root), compile_net(root, top_process(root)), None)
    begun = start(model, {})
    with pytest.raises(StepBudgetError):
        complete(model, begun.state, "1", {"outcome": "refused"})
    assert complete(model, begun.state, "1", {"outcome": "complete"}).open


def test_one_model_serves_many_threads() -> None:
    def live(at: int) -> bytes:
        step = _received()
        for _ in range(at % 3):
            step = send(MODEL, send(MODEL, step.state, "supplement.requested").state, "supplement.received")
        while step.open:
            step = complete(MODEL, step.state, step.open[0].id, {})
        return step.state

    alone = [live(at) for at in range(3)]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(live, range(60))) == [alone[at % 3] for at in range(60)]


def test_the_pin_is_the_version_whose_private_parts_are_used() -> None:
    project = Path(__file__).parents[3] / "pyproject.toml"
    assert f"SpiffWorkflow=={PINNED}" in project.read_text(encoding="utf-8")


def test_errors_have_stable_codes() -> None:
    codes = {kind.__name__: kind.code for kind in BpmnError.__subclasses__()}
    said = {
        "InvalidModelError": "model-invalid",
        "InvalidDataError": "routing-data-invalid",
        "InvalidStateError": "process-state-invalid",
        "TaskNotOpenError": "task-not-open",
        "MessageNotAwaitedError": "message-not-awaited",
        "StepBudgetError": "step-budget-exceeded",
        "InvalidExpressionError": "expression-invalid",
        "NoFlowError": "no-flow",
        "UncaughtErrorEventError": "error-uncaught",
        "MoveBlockedError": "move-blocked",
        "NoWayBackError": "no-way-back",
    }
    assert said.items() <= codes.items()
    assert len(set(codes.values())) == len(codes)
