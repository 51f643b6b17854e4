"""Where a process stands, without numbers and data: the form in which the walk compares states."""

from __future__ import annotations

from typing import TypeAlias

from bpmn.net import Net
from bpmn.tokens import ITEMS, Token

# Place, item (0: none), number of items (0: no multi-instance), the tokens inside, sorted.
Shape: TypeAlias = tuple[str, int, int, tuple["Shape", ...]]
Shapes: TypeAlias = tuple[Shape, ...]


def shapes_of(net: Net, around: Token) -> Shapes:
    """Return the tokens inside another in a form that does not depend on their numbers and order."""
    return tuple(sorted(_shape(net, token) for token in around.inner))


def _shape(net: Net, token: Token) -> Shape:
    parent = token.parent
    item = 0
    if parent is not None and parent.is_multi:
        multi = net.nodes[token.place].multi
        # Items that run beside each other are alike; of those in a row it counts how many are to come.
        item = int((token.data or {}).get("loop", 1)) if multi is not None and multi.sequential else 1
    number = int((token.data or {}).get(ITEMS, 0)) if token.is_multi else 0
    return token.place, item, number, shapes_of(net, token)


def tokens_of(shapes: Shapes) -> tuple[Token, int]:
    """Return a process with these tokens, and the number of its next token."""
    root = Token(0, "", None, {})
    return root, _fill(root, shapes, 1)


def _fill(around: Token, shapes: Shapes, number: int) -> int:
    for place, item, items, inner in shapes:
        data = {ITEMS: items} if items else {"loop": item, "item": None} if item else None
        token = Token(number, place, around, data)
        around.inner.append(token)
        number = _fill(token, inner, number + 1)
    return number
