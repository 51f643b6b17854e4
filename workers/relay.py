"""The relay: ids of outbox messages that are due become jobs. The outbox is the truth; Redis may be wiped any time."""

from __future__ import annotations

from rq import Queue
from rq.exceptions import DuplicateJobError

from engine.context import Context
from engine.services import delivery
from workers.queues import FAILED_TTL, HAND_OUT_AGAIN, JOB_TIMEOUT, MOST_QUEUED, QUEUED_TTL

BATCH = 200
DELIVER = "workers.jobs.deliver"


def relay(ctx: Context, queue: Queue, *, limit: int = BATCH) -> int:
    """Queue what is due and not queued already; return how many were queued.

    Raises:
        redis.RedisError: Redis does not answer; nothing is lost, call again later.
    """
    room = min(limit, MOST_QUEUED - queue.count)
    if room <= 0:
        return 0
    return sum(_enqueue(queue, job_id(ctx, message_id), message_id) for message_id in delivery.due(ctx, limit=room))


def job_id(ctx: Context, message_id: int) -> str:
    """Return the id under which a message is queued now.

    It changes with each period of ``HAND_OUT_AGAIN``: within one, any number of tickers queue a message once; after it
    a job that was lost (worker killed, Redis restored from an old file) stands in the way of nothing.
    """
    return f"outbox-{message_id}-{int(ctx.clock.now().timestamp()) // HAND_OUT_AGAIN}"


def _enqueue(queue: Queue, name: str, message_id: int) -> bool:
    try:
        queue.enqueue_call(
            DELIVER,
            args=(message_id,),
            job_id=name,
            unique=True,
            timeout=JOB_TIMEOUT,
            ttl=QUEUED_TTL,
            result_ttl=HAND_OUT_AGAIN,  # so long the finished job keeps its name from being queued again
            failure_ttl=FAILED_TTL,
        )
    except DuplicateJobError:
        return False
    return True
