"""From which earlier task one token alone came straight to a task: only there can it be put back and come again."""

from __future__ import annotations

from bpmn.net import Kind, Net, Node, TriggerKind

_PASSED = frozenset({Kind.SERVICE, Kind.DECISION, Kind.XOR})  # at which no token rests, splits or waits for others


def leads_straight(net: Net, before: str, node: str) -> bool:
    """Tell whether a token that leaves the task `before` can come to `node` alone and without resting on its way.

    Both lie in one scope then. A way through a gateway that splits or joins tokens, through an event that throws an
    error or an escalation, or through another place of rest is none.
    """
    if node not in net.nodes or before not in net.nodes:
        return False
    waiting, seen = [before], set[str]()
    while waiting:
        at = net.nodes[waiting.pop()]
        if at.id in seen or not _leaves_alone(at):
            continue
        seen.add(at.id)
        for flow in at.outgoing:
            if flow.target == node:
                return True
            if _is_passed(net.nodes[flow.target]):
                waiting.append(flow.target)
    return False


def _leaves_alone(node: Node) -> bool:
    return node.kind is Kind.XOR or len(node.outgoing) == 1


def _is_passed(node: Node) -> bool:
    if node.multi is not None:
        return False
    if node.kind is Kind.THROW:
        return node.trigger is None or node.trigger.kind is TriggerKind.MESSAGE
    return node.kind in _PASSED
