"""kill -9 of workers in the middle of a mail, and a wiped Redis: no letter is lost, each keeps one Message-ID."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from redis import Redis

from engine.context import Context
from engine.domain.clock import SystemClock, TurnedClock
from engine.integrations.mail import SmtpMail
from engine.services import delivery
from engine.verification.verify import verify
from tests.faults import facts
from tests.faults.parts import PATIENCE, Part, environment, until
from tests.faults.postbox import taking_mail
from tests.support import builders as b

pytestmark = pytest.mark.fault

LETTERS = 24
KILLS = 3
OPEN = "select count(*) from outbox where done_at is null and dead_at is null"
HELD = f"{OPEN} and claimed_until is not null"


def in_the_past(ctx: Context) -> Context:
    return replace(ctx, clock=TurnedClock(b.local("2024-03-04T08:00")))


def letters_sent(ctx: Context, count: int) -> None:
    """Send letters in a year that is over; they wait in the outbox."""
    office = b.an_office(ctx)
    for number in range(count):
        applicant = replace(b.WITH_EMAIL, email=f"thu{number}@example.test")
        dossier = b.a_received_dossier(ctx, office, applicant=applicant)
        b.apologise(ctx, office, dossier, new_due="2024-03-12T09:00")


def after_the_lease(ctx: Context) -> Context:
    """Return the context later by the lease of a message, and a little for what was claimed meanwhile."""
    return replace(ctx, clock=TurnedClock(SystemClock().now() + 2 * delivery.LEASE))


def test_worker_that_dies_and_wiped_redis_lose_no_letter(
    ctx: Context, tmp_path: Path, database_url: str, valkey: str
) -> None:
    letters_sent(in_the_past(ctx), LETTERS)
    now = replace(ctx, clock=SystemClock())
    with taking_mail() as (postbox, smtp_url):
        variables = {"MOTCUA_REDIS_URL": valkey, "MOTCUA_SMTP_URL": smtp_url, "MOTCUA_MAIL_FROM": "a@example.test"}
        env = environment(tmp_path, database_url, **variables)
        with (
            Part(("-m", "workers.ticker"), env, tmp_path / "clock.log"),
            Part(("-m", "workers.worker"), env, tmp_path / "worker.log") as first,
            Part(("-m", "workers.worker"), env, tmp_path / "other.log") as second,
        ):
            workers = (first, second)
            for _ in range(KILLS):
                until(lambda: all(worker.said("worker.started") for worker in workers), "both workers", first.log)
                postbox.talking.clear()
                assert postbox.talking.wait(PATIENCE)
                for worker in workers:
                    worker.kill()
                wipe(valkey)
                for worker in workers:
                    worker.start_again()
            until(lambda: all(worker.said("worker.started") for worker in workers), "both workers", first.log)
            until(lambda: facts.number(now, OPEN) == facts.number(now, HELD), "free messages to be sent", first.log)
            assert [worker.end() for worker in workers] == [0, 0]  # with the mail at hand sent
        assert facts.number(now, OPEN) > 0  # else nothing was interrupted

        later = replace(after_the_lease(ctx), mail=SmtpMail(smtp_url, "a@example.test"))
        for message_id in delivery.due(later, limit=10 * LETTERS):
            assert delivery.deliver(later, message_id=message_id) is True

    assert {address for address, _ in postbox.copies} == {f"thu{number}@example.test" for number in range(LETTERS)}
    assert len(postbox.copies) == LETTERS  # one Message-ID for each
    assert postbox.copies.total() <= LETTERS + 2 * KILLS  # a kill finds at most one on its way in each
    check_all_done(later, LETTERS)


def wipe(url: str) -> None:
    connection = Redis.from_url(url)
    connection.flushall()
    connection.close()


def check_all_done(ctx: Context, letters: int) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        assert uow.outbox.counts() == {"waiting": 0, "dead": letters}  # that it was received is no news years later
    assert facts.number(ctx, "select count(*) from letter where delivered_at is not null") == letters
    assert facts.events(ctx)["letter.delivered"] == letters
    assert [difference.as_json() for difference in verify(ctx)] == []
