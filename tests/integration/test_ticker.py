"""The clock process: one part that fails stops no other, and ends on SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from redis import Redis

from engine.context import Context
from engine.services import heartbeats, procedures
from tests.support import builders as b
from tests.support.drafts import CODE, made, publish, save
from workers.probe import ask
from workers.queues import connect, open_queue
from workers.ticker import Ticker


@pytest.fixture
def connection(valkey: str) -> Iterator[Redis]:
    made = connect(valkey)
    yield made
    made.close()


def environment(folder: Path, valkey: str) -> dict[str, str]:
    return {**os.environ, "MOTCUA_DATA": str(folder), "MOTCUA_REDIS_URL": valkey}


def signs(ctx: Context) -> list[heartbeats.Beat]:
    """Return the signs of life of clock processes."""
    return heartbeats.beats(ctx, part=heartbeats.CLOCK)


def wait_for(process: subprocess.Popen[str], event: str) -> dict[str, object]:
    """Read log lines until one of that event."""
    assert process.stderr is not None
    for line in process.stderr:
        entry: dict[str, object] = json.loads(line)
        if entry["event"] == event:
            return entry
    raise AssertionError(f"ended without {event}")


def test_round_without_work_does_nothing_and_leaves_a_sign_of_life(ctx: Context, connection: Redis) -> None:
    nothing = {"acted": 0, "relayed": 0, "lag_seconds": 0.0, "troubles": []}
    assert Ticker(ctx, open_queue(connection)).round() == nothing

    (beat,) = signs(ctx)
    assert (beat.at, beat.facts, beat.ended) == (ctx.clock.now(), nothing, False)
    assert (beat.process.pid, beat.process.started_at) == (os.getpid(), ctx.clock.now())


def test_round_calls_procedures_as_the_versions_that_came_into_force(ctx: Context, connection: Redis) -> None:
    office = b.an_office(ctx)
    draft = made(ctx, office)
    publish(ctx, office, draft)
    save(ctx, office, draft, procedure={"name": "Cấp giấy kiểu mới"})
    publish(ctx, office, draft, b.local("2026-03-05T00:00"))
    b.turn_clock_to(ctx, "2026-03-05T08:00", ticker=False)

    Ticker(ctx, open_queue(connection)).round()

    assert procedures.show(ctx, code=CODE, agency=office.code)["name"] == "Cấp giấy kiểu mới"


def test_redis_that_is_away_is_logged_once_and_stops_no_round(sqlite_ctx: Context) -> None:
    away = connect("unix:///tmp/there-is-no-such.sock?db=0")
    ticker = Ticker(sqlite_ctx, open_queue(away))

    with structlog.testing.capture_logs() as logs:
        rounds = [ticker.round() for _ in range(3)]

    assert [facts["troubles"] for facts in rounds] == [["relay"]] * 3
    assert [(entry["event"], entry["part"]) for entry in logs] == [("clock.trouble", "relay")]
    away.close()


def test_recovery_is_logged(sqlite_ctx: Context, valkey: str) -> None:
    socket = Path(valkey.removeprefix("unix://").partition("?")[0])
    hidden = socket.with_name("hidden.sock")
    socket.rename(hidden)
    connection = connect(valkey)
    ticker = Ticker(sqlite_ctx, open_queue(connection))

    with structlog.testing.capture_logs() as logs:
        ticker.round()
        hidden.rename(socket)
        facts = ticker.round()

    assert [entry["event"] for entry in logs] == ["clock.trouble", "clock.recovered"]
    assert facts["troubles"] == []
    connection.close()


def test_database_without_tables_ends_no_loop(tmp_path: Path, sqlite_ctx: Context, connection: Redis) -> None:
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql("alter table deadline rename to hidden")

    facts = Ticker(sqlite_ctx, open_queue(connection)).round()

    assert (facts["troubles"], facts["lag_seconds"]) == (["deadlines"], None)
    assert [beat.facts for beat in signs(sqlite_ctx)] == [facts]


def test_process_ends_on_sigterm(sqlite_ctx: Context, tmp_path: Path, valkey: str) -> None:
    command = [sys.executable, "-m", "workers.ticker"]
    with subprocess.Popen(command, env=environment(tmp_path, valkey), stderr=subprocess.PIPE, text=True) as process:
        wait_for(process, "clock.started")
        while not signs(sqlite_ctx):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        wait_for(process, "clock.stopped")

    assert process.returncode == 0
    assert [(beat.process.pid, beat.ended) for beat in signs(sqlite_ctx)] == [(process.pid, True)]


def test_worker_outlives_a_missing_redis_and_ends_on_sigterm(tmp_path: Path, sqlite_url: str, valkey: str) -> None:
    socket = Path(valkey.removeprefix("unix://").partition("?")[0])
    hidden = socket.with_name("hidden.sock")
    socket.rename(hidden)
    command = [sys.executable, "-m", "workers.worker", "deliveries"]
    with subprocess.Popen(command, env=environment(tmp_path, valkey), stderr=subprocess.PIPE, text=True) as process:
        wait_for(process, "worker.trouble")
        hidden.rename(socket)
        while ask(valkey)["workers"] == 0:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        wait_for(process, "worker.stopped")

    assert process.returncode == 0


@pytest.mark.parametrize(
    ("module", "arguments", "reason"),
    [
        ("workers.worker", ["cakes"], "there is no queue cakes"),
        ("workers.ticker", [], "MOTCUA_SPEED is not a setting of motcua"),
    ],
)
def test_wrong_start_is_one_line_and_status_2(tmp_path: Path, module: str, arguments: list[str], reason: str) -> None:
    env = {**os.environ, "MOTCUA_DATA": str(tmp_path), **({} if arguments else {"MOTCUA_SPEED": "fast"})}

    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 2
    assert json.loads(done.stderr)["error"].startswith(reason)


def test_probe_tells_what_waits(valkey: str) -> None:
    assert ask(valkey) == {"ok": True, "workers": 0, "queues": {"deliveries": {"queued": 0, "failed": 0}}}
