"""Which message events wait at tokens: at their place, at their border, or in the scope that they opened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bpmn.net import Kind, Net, Node, TriggerKind
from bpmn.tokens import Token


@dataclass(frozen=True, slots=True)
class Armed:
    """An event that waits at a token; `id` is unique within the process."""

    token: Token
    event: Node
    id: str

    @property
    def message(self) -> str:
        """Return the name of the message that it waits for."""
        return self.event.trigger.name if self.event.trigger is not None else ""


def armed(net: Net, root: Token) -> Iterator[Armed]:
    """Yield the events that wait for a message now, those at the oldest tokens first."""
    for token in sorted((root, *root.walk()), key=lambda token: token.number):
        for event in _events_at(net, token):
            if event.trigger is not None and event.trigger.kind is TriggerKind.MESSAGE:
                own = str(token.number) if event.id == token.place else f"{token.number}:{event.id}"
                yield Armed(token, event, own)


def _events_at(net: Net, token: Token) -> Iterator[Node]:
    if token.place in net.flows:
        return
    if token.parent is None and not token.inner:  # it has ended: nothing begins in it any more
        return
    node = None if token.parent is None else net.nodes[token.place]
    is_item = token.parent is not None and token.parent.is_multi
    if node is not None and node.kind is Kind.CATCH:
        yield node
    if node is not None and node.kind is Kind.EVENTS:
        yield from (net.nodes[flow.target] for flow in node.outgoing)
    if node is not None and not is_item:
        yield from (net.nodes[border] for border in node.borders)
    scope = net.opened_at(token.place)
    if scope is not None and not token.is_multi and not _is_interrupted(net, scope, token):
        yield from (net.nodes[start] for _, start in net.scopes[scope].events)


def _is_interrupted(net: Net, scope: str, token: Token) -> bool:
    """Tell whether an event sub-process has taken the place of the scope: then no other event starts in it."""
    interrupting = {sub for sub, start in net.scopes[scope].events if net.nodes[start].interrupting}
    return any(inner.place in interrupting for inner in token.inner)
