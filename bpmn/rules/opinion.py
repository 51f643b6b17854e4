"""Work of others: whose it is, and what happens when they do not answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpmn.findings import Finding, error, warning
from bpmn.net import Kind, Net, Node
from bpmn.process_steps import Said

ITEM = "=item"
ANSWERS = ("opinion.answered", "verification.answered")
TIMES = ("limit.passed", "wait.over")


def stage_without_owner(net: Net, steps: Mapping[str, Said]) -> Iterator[Finding]:
    """Yield steps whose unit is the item of a multi-instance where there is none."""
    for node, said in steps.items():
        if said.unit == ITEM and node in net.nodes and not any(_has_items(each) for each in _around(net, node)):
            message = 'Nobody owns the step: `unit="=item"` needs a multi-instance around it with `motcua:each prefix`.'
            yield error("stage-without-owner", node, message)


def opinion_without_timeout(net: Net, steps: Mapping[str, Said]) -> Iterator[Finding]:
    """Yield questions to others that have no end when nobody answers."""
    for node in net.nodes.values():
        said = steps.get(node.id)
        asked = said is not None and said.unit == ITEM
        waits = node.kind is Kind.CATCH and _message(node) in ANSWERS
        if (asked or waits) and not _has_time(net, node):
            message = "Nobody may answer: add an event `limit.passed` with `motcua:wait` (consent, escalate or go on)."
            yield warning("opinion-without-timeout", node.id, message)


def no_refusal_path(net: Net, steps: Mapping[str, Said], *, is_framed: bool) -> Iterator[Finding]:
    """Yield a finding when neither the frame nor the process can refuse a dossier."""
    if is_framed or any(said.ends and said.decision == "refused" for said in steps.values()):
        return
    if not any(_message(node) == "refused" for node in net.nodes.values()):
        message = 'Nothing here refuses a dossier: add a step that ends processing with `decision="refused"`.'
        yield warning("no-refusal-path", net.top, message)


def _has_items(node: Node) -> bool:
    return node.multi is not None and node.multi.prefix is not None


def _around(net: Net, node: str) -> Iterator[Node]:
    """Yield a node and the calls and sub-processes around it, each once."""
    waiting, seen = [net.nodes[node]], set()
    while waiting:
        at = waiting.pop()
        if at.id not in seen:
            seen.add(at.id)
            yield at
            waiting.extend(each for each in net.nodes.values() if each.opens == at.scope)


def _has_time(net: Net, node: Node) -> bool:
    siblings = [
        net.nodes[flow.target]
        for name in node.incoming
        for flow in net.nodes[net.flows[name].source].outgoing
        if net.nodes[net.flows[name].source].kind is Kind.EVENTS
    ]
    borders = [net.nodes[border] for each in _around(net, node.id) for border in each.borders]
    scopes = {each.scope for each in _around(net, node.id)}
    starts = [net.nodes[start] for scope in scopes if scope in net.scopes for _, start in net.scopes[scope].events]
    return any(_message(each) in TIMES for each in (*siblings, *borders, *starts))


def _message(node: Node) -> str:
    catches = node.kind in (Kind.CATCH, Kind.BOUNDARY, Kind.START)
    return node.trigger.name if catches and node.trigger is not None else ""
