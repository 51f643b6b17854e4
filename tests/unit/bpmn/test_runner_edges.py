"""Edges of the interpreter: what an interrupted scope waits for, damaged states, moves of what is gone."""

from __future__ import annotations

import json

import pytest

from bpmn.errors import InvalidStateError, MoveBlockedError
from bpmn.runner import awaited, load, moved, open_tasks, send, start
from tests.support import small_models as small

EVENT_SUB = small.sub(
    "aside",
    small.start("told", small.message("objection.raised")),
    small.task("judge"),
    small.end("judged"),
    small.flows("told -> judge -> judged"),
    triggeredByEvent="true",
)
WORK = small.sub("work", small.start("in"), small.task("a"), small.end("out"), EVENT_SUB, small.flows("in -> a -> out"))


def test_an_event_that_took_the_place_of_a_scope_does_not_start_again() -> None:
    model = load(small.with_end(WORK, flow=("start -> work -> decide",)))
    begun = start(model, {})
    assert awaited(model, begun.state) == {"objection.raised"}
    told = send(model, begun.state, "objection.raised")
    assert [task.node for task in told.open] == ["judge"]
    assert awaited(model, told.state) == frozenset()


def test_a_state_with_tokens_inside_a_flow_is_refused() -> None:
    model = load(
        small.with_end(
            *(small.parallel(node) for node in ("split", "join")),
            *(small.task(node) for node in ("a", "b")),
            flow=("start -> split -> a -> join -> decide", "split -> b -> join"),
        )
    )
    stored = {"v": 2, "m": model.digest[:16], "n": 9, "d": {}, "t": [[1, "a_join", None, [[2, "b", None, []]]]]}
    with pytest.raises(InvalidStateError):
        open_tasks(model, json.dumps(stored).encode())


def test_a_move_is_blocked_when_what_is_around_a_task_is_gone() -> None:
    model = load(small.with_end(WORK, flow=("start -> work -> decide",)))
    state = start(model, {}).state
    without = load(small.with_end(small.task("a"), flow=("start -> a -> decide",)))
    with pytest.raises(MoveBlockedError) as blocked:
        moved(model, without, state, {})
    assert "work" in blocked.value.nodes
