"""``python -m bench.written_export FORMAT FILE``: one export, alone in its process, so that its memory can be told."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from engine import bootstrap
from engine.domain.actors import SYSTEM
from engine.reports.export import Format, write_dossiers


def write(kind: str, to: Path) -> dict[str, float]:
    """Write all dossiers; return how many, the seconds that it took and the greatest memory in MB."""
    ctx = bootstrap.from_environment()
    try:
        with to.open("wb") as file:
            began = time.perf_counter()
            rows = write_dossiers(ctx, by=SYSTEM, to=file, wanted=Format(kind))
            seconds = time.perf_counter() - began
    finally:
        ctx.database.close()
    return {"rows": rows, "seconds": seconds, "memory_mb": greatest_memory()}


def greatest_memory() -> float:
    """Return the most memory that this process has had, in MB, as the kernel tells it (Linux)."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    return int(told.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    print(json.dumps(write(sys.argv[1], Path(sys.argv[2]))))
