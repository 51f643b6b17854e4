"""The fixtures themselves: fresh, migrated, one for each test."""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
from redis import Redis

from engine.context import Context
from engine.store import schema
from tests.support.contexts import START


@pytest.mark.parametrize("turn", [1, 2])
def test_context_is_migrated_empty_and_at_its_hour(ctx: Context, turn: int) -> None:
    with ctx.unit_of_work() as uow:
        counts = uow.outbox.counts()

    assert schema.current_revision(ctx.database) == schema.head_revision()
    assert counts == {"waiting": 0, "dead": 0}
    assert ctx.clock.now() == START


def test_files_are_kept_by_content(sqlite_ctx: Context) -> None:
    sha256 = sqlite_ctx.files.put(b"paper")

    assert sqlite_ctx.files.get(sha256) == b"paper"


@pytest.mark.parametrize("turn", [1, 2])
def test_valkey_is_real_and_empty(valkey: str, turn: int) -> None:
    connection = Redis.from_url(valkey)

    assert connection.dbsize() == 0
    assert connection.incr("turn") == 1
    connection.close()


def test_postgres_dies_with_the_process_that_started_it() -> None:
    script = """
        import os, signal
        from tests.support.databases import cluster
        with cluster() as server:
            print(server.folder, server.pid(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, check=False)
    folder, pid = done.stdout.split()

    for _ in range(200):
        if not psutil.pid_exists(int(pid)):
            break
        time.sleep(0.05)
    shutil.rmtree(folder)
    assert not psutil.pid_exists(int(pid))
