"""Rules on the graph: starts and ends, ways in and out, gateways, events, conditions, calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from bpmn.elements import Document, Process, identity, kind
from bpmn.errors import InvalidExpressionError
from bpmn.expressions import compile_expression
from bpmn.findings import Finding, error
from bpmn.xml import tag

MAX_NODES = 250
GATEWAYS = ("exclusiveGateway", "eventBasedGateway")
HOSTS = ("userTask", "callActivity")


def flow_findings(document: Document) -> Iterator[Finding]:
    """Yield what the graphs of the processes break."""
    yield from _calls(document)
    for process in document.processes:
        if len(process.nodes) > MAX_NODES:
            message = f"A process has at most {MAX_NODES} nodes, not {len(process.nodes)}."
            yield error("nodes-too-many", process.id, message)
            continue
        broken = list(_loose_flows(process))
        yield from broken
        yield from _starts_and_ends(process)
        for node, element in process.nodes.items():
            yield from _degree(process, node, element)
            yield from _event(element)
        for gateway in process.of_kind("exclusiveGateway"):
            yield from _exclusive(process, gateway)
        for gateway in process.of_kind("eventBasedGateway"):
            yield from _event_based(process, gateway)
        yield from _conditions(process)
        if not broken:
            yield from _reachability(process)


def _calls(document: Document) -> Iterator[Finding]:
    calls = {
        process.id: [node.get("calledElement") or "" for node in process.of_kind("callActivity")]
        for process in document.processes
    }
    for process in document.processes:
        if process.id in _reached(calls[process.id], lambda called: calls.get(called, [])):
            yield error("call-cycle", process.id, "The process calls itself, directly or through others.")
    tops = [process.id for process in document.processes if process.is_top]
    if len(tops) != 1:
        message = f"Exactly one process must carry a `motcua:procedure`, not {len(tops)}."
        yield error("procedure-count", "file", message)
        return
    used = _reached(tops, lambda called: calls.get(called, []))
    for process in document.processes:
        if process.id not in used:
            yield error("process-unused", process.id, "No call leads to this process.")


def _reached(start: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting.extend(following(at))
    return found


def _loose_flows(process: Process) -> Iterator[Finding]:
    for flow in process.flows:
        for end in ("sourceRef", "targetRef"):
            if (flow.get(end) or "") not in process.children:
                message = f"`{end}` names `{(flow.get(end) or '')[:80]}`, which this process does not have."
                yield error("ref-dangling", identity(flow), message)
    for event in process.of_kind("boundaryEvent"):
        host = process.nodes.get(event.get("attachedToRef") or "")
        if host is None or kind(host) not in HOSTS:
            yield error("ref-dangling", identity(event), "`attachedToRef` must name a user task or a call.")


def _starts_and_ends(process: Process) -> Iterator[Finding]:
    starts = list(process.of_kind("startEvent"))
    if len(starts) != 1:
        yield error("start-count", process.id, f"A process has exactly one start event, not {len(starts)}.")
    if not list(process.of_kind("endEvent")):
        yield error("end-missing", process.id, "The process has no end event.")


def _degree(process: Process, node: str, element: etree._Element) -> Iterator[Finding]:
    name = kind(element)
    entering, leaving = len(process.incoming.get(node, [])), len(process.outgoing.get(node, []))
    if name in ("startEvent", "boundaryEvent") and entering:
        yield error("incoming-count", node, "No flow may enter this event.")
    if name not in ("startEvent", "boundaryEvent") and not entering:
        yield error("incoming-count", node, "No flow enters this node.")
    if name == "endEvent" and leaving:
        yield error("outgoing-count", node, "No flow may leave an end event.")
    if name != "endEvent" and not leaving:
        yield error("outgoing-count", node, "No flow leaves this node.")
    if name not in (*GATEWAYS, "endEvent") and leaving > 1:
        yield error("outgoing-count", node, "One flow leaves a node; a choice needs a gateway.")


def _event(element: etree._Element) -> Iterator[Finding]:
    name = kind(element)
    catching = name in ("intermediateCatchEvent", "boundaryEvent")
    definitions = len(element.findall(tag("messageEventDefinition")))
    if catching and definitions != 1:
        yield error("event-definition", identity(element), "The event must wait for exactly one message.")


def _exclusive(process: Process, gateway: etree._Element) -> Iterator[Finding]:
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
        conditional = source is not None and kind(source) == "exclusiveGateway"
        if source is None or not conditional or source.get("default") == flow.get("id"):
            yield error("condition-place", identity(flow), "Only a choice has conditions, and its default flow none.")
        try:
            compile_expression(condition.text or "")
        except InvalidExpressionError as problem:
            yield error("condition-language", identity(flow), str(problem))


def _reachability(process: Process) -> Iterator[Finding]:
    def following(node: str) -> Iterator[str]:
        yield from (flow.get("targetRef") or "" for flow in process.outgoing.get(node, []))
        yield from process.borders.get(node, [])

    def preceding(node: str) -> Iterator[str]:
        yield from (flow.get("sourceRef") or "" for flow in process.incoming.get(node, []))
        host = process.nodes[node].get("attachedToRef") if node in process.nodes else None
        yield from [host] if host else []

    forward = _reached([element.get("id") or "" for element in process.of_kind("startEvent")], following)
    backward = _reached([element.get("id") or "" for element in process.of_kind("endEvent")], preceding)
    for node in process.nodes:
        if node not in forward:
            yield error("node-unreachable", node, "No way leads here from the start.")
        elif node not in backward:
            yield error("node-without-end", node, "No way leads from here to an end.")
