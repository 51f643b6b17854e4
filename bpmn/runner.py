"""Running a process: a pure function from a model, a stored state and a command to a step.

No clock, no I/O, no randomness in the result: the same command on the same state gives the same step. Business data
stays outside; a process carries only the few flat values its gateways ask for (engine.md §8).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task

from bpmn.codec import Instance, Token, decode, encode, expand, live_tasks, read_state
from bpmn.errors import InvalidDataError, InvalidModelError, MessageNotAwaitedError, StepBudgetError, TaskNotOpenError
from bpmn.findings import Severity
from bpmn.lint import lint
from bpmn.spiff import ENGINE, Model, parse_model

MAX_NODES_A_STEP = 500
MAX_DATA_BYTES = 600
MAX_TEXT = 100
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that somebody has to do: `id` is unique within the dossier's process, `node` is its place."""

    id: str
    node: str


@dataclass(frozen=True, slots=True)
class Step:
    """The outcome of one command: what to store, what is open, which nodes were run through, in order."""

    state: bytes
    open: tuple[OpenTask, ...]
    passed: tuple[str, ...]
    finished: bool


@lru_cache(maxsize=1024)
def load(xml: str) -> Model:
    """Return the parsed model of an XML text; each text is parsed once in a process and may be shared by threads.

    Raises: InvalidModelError when the linter refuses it or it cannot run.
    """
    refused = next((finding for finding in lint(xml) if finding.severity is Severity.ERROR), None)
    if refused is not None:
        raise InvalidModelError(f"{refused.where}: {refused.message} ({refused.rule})")
    return parse_model(xml)


def start(model: Model, data: Mapping[str, Scalar]) -> Step:
    """Begin a process with its routing data and run it to the first tasks.

    Raises: InvalidDataError, InvalidExpressionError, StepBudgetError.
    """
    values = _checked(data)
    workflow = BpmnWorkflow(model.top, model.called, script_engine=ENGINE)
    workflow.task_tree.set_data(**values)
    return _run(Instance(model, workflow, 1), [])


def complete(model: Model, state: bytes, task: str, data: Mapping[str, Scalar]) -> Step:
    """Complete an open task with routing data and run on.

    Raises: TaskNotOpenError when the task is not open, InvalidDataError, InvalidExpressionError when a condition
    cannot be evaluated, InvalidStateError, StepBudgetError.
    """
    values = _checked(data)
    instance = decode(model, state)
    found = next((each for each in _all_live(instance.workflow) if _is_task(instance, each, task)), None)
    if found is None:
        raise TaskNotOpenError(f"Task {task[:40]} is not open.")
    found.set_data(**values)
    found.run()
    return _run(instance, [found.task_spec.name])


def send(model: Model, state: bytes, message: str, data: Mapping[str, Scalar] | None = None) -> Step:
    """Deliver a message to the one place that has waited for it longest and run on.

    Raises: MessageNotAwaitedError when nothing waits for it, InvalidDataError, InvalidStateError, StepBudgetError.
    """
    values = _checked(data or {})
    instance = decode(model, state)
    event = BpmnEvent(MessageEventDefinition(message), payload=values)
    waiting = instance.workflow.event_manager.tasks.values()
    catching = next((task for task in waiting if task.task_spec.catches(task, event)), None)
    if catching is None:
        raise MessageNotAwaitedError(f"Nothing in the process waits for `{message[:60]}`.")
    catching.task_spec.catch(catching, event)
    catching.task_spec._update(catching)
    return _run(instance, [])


def open_tasks(model: Model, state: bytes) -> tuple[OpenTask, ...]:
    """Return the open tasks of a stored state, oldest first. Raises: InvalidStateError."""
    return _open(model, read_state(model, state)["t"])


def awaited(model: Model, state: bytes) -> frozenset[str]:
    """Return the names of the messages that something waits for now. Raises: InvalidStateError."""
    tokens = _flat(read_state(model, state)["t"])
    return frozenset(message for token in tokens for message in model.messages.get(token[1], ()))


def _open(model: Model, tokens: list[Token]) -> tuple[OpenTask, ...]:
    manual = sorted((token for token in _flat(tokens) if token[1] in model.manual), key=lambda token: int(token[0]))
    return tuple(OpenTask(str(token[0]), token[1]) for token in manual)


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token[3])


def _all_live(workflow: BpmnWorkflow) -> Iterator[Task]:
    for scope in (workflow, *workflow.subprocesses.values()):
        yield from live_tasks(scope)


def _is_task(instance: Instance, task: Task, wanted: str) -> bool:
    return bool(task.task_spec.manual) and str(instance.number(task)) == wanted


def _run(instance: Instance, passed: list[str]) -> Step:
    budget = MAX_NODES_A_STEP

    def prepare(task: Task) -> None:
        nonlocal budget
        expand(task)
        budget -= 1
        if budget < 0:
            raise StepBudgetError(f"The model ran through more than {MAX_NODES_A_STEP} nodes in one step.")

    def note(task: Task) -> None:
        if task.task_spec.bpmn_id is not None:
            passed.append(task.task_spec.name)

    instance.workflow.do_engine_steps(will_complete_task=prepare, did_complete_task=note)
    state = encode(instance)
    tokens = read_state(instance.model, state)["t"]
    return Step(state, _open(instance.model, tokens), tuple(passed), finished=not tokens)


def _checked(data: Mapping[str, Scalar]) -> dict[str, Any]:
    values = dict(data)
    for name, value in values.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidDataError(f"{str(name)[:60]!r} is not a name of a routing variable.")
        if value is not None and not isinstance(value, str | int | float | bool):
            raise InvalidDataError(f"The routing variable `{name}` must be a plain value, not {type(value).__name__}.")
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise InvalidDataError(f"The routing variable `{name}` has more than {MAX_TEXT} characters.")
        if isinstance(value, float) and not math.isfinite(value):
            raise InvalidDataError(f"The routing variable `{name}` is not a finite number.")
    if len(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")) > MAX_DATA_BYTES:
        raise InvalidDataError(f"Routing data has more than {MAX_DATA_BYTES} bytes; keep business data outside.")
    return values
