"""Outcomes of tasks and the gateways behind them: each value that is compared is given, each that is given is meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpmn.errors import InvalidExpressionError
from bpmn.expressions import evaluate, literals_beside, names_of
from bpmn.findings import Finding, warning
from bpmn.net import Flow, Kind, Net, Node
from bpmn.process_steps import Said

DONE = "done"  # what a task without outcomes of its own gives
OUTCOME = "outcome"


def outcome_findings(net: Net, steps: Mapping[str, Said]) -> Iterator[Finding]:
    """Yield gateways that ask for outcomes nobody gives, or that take several together by default."""
    callers = _callers(net)
    for gateway in net.nodes.values():
        flows = [flow for flow in gateway.outgoing if flow.condition and OUTCOME in _names(flow.condition)]
        if gateway.kind not in (Kind.XOR, Kind.OR) or not flows:
            continue
        before = _tasks_before(net, gateway, callers)
        if before is None or any(steps[task].is_frame for task in before if task in steps):
            continue  # an outcome that the frame gives, or none that is certain
        given = {value for task in before for value in net.nodes[task].outcomes or (DONE,)}
        yield from _unused(flows, given)
        yield from _unhandled(gateway, flows, given)


def _unused(flows: list[Flow], given: set[str]) -> Iterator[Finding]:
    for flow in flows:
        for value in sorted(literals_beside(flow.condition or "", OUTCOME) - given):
            known = ", ".join(sorted(given))
            message = f"No task before gives the outcome `{value[:40]}`; they give {known}: mend or add it."
            yield warning("outcome-unused", flow.id, message)


def _unhandled(gateway: Node, flows: list[Flow], given: set[str]) -> Iterator[Finding]:
    fallen = sorted(value for value in given if not any(_takes(flow, value) for flow in flows))
    if len(fallen) > 1 and gateway.default is not None:
        message = f"The outcomes {', '.join(fallen)} all go the default way: name each but one in a condition."
        yield warning("outcome-unhandled", gateway.id, message)


def _takes(flow: Flow, value: str) -> bool:
    text = flow.condition or ""
    if names_of(text) != {OUTCOME}:
        return value in literals_beside(text, OUTCOME)
    try:
        return evaluate(text, {OUTCOME: value})
    except InvalidExpressionError:
        return False


def _tasks_before(net: Net, node: Node, callers: Mapping[str, list[Node]]) -> set[str] | None:
    """Return the tasks whose outcome a node reads; None where a message or the start may come before it instead."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [net.nodes[net.flows[flow].source] for flow in node.incoming]
    while waiting:
        at = waiting.pop()
        if at.id in seen:
            continue
        seen.add(at.id)
        if at.kind is Kind.USER and at.multi is None:
            found.add(at.id)
            continue
        before = _just_before(net, at, callers)
        if before is None:
            return None
        waiting.extend(before)
    return found


def _just_before(net: Net, node: Node, callers: Mapping[str, list[Node]]) -> list[Node] | None:
    """Return the nodes that are done before a node goes on, into the ends of what it opens and out of its scope."""
    if node.kind in (Kind.CATCH, Kind.EVENTS, Kind.BOUNDARY) or node.multi is not None:
        return None
    if node.opens is not None:
        ends = [each for each in net.nodes.values() if each.scope == node.opens and each.kind is Kind.END]
        return [net.nodes[net.flows[flow].source] for end in ends for flow in end.incoming]
    if node.kind is Kind.START:
        around = callers.get(node.scope)
        if not around or any(not caller.incoming for caller in around):
            return None
        return [net.nodes[net.flows[flow].source] for caller in around for flow in caller.incoming]
    return [net.nodes[net.flows[flow].source] for flow in node.incoming]


def _callers(net: Net) -> dict[str, list[Node]]:
    found: dict[str, list[Node]] = {}
    for node in net.nodes.values():
        if node.opens is not None:
            found.setdefault(node.opens, []).append(node)
    return found


def _names(text: str) -> frozenset[str]:
    try:
        return names_of(text)
    except InvalidExpressionError:
        return frozenset()
