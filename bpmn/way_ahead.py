"""The steps that a process will probably still come to: the shortest way on to where the application is granted.

Only a plan for people to look at: nothing is decided by it. At a parallel gateway every branch is taken; where the way
divides, the flow that needs the fewest steps to the end of processing that grants the application, and after that to
the end. Loops and optional steps are therefore left out.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bpmn.model import facts
from bpmn.net import Kind, Net, Node
from bpmn.runner import load

_FAR = 1_000_000
_TAKES_ALL = frozenset({Kind.AND})


@dataclass(frozen=True, slots=True, eq=False)
class _Map:
    """Where each node leads, and how many steps lie between it and a goal."""

    net: Net
    nexts: Mapping[str, tuple[str, ...]]
    goals: frozenset[str]  # steps that end processing and grant the application
    to_goal: Mapping[str, int]
    to_end: Mapping[str, int]


@lru_cache(maxsize=4096)
def way_ahead(xml: str, decisions: str, places: frozenset[str], decided: bool) -> tuple[str, ...]:
    """Return the user tasks that will probably follow those at ``places``, in the order in which they come.

    Args:
        places: ids of the nodes where the process stands; those that the model does not have are passed over.
        decided: processing has ended; what is left is the way to the end.

    Raises:
        InvalidModelError: the text is no model.
    """
    ground = _map_of(xml, decisions)
    found: dict[str, None] = {}
    seen: set[tuple[str, bool]] = set()
    waiting = deque((follower, decided or place in ground.goals)
                    for place in sorted(places & ground.nexts.keys())
                    for follower in _chosen(ground, place, decided or place in ground.goals))  # fmt: skip
    while waiting:
        node, over = waiting.popleft()
        if (node, over) in seen:
            continue
        seen.add((node, over))
        if ground.net.nodes[node].kind is Kind.USER and node not in places:
            found[node] = None
        over = over or node in ground.goals
        waiting.extend((follower, over) for follower in _chosen(ground, node, over))
    return tuple(found)


def _chosen(ground: _Map, node: str, over: bool) -> tuple[str, ...]:
    """Return where the way goes on behind a node."""
    nexts = ground.nexts[node]
    if len(nexts) < 2 or ground.net.nodes[node].kind in _TAKES_ALL:
        return nexts
    far = ground.to_end if over else ground.to_goal
    best = min(nexts, key=lambda each: (far.get(each, _FAR), ground.to_end.get(each, _FAR)))
    return (best,)


@lru_cache(maxsize=64)
def _map_of(xml: str, decisions: str) -> _Map:
    net = load(xml, decisions).net
    steps = facts(xml).steps
    hosts = {node.opens: node for node in net.nodes.values() if node.opens is not None}
    nexts = {node.id: _nexts(net, hosts, node) for node in net.nodes.values()}
    goals = frozenset(
        node for node, step in steps.items() if step.ends_processing and step.decision == "granted" and node in nexts
    )
    ends = [node.id for node in net.nodes.values() if node.kind is Kind.END and not nexts[node.id]]
    return _Map(net, nexts, goals, _distances(net, nexts, goals), _distances(net, nexts, ends))


def _nexts(net: Net, hosts: Mapping[str, Node], node: Node) -> tuple[str, ...]:
    """Return the nodes behind a node: a part is entered at its start, and left behind what calls it."""
    if node.opens is not None and node.opens in net.scopes:
        return (net.scopes[node.opens].start,)
    inside = node
    while inside.kind is Kind.END and inside.scope in hosts:
        inside = hosts[inside.scope]
        if inside.outgoing:
            return tuple(flow.target for flow in inside.outgoing)
    return tuple(flow.target for flow in inside.outgoing)


def _distances(net: Net, nexts: Mapping[str, tuple[str, ...]], goals: Iterable[str]) -> dict[str, int]:
    """Return for each node the fewest steps that lie on a way to a goal, the node itself counted when it is one."""
    before: dict[str, list[str]] = {node: [] for node in nexts}
    for node, followers in nexts.items():
        for follower in followers:
            before[follower].append(node)
    far = {goal: _weight(net, goal) for goal in goals}
    waiting = deque(sorted(far, key=lambda node: far[node]))
    while waiting:
        node = waiting.popleft()
        for earlier in before[node]:
            length = far[node] + _weight(net, earlier)
            if length < far.get(earlier, _FAR):
                far[earlier] = length
                waiting.append(earlier)
    return far


def _weight(net: Net, node: str) -> int:
    """Weigh a step far more than what lies between steps: of two ways with as many steps the plainer one wins."""
    return 1000 if net.nodes[node].kind is Kind.USER else 1
