"""Carries out one version move with a clock that stands (``python -m tests.faults.moving``).

Takes ``{"at", "code", "to", "ground", "mapping"}`` as its argument, prints the answer. The clock stands, so that what
is written depends on nothing but the order: a run that is killed and run again can be compared row by row.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from engine import bootstrap
from engine.domain.actors import SYSTEM
from engine.domain.clock import TurnedClock
from engine.services import version_moves


def main(order: dict[str, Any]) -> None:
    """Order the move and carry it out."""
    ctx = bootstrap.from_environment(clock=TurnedClock(datetime.fromisoformat(order["at"])))
    made = version_moves.apply(
        ctx, by=SYSTEM, code=order["code"], to_version=order["to"], ground=order["ground"], mapping=order["mapping"]
    )
    print(json.dumps(made, ensure_ascii=False))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
