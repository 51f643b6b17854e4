"""Rules on events: what each may wait for or throw, and which of them interrupt."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.elements import Process, identity, kind
from bpmn.findings import Finding, error
from bpmn.vocabulary import DEFINITIONS
from bpmn.xml import extension, tag

_THROWN = {"errorEventDefinition": "errorRef", "escalationEventDefinition": "escalationRef"}


def event_findings(scope: Process) -> Iterator[Finding]:
    """Yield what the events of one scope break."""
    if scope.is_event_subprocess:
        yield from _event_subprocess(scope)
    for event in scope.of_kind("startEvent"):
        yield from _start(scope, event)
    for event in scope.of_kind("intermediateCatchEvent", "boundaryEvent"):
        yield from _catching(event)
    for event in scope.of_kind("intermediateThrowEvent", "endEvent"):
        yield from _throwing(event)


def definitions(event: etree._Element) -> list[etree._Element]:
    """Return the event definitions of an event."""
    return [child for child in event.iterchildren() if kind(child) in DEFINITIONS]


def _event_subprocess(scope: Process) -> Iterator[Finding]:
    around = scope.around
    if around is not None and around.borders.get(scope.id):
        yield error("event-subprocess", scope.id, "An event subprocess has no boundary events; use one around it.")
    if scope.element.find(tag("multiInstanceLoopCharacteristics")) is not None:
        yield error("event-subprocess", scope.id, "An event subprocess is not repeated; its event may happen again.")


def _start(scope: Process, event: etree._Element) -> Iterator[Finding]:
    found = definitions(event)
    if scope.is_event_subprocess:
        if len(found) != 1:
            message = "The start of an event subprocess waits for exactly one message, error or escalation."
            yield error("event-definition", identity(event), message)
        if event.find(tag("errorEventDefinition")) is not None and event.get("isInterrupting") == "false":
            yield error("error-interrupts", identity(event), "An error always interrupts: remove `isInterrupting`.")
    elif found:
        message = "A process and an embedded subprocess start without an event; the dossier's receipt starts it."
        yield error("event-definition", identity(event), message)


def _catching(event: etree._Element) -> Iterator[Finding]:
    found = [kind(each) for each in definitions(event)]
    border = kind(event) == "boundaryEvent"
    if not border and found != ["messageEventDefinition"]:
        yield error("event-definition", identity(event), "The event must wait for exactly one message.")
    if border and len(found) != 1:
        message = "A boundary event must wait for exactly one message, error or escalation."
        yield error("event-definition", identity(event), message)
    if border and found == ["errorEventDefinition"] and event.get("cancelActivity") == "false":
        yield error("error-interrupts", identity(event), "An error always interrupts: remove `cancelActivity`.")
    if extension(event, "wait") is not None and found != ["messageEventDefinition"]:
        yield error("wait-place", identity(event), "`motcua:wait` stands on an event that waits for a message.")


def _throwing(event: etree._Element) -> Iterator[Finding]:
    found = definitions(event)
    if len(found) > 1:
        yield error("event-definition", identity(event), "An event throws one thing; use an event for each.")
    for definition in found:
        for name, attribute in _THROWN.items():
            if kind(definition) == name and definition.get(attribute) is None:
                yield error("event-definition", identity(event), f"An event that throws needs `{attribute}`.")
