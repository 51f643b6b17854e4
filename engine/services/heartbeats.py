"""Signs of life of background processes, as small files beside the data: readable when Redis and database are not.

One file for each process (part, machine, process id), so that several copies are seen as several.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engine.context import Context

CLOCK = "clock"
FOLDER = "heartbeats"  #: in the data folder
SILENT = timedelta(seconds=60)  #: a process that gave no sign for so long has died, or hangs
REMEMBERED = timedelta(days=1)  #: after its last sign a process is forgotten, unless it was the last of its part
MOST_REMEMBERED = 10  #: signs of a part; one that dies at each start must not fill the folder


@dataclass(frozen=True, slots=True)
class Process:
    """A process that gives signs of life; another one has another machine, process id or start."""

    part: str
    host: str
    pid: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Beat:
    """The last sign that a process gave; ``ended`` when it said that it stops."""

    process: Process
    at: datetime
    facts: dict[str, Any]
    ended: bool = False


def begin(ctx: Context, *, part: str) -> Process:
    """Return who this process is, from now on; forget processes of the part that ended long ago."""
    _forget(ctx, part)
    return Process(part=part, host=socket.gethostname(), pid=os.getpid(), started_at=ctx.clock.now())


def beat(ctx: Context, *, process: Process, facts: dict[str, Any], ended: bool = False) -> None:
    """Write down that the process lives now, or ``ended``: that it stops in order.

    Raises:
        OSError: the file cannot be written.
    """
    path = _path(ctx, process)
    path.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "host": process.host,
        "pid": process.pid,
        "started_at": process.started_at.isoformat(),
        "at": ctx.clock.now().isoformat(),
        "facts": facts,
        "ended": ended,
    }
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(document), encoding="utf-8")
    draft.replace(path)


def beats(ctx: Context, *, part: str) -> list[Beat]:
    """Return the last sign of each process of the part, the latest first; what cannot be read counts as none."""
    return sorted((beat for _, beat in _kept(ctx, part)), key=lambda beat: beat.at, reverse=True)


def _forget(ctx: Context, part: str) -> None:
    now = ctx.clock.now()
    known = sorted(_kept(ctx, part), key=lambda each: each[1].at, reverse=True)
    for place, (path, last) in enumerate(known):
        silent_for = now - last.at
        if place > 0 and (silent_for > REMEMBERED or (place >= MOST_REMEMBERED and silent_for > SILENT)):
            with contextlib.suppress(OSError):  # another process that starts at the same time was faster
                path.unlink()


def _kept(ctx: Context, part: str) -> Iterator[tuple[Path, Beat]]:
    for path in (ctx.settings.data / FOLDER).glob(f"{part}-*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            yield path, _read(part, json.loads(path.read_text(encoding="utf-8")))


def _read(part: str, document: dict[str, Any]) -> Beat:
    process = Process(
        part=part,
        host=str(document["host"]),
        pid=int(document["pid"]),
        started_at=datetime.fromisoformat(document["started_at"]).astimezone(UTC),
    )
    at = datetime.fromisoformat(document["at"]).astimezone(UTC)
    return Beat(process, at, dict(document["facts"]), bool(document["ended"]))


def _path(ctx: Context, process: Process) -> Path:
    return ctx.settings.data / FOLDER / f"{process.part}-{quote(process.host, safe='')}-{process.pid}.json"
