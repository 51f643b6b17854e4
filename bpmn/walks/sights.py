"""What the walk looks at: a game that tells what an end took away, and what is wrong with where tokens stand."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.interpreter import Game
from bpmn.net import Kind, Net, Node, TriggerKind
from bpmn.tokens import Token
from bpmn.walks.choices import FreeJudge
from bpmn.walks.marks import Sighting
from bpmn.walks.shapes import Shape, Shapes, shapes_of


class SeeingGame(Game):
    """The game, which also tells what an end took away; tokens from number `first_new` on were made by this move."""

    def __init__(self, net: Net, root: Token, next_number: int, judge: FreeJudge) -> None:
        super().__init__(net, root, next_number, judge)
        self.first_new = next_number
        self.cut: list[tuple[str, set[str]]] = []

    def _end(self, scope: Token, node: Node) -> None:
        terminates = node.trigger is not None and node.trigger.kind is TriggerKind.TERMINATE
        if terminates and (scope.parent is None or self.net.nodes[scope.place].kind is Kind.CALL):
            self.cut.append((node.id, {token.place for token in scope.inner}))
        super()._end(scope, node)


def within(token: Token, places: frozenset[str]) -> bool:
    """Tell whether a token, or something around it, is at one of the places."""
    at: Token | None = token
    while at is not None:
        if at.place in places:
            return True
        at = at.parent
    return False


def told_beside(net: Net, root: Token, at: Token) -> str | None:
    """Return an open task beside a token whose outcome is written where the nodes behind the token read theirs."""
    keeper = _keeper_behind(at)
    inside = {id(each) for each in (at, *at.walk())}
    return next(
        (
            token.place
            for token in root.walk()
            if token.place in net.nodes
            and net.nodes[token.place].kind is Kind.USER
            and not (token.is_multi or id(token) in inside)
            and token.keeps() is keeper
        ),
        None,
    )


def _keeper_behind(at: Token) -> Token:
    """Return the token that keeps the data behind an event, or behind the multi-instance of which this is an item."""
    is_item = at.parent is not None and at.parent.is_multi
    return (at.parent.parent or at).keeps() if is_item and at.parent is not None else (at.parent or at).keeps()


def surroundings(net: Net, root: Token, host: Token) -> Shapes:
    """Return the tokens around a host, as if nothing were inside it."""
    inner, host.inner = host.inner, []
    shapes = shapes_of(net, root)
    host.inner = inner
    return shapes


def stuck(net: Net, shapes: Shapes, *, are_items: bool = False) -> Iterator[Sighting]:
    """Yield the joins at which everything waits in a scope, and the places at which two tokens are."""
    places = [shape[0] for shape in shapes]
    if places and all(place in net.flows for place in places):
        yield Sighting("deadlock", net.flows[places[0]].target, places[0])
    if not are_items:
        for place in sorted({place for place in places if places.count(place) > 1}):
            if place in net.flows or net.nodes[place].incoming:  # event sub-processes may run beside each other
                yield Sighting("synchronisation-lacking", net.flows[place].target if place in net.flows else place)
    for shape in shapes:
        yield from _stuck_inside(net, shape)


def _stuck_inside(net: Net, shape: Shape) -> Iterator[Sighting]:
    _, _, items, inner = shape
    yield from stuck(net, inner, are_items=items > 0)
