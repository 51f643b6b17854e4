"""Branches beside the flow: what begins with an event that does not interrupt, and whether it stands for itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpmn.net import Kind, Net, Node, Scope, TriggerKind
from bpmn.process_steps import Said


@dataclass(frozen=True, slots=True)
class Branches:
    """Branches by the id of the event that begins them.

    A branch that is `apart` meets no other token and ends by itself, so the walk looks at it alone and once.
    `places` are the nodes of its own scope to which it leads.
    """

    places: Mapping[str, frozenset[str]]
    apart: frozenset[str]
    apart_places: frozenset[str]


def branches_of(net: Net, steps: Mapping[str, Said]) -> Branches:
    """Return the branches that begin with an event that does not interrupt."""
    places: dict[str, frozenset[str]] = {}
    apart: set[str] = set()
    for event in net.nodes.values():
        if event.kind is Kind.BOUNDARY and not event.interrupting:
            places[event.id] = reached(net, [event.id])
            main = reached(net, [_scope(net, event).start], without=event.id)
            if not places[event.id] & main and _is_quiet(net, places[event.id] - {event.id}, steps):
                apart.add(event.id)
    for scope in net.scopes.values():
        for sub, start in scope.events:
            if not net.nodes[start].interrupting:
                places[start] = frozenset({sub})
                if _is_quiet(net, places[start], steps):
                    apart.add(start)
    return Branches(places, frozenset(apart), frozenset().union(*(places[event] for event in apart)))


def beside_places(net: Net) -> frozenset[str]:
    """Return where only branches come that begin with an event that does not interrupt: any number may be open."""
    found: set[str] = set()
    for event in net.nodes.values():
        if event.kind is Kind.BOUNDARY and not event.interrupting:
            found |= reached(net, [event.id]) - reached(net, [_scope(net, event).start], without=event.id)
    for scope in net.scopes.values():
        found.update(sub for sub, start in scope.events if not net.nodes[start].interrupting)
    return frozenset(found)


def plain_tasks(net: Net, steps: Mapping[str, Said]) -> frozenset[str]:
    """Return the tasks that only follow another: nothing else leads there, and nothing hangs on them.

    What runs beside them cannot tell whether it is the task before or this one that is open.
    """
    return frozenset(
        node.id
        for node in net.nodes.values()
        if node.kind is Kind.USER
        and not (node.borders or node.multi or node.outcomes or _has_marks(steps.get(node.id)))
        and _follows_a_task(net, node)
    )


def _follows_a_task(net: Net, node: Node) -> bool:
    at = node
    while len(at.incoming) == 1:
        at = net.nodes[net.flows[at.incoming[0]].source]
        if at.kind is Kind.USER:
            return at.multi is None
        if at.kind is not Kind.THROW or at.trigger is not None:
            return False
    return False


def _scope(net: Net, event: Node) -> Scope:
    return net.scopes[event.scope]


def reached(net: Net, starts: list[str], without: str = "") -> frozenset[str]:
    """Return the nodes of a scope to which flows and borders lead from some nodes, themselves among them."""
    found: set[str] = set()
    waiting = list(starts)
    while waiting:
        at = waiting.pop()
        if at in found or at == without:
            continue
        found.add(at)
        node = net.nodes[at]
        waiting.extend(flow.target for flow in node.outgoing)
        waiting.extend(node.borders)
    return frozenset(found)


def _is_quiet(net: Net, places: frozenset[str], steps: Mapping[str, Said]) -> bool:
    """Tell whether nothing that happens there has to do with the rest of the process."""
    inside = [net.nodes[place] for place in places]
    inside += [node for place in places if (opens := net.nodes[place].opens) for node in net.inside(opens)]
    return not any(_is_loud(node) or _has_marks(steps.get(node.id)) for node in inside)


def _is_loud(node: Node) -> bool:
    throws = node.kind in (Kind.THROW, Kind.END) and node.trigger is not None
    far = throws and node.trigger is not None and node.trigger.kind is not TriggerKind.MESSAGE
    return far or (node.kind is Kind.BOUNDARY and not node.interrupting) or node.kind is Kind.DECISION


def _has_marks(said: Said | None) -> bool:
    return said is not None and (said.pauses or said.resumes or said.ends or (said.is_return and not said.is_frame))
