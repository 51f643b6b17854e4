"""Rules on single elements: the whitelist of elements and attributes, ids and references."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from bpmn.elements import FLOW_NODES, Document, Process, identity, kind
from bpmn.findings import Finding, error
from bpmn.names import BPMNDI, DC, DI, MESSAGES, MOTCUA, XSI
from bpmn.xml import tag

ELEMENTS = FLOW_NODES | {
    "definitions",
    "collaboration",
    "participant",
    "message",
    "process",
    "laneSet",
    "lane",
    "flowNodeRef",
    "sequenceFlow",
    "incoming",
    "outgoing",
    "conditionExpression",
    "messageEventDefinition",
    "terminateEventDefinition",
    "extensionElements",
    "documentation",
    "textAnnotation",
    "text",
    "association",
    "childLaneSet",
}
ATTRIBUTES = frozenset(
    {
        "id", "name", "isExecutable", "processRef", "sourceRef", "targetRef", "default", "attachedToRef",
        "cancelActivity", "calledElement", "messageRef", "gatewayDirection", "eventGatewayType", "isClosed",
        "processType", "targetNamespace", "exporter", "exporterVersion", "expressionLanguage", "typeLanguage",
        "isImmediate", "associationDirection", "textFormat", f"{{{XSI}}}type", f"{{{XSI}}}schemaLocation",
    }
)  # fmt: skip
EXTENSIONS = {
    "procedure": frozenset({"code", "name", "limit", "feeVnd"}),
    "lane": frozenset({"unit"}),
    "handover": frozenset({"from", "to"}),
    "step": frozenset(
        {
            "key", "order", "unit", "stage", "stageLabel", "stageLimit", "limit", "phase",
            "pausesClock", "resumesClock", "endsProcessing", "singleOfficer",
        }
    ),
}  # fmt: skip
DEFINITION_PLACES = {
    "messageEventDefinition": ("intermediateCatchEvent", "boundaryEvent"),
    "terminateEventDefinition": ("endEvent",),
}
_DRAWING = (f"{{{BPMNDI}}}", f"{{{DC}}}", f"{{{DI}}}")
MAX_TEXT = 2000
_ID = re.compile(r"(?!__)[A-Za-z_][A-Za-z0-9_-]{0,119}")
_RESERVED = frozenset({"Start", "End", "Root", "constructor", "prototype"})


def content_findings(document: Document) -> Iterator[Finding]:
    """Yield what single elements break."""
    seen: set[str] = set()
    for element in document.root.iter():
        if kind(element).startswith(_DRAWING):
            continue
        yield from _sizes(element)
        if kind(element).startswith("{"):
            yield from _foreign(element)
            continue
        yield from _element(element)
        yield from _id(element, seen)
    yield from _messages(document)
    yield from _references(document)


def _messages(document: Document) -> Iterator[Finding]:
    for message, name in document.messages.items():
        if name not in MESSAGES:
            known = ", ".join(MESSAGES)
            yield error("message-unknown", message[:120], f"Nobody sends `{name[:60]}`; the messages are {known}.")


def _sizes(element: etree._Element) -> Iterator[Finding]:
    longest = max((len(value) for value in (element.text or "", *element.attrib.values())), default=0)
    if longest > MAX_TEXT:
        yield error("text-too-long", identity(element), f"A name or text has more than {MAX_TEXT} characters.")


def _foreign(element: etree._Element) -> Iterator[Finding]:
    name = etree.QName(element)
    where = identity(element)
    parent = element.getparent()
    inside = parent is not None and kind(parent) == "extensionElements"
    if name.namespace != MOTCUA or not inside or name.localname not in EXTENSIONS:
        yield error("element-not-allowed", where, f"`{name.localname[:60]}` of another namespace is not allowed here.")
        return
    for attribute in element.attrib:
        if attribute not in EXTENSIONS[name.localname]:
            message = f"`motcua:{name.localname}` has no attribute `{str(attribute)[:60]}`."
            yield error("attribute-not-allowed", _owner(element), message)


def _owner(element: etree._Element) -> str:
    holder = element.getparent()
    owner = holder.getparent() if holder is not None else None
    return identity(element if owner is None else owner)


def _element(element: etree._Element) -> Iterator[Finding]:
    name, where = kind(element), identity(element)
    if name not in ELEMENTS:
        yield error("element-not-allowed", where, f"`bpmn:{name[:60]}` is not allowed in a model.")
        return
    places = DEFINITION_PLACES.get(name)
    parent = element.getparent()
    if places is not None and (parent is None or kind(parent) not in places):
        yield error("event-place", where, f"`bpmn:{name}` is allowed in {' and '.join(places)} only.")
    for attribute in element.attrib:
        if attribute not in ATTRIBUTES:
            yield error("attribute-not-allowed", where, f"The attribute `{str(attribute)[:80]}` is not allowed.")


def _id(element: etree._Element, seen: set[str]) -> Iterator[Finding]:
    given = element.get("id")
    if given is None:
        if kind(element) in FLOW_NODES or kind(element) in ("process", "sequenceFlow", "message", "lane"):
            yield error("id-missing", identity(element), "The element needs an id.")
        return
    if given in seen:
        yield error("id-duplicate", given[:120], "Two elements have this id.")
    seen.add(given)
    if not _ID.fullmatch(given) or given in _RESERVED:
        yield error("id-unfit", given[:120], "An id has letters, digits, `_` and `-`, and is not a reserved word.")


def _references(document: Document) -> Iterator[Finding]:
    processes = {process.id for process in document.processes}
    for participant in document.root.iter(tag("participant")):
        called = participant.get("processRef")
        if called is not None and called not in processes:
            yield _dangling(participant, "processRef", called)
    for definition in document.root.iter(tag("messageEventDefinition")):
        message = definition.get("messageRef") or ""
        if not document.messages.get(message):
            yield _dangling(definition, "messageRef", message)
    for process in document.processes:
        yield from _process_references(process, processes)


def _process_references(process: Process, processes: set[str]) -> Iterator[Finding]:
    for node in process.of_kind("callActivity"):
        called = node.get("calledElement") or ""
        if called not in processes:
            yield _dangling(node, "calledElement", called)
    for reference in process.element.iter(tag("flowNodeRef")):
        if (reference.text or "").strip() not in process.children:
            yield _dangling(reference, "flowNodeRef", reference.text or "")


def _dangling(element: etree._Element, attribute: str, target: str) -> Finding:
    parent = element.getparent()
    where = identity(element) if element.get("id") or parent is None else identity(parent)
    return error("ref-dangling", where, f"`{attribute}` names `{target[:80]}`, which this file does not have.")
