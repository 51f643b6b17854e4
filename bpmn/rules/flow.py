"""Rules on the graph: starts and ends, ways in and out, boundary events, what is reached; calls between processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from bpmn.elements import Document, Process, identity, kind
from bpmn.findings import Finding, error
from bpmn.rules.choice import choice_findings
from bpmn.rules.event import event_findings
from bpmn.rules.repeat import repeat_findings
from bpmn.vocabulary import GATEWAYS, HOSTS

MAX_NODES = 250
MAX_FLOWS = 600
MAX_DEPTH = 5


def flow_findings(document: Document, *, source: bool = False) -> Iterator[Finding]:
    """Yield what the graphs of the processes break."""
    yield from _calls(document, source=source)
    large = set()
    for process in document.processes:
        number = sum(len(scope.nodes) for scope in document.scopes_in[process.id])
        if number > MAX_NODES:
            large.add(process.id)
            yield error("nodes-too-many", process.id, f"A process has at most {MAX_NODES} nodes, not {number}.")
        flows = sum(len(scope.flows) for scope in document.scopes_in[process.id])
        if flows > MAX_FLOWS:
            large.add(process.id)
            yield error("flows-too-many", process.id, f"A process has at most {MAX_FLOWS} flows, not {flows}.")
    for scope in document.scopes:
        if scope.top.id not in large:
            yield from _scope(scope)


def _scope(scope: Process) -> Iterator[Finding]:
    if scope.depth > MAX_DEPTH:
        yield error("nesting-too-deep", scope.id, f"Subprocesses are nested at most {MAX_DEPTH} deep.")
    broken = list(_loose_flows(scope))
    yield from broken
    yield from _starts_and_ends(scope)
    for node, element in scope.nodes.items():
        yield from _degree(scope, node, element)
    yield from event_findings(scope)
    yield from choice_findings(scope)
    yield from repeat_findings(scope)
    if not broken:
        yield from _reachability(scope)


def _calls(document: Document, *, source: bool) -> Iterator[Finding]:
    calls: dict[str, list[str]] = {process.id: [] for process in document.processes}
    for scope in document.scopes:
        calls[scope.top.id].extend(node.get("calledElement") or "" for node in scope.of_kind("callActivity"))
    for process in document.processes:
        if process.id in _reached(calls[process.id], lambda called: calls.get(called, [])):
            yield error("call-cycle", process.id, "The process calls itself, directly or through others.")
    tops = [process.id for process in document.processes if process.is_top]
    if not tops and source and all(process.is_part for process in document.processes):
        return  # a file of the library of parts
    if len(tops) != 1:
        message = f"Exactly one process must carry a `motcua:procedure`, not {len(tops)}."
        yield error("procedure-count", "file", message)
        return
    used = _reached(tops, lambda called: calls.get(called, []))
    for process in document.processes:
        if process.id not in used:
            yield error("process-unused", process.id, "No call leads to this process; call it or remove it.")


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
                message = (
                    f"`{end}` names `{(flow.get(end) or '')[:80]}`, which is not in the same process or subprocess."
                )
                yield error("ref-dangling", identity(flow), message)
    for event in process.of_kind("boundaryEvent"):
        host = process.nodes.get(event.get("attachedToRef") or "")
        if host is None or kind(host) not in HOSTS:
            message = "`attachedToRef` must name a user task, a call or a subprocess beside the event."
            yield error("ref-dangling", identity(event), message)


def _starts_and_ends(process: Process) -> Iterator[Finding]:
    starts = len(list(process.of_kind("startEvent")))
    if starts != 1:
        what = "process" if process.around is None else "subprocess"
        yield error("start-count", process.id, f"A {what} has exactly one start event, not {starts}.")
    if not list(process.of_kind("endEvent")):
        yield error("end-missing", process.id, "There is no end event here; add one where the work ends.")


def _degree(process: Process, node: str, element: etree._Element) -> Iterator[Finding]:
    name = kind(element)
    entering, leaving = len(process.incoming.get(node, [])), len(process.outgoing.get(node, []))
    if name == "subProcess" and element.get("triggeredByEvent") == "true":
        if entering or leaving:
            yield error("event-subprocess", node, "No flow enters or leaves an event subprocess: its event starts it.")
        return
    if name in ("startEvent", "boundaryEvent") and entering:
        yield error("incoming-count", node, "No flow may enter this event.")
    if name not in ("startEvent", "boundaryEvent") and not entering:
        yield error("incoming-count", node, "No flow enters this node.")
    if name == "endEvent" and leaving:
        yield error("outgoing-count", node, "No flow may leave an end event.")
    if name != "endEvent" and not leaving:
        yield error("outgoing-count", node, "No flow leaves this node.")
    if name not in (*GATEWAYS, "endEvent") and leaving > 1:
        yield error("outgoing-count", node, "One flow leaves a node; a choice or parallel ways need a gateway.")


def _reachability(process: Process) -> Iterator[Finding]:
    def following(node: str) -> Iterator[str]:
        yield from (flow.get("targetRef") or "" for flow in process.outgoing.get(node, []))
        yield from process.borders.get(node, [])

    def preceding(node: str) -> Iterator[str]:
        yield from (flow.get("sourceRef") or "" for flow in process.incoming.get(node, []))
        host = process.nodes[node].get("attachedToRef") if node in process.nodes else None
        yield from [host] if host else []

    beside = {node for node, each in process.nodes.items() if each.get("triggeredByEvent") == "true"}
    forward = _reached([element.get("id") or "" for element in process.of_kind("startEvent")], following)
    backward = _reached([element.get("id") or "" for element in process.of_kind("endEvent")], preceding)
    for node in process.nodes:
        if node in beside:
            continue
        if node not in forward:
            yield error("node-unreachable", node, "No way leads here from the start.")
        elif node not in backward:
            yield error("node-without-end", node, "No way leads from here to an end.")
