"""kill -9 of the web under load: what was acknowledged is there once, what nobody knew comes to one effect."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from engine.verification.verify import verify
from tests.faults import facts
from tests.faults.load import Entry, Load, a_filing
from tests.faults.parts import PATIENCE, Part, environment, until
from tests.support.builders import an_office
from tests.support.dev import answers

pytestmark = pytest.mark.fault

KILLS = ("worker", "main", "all")  #: what dies: granian's worker, its parent, or both at once
BETWEEN = 8  #: requests done between two kills
ONCE = {  # acts and the events that each leaves once
    "dossiers": "dossier.received",
    "supplement-requests": "supplement.requested",
    "supplements": "supplement.completed",
    "withdrawal": "dossier.withdrawn",
    "handover": "dossier.returned",
}


@contextmanager
def serving(ctx: Context, folder: Path, database_url: str) -> Iterator[tuple[Part, Load]]:
    """Run the web as ``motcua dev`` does, with an office; there is no Redis."""
    an_office(ctx)
    tokens = {who: people.create_token(ctx, by=SYSTEM, username=who) for who in ("desk", "officer", "approver")}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve = ("--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4")
    command = ("-m", "granian", *serve, "--no-ws", "--log-level", "warning", "tests.faults.serving:app")
    with Part(command, environment(folder, database_url), folder / "web.log") as web:
        until(lambda: answers(port), "the web", web.log)
        yield web, Load(port, tokens)


def kill(web: Part, what: str) -> None:
    if what == "worker":
        [worker] = web.children()[-1:]
        os.kill(worker, signal.SIGKILL)
        until(lambda: web.process.poll() is not None, "granian to notice that its worker died", web.log)
    elif what == "main":
        web.process.kill()
    web.start_again()


def run_under_kills(web: Part, load: Load) -> None:
    """Let four clients work while the web dies again and again."""
    with ThreadPoolExecutor(4) as pool:
        for client in range(4):
            pool.submit(load.work, client)
        try:
            for what in KILLS:
                wait_for_work(web, load)
                kill(web, what)
            wait_for_work(web, load)
        finally:
            load.stop.set()
    assert load.troubles == []


def wait_for_work(web: Part, load: Load) -> None:
    """Wait until some more requests are done and others are on their way."""
    seen = len(load.acknowledged())

    def is_busy() -> bool:
        return bool(load.troubles) or (len(load.acknowledged()) >= seen + BETWEEN and load.in_flight > 1)

    until(is_busy, "requests to be answered", web.log)


def test_web_killed_under_load_has_each_effect_once(ctx: Context, tmp_path: Path, database_url: str) -> None:
    with serving(ctx, tmp_path, database_url) as (web, load):
        run_under_kills(web, load)
        asked_again = [load.answer_of(entry) for entry in load.journal]

    assert load.lost() > 0  # else nothing was interrupted
    assert {entry.answer[0] for entry in load.journal if entry.answer} <= {200, 201, 409}
    assert [answer[0] for answer in asked_again] == [entry.answer[0] for entry in load.journal if entry.answer]
    done = [(answer, entry) for answer, entry in zip(asked_again, load.journal, strict=True) if entry.acknowledged]
    assert [entry.path for answer, entry in done if answer != entry.answer] == []
    compare(ctx, load)
    assert [difference.as_json() for difference in verify(ctx)] == []


def compare(ctx: Context, load: Load) -> None:
    """Compare rows with the journal: acknowledged means once, refused means not at all."""
    done = load.counts()
    codes = facts.column(ctx, "select code from dossier order by code")
    assert codes == [f"H00-260302-{number:04d}" for number in range(1, done["dossiers"] + 1)]
    assert sorted(codes) == sorted(entry.answer[1]["code"] for entry in load.acknowledged() if is_receipt(entry))
    events = facts.events(ctx)
    assert {kind: events[kind] for kind in ONCE.values()} == {kind: done[act] for act, kind in ONCE.items()}
    times = facts.tasks_done(ctx)
    tasks = [entry.path.split("/")[2] for entry in load.acknowledged() if entry.act == "completion"]
    assert (len(set(tasks)), {times[task] for task in tasks}, max(times.values())) == (len(tasks), {1}, 1)
    assert facts.number(ctx, "select count(*) from idempotency_key") == done.total()


def is_receipt(entry: Entry) -> bool:
    return entry.act == "dossiers"


def test_hundred_identical_requests_at_once_have_one_effect(ctx: Context, tmp_path: Path, database_url: str) -> None:
    with serving(ctx, tmp_path, database_url) as (_web, load):
        gate = threading.Barrier(20)

        def ask(_number: int) -> str:
            gate.wait(timeout=PATIENCE)
            return str(load.ask("desk", "/dossiers", a_filing("same"), "same")["code"])

        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(ask, range(100))) == {"H00-260302-0001"}

    assert facts.number(ctx, "select count(*) from dossier") == 1
