"""Loops in which nobody acts: they would run for ever in one step."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.findings import Finding, error
from bpmn.net import Kind, Net, Node


def loop_without_human(net: Net) -> Iterator[Finding]:
    """Yield a node of each cycle that passes no user task, no message and no call or sub-process with one."""
    told: set[str] = set()
    runs_through: dict[str, bool] = {}
    free = {node.id for node in net.nodes.values() if not _rests(net, node, runs_through)}
    for node in net.nodes.values():
        if node.id not in told and node.id in free:
            cycle = _way_back(net, node, free)
            if cycle and not told & cycle:
                told |= cycle
                message = "A loop leads back here without a user task or a message: put one into the loop."
                yield error("loop-without-human", node.id, message)


def _rests(net: Net, node: Node, runs_through: dict[str, bool]) -> bool:
    """Tell whether a token always stops at a node, or in what it opens, until somebody acts."""
    if node.kind in (Kind.USER, Kind.CATCH, Kind.EVENTS):
        return node.multi is None
    if node.opens is None or node.opens not in net.scopes:
        return False
    if node.opens not in runs_through:
        runs_through[node.opens] = True  # while it is looked at: a call cycle, which another rule names
        runs_through[node.opens] = _runs_through(net, net.scopes[node.opens].start, runs_through)
    return node.multi is None and not runs_through[node.opens]


def _runs_through(net: Net, start: str, known: dict[str, bool]) -> bool:
    """Tell whether a way leads from the start of a scope to an end of it past everything that rests."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        at = waiting.pop()
        node = net.nodes[at]
        if at in seen or _rests(net, node, known):
            continue
        seen.add(at)
        if node.kind is Kind.END:
            return True
        waiting.extend(flow.target for flow in node.outgoing)
    return False


def _way_back(net: Net, start: Node, free: set[str]) -> set[str]:
    """Return the nodes from which a way without rest leads back to a node, or nothing when none does."""
    came: dict[str, str] = {}
    waiting = [start.id]
    while waiting:
        at = waiting.pop()
        for flow in net.nodes[at].outgoing:
            target = net.nodes[flow.target]
            if target.id == start.id:
                return _chain(came, at, start.id)
            if target.id not in came and target.id in free:
                came[target.id] = at
                waiting.append(target.id)
    return set()


def _chain(came: dict[str, str], at: str, start: str) -> set[str]:
    found = {start, at}
    while at in came:
        at = came[at]
        found.add(at)
    return found
