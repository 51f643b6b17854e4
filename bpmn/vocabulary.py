"""The words of a model: which BPMN element may stand where, with which attributes, and our own elements in them.

Whatever is not here is refused before anything reads it (engine.md §7; docs/reference/process-model.md has the table).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bpmn.names import BPMNDI, DC, DI, XSI

ACTIVITIES = frozenset({"userTask", "serviceTask", "businessRuleTask", "callActivity", "subProcess"})
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
HOSTS = frozenset({"userTask", "callActivity", "subProcess"})  # what may have boundary events and be repeated
SCOPES = frozenset({"process", "subProcess"})

XSI_TYPE = f"{{{XSI}}}type"
_DEFINITION_ATTRIBUTES = frozenset(
    {
        "id", "name", "targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage",
        f"{{{XSI}}}schemaLocation",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Word:
    """An element: the elements that it may stand in, and its attributes."""

    parents: frozenset[str]
    attributes: frozenset[str]


def _word(parents: frozenset[str] | str, *attributes: str) -> Word:
    around = frozenset(parents.split()) if isinstance(parents, str) else parents
    return Word(around, frozenset(attributes))


WORDS: Mapping[str, Word] = MappingProxyType(
    {
        "definitions": Word(frozenset(), _DEFINITION_ATTRIBUTES),
        "collaboration": _word("definitions", "id", "name", "isClosed"),
        "participant": _word("collaboration", "id", "name", "processRef"),
        "message": _word("definitions", "id", "name"),
        "error": _word("definitions", "id", "name", "errorCode"),
        "escalation": _word("definitions", "id", "name", "escalationCode"),
        "process": _word("definitions", "id", "name", "isExecutable", "isClosed", "processType"),
        "laneSet": _word("process", "id", "name"),
        "childLaneSet": _word("lane", "id", "name"),
        "lane": _word("laneSet childLaneSet", "id", "name"),
        "flowNodeRef": _word("lane"),
        "startEvent": _word(SCOPES, "id", "name", "isInterrupting"),
        "endEvent": _word(SCOPES, "id", "name"),
        "intermediateCatchEvent": _word(SCOPES, "id", "name"),
        "intermediateThrowEvent": _word(SCOPES, "id", "name"),
        "boundaryEvent": _word(SCOPES, "id", "name", "attachedToRef", "cancelActivity"),
        "userTask": _word(SCOPES, "id", "name"),
        "serviceTask": _word(SCOPES, "id", "name"),
        "businessRuleTask": _word(SCOPES, "id", "name"),
        "callActivity": _word(SCOPES, "id", "name", "calledElement"),
        "subProcess": _word(SCOPES, "id", "name", "triggeredByEvent"),
        "exclusiveGateway": _word(SCOPES, "id", "name", "default", "gatewayDirection"),
        "inclusiveGateway": _word(SCOPES, "id", "name", "default", "gatewayDirection"),
        "parallelGateway": _word(SCOPES, "id", "name", "gatewayDirection"),
        "eventBasedGateway": _word(SCOPES, "id", "name", "gatewayDirection", "eventGatewayType"),
        "sequenceFlow": _word(SCOPES, "id", "name", "sourceRef", "targetRef", "isImmediate"),
        "incoming": _word(FLOW_NODES),
        "outgoing": _word(FLOW_NODES),
        "conditionExpression": _word("sequenceFlow", "id", XSI_TYPE),
        "messageEventDefinition": _word(EVENTS, "id", "messageRef"),
        "errorEventDefinition": _word(EVENTS, "id", "errorRef"),
        "escalationEventDefinition": _word(EVENTS, "id", "escalationRef"),
        "terminateEventDefinition": _word(EVENTS, "id"),
        "multiInstanceLoopCharacteristics": _word(HOSTS, "id", "isSequential"),
        "loopCardinality": _word("multiInstanceLoopCharacteristics", "id", XSI_TYPE),
        "extensionElements": _word(FLOW_NODES | {"process", "lane", "participant", "sequenceFlow", "collaboration"}),
        "documentation": _word(
            FLOW_NODES | {"definitions", "process", "lane", "laneSet", "participant", "sequenceFlow", "collaboration"},
            "id",
            "textFormat",
        ),
        "textAnnotation": _word(SCOPES | {"collaboration"}, "id", "textFormat"),
        "text": _word("textAnnotation"),
        "association": _word(SCOPES | {"collaboration"}, "id", "sourceRef", "targetRef", "associationDirection"),
    }
)

# What is no shape or edge of a diagram: a finding names what is around it.
DETAILS = frozenset(
    {
        "flowNodeRef", "incoming", "outgoing", "conditionExpression", "messageEventDefinition", "errorEventDefinition",
        "escalationEventDefinition", "terminateEventDefinition", "multiInstanceLoopCharacteristics", "loopCardinality",
        "extensionElements", "documentation", "text", "laneSet", "childLaneSet",
    }
)  # fmt: skip
FLAGS = ("cancelActivity", "isInterrupting", "triggeredByEvent", "isSequential", "isExecutable", "isClosed")

# Which event may have which definition; a start event has one only in an event subprocess.
DEFINITIONS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "messageEventDefinition": frozenset(EVENTS),
        "errorEventDefinition": frozenset({"startEvent", "endEvent", "boundaryEvent"}),
        "escalationEventDefinition": frozenset({"startEvent", "endEvent", "intermediateThrowEvent", "boundaryEvent"}),
        "terminateEventDefinition": frozenset({"endEvent"}),
    }
)

_STEP = (
    "key", "order", "unit", "stage", "stageLabel", "stageLimit", "limit", "phase", "pausesClock", "resumesClock",
    "endsProcessing", "singleOfficer", "role", "form", "issues", "countsInLimit", "decision",
)  # fmt: skip

# Our own elements: where they stand in (by the element that carries the extensions) and their attributes.
EXTENSIONS: Mapping[str, Word] = MappingProxyType(
    {
        "procedure": _word("process", "code", "name", "limit", "feeVnd"),
        "lane": _word("lane", "unit", "agency"),
        "step": _word("userTask callActivity", *_STEP),
        "handover": _word("intermediateThrowEvent", "from", "to"),
        "wait": _word("intermediateCatchEvent boundaryEvent", "after"),
        "service": _word("serviceTask", "name", "value"),
        "decision": _word("businessRuleTask", "ref"),
        "each": _word(HOSTS, "prefix"),
    }
)
STEP_CHILDREN: Mapping[str, frozenset[str]] = MappingProxyType(
    {"outcome": frozenset({"value", "label"}), "input": frozenset({"name"})}
)

DRAWING_ATTRIBUTES = frozenset(
    {
        "id", "name", "bpmnElement", "isHorizontal", "isExpanded", "isMarkerVisible", "isMessageVisible",
        "messageVisibleKind", "labelStyle", "sourceElement", "targetElement", "resolution", "documentation",
        "x", "y", "width", "height", "size", "isBold", "isItalic", "isUnderline", "isStrikeThrough",
        f"{{{XSI}}}type",
    }
)  # fmt: skip
DRAWING_NUMBERS = frozenset({"x", "y", "width", "height"})
DRAWING = (f"{{{BPMNDI}}}", f"{{{DC}}}", f"{{{DI}}}")

_TIME = (
    "time limits are the office's. Write the limit on the step (`motcua:step limit`), or wait for the message "
    "`limit.passed` or `wait.over` with `motcua:wait`."
)
# What people draw elsewhere, and what they write here instead.
REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        "timerEventDefinition": _TIME,
        "signalEventDefinition": "use a message of the list, or an escalation inside the process.",
        "conditionalEventDefinition": "use a gateway with a condition, or a message of the list.",
        "compensateEventDefinition": "draw the way back with tasks and flows.",
        "linkEventDefinition": "draw the flow itself.",
        "cancelEventDefinition": "use an error event.",
        "scriptTask": "code is never run. Use a business rule task with a decision table, or a service of the list.",
        "sendTask": "use a service task such as `notify_applicant`, or a user task.",
        "receiveTask": "use an event that waits for a message of the list.",
        "manualTask": "use a user task.",
        "task": "use a user task, a service task or a business rule task.",
        "complexGateway": "use an exclusive, inclusive or parallel gateway.",
        "adHocSubProcess": "draw the order of the tasks, or a parallel or inclusive gateway.",
        "transaction": "use a subprocess with an error event at its border.",
        "standardLoopCharacteristics": "draw the loop with a gateway and a flow back.",
        "completionCondition": "a multi-instance is done when all its items are; end it with an event at its border.",
        "dataObject": "data belong to the form of the procedure; remove it.",
        "dataObjectReference": "data belong to the form of the procedure; remove it.",
        "dataStoreReference": "data belong to the form of the procedure; remove it.",
        "ioSpecification": "data belong to the form of the procedure; remove it.",
        "messageFlow": "a procedure is one pool; messages come from the engine.",
        "group": "remove it; lanes group the work.",
    }
)
