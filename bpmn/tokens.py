"""Tokens: where a process stands. Everything else follows from its model.

State: `{"v": 2, "m": digest, "n": next number, "d": data, "t": tokens}`; a token is
`[number, place, data or null, tokens]`. The place is the node at which it rests, or the sequence flow on which it waits
for others in front of a join. The tokens inside are those of the scope that it opened, or the items of a
multi-instance. Data is kept by the process and by each item. So the state does not grow with history (engine.md §7.1).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bpmn.errors import InvalidStateError

VERSION = 2
ITEMS = "_items"  # how many a multi-instance has; no name of a variable begins so
Values = dict[str, Any]


class Token:
    """A token, and the scope that it opened. `data` is None where it keeps none; `order` grows when it is emptied."""

    __slots__ = ("data", "inner", "number", "order", "parent", "pending", "place")

    def __init__(self, number: int, place: str, parent: Token | None, data: Values | None = None) -> None:
        self.number = number
        self.place = place
        self.parent = parent
        self.data = data
        self.inner: list[Token] = []
        self.pending = 0
        self.order = 0

    def walk(self) -> Iterator[Token]:
        """Yield the tokens inside, outer ones first."""
        for token in self.inner:
            yield token
            yield from token.walk()

    def is_alive(self, root: Token) -> bool:
        """Tell whether the token still belongs to the process of `root`."""
        at: Token | None = self
        while at is not None and at is not root:
            parent = at.parent
            if parent is None or at not in parent.inner:
                return False
            at = parent
        return at is root

    def keeps(self) -> Token:
        """Return the token that keeps the data which is written here: an item of a multi-instance, or the process."""
        at = self
        while at.parent is not None and (at.data is None or at.is_multi):
            at = at.parent
        return at

    @property
    def is_multi(self) -> bool:
        """Tell whether it holds the items of a multi-instance."""
        return self.data is not None and ITEMS in self.data and self.parent is not None

    def reads(self) -> Values:
        """Return the data that is seen from here: of the process, then of the items around."""
        around = [self]
        while around[-1].parent is not None:
            around.append(around[-1].parent)
        seen: Values = {}
        for token in reversed(around):
            if token.data is not None and not token.is_multi:
                seen.update(token.data)
        return seen


def encode(digest: str, root: Token, next_number: int) -> bytes:
    """Return the state to store: stable JSON, the same bytes for the same tokens."""
    stored = {"v": VERSION, "m": digest[:16], "n": next_number, "d": root.data, "t": _plain(root)}
    return json.dumps(stored, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _plain(scope: Token) -> list[list[Any]]:
    rows = [[token.number, token.place, token.data, _plain(token)] for token in scope.inner]
    return sorted(rows, key=lambda row: int(row[0]))


def decode(digest: str, state: bytes) -> tuple[Token, int]:
    """Return the process of a stored state and the number of its next token.

    A state of version 1 kept data at its tokens; it is read as data of the process.

    Raises: InvalidStateError when it cannot be read or belongs to another model.
    """
    try:
        stored = json.loads(state)
        known = stored["v"] in (1, VERSION) and stored["m"] == digest[:16]
    except (ValueError, KeyError, TypeError):
        raise InvalidStateError("The stored process state cannot be read.") from None
    if not known:
        raise InvalidStateError("The stored process state belongs to another model or another version of the codec.")
    root = Token(0, "", None, dict(stored.get("d") or {}))
    try:
        for row in stored["t"]:
            _restore(row, root, root if stored["v"] == 1 else None)
        return root, int(stored["n"])
    except (ValueError, KeyError, TypeError) as problem:
        raise InvalidStateError("The stored process state does not fit its codec.") from problem


def _restore(row: list[Any], parent: Token, keeper: Token | None) -> None:
    number, place, data, inner = row
    token = Token(int(number), str(place), parent, data if keeper is None else None)
    if keeper is not None and keeper.data is not None:
        keeper.data.update(data or {})
    parent.inner.append(token)
    for each in inner:
        _restore(each, token, keeper)
