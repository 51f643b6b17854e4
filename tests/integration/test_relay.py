"""Outbox to queue to mail, over a real Valkey: once while all is well, again when something was lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq.registry import FailedJobRegistry

from engine.context import Context
from engine.domain.ids import AgencyId
from engine.integrations.mail import MailRefusedError, MailServerUnavailableError
from engine.store.agencies import Agency
from workers import jobs
from workers.queues import HAND_OUT_AGAIN, MOST_QUEUED, connect, open_queue
from workers.relay import relay
from workers.worker import make_worker


@pytest.fixture
def connection(valkey: str) -> Iterator[Redis]:
    made = connect(valkey)
    yield made
    made.close()


def messages(ctx: Context, count: int) -> None:
    with ctx.unit_of_work() as uow:
        agency = uow.agencies.add(Agency(code="UB01", name="Ủy ban nhân dân phường"))
        for number in range(count):
            uow.outbox.add(
                agency=AgencyId(agency.id),
                topic="mail",
                key=f"mail-{number}",
                payload={"to": "citizen@example.test", "subject": f"Thư {number}", "text": "Kính gửi …"},
                at=ctx.clock.now(),
            )


def work(ctx: Context, connection: Redis) -> None:
    """Run a worker until the queue is empty; give the test its signal handlers back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    jobs.bind(ctx)
    try:
        make_worker(connection).work(burst=True, logging_level="CRITICAL")
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def subjects(ctx: Context) -> list[str]:
    return sorted(mail.subject for mail in ctx.mail.sent)


def test_message_travels_from_outbox_to_mail(ctx: Context, connection: Redis) -> None:
    messages(ctx, 3)

    assert relay(ctx, open_queue(connection)) == 3
    work(ctx, connection)

    assert subjects(ctx) == ["Thư 0", "Thư 1", "Thư 2"]
    assert relay(ctx, open_queue(connection)) == 0


def test_many_tickers_queue_a_message_once(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 2)

    assert [relay(sqlite_ctx, open_queue(connection)) for _ in range(3)] == [2, 0, 0]
    assert open_queue(connection).count == 2


def test_wiped_redis_loses_nothing(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 2)
    relay(sqlite_ctx, open_queue(connection))

    connection.flushall()

    assert relay(sqlite_ctx, open_queue(connection)) == 2
    work(sqlite_ctx, connection)
    assert subjects(sqlite_ctx) == ["Thư 0", "Thư 1"]


def test_job_that_got_lost_is_queued_again_after_a_while(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)
    queue = open_queue(connection)
    relay(sqlite_ctx, queue)
    connection.lpop(queue.key)  # a worker took the id and died before it registered the job

    assert relay(sqlite_ctx, queue) == 0
    sqlite_ctx.clock.advance(timedelta(seconds=HAND_OUT_AGAIN))
    assert relay(sqlite_ctx, queue) == 1
    work(sqlite_ctx, connection)
    assert subjects(sqlite_ctx) == ["Thư 0"]


def test_message_queued_twice_is_sent_once(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)
    relay(sqlite_ctx, open_queue(connection))
    sqlite_ctx.clock.advance(timedelta(seconds=HAND_OUT_AGAIN))
    relay(sqlite_ctx, open_queue(connection))

    assert open_queue(connection).count == 2
    work(sqlite_ctx, connection)
    assert subjects(sqlite_ctx) == ["Thư 0"]


def test_mail_server_that_is_away_postpones_and_fails_no_job(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)
    queue = open_queue(connection)
    sqlite_ctx.mail.fail_with = MailServerUnavailableError("no answer")
    relay(sqlite_ctx, queue)
    work(sqlite_ctx, connection)

    assert FailedJobRegistry(queue=queue).count == 0
    sqlite_ctx.mail.fail_with = None
    sqlite_ctx.clock.advance(timedelta(minutes=5))
    assert relay(sqlite_ctx, queue) == 1
    work(sqlite_ctx, connection)
    assert subjects(sqlite_ctx) == ["Thư 0"]


def test_refused_mail_is_dead_in_the_outbox_and_no_failed_job(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)
    queue = open_queue(connection)
    sqlite_ctx.mail.fail_with = MailRefusedError("<citizen@example.test>: no such mailbox")
    relay(sqlite_ctx, queue)
    with structlog.testing.capture_logs() as logs:
        work(sqlite_ctx, connection)

    # the text of the error stays in the database: Redis and logs get its code
    assert [(entry["event"], entry["code"]) for entry in logs if "code" in entry] == [
        ("delivery.failed", "mail-refused")
    ]
    assert "citizen@example.test" not in str(logs)
    assert FailedJobRegistry(queue=queue).count == 0
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert uow.outbox.counts() == {"waiting": 0, "dead": 1}
    assert relay(sqlite_ctx, queue) == 0


def test_relay_waits_for_workers_when_much_is_queued(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)
    queue = open_queue(connection)
    connection.rpush(queue.key, *(f"other-{number}" for number in range(MOST_QUEUED)))

    assert relay(sqlite_ctx, queue) == 0


def test_nothing_is_queued_without_a_mail_server(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)

    assert relay(replace(sqlite_ctx, mail=None), open_queue(connection)) == 0


def test_redis_that_is_away_is_an_error_soon(sqlite_ctx: Context) -> None:
    messages(sqlite_ctx, 1)
    away = connect("unix:///tmp/there-is-no-such.sock?db=0")

    with pytest.raises(RedisError):
        relay(sqlite_ctx, open_queue(away))
    away.close()


def test_jobs_are_written_as_json(sqlite_ctx: Context, connection: Redis) -> None:
    messages(sqlite_ctx, 1)
    queue = open_queue(connection)
    relay(sqlite_ctx, queue)

    (job,) = queue.jobs
    assert (job.func_name, job.args, job.timeout) == ("workers.jobs.deliver", [1], 120)


def test_worker_that_was_told_to_end_before_it_listened_ends(connection: Redis) -> None:
    worker = make_worker(connection)
    worker.stop = threading.Event()
    worker.stop.set()
    handlers = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}

    try:
        worker.work(logging_level="CRITICAL")  # no burst: it would wait for jobs until it is told to end
    finally:
        for each, handler in handlers.items():
            signal.signal(each, handler)

    assert worker.asked_to_stop
