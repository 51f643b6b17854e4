"""The stored state of a process: its tokens and nothing else.

A token is a node that waits: an open task, an awaited message, a running call with the tokens inside it. Everything
that the library keeps besides (finished tasks, predicted ones, its own splits and joins) follows from the model and
is rebuilt around the tokens. So the state does not grow with history, and a call always finds the events on its
border armed, also those that have fired before (engine.md §1.4, §7.1).

State: `{"v": 1, "m": digest, "n": next number, "t": tokens}`; token: `[number, node, data or null, tokens]`, where
null means the data of the token around it.
"""

from __future__ import annotations

import json
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, _EndJoin
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import (
    BoundaryEvent,
    EventBasedGateway,
    IntermediateCatchEvent,
)
from SpiffWorkflow.bpmn.specs.mixins.subworkflow_task import CallActivity
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from bpmn.errors import InvalidStateError
from bpmn.spiff import ENGINE, SPLIT, Model

VERSION = 1
_LIVE = TaskState.READY | TaskState.WAITING | TaskState.STARTED
_IMPLIED = (BoundaryEvent, BoundaryEventJoin, _EndJoin)

Token = list[Any]


class Instance:
    """A process in memory, with the numbers of its tokens; it lives for one call and is used by one thread."""

    def __init__(self, model: Model, workflow: BpmnWorkflow, next_number: int) -> None:
        self.model = model
        self.workflow = workflow
        self.next_number = next_number
        self.numbers: dict[Any, int] = {}

    def number(self, task: Task) -> int:
        """Return the token number of a task, a new one when it has none."""
        if task.id not in self.numbers:
            self.numbers[task.id] = self.next_number
            self.next_number += 1
        return self.numbers[task.id]


def read_state(model: Model, state: bytes) -> dict[str, Any]:
    """Return the stored state as a mapping.

    Raises: InvalidStateError when it is no state of this codec or belongs to another model.
    """
    try:
        stored = json.loads(state)
        known = stored["v"] == VERSION and stored["m"] == model.digest[:16]
    except (ValueError, KeyError, TypeError):
        raise InvalidStateError("The stored process state cannot be read.") from None
    if not known:
        raise InvalidStateError("The stored process state belongs to another model or another version of the codec.")
    return dict(stored)


def decode(model: Model, state: bytes) -> Instance:
    """Return the process of a stored state, ready to run.

    Raises: InvalidStateError when it cannot be read on this model.
    """
    stored = read_state(model, state)
    workflow = BpmnWorkflow(model.top, model.called, script_engine=ENGINE, deserializing=True)
    instance = Instance(model, workflow, stored["n"])
    try:
        _restore_scope(instance, workflow, stored["t"], {})
    except (KeyError, ValueError, TypeError) as problem:
        raise InvalidStateError("The stored process state does not fit its model.") from problem
    return instance


def _restore_scope(instance: Instance, workflow: Any, tokens: list[Token], around: dict[str, Any]) -> None:
    root = Task(workflow, workflow.spec.start, state=TaskState.COMPLETED)
    root.data = dict(around)
    workflow.task_tree = workflow.last_task = root
    for token in tokens:
        _restore_token(instance, workflow, root, token, around)


def _restore_token(instance: Instance, workflow: Any, root: Task, token: Token, around: dict[str, Any]) -> None:
    number, node, own, inner = token
    data = around if own is None else own
    spec = workflow.spec.task_specs[node]
    split = workflow.spec.task_specs.get(node + SPLIT)
    parent = root
    if split is not None:
        parent = Task(workflow, split, root, TaskState.COMPLETED)
        parent.data = dict(data)
    task = _restore_task(workflow, spec, parent, _state_of(spec), data)
    instance.numbers[task.id] = number
    if isinstance(spec, CallActivity):
        scope = BpmnSubWorkflow(workflow.top_workflow.subprocess_specs[spec.spec], task.id, workflow.top_workflow,
                                deserializing=True)  # fmt: skip
        workflow.top_workflow.subprocesses[task.id] = scope
        scope.completed_event.connect(spec._on_subworkflow_completed, task)
        _restore_scope(instance, scope, inner, data)
    for border in split.outputs if split is not None else ():
        if border is not spec:
            _restore_task(workflow, border, parent, TaskState.WAITING, data)


def _restore_task(workflow: Any, spec: Any, parent: Task, state: int, data: dict[str, Any]) -> Task:
    task = Task(workflow, spec, parent, state)
    task.data = dict(data)
    if isinstance(spec, CatchingEvent):
        workflow.top_workflow.event_manager.add_task(task)
    expand(task)
    return task


def expand(task: Task) -> None:
    """Give a task its direct children; the library would predict the whole rest of the model here."""
    if not task._children:
        task.task_spec._predict_hook(task)


def _state_of(spec: Any) -> int:
    if isinstance(spec, CallActivity):
        return int(TaskState.STARTED)
    if isinstance(spec, IntermediateCatchEvent | EventBasedGateway):
        return int(TaskState.WAITING)
    if spec.manual:
        return int(TaskState.READY)
    raise ValueError(f"a token cannot rest at {spec.name}")


def encode(instance: Instance) -> bytes:
    """Return the state to store: stable JSON, the same bytes for the same tokens.

    Raises: InvalidStateError when the process rests at a node that this codec does not know.
    """
    tokens = [] if instance.workflow.completed else _tokens(instance, instance.workflow, {})
    stored = {"v": VERSION, "m": instance.model.digest[:16], "n": instance.next_number, "t": tokens}
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def live_tasks(workflow: Any) -> list[Task]:
    """Return the tasks of one scope at which a token rests, oldest first.

    Raises: InvalidStateError when one of them is not of a kind that can be stored.
    """
    found = []
    for task in workflow.tasks.values():
        if task.has_state(_LIVE) and not isinstance(task.task_spec, _IMPLIED):
            try:
                expected = _state_of(task.task_spec)
            except ValueError as problem:
                raise InvalidStateError(str(problem)) from None
            if task.state != expected:
                raise InvalidStateError(f"{task.task_spec.name} rests in an unexpected state.")
            found.append(task)
    return found


def _tokens(instance: Instance, workflow: Any, around: dict[str, Any]) -> list[Token]:
    tokens: list[Token] = []
    for task in live_tasks(workflow):
        number = instance.number(task)
        inner: list[Token] = []
        if isinstance(task.task_spec, CallActivity):
            inner = _tokens(instance, instance.workflow.subprocesses[task.id], task.data)
        tokens.append([number, task.task_spec.name, None if task.data == around else task.data, inner])
    return sorted(tokens, key=lambda token: int(token[0]))
