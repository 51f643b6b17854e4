"""What really happened to a dossier as a sequence of steps, read from its history (peers.md §4, process mining).

A step counts when it was done, or sent back; what was cancelled, or taken back as if it had not been, does not. Of a
dossier of another system only is known when each step was taken: it has waited since the one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from engine.domain.events import EventKind

START, END = "start", "end"  #: nodes before the first step and behind the last; no model has steps of these names
CLOSING = (EventKind.FINISHED, EventKind.WITHDRAWN, EventKind.STOPPED)
KINDS = frozenset(
    {
        EventKind.TASK_OPENED,
        EventKind.TASK_CLAIMED,
        EventKind.TASK_RELEASED,
        EventKind.TASK_ASSIGNED,
        EventKind.TASK_COMPLETED,
        EventKind.TASK_CANCELLED,
        EventKind.TASK_SENT_BACK,
        EventKind.STEP_TAKEN_BACK,
        EventKind.HISTORY_STEP,
        *CLOSING,
    }
)  #: the events that a trace is read from


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was done: when it was opened, taken by somebody, and done; ``sent_back`` instead of done."""

    node: str
    name: str
    opened_at: datetime
    taken_at: datetime
    done_at: datetime
    sent_back: bool = False


@dataclass(frozen=True, slots=True)
class _Open:
    node: str
    name: str
    opened_at: datetime
    taken_at: datetime | None = None

    def done(self, at: datetime, *, sent_back: bool = False) -> Step:
        return Step(self.node, self.name, self.opened_at, min(self.taken_at or at, at), at, sent_back)


@dataclass(slots=True)
class _Reader:
    tasks: dict[str, _Open] = field(default_factory=dict)
    done: dict[str, Step] = field(default_factory=dict)  # by task, in the order in which they were done
    is_closed: bool = False

    def see(self, kind: str, at: datetime, told: Mapping[str, Any]) -> None:
        if kind in CLOSING:
            self.is_closed = True
        elif kind == EventKind.HISTORY_STEP:
            self._see_elsewhere(told["step"], datetime.fromisoformat(told["at"]))
        elif not self.is_closed:
            self._see_task(kind, at, str(told["task"]), told)

    def _see_task(self, kind: str, at: datetime, task: str, told: Mapping[str, Any]) -> None:
        match kind:
            case EventKind.TASK_OPENED:
                self.tasks[task] = _Open(told["node"], told["name"], at)
            case EventKind.TASK_CLAIMED | EventKind.TASK_ASSIGNED | EventKind.TASK_RELEASED if task in self.tasks:
                held = told.get("officer") is not None
                known = self.tasks[task]
                self.tasks[task] = replace(known, taken_at=(known.taken_at or at) if held else None)
            case EventKind.TASK_COMPLETED | EventKind.TASK_SENT_BACK if task in self.tasks:
                self.done[task] = self.tasks[task].done(at, sent_back=kind == EventKind.TASK_SENT_BACK)
            case EventKind.STEP_TAKEN_BACK:
                self.done.pop(task, None)

    def _see_elsewhere(self, name: str, at: datetime) -> None:
        before = next(reversed(self.done.values()), None)
        self.done[f"step {len(self.done)}"] = Step(name, name, min(before.done_at, at) if before else at, at, at)


def steps_of(events: Iterable[tuple[str, datetime, Mapping[str, Any]]]) -> tuple[Step, ...]:
    """Return the steps of a dossier in the order in which they were done, until it was finished, withdrawn or stopped.

    Args:
        events: kind, instant and payload of its events of ``KINDS``, in order.
    """
    reader = _Reader()
    for kind, at, told in events:
        reader.see(kind, at, told)
    return tuple(reader.done.values())


def edges_of(nodes: Iterable[str]) -> list[tuple[str, str]]:
    """Return which step directly followed which, from the start to the end."""
    return list(pairwise((START, *nodes, END)))
