"""SpiffWorkflow as a second, independent interpreter: what our models do there, for comparison (decision 0020).

It runs nothing in production. Scripts and services stay switched off here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine

from bpmn.errors import BpmnError, InvalidExpressionError, InvalidModelError
from bpmn.expressions import evaluate
from bpmn.xml import parse_document, top_process

PINNED = "3.2.0"
if version("SpiffWorkflow") != PINNED:
    raise ImportError(f"bpmn is compared with SpiffWorkflow {PINNED}, not {version('SpiffWorkflow')}")


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
    return LibraryModel(top, called)
