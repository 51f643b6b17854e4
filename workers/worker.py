"""The worker process (``python -m workers.worker [QUEUE…]``): takes jobs from Redis and runs them one by one."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker

from engine import bootstrap
from engine.errors import EngineError
from workers import jobs
from workers.logs import configure_logging
from workers.queues import MAINTENANCE_INTERVAL, QUEUES, SERIALIZER, WORKER_TTL, connect, open_queue

PAUSE = 2.0  #: seconds before the next try to reach Redis

log = structlog.get_logger("workers.worker")


class InProcessWorker(SimpleWorker):
    """Runs jobs in this process: one context with its connections serves them all.

    A fork for each job would need a context of its own each time. What a fork protects from is covered: the lease of
    a message outlives a worker that dies, and the supervisor starts the worker again.
    """

    max_connection_wait_time = 5.0
    asked_to_stop = False
    stop = threading.Event()  #: set by a signal that came before rq listened to signals

    def handle_warm_shutdown_request(self) -> None:
        """Remember that the end was asked for; rq finishes the job at hand first."""
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()

    def _install_signal_handlers(self) -> None:
        """Listen to signals; one that came while the worker announced itself ends it now."""
        super()._install_signal_handlers()
        if self.stop.is_set():
            self.asked_to_stop = self._stop_requested = True


def make_worker(connection: Redis, queues: Sequence[str] = QUEUES) -> InProcessWorker:
    """Return a worker of these queues."""
    return InProcessWorker(
        [open_queue(connection, name) for name in queues],
        connection=connection,
        serializer=SERIALIZER,
        worker_ttl=WORKER_TTL,
        maintenance_interval=MAINTENANCE_INTERVAL,
    )


def main(arguments: Sequence[str]) -> int:
    """Work until SIGTERM or SIGINT; a Redis that is away is waited for."""
    configure_logging()
    logging.getLogger("rq").setLevel(logging.WARNING)
    unknown = sorted(set(arguments) - set(QUEUES))
    if unknown:
        log.error("worker.cannot-start", error=f"there is no queue {', '.join(unknown)}")
        return 2
    try:
        ctx = bootstrap.from_environment()
    except EngineError as error:
        log.error("worker.cannot-start", error=str(error))
        return 2
    jobs.bind(ctx)
    log.info("worker.started", pid=os.getpid())
    _work_until_stopped(ctx.settings.effective_redis_url, tuple(arguments) or QUEUES)
    log.info("worker.stopped")
    ctx.database.close()
    return 0


def _work_until_stopped(url: str, queues: Sequence[str]) -> None:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    trouble = ""
    while not stop.is_set():
        # rq puts handlers of its own while it works; these are for the time in between.
        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
        try:
            worker = make_worker(connect(url), queues)
            worker.stop = stop
            worker.work(logging_level="WARNING")
            if worker.asked_to_stop:
                break
            trouble = ""
        except (RedisError, OSError) as error:
            if str(error) != trouble:
                trouble = str(error)
                log.error("worker.trouble", error=trouble)
        stop.wait(PAUSE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
