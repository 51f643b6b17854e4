"""What a dossier was when somebody opened a form, and what it has become: two stands of one history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.domain.events import EventKind
from engine.domain.ids import OfficerId

# Events whose ``due_at`` is the promise of the dossier; others speak of steps and answers.
_PROMISES = frozenset(
    {
        EventKind.RECEIVED,
        EventKind.CORRECTED,
        EventKind.CLOCK_RESUMED,
        EventKind.CLOCK_RESTARTED,
        EventKind.PROMISE_MADE,
        EventKind.PROMISE_MOVED,
        EventKind.VERSION_MOVED,
        EventKind.VERSION_UNDONE,
    }
)
_OPENED_AGAIN = frozenset({EventKind.CLOCK_RESUMED, EventKind.CLOCK_RESTARTED})
_LEFT = frozenset({EventKind.TASK_COMPLETED, EventKind.TASK_CANCELLED, EventKind.TASK_SENT_BACK})
_HELD = frozenset({EventKind.TASK_CLAIMED, EventKind.TASK_RELEASED, EventKind.TASK_ASSIGNED})


@dataclass(frozen=True, slots=True)
class OpenStep:
    """A step that waits for somebody."""

    name: str
    officer: OfficerId | None  #: who has it


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a dossier stands after some of its events."""

    status: int | None = None
    due_at: str | None = None  #: the promise, ISO 8601
    is_paused: bool = False
    steps: Mapping[str, OpenStep] = field(default_factory=dict)  #: by id of the task
    papers: int = 0  #: how many were handed in


def standings(events: Iterable[tuple[int, EventKind, Mapping[str, Any]]]) -> dict[int, Standing]:
    """Return where a dossier stood after each of its events.

    Args:
        events: number, kind and payload of each, from the first on.
    """
    now = Standing()
    found = {0: now}
    for seq, kind, said in events:
        if kind is EventKind.STEP_TAKEN_BACK:
            now = found.get(int(said["first_seq"]) - 1, now)
        else:
            now = _after(now, kind, said)
        found[seq] = now
    return found


def _after(before: Standing, kind: EventKind, said: Mapping[str, Any]) -> Standing:
    status = said.get("status", before.status)
    due_at = said["due_at"] if kind in _PROMISES and said.get("due_at") else before.due_at
    paused = kind is EventKind.CLOCK_PAUSED or (before.is_paused and kind not in _OPENED_AGAIN)
    papers = before.papers + len(said.get("papers", ())) + (kind is EventKind.PAPER_ADDED)
    return Standing(status, due_at, paused, _steps(dict(before.steps), kind, said), papers)


def _steps(steps: dict[str, OpenStep], kind: EventKind, said: Mapping[str, Any]) -> dict[str, OpenStep]:
    if kind is EventKind.TASK_OPENED:
        steps[said["task"]] = OpenStep(said["name"], said.get("officer"))
    elif kind in _LEFT:
        steps.pop(said["task"], None)
    elif kind in _HELD and said["task"] in steps:
        steps[said["task"]] = OpenStep(steps[said["task"]].name, said.get("officer"))
    elif "tasks" in said and kind in (EventKind.VERSION_MOVED, EventKind.VERSION_UNDONE):
        steps = {each["task"]: OpenStep(each["name"], each["officer"]) for each in said["tasks"]}
    return steps
