"""kill -9 of PostgreSQL's backends under load: 503 while it recovers, then on without a restart, nothing lost."""

from __future__ import annotations

import os
import signal
from contextlib import closing
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import make_url

from tests.faults.parts import until
from tests.faults.site_under_load import compare, serving, work_under
from tests.support.contexts import make_context
from tests.support.databases import Cluster

pytestmark = pytest.mark.fault


def test_postgres_that_crashes_under_load_is_503_and_loses_nothing(
    tmp_path: Path, postgres: Cluster, postgres_url: str
) -> None:
    name = str(make_url(postgres_url).database)
    postgres.run(f"alter database {name} set synchronous_commit = on")  # tests do without, but a crash would show it
    ctx = make_context(tmp_path, postgres_url)

    def crash() -> None:
        [victim, *_] = backends(postgres, name)
        os.kill(victim, signal.SIGKILL)  # the server cuts all connections and recovers from its log
        until(lambda: not psutil.pid_exists(victim) and is_back(postgres), "PostgreSQL to recover")

    with closing(ctx.database), serving(ctx, tmp_path, postgres_url) as (web, load):
        first = web.process.pid
        work_under(web, load, [crash] * 3)
        assert web.process.pid == first
        assert set(load.unavailable) <= {"database-unavailable"}
        assert load.lost() == 0  # each request had an answer
        compare(ctx, load)


def backends(postgres: Cluster, name: str) -> list[int]:
    """Return the process ids that serve the web's connections."""
    with psycopg.connect(host=str(postgres.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
        query = "select pid from pg_stat_activity where datname = %s and state is not null order by pid desc"
        return [pid for (pid,) in connection.execute(query, [name]).fetchall()]


def is_back(postgres: Cluster) -> bool:
    """Whether the server takes connections."""
    try:
        postgres.run("select 1")
    except psycopg.OperationalError:
        return False
    return True
