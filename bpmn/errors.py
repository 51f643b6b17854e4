"""The errors of this package: one base, each with a stable code."""

from __future__ import annotations


class BpmnError(Exception):
    """Say what a model or a running process cannot do; `code` is stable for callers."""

    code = "bpmn-error"


class InvalidModelError(BpmnError):
    """The XML is no model that this package can run."""

    code = "model-invalid"


class InvalidDataError(BpmnError):
    """Routing data is not flat, not scalar, or badly named."""

    code = "routing-data-invalid"


class InvalidStateError(BpmnError):
    """Stored state cannot be read on this model, or a run left a state that cannot be stored."""

    code = "process-state-invalid"


class TaskNotOpenError(BpmnError):
    """The task is not open (any more)."""

    code = "task-not-open"


class MessageNotAwaitedError(BpmnError):
    """Nothing in the process waits for this message now."""

    code = "message-not-awaited"


class StepBudgetError(BpmnError):
    """One call ran through more nodes than any sound model needs: the model loops."""

    code = "step-budget-exceeded"


class InvalidExpressionError(BpmnError):
    """A condition is outside the expression language, or cannot be evaluated on this data."""

    code = "expression-invalid"


class NoFlowError(BpmnError):
    """No condition of a gateway is true on this data, and it has no default flow."""

    code = "no-flow"


class UncaughtErrorEventError(BpmnError):
    """An error event is thrown that nothing around it catches."""

    code = "error-uncaught"


class MoveBlockedError(BpmnError):
    """Places of a process have no counterpart in the model that it should move to."""

    code = "move-blocked"

    def __init__(self, nodes: tuple[str, ...]) -> None:
        super().__init__(f"The new model has no place for {', '.join(nodes)}.")
        self.nodes = nodes


class NoWayBackError(BpmnError):
    """A token cannot be put back to an earlier task: it did not come from there alone and straight."""

    code = "no-way-back"
