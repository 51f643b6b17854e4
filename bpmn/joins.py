"""When a gateway may join. An inclusive one: no token under way can reach a flow on which it waits for one.

BPMN 2.0, clause 13.4.3: a token counts as under way to an empty incoming flow when a path leads there that does not
pass the gateway, unless one leads to a flow that has a token already.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.net import Kind, Net, Node
from bpmn.tokens import Token


def ready_inclusive(net: Net, root: Token) -> tuple[Token, Node, list[Token]] | None:
    """Return the first inclusive gateway that may join: its scope, itself, and one token of each flow that has one."""
    for scope in (root, *root.walk()):
        gateways = dict.fromkeys(net.flows[token.place].target for token in scope.inner if token.place in net.flows)
        for gateway in (net.nodes[each] for each in gateways):
            if gateway.kind is Kind.OR and not _awaits(net, scope, gateway):
                return scope, gateway, _waiting(scope, gateway)
    return None


def hopeless(net: Net, root: Token) -> list[str]:
    """Return the flows on which tokens wait for what never comes, as after a move to a model that is drawn otherwise.

    A parallel gateway joins as a token arrives: it waits in vain when all its flows are filled already, or when no
    other token can come to one that is empty.
    """
    found: list[str] = []
    for scope in (root, *root.walk()):
        gateways = dict.fromkeys(net.flows[token.place].target for token in scope.inner if token.place in net.flows)
        for gateway in (net.nodes[each] for each in gateways):
            if gateway.kind is Kind.AND and _waits_in_vain(net, scope, gateway):
                found.extend(token.place for token in _waiting(scope, gateway))
    return found


def _waits_in_vain(net: Net, scope: Token, gateway: Node) -> bool:
    empty = set(gateway.incoming) - {token.place for token in _waiting(scope, gateway)}
    others = (token.place for token in scope.inner if token.place not in gateway.incoming)
    coming = [_reachable(net, place, gateway) for place in others]
    return not empty or any(not any(flow in each for each in coming) for flow in empty)


def _waiting(scope: Token, gateway: Node) -> list[Token]:
    firsts = (next((token for token in scope.inner if token.place == flow), None) for flow in gateway.incoming)
    return [token for token in firsts if token is not None]


def _awaits(net: Net, scope: Token, gateway: Node) -> bool:
    filled = {token.place for token in _waiting(scope, gateway)}
    empty = set(gateway.incoming) - filled
    for token in scope.inner:
        if token.place in gateway.incoming:
            continue
        reached = _reachable(net, token.place, gateway)
        if reached & empty and not reached & filled:
            return True
    return False


def _reachable(net: Net, place: str, gateway: Node) -> set[str]:
    """Return the flows to which a token at a place can come without passing the gateway."""
    found: set[str] = set()
    waiting = [net.flows[place].target] if place in net.flows else [place]
    seen: set[str] = set()
    while waiting:
        at = waiting.pop()
        if at in seen or at == gateway.id:
            continue
        seen.add(at)
        for flow in _leaving(net, at):
            found.add(flow)
            waiting.append(net.flows[flow].target)
    return found


def _leaving(net: Net, node: str) -> Iterator[str]:
    for at in (node, *net.nodes[node].borders):
        yield from (flow.id for flow in net.nodes[at].outgoing)
