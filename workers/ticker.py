"""The clock process (``python -m workers.ticker``): deadlines, version moves, batches, the relay, again and again.

Any number of copies may run: guarded writes decide who acts on a limit. Nothing that fails ends the loop.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from types import FrameType
from typing import Any

import structlog
from rq import Queue

from engine import bootstrap
from engine.context import Context
from engine.errors import EngineError
from engine.reports import digests, indicator_push
from engine.services import (
    agency_changes,
    heartbeats,
    periods,
    publishing,
    rollups,
    task_batches,
    timekeeping,
    version_moves,
)
from engine.services.clock_health import ROUND
from workers.logs import configure_logging
from workers.queues import connect, open_queue
from workers.relay import relay

AT_ONCE = 200  #: limits looked at in one go
MOVED_AT_ONCE = 50  #: dossiers taken to another version in one round: a second or two, so that no deadline waits longer
TASKS_AT_ONCE = 50  #: tasks of batches done in one round
MOST_PASSES = 50  #: of one round, so that a flood of deadlines does not hold up the relay

log = structlog.get_logger("workers.ticker")


@dataclass
class Ticker:
    """One copy of the clock process."""

    ctx: Context
    queue: Queue
    stop: threading.Event = field(default_factory=threading.Event)
    _troubles: dict[str, str] = field(default_factory=dict)
    _periods_kept: datetime | None = None  # the minute in which they were
    _lag_seconds: float | None = None  # of this round; None until the database has told it
    _process: heartbeats.Process = field(init=False)

    def __post_init__(self) -> None:
        self._process = heartbeats.begin(self.ctx, part=heartbeats.CLOCK)

    def run(self) -> None:
        """Do rounds until told to stop."""
        facts = {}
        while not self.stop.is_set():
            facts = self.round()
            self.stop.wait(ROUND.total_seconds())
        self._sign(facts, ended=True)

    def round(self) -> dict[str, Any]:
        """Do one round and return what it did; what fails is logged and tried again in the next."""
        self._lag_seconds = None
        acted = self._try("deadlines", self._pass_deadlines)
        self._try("version-moves", lambda: version_moves.carry_on_all(self.ctx, most=MOVED_AT_ONCE))
        self._try("task-batches", lambda: task_batches.carry_on_all(self.ctx, most=TASKS_AT_ONCE))
        self._try("agencies", lambda: agency_changes.apply_due(self.ctx))
        self._try("procedures", lambda: publishing.take_effect(self.ctx))
        self._try("digests", lambda: digests.order_due(self.ctx))
        self._try("report-periods", self._keep_periods)
        self._try("statistics", lambda: rollups.fold(self.ctx))
        relayed = self._try("relay", lambda: relay(self.ctx, self.queue))
        facts = self._facts(acted) | {"relayed": relayed}
        self._sign(facts)
        return facts

    def _keep_periods(self) -> int:
        """Make periods, remind of them and order figures, once a minute: there are as many as agencies and kinds."""
        minute = self.ctx.clock.now().replace(second=0, microsecond=0)
        if minute == self._periods_kept:
            return 0
        done = periods.ensure(self.ctx) + periods.remind_due(self.ctx) + indicator_push.order_due(self.ctx)
        self._periods_kept = minute
        return done

    def _pass_deadlines(self) -> int:
        self._lag_seconds = timekeeping.lag(self.ctx).total_seconds()
        total = 0
        for _ in range(MOST_PASSES):
            acted = timekeeping.pass_due(self.ctx, limit=AT_ONCE)
            total += acted
            if acted == 0 or self.stop.is_set():
                break
            self._sign(self._facts(total))  # a flood takes minutes: that is no silence
        return total

    def _facts(self, acted: int) -> dict[str, Any]:
        return {"acted": acted, "lag_seconds": self._lag_seconds, "troubles": sorted(self._troubles)}

    def _sign(self, facts: dict[str, Any], *, ended: bool = False) -> None:
        def write() -> int:
            heartbeats.beat(self.ctx, process=self._process, facts=facts, ended=ended)
            return 0

        self._try("heartbeat", write)

    def _try(self, part: str, act: Callable[[], int]) -> int:
        try:
            result = act()
        except Exception as error:
            self._report(part, error)
            return 0
        if self._troubles.pop(part, None):
            log.info("clock.recovered", part=part)
        return result

    def _report(self, part: str, error: Exception) -> None:
        # Once, not every second: until it changes or ends.
        trouble = f"{type(error).__name__}: {error}"
        if self._troubles.get(part) != trouble:
            bug = not isinstance(error, EngineError | OSError) and not type(error).__module__.startswith("redis")
            log.error("clock.trouble", part=part, error=trouble, exc_info=error if bug else None)
        self._troubles[part] = trouble


def main() -> int:
    """Run the clock process until SIGTERM or SIGINT."""
    configure_logging()
    try:
        ctx = bootstrap.from_environment()
    except EngineError as error:
        log.error("clock.cannot-start", error=str(error))
        return 2
    ticker = Ticker(ctx, open_queue(connect(ctx.settings.effective_redis_url)))

    def end(_number: int, _frame: FrameType | None) -> None:
        ticker.stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    log.info("clock.started")
    ticker.run()
    log.info("clock.stopped")
    ctx.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
