"""Random processes made of blocks (in a row, parallel, exclusive, inclusive, loops), and slips of the pen in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from hypothesis import strategies as st

from bpmn.errors import StepBudgetError
from bpmn.net import compile_net
from bpmn.runner import Model, Step, complete, places, start
from bpmn.xml import content_hash, parse_document, top_process
from tests.support import small_models as small

Block = Any  # "task", or a kind with its blocks
KINDS = {"and": "parallelGateway", "xor": "exclusiveGateway", "or": "inclusiveGateway"}
MOST_CHOICES = 3


@dataclass(frozen=True)
class Drawn:
    """A process as nodes with their kinds and edges between them; the first edge out of a choice is its default."""

    nodes: dict[str, str] = field(default_factory=dict)
    edges: tuple[tuple[str, str], ...] = ()

    def leaving(self, node: str) -> list[str]:
        """Return where the edges of a node lead."""
        return [target for source, target in self.edges if source == node]

    def variables(self) -> list[str]:
        """Return the variables that the conditions read, one for each edge that has one."""
        return [name for node in self.nodes for name in self._conditions(node).values()]

    def _conditions(self, node: str) -> dict[str, str]:
        if self.nodes[node] not in ("xor", "or"):
            return {}
        return {target: f"v_{node}_{at}" for at, target in enumerate(self.leaving(node)) if at}

    def xml(self) -> str:
        """Return the model; the tasks `decide` and `give` follow at the end."""
        parts, lines = [], []
        for node, what in self.nodes.items():
            out = self.leaving(node)
            if what == "task":
                parts.append(small.task(node))
            else:
                default = {"default": f"{node}_{out[0]}"} if what in ("xor", "or") and len(out) > 1 else {}
                parts.append(small.element(KINDS[what], node, **default))
            said = self._conditions(node)
            lines += [f"{node} -[{said[to]} = true]-> {to}" if to in said else f"{node} -> {to}" for to in out]
        lines += [f"start -> {target}" for target in self.leaving("start")]
        return small.with_end(*parts, flow=tuple(lines))


class _Drawer:
    def __init__(self) -> None:
        self.nodes: dict[str, str] = {}
        self.edges: list[tuple[str, str]] = []

    def new(self, what: str) -> str:
        node = f"{what}{len(self.nodes)}"
        self.nodes[node] = what
        return node

    def draw(self, block: Block, entry: str) -> str:
        """Draw a block behind a node; return its last node."""
        kind, inner = (block, ()) if block == "task" else block
        if kind == "task":
            node = self.new("task")
            self.edges.append((entry, node))
            return node
        if kind == "row":
            for each in inner:
                entry = self.draw(each, entry)
            return entry
        if kind == "loop":
            return self._loop(inner[0], entry)
        split, join = self.new(kind), self.new(kind)
        self.edges.append((entry, split))
        if kind == "or":
            self.edges.append((split, join))
        for each in inner:
            self.edges.append((self.draw(each, split), join))
        return join

    def _loop(self, block: Block, entry: str) -> str:
        head, tail = self.new("xor"), self.new("xor")
        self.edges.append((entry, head))
        last = self.draw(block, self.draw("task", head))
        self.edges.append((last, tail))
        onward = self.new("task")
        self.edges += [(tail, onward), (tail, head)]
        return onward


def _several(inner: st.SearchStrategy[Block]) -> st.SearchStrategy[Block]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.tuples(st.sampled_from(["row", "and", "xor", "or"]), pair), st.tuples(st.just("loop"), st.tuples(inner))
    )


@st.composite
def block_nets(draw: st.DrawFn) -> Drawn:
    """Return a process of blocks: sound by the way it is made."""
    block = draw(st.recursive(st.just("task"), _several, max_leaves=4))
    drawer = _Drawer()
    drawer.edges.append((drawer.draw(block, "start"), "decide"))
    drawn = Drawn(drawer.nodes, tuple(drawer.edges))
    return (
        drawn
        if len(drawn.variables()) <= MOST_CHOICES
        else Drawn({"task0": "task"}, (("start", "task0"), ("task0", "decide")))
    )


@st.composite
def slips(draw: st.DrawFn) -> Drawn:
    """Return a process of blocks with one slip: another kind of gateway, or a flow that leads elsewhere."""
    drawn = draw(block_nets())
    gateways = [node for node, what in drawn.nodes.items() if what != "task"]
    if gateways and draw(st.booleans()):
        node = draw(st.sampled_from(gateways))
        return replace(drawn, nodes=drawn.nodes | {node: draw(st.sampled_from(["and", "xor", "or"]))})
    at = draw(st.integers(0, len(drawn.edges) - 1))
    target = draw(st.sampled_from([*drawn.nodes, "decide"]))
    edges = [*drawn.edges]
    edges[at] = (edges[at][0], target)
    return replace(drawn, edges=tuple(edges))


def unchecked(xml: str) -> Model:
    """Return a model that no linter has seen."""
    root = parse_document(xml)
    return Model(content_hash(root), compile_net(root, top_process(root)), None)


def goes_wrong(drawn: Drawn) -> bool:
    """Tell by running it in every order, with all data, whether a process sticks, doubles itself or never rests."""
    model = unchecked(drawn.xml())
    answers = [
        dict(zip(drawn.variables(), values, strict=True))
        for values in product((True, False), repeat=len(drawn.variables()))
    ]
    waiting: list[Step] = []
    seen: set[tuple[tuple[str, ...], ...]] = set()
    try:
        waiting.extend(start(model, data) for data in answers)
        while waiting:
            step = waiting.pop()
            where = tuple(sorted((*place.inside, place.place) for place in places(model, step.state)))
            if len(set(where)) < len(where) or (not step.open and not step.finished):
                return True
            if where not in seen:
                seen.add(where)
                waiting.extend(_all_next(model, step, answers))
    except StepBudgetError:
        return True
    return False


def _all_next(model: Model, step: Step, answers: list[dict[str, bool]]) -> Iterator[Step]:
    for task in step.open:
        for data in answers:
            yield complete(model, step.state, task.id, data)
