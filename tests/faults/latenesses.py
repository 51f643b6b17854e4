"""Latenesses under fire: clock, desk and delivery are killed at random until each dossier has its letter.

``python -m tests.faults.latenesses 10000`` does it at size on PostgreSQL and prints what it saw; a test does it small.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from engine.context import Context
from engine.domain.clock import SystemClock, TurnedClock
from engine.integrations.mail import SmtpMail
from engine.services import delivery
from engine.verification.verify import verify
from tests.faults import facts
from tests.faults.parts import Part, environment, until
from tests.faults.postbox import taking_mail
from tests.support import builders as b
from tests.support.contexts import make_context
from tests.support.databases import cluster
from tests.support.quick_folders import quick_folder
from tests.support.valkey import valkey_server

PARTS = (
    ("clock", ("-m", "workers.ticker"), "clock.started"),
    ("clock-2", ("-m", "workers.ticker"), "clock.started"),
    ("desk", ("-m", "tests.faults.letter_desk", "1"), "desk.started"),
    ("desk-2", ("-m", "tests.faults.letter_desk", "2"), "desk.started"),
    ("worker", ("-m", "workers.worker"), "worker.started"),
    ("worker-2", ("-m", "workers.worker"), "worker.started"),
)
UNSENT = "select count(*) from letter where state <> 'sent'"
ORDERED = "select count(*) from letter"
TO_RENDER = "select count(*) from outbox where topic = 'paper.render' and done_at is null"
SENDER = "a@example.test"


@dataclass(frozen=True)
class Seen:
    """What was left when the fire ceased."""

    kills: Counter[str]  #: by part
    latenesses: int
    letters: int
    delivered: int
    numbers: list[int]  #: of the letters, in order
    mails: int  #: different Message-IDs that the mail server took
    copies: int  #: mails that it took, doubles counted
    ordered_mails: int  #: those of years ago are too old to be sent, and say so
    differences: list[str]  #: of ``motcua verify``


def receive(ctx: Context, count: int) -> None:
    """Receive dossiers in a year that is over, so that the clock finds all of them late."""
    past = replace(ctx, clock=TurnedClock(b.local("2024-03-04T08:00")))
    office = b.an_office(past)
    for no in range(count):
        b.a_received_dossier(past, office, applicant=replace(b.WITH_EMAIL, email=f"thu{no}@example.test"))


def under_fire(ctx: Context, folder: Path, redis_url: str, *, count: int, chance: random.Random, pace: float) -> Seen:
    """Let all parts work, kill one every ``pace`` seconds or so, and look when nothing is left to do."""
    now = replace(ctx, clock=SystemClock())
    kills: Counter[str] = Counter()
    with taking_mail(slow=0.0) as (postbox, smtp_url), ExitStack() as stack:
        settings = {"MOTCUA_REDIS_URL": redis_url, "MOTCUA_SMTP_URL": smtp_url, "MOTCUA_MAIL_FROM": SENDER}
        env = environment(folder, ctx.settings.database_url, **settings)
        parts = {name: stack.enter_context(Part(what, env, folder / f"{name}.log")) for name, what, _ in PARTS}
        begun = {name: said for name, _, said in PARTS}
        while facts.number(now, ORDERED) < count or facts.number(now, UNSENT):
            time.sleep(chance.expovariate(1 / pace))
            name = chance.choice(list(parts))
            if parts[name].said(begun[name]):  # else it has not come to anything yet
                parts[name].start_again()
                kills[name] += 1
        for name in ("desk", "desk-2", "worker", "worker-2"):
            parts[name].kill()
        _deliver_the_rest(now, smtp_url)
        until(lambda: facts.number(now, "select count(*) from letter where delivered_at is null") == 0, "all delivered")
        copies = Counter(postbox.copies)
    return _seen(now, kills, copies)


def _deliver_the_rest(now: Context, smtp_url: str) -> None:
    """Send what dead workers held, when their leases are over, and what was not begun."""
    later = SystemClock().now() + 2 * delivery.LEASE
    for _ in range(3):
        ctx = replace(now, clock=TurnedClock(later), mail=SmtpMail(smtp_url, SENDER))
        for message in delivery.due(ctx, limit=100_000):
            delivery.deliver(ctx, message_id=message)
        later += timedelta(hours=12)  # those that a killed attempt had put off


def _seen(now: Context, kills: Counter[str], copies: Counter[tuple[str, str]]) -> Seen:
    numbers = facts.column(now, "select number from letter")
    later = replace(now, clock=TurnedClock(SystemClock().now() + timedelta(days=2)))
    return Seen(
        kills=kills,
        latenesses=facts.number(now, "select count(*) from deadline where kind = 'promise' and passed_at is not null"),
        letters=facts.number(now, "select count(*) from (select dossier_id, promise_no from letter group by 1, 2) x"),
        delivered=facts.events(now)["letter.delivered"],
        numbers=sorted(int(number.split("/")[0]) for number in numbers),
        mails=len({message_id for _, message_id in copies}),
        copies=copies.total(),
        ordered_mails=facts.number(now, "select count(*) from outbox where topic like 'message.%' and dead_at is null"),
        differences=[str(difference.as_json()) for difference in verify(later)],
    )


def main(count: int) -> int:
    """Do it at size, on PostgreSQL, and print what was seen."""
    with tempfile.TemporaryDirectory(dir=quick_folder()) as name, cluster() as server, server.database() as url:
        folder = Path(name)
        ctx = make_context(folder, url)
        started = time.monotonic()
        receive(ctx, count)
        print(f"{count} dossiers received in {time.monotonic() - started:.0f} s", flush=True)
        started = time.monotonic()
        with valkey_server() as redis_url:
            seen = under_fire(ctx, folder, redis_url, count=count, chance=random.Random(7), pace=4.0)
        ctx.database.close()
    print(f"under fire for {time.monotonic() - started:.0f} s; kills: {dict(seen.kills)} = {seen.kills.total()}")
    print(f"latenesses {seen.latenesses}, letters {seen.letters}, delivered {seen.delivered}")
    print(f"numbers 1..{count} each once: {seen.numbers == list(range(1, count + 1))}")
    print(f"mails ordered {seen.ordered_mails}, taken by name {seen.mails}, copies {seen.copies}")
    print(f"verify: {len(seen.differences)} differences", *seen.differences[:5], sep="\n")
    return 0 if seen.numbers == list(range(1, count + 1)) and not seen.differences else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
