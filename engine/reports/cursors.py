"""Keyset cursors: where a page ended, as opaque text; a list never skips or repeats what stayed in place."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal, or_

from engine.errors import InvalidInputError

LONGEST = 500  # characters
LARGEST_RANK = 2**31 - 1  # what PostgreSQL calls an integer


class InvalidCursorError(InvalidInputError):
    """The cursor is not one that this list gave out."""

    code = "invalid-cursor"


def encode(values: Sequence[str | int | None]) -> str:
    """Return the values of a page's last row as opaque text."""
    text = json.dumps(list(values), separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(cursor: str, *, kinds: Sequence[type]) -> list[Any]:
    """Return the values of a cursor, each of its kind (``str``, ``int`` or ``datetime``).

    Raises:
        InvalidCursorError: it is malformed, or of another list.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)) if len(cursor) < LONGEST else None
        if not isinstance(values, list):
            raise TypeError("no list")
        return [_as(kind, value) for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, OverflowError, RecursionError, binascii.Error) as error:
        raise InvalidCursorError("this cursor is not one of this list; start again without it") from error


def after(keys: Sequence[tuple[ColumnElement[Any], bool]], values: Sequence[Any]) -> ColumnElement[bool]:
    """Return the condition of rows after those values; keys are (expression, descending), none of them null."""
    alternatives = []
    for at, (key, descending) in enumerate(keys):
        same = [keys[before][0] == literal(values[before], keys[before][0].type) for before in range(at)]
        value = literal(values[at], key.type)
        alternatives.append(and_(*same, key < value if descending else key > value))
    return or_(*alternatives)


def _as(kind: type, value: object) -> Any:
    if kind is datetime and isinstance(value, str):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None or not 1 < at.year < 9999:
            raise ValueError("no instant")
        return at
    if isinstance(value, kind) and not isinstance(value, bool):
        if isinstance(value, int) and abs(value) > LARGEST_RANK:
            raise ValueError("no rank")
        return value
    raise TypeError(f"no {kind.__name__}")
