"""Where a process would come from the place to which a version move took it: the walk, begun there.

A model is sound from its start; a place that no run of it reaches may still lead to a join that waits for ever or to
work that is done twice (decision 0019). Positions are looked at once: most dossiers share few of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from bpmn import tokens
from bpmn.elements import Document
from bpmn.errors import InvalidExpressionError
from bpmn.expressions import evaluate
from bpmn.net import Net
from bpmn.process_steps import Said, steps_of
from bpmn.runner import Model, load
from bpmn.tokens import Values
from bpmn.walk import Position, Walk, walk
from bpmn.walks.branches import beside_places
from bpmn.walks.choices import Truths
from bpmn.walks.conditions import lasting_conditions
from bpmn.walks.marks import Marks, Sighting
from bpmn.walks.shapes import Shapes, shapes_of
from bpmn.xml import parse_document

# What must not happen to a moved dossier; the second kind is only a warning on a model, which may have it by itself.
WRONG = frozenset({"deadlock", "synchronisation-lacking", "branch-outlives-end"})
DOUBTFUL = frozenset({"decided-twice", "end-cuts-branch"})
STATES, MOVES, WORK = 1_000, 5_000, 20_000  # a bound lower than the linter's: there may be many positions


@dataclass(frozen=True, slots=True)
class Outlook:
    """What goes wrong from a position and in no run from the start; `is_bounded`: not everything was looked at."""

    faults: tuple[Sighting, ...]
    is_bounded: bool


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """A model with what a walk needs of it, and its walk from the start."""

    net: Net
    steps: Mapping[str, Said]
    lasting: frozenset[str]
    beside: frozenset[str]
    usual: Walk
    known: Mapping[Shapes, tuple[Truths, ...]]  # positions before a decision that the walk from the start has seen


def outlook(xml: str, decisions: str, state: bytes) -> Outlook:
    """Return what a run from a state that is not decided yet can come to, in the model that the state belongs to.

    Raises: InvalidModelError, InvalidStateError.
    """
    model = load(xml, decisions)
    root, _ = tokens.decode(model.digest, state)
    ground = _ground(xml, decisions)
    shapes = _without_beside(ground.net, shapes_of(ground.net, root), ground.beside)
    return _from(xml, decisions, shapes, _truths(ground.lasting, root.data or {}))


@lru_cache(maxsize=64)
def names_of_places(xml: str, decisions: str) -> Mapping[str, str]:
    """Return what people call the nodes of a model, and each flow that waits at a join: the join. Unnamed: the id.

    Raises: InvalidModelError.
    """
    net = load(xml, decisions).net
    named = {element.get("id"): element.get("name") for element in parse_document(xml).iter("{*}*")}
    nodes = {node: (named.get(node) or "").strip() or node for node in net.nodes}
    return MappingProxyType(nodes | {flow.id: nodes[flow.target] for flow in net.flows.values()})


def waits_at_join(model: Model, place: str) -> bool:
    """Tell whether a token at a place waits in front of a join for the other branches."""
    return place in model.net.flows


@lru_cache(maxsize=16)
def _ground(xml: str, decisions: str) -> _Ground:
    net = load(xml, decisions).net
    steps = steps_of(Document.index(parse_document(xml)))
    usual = walk(net, steps)
    known: dict[Shapes, tuple[Truths, ...]] = {}
    for position in usual.came:
        if not position.marks.decided and not usual.is_bounded:
            known[position.shapes] = (*known.get(position.shapes, ()), position.truths)
    return _Ground(net, steps, lasting_conditions(net, steps), beside_places(net), usual, known)


@lru_cache(maxsize=4096)
def _from(xml: str, decisions: str, shapes: Shapes, truths: Truths) -> Outlook:
    ground = _ground(xml, decisions)
    if any(seen <= truths for seen in ground.known.get(shapes, ())):
        return Outlook((), is_bounded=False)  # a run from the start comes here, too
    begin = Position(shapes, Marks(), truths)
    found = walk(ground.net, ground.steps, begin=begin, states=STATES, moves=MOVES, work=WORK)
    looked = WRONG if ground.usual.is_bounded else WRONG | DOUBTFUL
    faults = [seen for seen in found.sightings if seen.rule in looked and seen not in ground.usual.sightings]
    return Outlook(tuple(faults), found.is_bounded)


def _truths(lasting: frozenset[str], data: Values) -> Truths:
    """Return the conditions that cannot change, with what they are for this data."""
    found = set()
    for text in lasting:
        try:
            found.add((text, evaluate(text, data)))
        except InvalidExpressionError:
            continue  # what it reads is not known yet
    return frozenset(found)


def _without_beside(net: Net, shapes: Shapes, beside: frozenset[str]) -> Shapes:
    """Return where the flow stands without the branches beside it, of which any number may be open at a time."""
    kept = tuple(shape for shape in shapes if _node(net, shape[0]) not in beside) or shapes[:1]
    return tuple(
        (place, item, items, _without_beside(net, inner, beside) if not items else _items(net, inner, beside))
        for place, item, items, inner in kept
    )


def _items(net: Net, shapes: Shapes, beside: frozenset[str]) -> Shapes:
    return tuple((place, item, items, _without_beside(net, inner, beside)) for place, item, items, inner in shapes)


def _node(net: Net, place: str) -> str:
    return net.flows[place].target if place in net.flows else place
