"""Signs of life of background processes, as small files beside the data: readable when Redis and database are not."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.context import Context

CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Beat:
    """The last round of a process."""

    at: datetime
    facts: dict[str, Any]


def beat(ctx: Context, *, part: str, facts: dict[str, Any]) -> None:
    """Write down that the part has finished a round now; the last of several copies is the one that counts."""
    path = ctx.settings.data / f"{part}.heartbeat"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps({"at": ctx.clock.now().isoformat(), "facts": facts}), encoding="utf-8")
    draft.replace(path)


def last_beat(ctx: Context, *, part: str) -> Beat | None:
    """Return the last round that the part wrote down, None when there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        document = json.loads((ctx.settings.data / f"{part}.heartbeat").read_text(encoding="utf-8"))
        return Beat(datetime.fromisoformat(document["at"]), dict(document["facts"]))
    return None
