"""SpiffWorkflow as a second, independent interpreter: what our models do there, for comparison (decision 0020).

It runs nothing in production. Scripts and services stay switched off here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, ClassVar

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from bpmn.errors import (
    BpmnError,
    InvalidExpressionError,
    InvalidModelError,
    MessageNotAwaitedError,
    TaskNotOpenError,
)
from bpmn.expressions import value_of
from bpmn.xml import parse_document, tag, top_process

PINNED = "3.2.0"
if version("SpiffWorkflow") != PINNED:
    raise ImportError(f"bpmn is compared with SpiffWorkflow {PINNED}, not {version('SpiffWorkflow')}")


Decide = Callable[[str, Mapping[str, Any]], Mapping[str, Any]]


class ConditionEngine(PythonScriptEngine):  # type: ignore[misc]  # the library has no types
    """Evaluates conditions in our expression language, asks for decisions, and refuses everything else."""

    def __init__(self, decide: Decide | None = None) -> None:
        super().__init__()
        self.decide = decide

    def evaluate(self, task: Any, expression: str, external_context: object = None) -> Any:  # noqa: ARG002 - Spiff's signature
        """Return the value of a condition or number on the task's routing data."""
        return value_of(expression, task.data)

    def execute(self, *_: object, **__: object) -> None:
        """Refuse: models have no scripts."""
        raise InvalidExpressionError("Scripts are not run.")

    def call_service(self, *_: object, **__: object) -> None:
        """Refuse: service tasks are passed (`DoneTask`), nothing is called."""
        raise InvalidExpressionError("Services are not called by the library.")


ENGINE = ConditionEngine()


class DecisionTask(ServiceTask):  # type: ignore[misc]
    """A business rule task, which the library's plain parser does not know."""

    def _run(self, my_task: Any) -> bool:
        decide = my_task.workflow.script_engine.decide
        my_task.data.update(decide(self.bpmn_id, my_task.data))
        return True


class DoneTask(ServiceTask):  # type: ignore[misc]
    """A service task that the engine has done; the library's own would wait for ever."""

    def _run(self, my_task: Any) -> bool:  # noqa: ARG002 - Spiff's signature
        return True


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES: ClassVar = {
        tag("businessRuleTask"): (TaskParser, DecisionTask),
        tag("serviceTask"): (TaskParser, DoneTask),
    }


@dataclass(frozen=True, slots=True, eq=False)
class LibraryModel:
    """A model as the library has parsed it."""

    top: Any
    called: Mapping[str, Any]


def parse_model(xml: str) -> LibraryModel:
    """Parse a model's XML into the library's specs.

    Raises: InvalidModelError when the library cannot parse it.
    """
    try:
        root = parse_document(xml)
        parser = _Parser()
        parser.add_bpmn_xml(root)
        process = top_process(root)
        top = parser.get_spec(process)
        called = parser.get_subprocess_specs(process)
    except BpmnError:
        raise
    except (Exception, etree.LxmlError) as problem:
        # The library raises many kinds for bad input, AttributeError and KeyError among them.
        raise InvalidModelError(f"The model cannot be run: {str(problem)[:200]}") from problem
    return LibraryModel(top, called)


class LibraryRun:
    """One process that the library keeps in memory: the nodes that it passed, in order, and what is open."""

    def __init__(self, model: LibraryModel, data: Mapping[str, Any], engine: ConditionEngine = ENGINE) -> None:
        self.passed: list[str] = []
        self.workflow = BpmnWorkflow(model.top, model.called, script_engine=engine)
        self.workflow.task_tree.data.update(data)
        self._run()

    @property
    def open(self) -> list[str]:
        """Return the nodes of the open tasks, oldest first."""
        return [task.task_spec.bpmn_id for task in self._ready()]

    @property
    def finished(self) -> bool:
        """Tell whether nothing is left to do."""
        return bool(self.workflow.completed)

    @property
    def size(self) -> int:
        """Return how many tasks the library keeps for this process, done and predicted."""
        return len(self.workflow.get_tasks())

    def complete(self, node: str, data: Mapping[str, Any]) -> None:
        """Complete the oldest open task of a node. Raises: TaskNotOpenError."""
        task = next((each for each in self._ready() if each.task_spec.bpmn_id == node), None)
        if task is None:
            raise TaskNotOpenError(f"The library has no open task {node}.")
        task.data.pop("outcome", None)
        task.set_data(**data)
        task.run()
        self._note(task)
        self._run()

    def send(self, message: str) -> None:
        """Deliver a message to whatever waits for it. Raises: MessageNotAwaitedError."""
        try:
            self.workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload={}))
        except WorkflowException as problem:
            raise MessageNotAwaitedError(str(problem)) from problem
        self._run()

    def _ready(self) -> list[Any]:
        return list(self.workflow.get_tasks(state=TaskState.READY, manual=True))

    def _run(self) -> None:
        self.workflow.do_engine_steps(did_complete_task=self._note)

    def _note(self, task: Any) -> None:
        is_item = task.task_spec.name.endswith("[child]")  # of a multi-instance, which counts once, when all are done
        if task.task_spec.bpmn_id is not None and not is_item:
            self.passed.append(task.task_spec.bpmn_id)
