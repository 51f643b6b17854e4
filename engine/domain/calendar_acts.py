"""Acts on a calendar and on the settings of its agency: their kinds, and the chain of hashes that binds them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from engine.domain.events import digest

SETTINGS = "settings"  #: kind of the act that sets the late rule or the nearing share: declared and replaced have both
UNDO = "undo"  #: kind of the act that takes another one back
FINAL = frozenset({SETTINGS, UNDO})  #: kinds that no undo takes back: they are made again instead
DEFAULTS = {"late_rule": "day", "nearing_percent": 80}  #: of an agency whose settings nobody has changed

_CHAINED = ("id", "owner_agency_id", "unit_id", "kind", "ground", "declared", "replaced", "made_by", "undoes", "moved")


def act_hash(previous: str, act: dict[str, Any]) -> str:
    """Return the hash of an act: it covers the act and, through ``previous`` (empty for the first), all before it.

    Args:
        act: the columns of a ``calendar_change``; ``undone_by`` comes later and is not covered.

    Raises:
        ValueError, TypeError: a value is none that JSON has.
    """
    made_at: datetime = act["made_at"]
    at = made_at.astimezone(UTC).isoformat(timespec="microseconds")
    return digest([previous, at, *(act[name] for name in _CHAINED)])
