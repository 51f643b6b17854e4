"""Names that people need to read a process: of events and gateways, and of the ways behind a choice."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.elements import Document, Process, identity, kind
from bpmn.findings import Finding, warning

CHOICES = ("exclusiveGateway", "inclusiveGateway")
NAMED = ("startEvent", "endEvent", "intermediateCatchEvent", "boundaryEvent", "serviceTask", "businessRuleTask")


def name_missing(document: Document) -> Iterator[Finding]:
    """Yield what has no name: a worklist, a history and a drawing would show an empty place."""
    for scope in document.scopes:
        for node in scope.of_kind(*NAMED):
            if _is_nameless(node):
                yield warning("name-missing", identity(node), "Give the element a name: it says what happens here.")
        for gateway in scope.of_kind(*CHOICES):
            yield from _choice(scope, gateway)


def _choice(scope: Process, gateway: etree._Element) -> Iterator[Finding]:
    flows = scope.outgoing.get(gateway.get("id") or "", [])
    if len(flows) < 2:
        return
    if _is_nameless(gateway):
        message = "Give the gateway a name: the question that it asks, e.g. `Đủ điều kiện?`."
        yield warning("name-missing", identity(gateway), message)
    for flow in flows:
        if _is_nameless(flow):
            message = "Give the flow behind the gateway a name: the answer that leads this way."
            yield warning("name-missing", identity(flow), message)


def _is_nameless(element: etree._Element) -> bool:
    return not (element.get("name") or "").strip() and kind(element) != "comment"
