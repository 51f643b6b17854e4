"""Edges of the token game that no model of the library has: who catches, what is emptied, what joins wait for."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn.errors import UncaughtErrorEventError
from bpmn.runner import Model, Step, complete, data_of, open_tasks, send, start
from tests.support import small_models as small
from tests.support.random_nets import unchecked


def event_sub(node: str, trigger: str, *, end: str = "", **attributes: str) -> str:
    """Return an event sub-process with one task `<node>_task`."""
    names = f"{node}_start", f"{node}_task", f"{node}_end"
    return small.sub(
        node, small.start(names[0], trigger, **attributes), small.task(names[1]), small.end(names[2], end),
        small.flows(" -> ".join(names)), triggeredByEvent="true",
    )  # fmt: skip


def done(model: Model, step: Step, node: str, **data: Any) -> Step:
    """Complete the oldest open task at a node."""
    task = next(each for each in open_tasks(model, step.state) if each.node == node)
    return complete(model, step.state, task.id, data)


def nodes(step: Step) -> list[str]:
    return sorted(task.node for task in step.open)


def throwing(node: str = "thrown") -> str:
    return small.element("intermediateThrowEvent", node, small.escalation("late"))


def test_what_an_escalation_interrupts_does_not_go_on() -> None:
    model = unchecked(
        small.model(
            small.start(), small.task("a"), throwing(), small.task("b"), small.end(),
            event_sub("aside", small.escalation("late")), small.flows("start -> a -> thrown -> b -> end"),
        )
    )  # fmt: skip
    step = done(model, start(model, {}), "a")
    assert nodes(step) == ["aside_task"]
    assert step.passed == ("a", "thrown", "aside_start")
    assert done(model, step, "aside_task").finished


def test_what_is_on_its_way_in_a_scope_that_is_emptied_never_arrives() -> None:
    model = unchecked(
        small.model(
            small.start(), small.task("a"), small.parallel("fork"), small.end("thrown", small.escalation("late")),
            small.task("b"), small.end(), event_sub("aside", small.escalation("late")),
            small.flows("start -> a -> fork -> thrown", "fork -> b -> end"),
        )
    )  # fmt: skip
    assert nodes(done(model, start(model, {}), "a")) == ["aside_task"]


def test_an_error_in_an_event_subprocess_is_not_caught_beside_it() -> None:
    parts = (
        small.start(), small.task("a"), small.end(),
        event_sub("told", small.message("objection.raised"), end=small.error("bad")),
        event_sub("beside", small.error("bad")), small.flows("start -> a -> end"),
    )  # fmt: skip
    alone = unchecked(small.model(*parts))
    step = send(alone, start(alone, {}).state, "objection.raised")
    with pytest.raises(UncaughtErrorEventError):
        done(alone, step, "told_task")

    around = unchecked(
        small.model(
            small.start("begin"), small.sub("work", *parts), small.border("caught", "work", small.error("bad")),
            small.task("mend"), small.end("over"), small.end("mended"),
            small.flows("begin -> work -> over", "caught -> mend -> mended"),
        )
    )  # fmt: skip
    step = send(around, start(around, {}).state, "objection.raised")
    assert nodes(done(around, step, "told_task")) == ["mend"]


def test_outcomes_of_one_mind_are_added_up() -> None:
    asks = small.task("ask", "agree", "disagree", many="3", each="opinion")
    model = unchecked(
        small.model(small.start(), asks, small.task("z"), small.end(), small.flows("start -> ask -> z -> end"))
    )
    step = start(model, {"opinion_1": "A", "opinion_2": "B", "opinion_3": "C"})
    assert [(task.item, task.loop) for task in step.open] == [("A", 1), ("B", 2), ("C", 3)]
    for outcome in ("agree", "disagree", "agree"):
        step = done(model, step, "ask", outcome=outcome)
    said = data_of(model, step.state)
    assert (said["opinion_agree"], said["opinion_disagree"]) == (2, 1)


def test_an_escalation_of_an_item_is_caught_at_the_border_of_them_all() -> None:
    item = small.sub(
        "each", small.repeated("2"), small.start("in"), small.task("a"), throwing(), small.task("b"), small.end("out"),
        small.flows("in -> a -> thrown -> b -> out"),
    )  # fmt: skip
    for interrupting, left in ((False, ["a", "b", "told"]), (True, ["told"])):
        border = small.border("caught", "each", small.escalation("late"), interrupting=interrupting)
        model = unchecked(
            small.model(
                small.start(), item, border, small.task("told"), small.task("z"), small.end(), small.end("over"),
                small.flows("start -> each -> z -> end", "caught -> told -> over"),
            )
        )  # fmt: skip
        step = done(model, start(model, {}), "a")
        assert nodes(step) == left
        assert step.passed == ("a", "thrown", "caught")


def test_an_inclusive_join_waits_for_what_a_border_may_bring() -> None:
    model = unchecked(
        small.model(
            small.start(), small.inclusive("split"), small.task("a"), small.task("b"),
            small.border("called", "b", small.message("objection.raised")), small.end("aside"),
            small.inclusive("join"), small.task("z"), small.end(),
            small.flows("start -> split -[true]-> a -> join -> z -> end", "split -[true]-> b -> aside",
                        "called -> join"),
        )
    )  # fmt: skip
    waits = done(model, start(model, {}), "a")
    assert nodes(waits) == ["b"]
    assert nodes(send(model, waits.state, "objection.raised")) == ["z"]
    assert nodes(done(model, waits, "b")) == ["z"]


def test_an_inclusive_join_does_not_wait_for_what_may_come_where_it_has_a_token() -> None:
    model = unchecked(
        small.model(
            small.start(), small.inclusive("split"), small.task("a"), small.task("b", "left", "right"),
            small.xor("turn", "merge"), small.xor("merge"), small.inclusive("join"), small.task("z"), small.end(),
            small.flows("start -> split -[true]-> a -> merge -> join -> z -> end", "split -[true]-> b -> turn -> merge",
                        'turn -[outcome = "right"]-> join'),
        )
    )  # fmt: skip
    step = done(model, start(model, {}), "a")
    assert nodes(step) == ["b", "z"]  # `b` may also come to the flow that has a token already (BPMN 2.0, 13.4.3)
