"""Traces: what counts as a step that happened, and when it was taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.domain.events import EventKind
from engine.domain.traces import END, START, edges_of, steps_of

BEGIN = datetime(2026, 3, 2, 1, tzinfo=UTC)


def at(hour: int) -> datetime:
    return BEGIN + timedelta(hours=hour)


def opened(task: str, hour: int) -> tuple[str, datetime, dict[str, Any]]:
    return EventKind.TASK_OPENED, at(hour), {"task": task, "node": f"node {task}", "name": task.upper()}


def happened(kind: EventKind, hour: int, **told: Any) -> tuple[str, datetime, dict[str, Any]]:
    return kind, at(hour), told


def test_a_step_waits_until_somebody_has_it_and_a_release_gives_it_back() -> None:
    (step,) = steps_of(
        [
            opened("a", 0),
            happened(EventKind.TASK_CLAIMED, 1, task="a", officer=7),
            happened(EventKind.TASK_RELEASED, 2, task="a"),
            happened(EventKind.TASK_ASSIGNED, 4, task="a", officer=8, note=None),
            happened(EventKind.TASK_ASSIGNED, 5, task="a", officer=9, note=None),
            happened(EventKind.TASK_COMPLETED, 6, task="a"),
        ]
    )
    assert (step.node, step.name) == ("node a", "A")
    assert (step.opened_at, step.taken_at, step.done_at) == (at(0), at(4), at(6))


def test_what_nobody_took_was_all_waiting() -> None:
    (step,) = steps_of([opened("a", 0), happened(EventKind.TASK_COMPLETED, 3, task="a")])
    assert (step.taken_at, step.done_at) == (at(3), at(3))


def test_steps_are_in_the_order_in_which_they_were_done_without_those_that_were_cancelled_or_taken_back() -> None:
    steps = steps_of(
        [
            opened("a", 0),
            opened("b", 0),
            opened("c", 0),
            happened(EventKind.TASK_COMPLETED, 1, task="b"),
            happened(EventKind.TASK_COMPLETED, 2, task="a"),
            happened(EventKind.STEP_TAKEN_BACK, 3, task="b"),
            happened(EventKind.TASK_CANCELLED, 3, task="c"),
            happened(EventKind.TASK_SENT_BACK, 4, task="b"),
        ]
    )
    assert [(step.name, step.sent_back) for step in steps] == [("A", False), ("B", True)]


def test_what_is_done_after_the_end_is_no_part() -> None:
    for kind in (EventKind.FINISHED, EventKind.WITHDRAWN, EventKind.STOPPED):
        done = happened(EventKind.TASK_COMPLETED, 1, task="a")
        assert [step.name for step in steps_of([opened("a", 0), done, happened(kind, 1)])] == ["A"]
        assert steps_of([opened("a", 0), happened(kind, 1), done]) == ()


def test_a_step_of_another_system_has_waited_since_the_one_before() -> None:
    told = [{"step": name, "at": at(hour).isoformat()} for name, hour in (("Nhận", 0), ("Ký", 5))]
    first, second = steps_of([(EventKind.HISTORY_STEP, at(99), each) for each in told])
    assert (first.opened_at, first.done_at) == (at(0), at(0))
    assert (second.node, second.opened_at, second.taken_at, second.done_at) == ("Ký", at(0), at(5), at(5))


def test_a_way_begins_at_the_start_and_ends_at_the_end() -> None:
    assert edges_of([]) == [(START, END)]
    assert edges_of(["a", "b", "a"]) == [(START, "a"), ("a", "b"), ("b", "a"), ("a", END)]
