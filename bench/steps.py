"""``motcua bench steps``: durable dossier steps a second through the services, beside bare SQL in the same run."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.clock import TurnedClock
from engine.seeds import base
from engine.services import imports, intake, people, processing

PROCEDURE = "BENCH"
UNITS = ("BP_MOT_CUA", "PHONG_A", "PHONG_B", "LANH_DAO")
ROUNDS = 3  # of each side in turn; the median counts, because these machines are noisy


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure beside its floor, both of one run (contract §2 ``bench``)."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        return {
            "name": self.name,
            "value": round(self.value, 1),
            "unit": self.unit,
            "floor": round(self.floor, 1),
            "ratio": round(self.ratio, 4),
            "what": "steps a second, one process, SQLite WAL synchronous=FULL; floor: bare UPDATE and two INSERTs",
        }


def measure(*, dossiers: int = 20) -> Measure:
    """Measure steps a second of the services and of bare SQL, in turns; the ratio is services by floor."""
    with tempfile.TemporaryDirectory() as folder:
        ctx = bootstrap.from_environment(
            {"MOTCUA_DATA": folder}, clock=TurnedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        )
        officer = office(ctx)
        ours, floors = [], []
        for _ in range(ROUNDS):
            ours.append(_services(ctx, officer, dossiers))
            floors.append(_bare(Path(folder) / "floor.db", dossiers * 6))
        ctx.database.close()
    value, floor = sorted(ours)[ROUNDS // 2], sorted(floors)[ROUNDS // 2]
    return Measure(name="steps", value=value, unit="steps/s", floor=floor, ratio=value / floor)


def office(ctx: Context) -> Actor:
    """Make the officer who may do every step of the procedure of six, published here."""
    bootstrap.migrate(ctx)
    base.ensure(ctx)
    imports.import_tables(ctx, by=SYSTEM, data=[table()])
    return people.add_officer(
        ctx,
        by=SYSTEM,
        username="bench",
        name="Bench",
        roles=[Role.DESK, Role.OFFICER, Role.APPROVER],
        unit_codes=UNITS,
    ).actor


def table() -> dict[str, Any]:
    """Return the step table of the procedure."""
    rows = [
        {"id": f"S{no}", "name": f"Bước {no}", "unit": unit, "unit_label": unit, "limit_days": "1",
         "stage_limit_days": "1", "next": f"S{no + 1}" if no < 5 else None, "single_officer": False,
         "pauses_clock": False, "resumes_clock": False, "ends_processing": no == 4}
        for no, unit in enumerate((*UNITS, "LANH_DAO", "BP_MOT_CUA"))
    ]  # fmt: skip
    return {"code": PROCEDURE, "name": "Đo", "total_days": "5", "fee": "0", "steps": rows}


def _services(ctx: Context, officer: Actor, dossiers: int) -> float:
    filing = intake.Filing(procedure_code=PROCEDURE, applicant=intake.Person(name="Đo"))
    steps = 0
    began = time.perf_counter()
    for _ in range(dossiers):
        state = intake.receive(ctx, by=officer, filing=filing)
        steps += 1
        while state["status"] < 9:
            state = processing.complete(ctx, by=officer, task_id=state["open_tasks"][0]["id"])
            steps += 1
        if isinstance(ctx.clock, TurnedClock):
            ctx.clock.advance(timedelta(seconds=1))
    return steps / (time.perf_counter() - began)


def _bare(path: Path, steps: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "CREATE TABLE IF NOT EXISTS d (id INTEGER PRIMARY KEY, version INT, state BLOB)",
        "CREATE TABLE IF NOT EXISTS e (d INT, seq INT, payload TEXT, PRIMARY KEY (d, seq))",
        "CREATE TABLE IF NOT EXISTS o (id INTEGER PRIMARY KEY, payload TEXT)",
        "DELETE FROM d",
        "DELETE FROM e",
        "INSERT INTO d VALUES (1, 0, x'00')",
    ):
        connection.execute(statement)
    began = time.perf_counter()
    for seq in range(steps):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE d SET version = version + 1, state = ? WHERE id = 1", (b"x" * 300,))
        connection.execute("INSERT INTO e VALUES (1, ?, ?)", (seq, "p" * 300))
        connection.execute("INSERT INTO o (payload) VALUES (?)", ("p" * 100,))
        connection.execute("COMMIT")
    rate = steps / (time.perf_counter() - began)
    connection.close()
    return rate
