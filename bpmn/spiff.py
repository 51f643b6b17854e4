"""The fence around SpiffWorkflow: parsing a model into its specs, and the script engine that runs no scripts.

Private parts of the library are used here and in `bpmn.codec`; they changed between minor versions before. Hence the
pin, and the check below when this module is imported (docs/decisions/0007).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent

from bpmn.errors import BpmnError, InvalidExpressionError, InvalidModelError
from bpmn.expressions import evaluate
from bpmn.xml import content_hash, parse_document, top_process

PINNED = "3.2.0"
if version("SpiffWorkflow") != PINNED:
    raise ImportError(f"bpmn uses private parts of SpiffWorkflow {PINNED}, not {version('SpiffWorkflow')}")

SPLIT = ".BoundaryEventSplit"


class ConditionEngine(PythonScriptEngine):  # type: ignore[misc]  # the library has no types
    """Evaluates conditions in our expression language and refuses everything else."""

    def evaluate(self, task: Any, expression: str, external_context: object = None) -> bool:  # noqa: ARG002 - Spiff's signature
        """Return the truth of a condition on the task's routing data."""
        return evaluate(expression, task.data)

    def execute(self, *_: object, **__: object) -> None:
        """Refuse: models have no scripts."""
        raise InvalidExpressionError("Scripts are not run.")

    def call_service(self, *_: object, **__: object) -> None:
        """Refuse: models have no service tasks."""
        raise InvalidExpressionError("Services are not called from models.")


ENGINE = ConditionEngine()


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A parsed model, shared by all threads and never changed: `digest` is its content hash."""

    digest: str
    top: Any
    called: Mapping[str, Any]
    manual: frozenset[str]
    messages: Mapping[str, tuple[str, ...]]


def parse_model(xml: str) -> Model:
    """Parse a model's XML into the library's specs.

    Raises: InvalidModelError when the library cannot parse it.
    """
    try:
        root = parse_document(xml)
        parser = BpmnParser()
        parser.add_bpmn_xml(root)
        process = top_process(root)
        top = parser.get_spec(process)
        called = parser.get_subprocess_specs(process)
    except BpmnError:
        raise
    except (Exception, etree.LxmlError) as problem:
        # The library raises many kinds for bad input, AttributeError and KeyError among them.
        raise InvalidModelError(f"The model cannot be run: {str(problem)[:200]}") from problem
    specs = {name: spec for process in (top, *called.values()) for name, spec in process.task_specs.items()}
    return Model(
        digest=content_hash(root),
        top=top,
        called=called,
        manual=frozenset(name for name, spec in specs.items() if spec.manual),
        messages={name: _messages_at(name, specs) for name in specs},
    )


def _messages_at(name: str, specs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the messages that a token at a node waits for, its boundary events included."""
    found: list[str] = []
    split = specs.get(name + SPLIT)
    at_border = [spec for spec in split.outputs if isinstance(spec, BoundaryEvent)] if split is not None else []
    for spec in [specs[name], *at_border]:
        if isinstance(spec, CatchingEvent):
            definition = spec.event_definition
            definitions = getattr(definition, "event_definitions", [definition])
            found.extend(each.name for each in definitions if each.name)
    return tuple(found)
