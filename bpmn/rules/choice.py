"""Rules on gateways and conditions."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from bpmn.elements import Process, identity, kind
from bpmn.errors import InvalidExpressionError
from bpmn.expressions import compile_expression
from bpmn.findings import Finding, error
from bpmn.xml import tag

CHOICES = ("exclusiveGateway", "inclusiveGateway")


def choice_findings(process: Process) -> Iterator[Finding]:
    """Yield what the gateways and conditions of one scope break."""
    for gateway in process.of_kind(*CHOICES):
        yield from _choice(process, gateway)
    for gateway in process.of_kind("eventBasedGateway"):
        yield from _event_based(process, gateway)
    yield from _conditions(process)


def _choice(process: Process, gateway: etree._Element) -> Iterator[Finding]:
    node = gateway.get("id") or ""
    flows = process.outgoing.get(node, [])
    default = gateway.get("default")
    if len(flows) < 2:
        for flow in flows:
            if flow.find(tag("conditionExpression")) is not None:
                yield error("condition-place", identity(flow), "The only way out of a gateway has no condition.")
        return
    if default not in {flow.get("id") for flow in flows}:
        yield error("gateway-default", node, "A choice needs a default flow that leaves it.")
    for flow in flows:
        if flow.get("id") != default and flow.find(tag("conditionExpression")) is None:
            yield error("condition-missing", identity(flow), "The flow needs a condition; only the default has none.")


def _event_based(process: Process, gateway: etree._Element) -> Iterator[Finding]:
    node = gateway.get("id") or ""
    flows = process.outgoing.get(node, [])
    if len(flows) < 2:
        yield error("event-gateway", node, "An event-based gateway needs at least two events.")
    if gateway.get("eventGatewayType", "Exclusive") != "Exclusive":
        yield error("event-gateway", node, "The first event decides: `eventGatewayType` is `Exclusive` or absent.")
    names: set[str] = set()
    for flow in flows:
        target = process.nodes.get(flow.get("targetRef") or "")
        if target is None or kind(target) != "intermediateCatchEvent":
            yield error("event-gateway", identity(flow), "Only events that wait for a message may follow here.")
            continue
        if len(process.incoming.get(target.get("id") or "", [])) != 1:
            yield error("event-gateway", identity(target), "Only the gateway may lead to this event.")
        definition = target.find(tag("messageEventDefinition"))
        message = (definition.get("messageRef") or "") if definition is not None else ""
        if message in names:
            yield error("event-gateway", identity(target), "Two events of the gateway wait for the same message.")
        names.add(message)


def _conditions(process: Process) -> Iterator[Finding]:
    for flow in process.flows:
        condition = flow.find(tag("conditionExpression"))
        if condition is None:
            continue
        source = process.nodes.get(flow.get("sourceRef") or "")
        conditional = source is not None and kind(source) in CHOICES
        if source is None or not conditional or source.get("default") == flow.get("id"):
            message = "Only flows of an exclusive or inclusive gateway have conditions, and its default flow none."
            yield error("condition-place", identity(flow), message)
        try:
            compile_expression((condition.text or "").strip())
        except InvalidExpressionError as problem:
            yield error("condition-language", identity(flow), str(problem))
