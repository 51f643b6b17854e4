"""kill -9 of ``motcua simulate`` again and again: verify finds nothing, and a later run goes to the end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.context import Context
from tests.faults import facts
from tests.faults.parts import PATIENCE, Part, environment, until
from tests.support.sources import ROOT
from tests.support.step_tables import an_entry

pytestmark = pytest.mark.fault

KILL_AFTER = (40, 130, 300)  #: events of a run when it dies
DOSSIERS = 400
PERIOD = ("simulate", "--from", "2026-01-05", "--to", "2026-03-31", "--dossiers")


def test_simulation_that_dies_leaves_nothing_half_done(sqlite_ctx: Context, tmp_path: Path, sqlite_url: str) -> None:
    env = environment(tmp_path, sqlite_url)
    table = tmp_path / "procedures.json"
    table.write_text(json.dumps([an_entry(code="TP01"), an_entry(code="TP02", total_days="2")]), encoding="utf-8")
    motcua(env, "migrate")
    motcua(env, "procedures", "import", str(table))

    for seed, events in enumerate(KILL_AFTER):
        before = facts.events(sqlite_ctx).total()
        with Part(("-m", "web.cli", *PERIOD, str(DOSSIERS), "--seed", str(seed)), env, tmp_path / "run.log") as run:
            until(lambda: facts.events(sqlite_ctx).total() >= before + events, f"{events} events", run.log)  # noqa: B023
            assert run.process.poll() is None
        assert json.loads(motcua(env, "verify", "--json"))["differences"] == []

    done = json.loads(motcua(env, *PERIOD, "40", "--json"))
    assert done["filed"] == 40
    checked = json.loads(motcua(env, "verify", "--json"))["checked"]
    assert checked["dossiers"] == facts.number(sqlite_ctx, "select count(*) from dossier") > done["filed"]


def motcua(env: dict[str, str], *arguments: str) -> Any:
    """Run a command that has to succeed and return what it printed."""
    command = [sys.executable, "-m", "web.cli", *arguments]
    done = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout
