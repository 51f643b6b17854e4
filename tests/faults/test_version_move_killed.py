"""kill -9 of a version move, again and again: run again it ends, row by row, as one that nothing disturbed."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, select

from bench import copied_dossiers
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import processing, reading, version_verdicts
from engine.store.base import Base
from engine.store.unit_of_work import Database
from engine.verification.verify import verify
from tests.faults import facts
from tests.faults.parts import Part, environment, until
from tests.support import builders as b
from tests.support import version_acts as v

pytestmark = pytest.mark.fault

DAYS = {"2026-03-02T08:00": 600, "2026-03-03T08:00": 400}  #: dossiers received at that time
KILL_AT = (1, 170, 480, 760, 990)  #: verdicts written when it dies
VERDICTS = "select count(*) from version_move_verdict"
MAPPING = {"s03_KY": None}  # the step that nobody mapped is left, the other one that is gone blocks


def a_thousand(ctx: Context) -> b.Office:
    """Receive a thousand dossiers that stand at different places, and publish a version without two of these."""
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    first = []
    for at, count in DAYS.items():
        b.turn_clock_to(ctx, at)
        made = b.a_received_dossier(ctx, office)
        copied_dossiers.copy(ctx, dossier_id=UUID(made["id"]), code=made["code"], count=count - 1)
        first.append(made["code"].removesuffix("-0001"))
    for no in range(2, 22):
        signed, asked, claimed = (detail(ctx, f"{first[0]}-{no + 20 * part:04}") for part in range(3))
        b.do_next_step(ctx, office, signed)
        b.ask_supplement(ctx, office, asked)
        processing.claim(ctx, by=office.officer, task_id=claimed["open_tasks"][0]["id"])
        fee = b.do_next_step(ctx, office, detail(ctx, f"{first[1]}-{no:04}"))
        if no % 2:
            b.withdraw(ctx, office, fee)
    steps = v.without("KY", instead="KY_SO")
    v.second_version(ctx, office, steps=steps, total_days="6", policy={"supplement": {"clock": "pause"}})
    return office


def detail(ctx: Context, code: str) -> b.Dossier:
    return reading.detail(ctx, by=SYSTEM, dossier=code)


def rows_of(url: str) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: [
                dict(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            ]
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def test_thousand_dossiers_moved_by_a_process_that_dies_end_as_without_a_kill(
    sqlite_ctx: Context, tmp_path: Path, sqlite_url: str
) -> None:
    office = a_thousand(sqlite_ctx)
    sqlite_ctx.database.close()
    file = Path(sqlite_url.removeprefix("sqlite:///"))
    order = {
        "at": "2026-03-03T10:00:00+07:00",
        "code": office.procedure,
        "to": 2,
        "ground": v.GROUND,
        "mapping": MAPPING,
    }
    command = ("-m", "tests.faults.moving", json.dumps(order))
    quiet = tmp_path / "quiet.db"
    shutil.copy(file, quiet)

    with Part(command, environment(tmp_path, f"sqlite:///{quiet}"), tmp_path / "quiet.log") as run:
        until(lambda: run.process.poll() is not None, "the undisturbed move", run.log)
        assert run.process.returncode == 0, run.log.read_text()[-3000:]
    with Part(command, environment(tmp_path, sqlite_url), tmp_path / "killed.log") as run:
        for verdicts in KILL_AT:
            until(lambda: facts.number(sqlite_ctx, VERDICTS) >= verdicts, f"{verdicts} verdicts", run.log)  # noqa: B023
            assert run.process.poll() is None
            run.start_again()
        until(lambda: run.process.poll() is not None, "the move that died", run.log)
        assert run.process.returncode == 0, run.log.read_text()[-3000:]

    (move,) = version_verdicts.history(sqlite_ctx, by=SYSTEM, code=office.procedure)
    counts = move["counts"]
    assert (move["state"], sum(counts.values())) == ("done", sum(DAYS.values()) - 10)
    assert (counts["left"], counts["blocked"], counts["moves_date"]) == (30, 0, 960)
    sqlite_ctx.database.close()
    assert rows_of(sqlite_url) == rows_of(f"sqlite:///{quiet}")
    assert verify(replace(sqlite_ctx, database=Database(f"sqlite:///{quiet}"))) == []
