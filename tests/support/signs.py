"""Signs of life that clock processes leave, without running one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.context import Context
from engine.domain.clock import TurnedClock
from engine.services import heartbeats
from engine.services.heartbeats import Process


def a_clock_sign(
    ctx: Context, *, pid: int = 100, host: str = "may-chu", ago: float = 0, ended: bool = False, **facts: Any
) -> Process:
    """Leave the sign of a round that a clock process did ``ago`` seconds before now; return the process."""
    at = ctx.clock.now() - timedelta(seconds=ago)
    process = Process(part=heartbeats.CLOCK, host=host, pid=pid, started_at=at)
    usual = {"acted": 0, "relayed": 0, "lag_seconds": 0.0, "troubles": []}
    earlier = replace(ctx, clock=TurnedClock(at))
    heartbeats.beat(earlier, process=process, facts=usual | facts, ended=ended)
    return process
