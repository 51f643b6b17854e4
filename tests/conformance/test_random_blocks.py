"""Random processes of blocks, random orders and random data: both interpreters pass the same nodes."""

from __future__ import annotations

import random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bpmn.runner import complete, start
from bpmn.spiff import LibraryRun, parse_model
from tests.support.random_nets import Drawn, block_nets, unchecked

MOST_STEPS = 25  # loops may go on for ever


def _joins_in_a_loop(drawn: Drawn) -> bool:
    """Tell whether there are joins and loops: the library joins too early in a second round (test_library_limits)."""
    ways_back = [node for node, what in drawn.nodes.items() if what == "xor" and _leads_back(drawn, node)]
    return bool(ways_back) and any(what in ("and", "or") for what in drawn.nodes.values())


def _leads_back(drawn: Drawn, node: str) -> bool:
    order = list(drawn.nodes)
    return any(target in order and order.index(target) < order.index(node) for target in drawn.leaving(node))


@given(block_nets(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_random_blocks_pass_the_same_nodes_in_both(drawn: Drawn, chance: random.Random) -> None:
    assume(not _joins_in_a_loop(drawn))

    def data() -> dict[str, bool]:
        return {name: chance.choice((True, False)) for name in drawn.variables()}

    model, said = unchecked(drawn.xml()), data()
    ours, theirs = start(model, said), LibraryRun(parse_model(drawn.xml()), said)
    passed = list(ours.passed)
    for _ in range(MOST_STEPS):
        assert sorted(passed) == sorted(theirs.passed)
        assert sorted(task.node for task in ours.open) == sorted(theirs.open)
        assert ours.finished == theirs.finished
        if ours.finished:
            break
        task, said = chance.choice(ours.open), data()
        ours = complete(model, ours.state, task.id, said)
        theirs.complete(task.node, said)
        passed += ours.passed
