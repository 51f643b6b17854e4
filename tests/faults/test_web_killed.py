"""kill -9 of the web under load: what was acknowledged is there once, what nobody knew comes to one effect."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from engine.context import Context
from tests.faults import facts
from tests.faults.load import a_filing
from tests.faults.parts import PATIENCE, Part, until
from tests.faults.site_under_load import compare, serving, work_under

pytestmark = pytest.mark.fault


def kill_worker(web: Part) -> None:
    """Kill the process that answers; its parent has to notice and end, so that the supervisor starts it again."""
    os.kill(web.children()[-1], signal.SIGKILL)
    until(lambda: web.process.poll() is not None, "granian to notice that its worker died", web.log)
    web.start_again()


def kill_parent(web: Part) -> None:
    """Kill the parent of the process that answers."""
    web.process.kill()
    web.start_again()


def test_web_killed_under_load_has_each_effect_once(ctx: Context, tmp_path: Path, database_url: str) -> None:
    with serving(ctx, tmp_path, database_url) as (web, load):
        work_under(web, load, [partial(kill_worker, web), partial(kill_parent, web), web.start_again])

    assert load.lost() > 0  # else nothing was interrupted
    compare(ctx, load)


def test_hundred_identical_requests_at_once_have_one_effect(ctx: Context, tmp_path: Path, database_url: str) -> None:
    with serving(ctx, tmp_path, database_url) as (_web, load):
        gate = threading.Barrier(20)

        def ask(_number: int) -> str:
            gate.wait(timeout=PATIENCE)
            return str(load.ask("desk", "/dossiers", a_filing("same"), "same")["code"])

        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(ask, range(100))) == {"H00-260302-0001"}

    assert facts.number(ctx, "select count(*) from dossier") == 1
