"""Which conditions cannot change while a process runs: what the citizen said at receipt, asked at several gateways."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from bpmn.errors import InvalidExpressionError
from bpmn.expressions import names_of
from bpmn.net import Net
from bpmn.process_steps import Said

GIVEN = frozenset({"outcome", "loop", "item"})  # what the interpreter writes itself


def written_names(net: Net, steps: Mapping[str, Said]) -> frozenset[str]:
    """Return the variables that tasks and repeated work write while a process runs."""
    asked = {name for said in steps.values() for name in said.inputs}
    return frozenset(GIVEN | asked | counted_names(net))


def counted_names(net: Net) -> frozenset[str]:
    """Return the variables in which outcomes of repeated work are counted: `<prefix>_<outcome>`."""
    found: set[str] = set()
    for node in net.nodes.values():
        if node.multi is not None and node.multi.prefix is not None:
            inside = net.inside(node.opens) if node.opens else (node,)
            found.update(f"{node.multi.prefix}_{each}" for task in inside for each in (*task.outcomes, "done"))
    return frozenset(found)


def lasting_conditions(net: Net, steps: Mapping[str, Said]) -> frozenset[str]:
    """Return the conditions that stand at several gateways and read nothing that is written on the way."""
    written = written_names(net, steps)
    gateways = {(flow.condition, flow.source) for flow in net.flows.values() if flow.condition}
    times = Counter(text for text, _ in gateways)
    return frozenset(text for text, count in times.items() if count > 1 and _reads_none_of(text, written))


def _reads_none_of(text: str, written: frozenset[str]) -> bool:
    try:
        return not names_of(text) & written
    except InvalidExpressionError:
        return False
