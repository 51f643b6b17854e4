"""Edges of the interpreter: what an interrupted scope waits for, damaged states, moves of what is gone."""

from __future__ import annotations

import json

import pytest

from bpmn.errors import InvalidStateError, MessageNotAwaitedError, MoveBlockedError
from bpmn.runner import Model, Step, awaited, complete, load, moved, open_tasks, places, send, start
from tests.support import small_models as small
from tests.support.random_nets import unchecked

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


def test_nothing_begins_in_a_process_that_has_ended() -> None:
    model = unchecked(small.with_end(EVENT_SUB, small.task("a"), flow=("start -> a -> decide",)))
    step = start(model, {})
    assert awaited(model, step.state) == {"objection.raised"}
    for _ in range(3):
        step = complete(model, step.state, step.open[0].id, {})
    assert step.finished
    assert awaited(model, step.state) == frozenset()
    with pytest.raises(MessageNotAwaitedError):
        send(model, step.state, "objection.raised")


TASKS = small.task("a") + small.task("b") + small.task("c")
BESIDE = ("start -> fork -> a -> join -> decide", "fork -> b -> join", "fork -> c -> join")


def joined(model_text: str, *done: str) -> tuple[Model, Step]:
    """Return a model and its process with these tasks done."""
    model = load(model_text)
    step = start(model, {})
    for node in done:
        step = complete(model, step.state, next(task.id for task in step.open if task.node == node), {})
    return model, step


def beside() -> str:
    return small.with_end(small.parallel("fork"), TASKS, small.parallel("join"), flow=BESIDE)


def test_a_token_in_front_of_a_join_does_not_move_to_a_gateway_that_joins_nothing() -> None:
    model, step = joined(beside(), "a")
    flow = ("start -> fork", 'fork -[outcome = "x"]-> a -> join', 'fork -[outcome = "y"]-> b -> join',
            "fork -> c -> join -> decide")  # fmt: skip
    merged = load(small.with_end(small.xor("fork", "c"), TASKS, small.xor("join"), flow=flow))
    with pytest.raises(MoveBlockedError) as blocked:
        moved(model, merged, step.state, {})
    assert blocked.value.nodes == ("a_join",)


def test_a_process_does_not_move_to_where_its_join_waits_in_vain() -> None:
    after = ("start -> fork -> a -> join -> c -> decide", "fork -> b -> join")
    later = load(small.with_end(small.parallel("fork"), TASKS, small.parallel("join"), flow=after))
    model, step = joined(beside(), "a")
    assert {place.place for place in places(later, moved(model, later, step.state, {}))} == {"a_join", "b", "c"}
    model, step = joined(beside(), "a", "b")  # `c` is still open, and comes after the join
    with pytest.raises(MoveBlockedError) as blocked:
        moved(model, later, step.state, {})
    assert blocked.value.nodes == ("a_join", "b_join")


def test_a_process_does_not_move_to_where_its_join_misses_a_branch() -> None:
    model, step = joined(
        small.with_end(
            small.parallel("fork"),
            small.task("a"),
            small.task("b"),
            small.parallel("join"),
            flow=("start -> fork -> a -> join -> decide", "fork -> b -> join"),
        ),
        "a",
    )
    more = load(beside())
    with pytest.raises(MoveBlockedError) as blocked:
        moved(model, more, step.state, {})
    assert blocked.value.nodes == ("a_join",)
