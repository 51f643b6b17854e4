"""The hall board of an agency: the act that switches it, and the refusal while it is off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import NotFoundError

KIND = "hall-board"  #: of the act that switches it; the latest one of an agency counts


class HallBoardOffError(NotFoundError):
    """The agency shows no hall board, or there is no such agency."""

    code = "hall-board-off"


def is_on(facts: Mapping[str, Any] | None) -> bool:
    """Whether the board is on by the facts of the latest act; None: nobody has switched it."""
    return facts is not None and bool(facts.get("on"))
