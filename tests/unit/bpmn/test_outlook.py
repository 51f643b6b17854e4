"""What a moved process comes to: faults from where it stands that no run from the start of the model has."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.outlook import Outlook, names_of_places, outlook
from bpmn.runner import complete, load, moved, open_tasks, send, start
from tests.support import small_models as small
from tests.support.random_nets import Drawn, block_nets

TASKS = small.task("a") + small.task("b") + small.task("c")
FORK, JOIN = small.parallel("fork"), small.parallel("join")
BESIDE = small.with_end(
    FORK, TASKS, JOIN, flow=("start -> fork -> a -> join -> decide", "fork -> b -> join", "fork -> c -> join")
)
LATER = small.with_end(FORK, TASKS, JOIN, flow=("start -> fork -> a -> join -> c -> decide", "fork -> b -> join"))


def run(xml: str, *done: str) -> bytes:
    """Return the state of a process after these tasks."""
    model = load(xml)
    state = start(model, {}).state
    for node in done:
        state = complete(
            model, state, next(task.id for task in open_tasks(model, state) if task.node == node), {}
        ).state
    return state


def moved_from(old: str, new: str, *done: str) -> Outlook:
    return outlook(new, "", moved(load(old), load(new), run(old, *done), {}))


def test_a_task_that_came_before_the_join_and_now_follows_it_would_be_done_twice() -> None:
    seen = moved_from(BESIDE, LATER, "a")
    assert {fault.rule for fault in seen.faults} >= {"synchronisation-lacking", "branch-outlives-end"}
    assert ("synchronisation-lacking", "c") in {(fault.rule, fault.where) for fault in seen.faults}


def test_a_position_of_the_new_model_is_sound_and_one_without_a_branch_is_not() -> None:
    longer = LATER.replace('limit="10 working_day"', 'limit="11 working_day"')
    assert moved_from(LATER, longer, "a") == Outlook((), is_bounded=False)
    never = moved_from(LATER, BESIDE)  # `c` does not begin, and the join waits for it
    assert [(fault.rule, fault.where) for fault in never.faults] == [("deadlock", "join")]


@pytest.mark.parametrize("big", [True, False])
@pytest.mark.parametrize("done", [("a",), ("a", "b")], ids=["seen-from-the-start", "passed-by-the-walk"])
def test_a_condition_that_cannot_change_is_read_from_the_data(done: tuple[str, ...], big: bool) -> None:
    flow = ("start -> fork -> a -> join -> decide", "fork -> b -> c -> join")
    old = load(small.with_end(FORK, TASKS, JOIN, flow=flow))
    gates = small.xor("one", "other") + small.xor("two", "other") + small.parallel("meet") + small.parallel("other")
    flow = (
        "start -> fork -> a -> one -[big]-> meet -> out",
        "one -> other -> out -> decide",
        "fork -> b -> c -> two -[big]-> meet",
        "two -> other",
    )
    new = small.with_end(FORK, gates, small.xor("out"), TASKS, flow=flow)
    step = start(old, {"big": big})
    for node in done:
        step = complete(old, step.state, next(task.id for task in step.open if task.node == node), {})
    seen = outlook(new, "", moved(old, load(new), step.state, {"a_join": "one_meet"}))
    assert [fault.rule for fault in seen.faults] == ([] if big else ["deadlock"])


def test_objections_that_are_open_together_are_no_fault() -> None:
    objection = small.border("told", "a", small.message("objection.raised"), interrupting=False)
    xml = small.with_end(TASKS, objection, small.end("heard"), flow=("start -> a -> b -> decide", "told -> c -> heard"))
    model = load(xml)
    state = start(model, {}).state
    for _ in range(2):
        state = send(model, state, "objection.raised").state
    assert [task.node for task in open_tasks(model, state)] == ["a", "c", "c"]
    assert outlook(xml, "", state) == Outlook((), is_bounded=False)


def test_more_states_than_are_looked_at_are_no_fault() -> None:
    nodes = [f"t{number}" for number in range(14)]
    tasks = "".join(small.task(node, inputs=("x",)) for node in nodes)
    chain = tuple(f"fork -> {node} -> join" for node in nodes)
    many = small.with_end(FORK, tasks, JOIN, flow=("start -> fork", *chain, "join -> decide"))
    assert outlook(many, "", run(many)) == Outlook((), is_bounded=True)
    assert outlook(many, "", run(many, *nodes[:10])) == Outlook((), is_bounded=False)


@given(block_nets(), st.integers(0, 2**16))
@settings(max_examples=60, deadline=None)
def test_wherever_a_run_of_a_sound_process_stands_nothing_is_seen(drawn: Drawn, seed: int) -> None:
    xml, chance = drawn.xml(), random.Random(seed)
    model = load(xml)
    step = start(model, {name: chance.random() < 0.5 for name in drawn.variables()})
    for _ in range(30):
        assert outlook(xml, "", step.state).faults == ()
        before = [task for task in step.open if task.node not in ("decide", "give")]
        if not before:
            return
        step = complete(model, step.state, chance.choice(before).id, {})


def test_a_flow_in_front_of_a_join_is_called_by_the_join() -> None:
    names = names_of_places(BESIDE, "")
    assert (names["a_join"], names["a"]) == ("Tên join", "Tên a")
