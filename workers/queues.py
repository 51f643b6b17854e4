"""Queues: their names, how jobs are written, time-outs. No other module names any of these."""

from __future__ import annotations

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

DELIVERIES = "deliveries"  #: ids of outbox messages
QUEUES = (DELIVERIES,)

SERIALIZER = JSONSerializer  # pickle would run code of whoever can write to Redis
JOB_TIMEOUT = 120  #: seconds; shorter than the lease of a message, so that two workers never hold one
HAND_OUT_AGAIN = 300  #: seconds after which an id is queued anew if its message is still waiting
QUEUED_TTL = 2 * HAND_OUT_AGAIN  #: seconds a job may wait for a worker before it is forgotten; the outbox is the truth
FAILED_TTL = 86_400  #: seconds a failed job can be looked at
MOST_QUEUED = 1000  #: beyond that the relay waits for the workers

WORKER_TTL = 60  #: seconds after which a worker that says nothing counts as dead
MAINTENANCE_INTERVAL = 30  #: seconds between looks for jobs that a dead worker left behind

# There is no rq ``Retry``: the outbox row counts attempts and says when the next one is, and survives a wiped Redis.


def connect(url: str) -> Redis:
    """Return a connection that gives up within a few seconds, so that a missing Redis stops nobody."""
    patience = Retry(ExponentialBackoff(cap=0.2, base=0.05), 1)
    return Redis.from_url(url, socket_connect_timeout=1, socket_timeout=2, retry=patience)


def open_queue(connection: Redis, name: str = DELIVERIES) -> Queue:
    """Return the queue of that name."""
    return Queue(name, connection=connection, serializer=SERIALIZER, default_timeout=JOB_TIMEOUT)
