"""The three phases of a procedure: reception, processing, return."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum


class Phase(StrEnum):
    """Which part of a dossier's life a step belongs to (domain.md §1.4)."""

    RECEPTION = "reception"
    PROCESSING = "processing"
    RETURN = "return"


def assign_phases(units: Sequence[str], finishing: int) -> tuple[Phase, ...]:
    """Return the phase of each step, given the steps' units in order and the index that ends processing.

    The first unit's leading steps are reception as long as another unit takes over before processing ends;
    when none does, only the first step is. The finishing step is always processing, what follows is return.
    """
    reception = 0
    while reception < finishing and units[reception] == units[0]:
        reception += 1
    changes_later = any(unit != units[0] for unit in units[: finishing + 1])
    if not changes_later:
        reception = min(1, finishing)
    return tuple(
        Phase.RECEPTION if at < reception else Phase.PROCESSING if at <= finishing else Phase.RETURN
        for at in range(len(units))
    )
