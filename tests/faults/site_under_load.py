"""The web as a process over an office, clients at work on it, and the comparison of rows with their journal."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from engine.verification.verify import verify
from tests.faults import facts
from tests.faults.load import Load
from tests.faults.parts import Part, environment, until
from tests.support.builders import an_office
from tests.support.dev import answers

BETWEEN = 8  #: requests done between two faults
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


def work_under(web: Part, load: Load, faults: Sequence[Callable[[], None]]) -> None:
    """Let four clients work while the faults happen, each in the middle of requests; then ask for everything again."""
    with ThreadPoolExecutor(4) as pool:
        for client in range(4):
            pool.submit(load.work, client)
        try:
            for fault in faults:
                _wait_for_work(web, load)
                fault()
            _wait_for_work(web, load)
        finally:
            load.stop.set()
    assert load.troubles == []
    assert {entry.answer[0] for entry in load.journal if entry.answer} <= {200, 201, 409}
    for entry in load.journal:
        again = load.answer_of(entry)
        assert entry.answer is not None
        assert (entry.path, again[0]) == (entry.path, entry.answer[0])
        assert (entry.path, again) == (entry.path, entry.answer) or not entry.acknowledged


def _wait_for_work(web: Part, load: Load) -> None:
    seen = len(load.acknowledged())

    def is_busy() -> bool:
        return bool(load.troubles) or (len(load.acknowledged()) >= seen + BETWEEN and load.in_flight > 1)

    until(is_busy, "requests to be answered", web.log)
    assert load.troubles == []


def compare(ctx: Context, load: Load) -> None:
    """Compare rows with the journal: acknowledged means once, refused means not at all."""
    done = load.counts()
    codes = facts.column(ctx, "select code from dossier order by code")
    assert codes == [f"H00-260302-{number:04d}" for number in range(1, done["dossiers"] + 1)]
    told = [entry.answer[1]["code"] for entry in load.acknowledged() if entry.act == "dossiers" and entry.answer]
    assert sorted(told) == codes
    events = facts.events(ctx)
    assert {kind: events[kind] for kind in ONCE.values()} == {kind: done[act] for act, kind in ONCE.items()}
    times = facts.tasks_done(ctx)
    tasks = [entry.path.split("/")[2] for entry in load.acknowledged() if entry.act == "completion"]
    assert (len(set(tasks)), {times[task] for task in tasks}, max(times.values())) == (len(tasks), {1}, 1)
    assert facts.number(ctx, "select count(*) from idempotency_key") == done.total()
    assert [difference.as_json() for difference in verify(ctx)] == []
