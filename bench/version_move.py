"""``motcua bench version-move``: open dossiers taken to another version and back, beside the same rows by bare SQL.

One dossier is received through the services; the others are its copies. Each dossier is a transaction of its own, here
and in the floor.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from bench import copied_dossiers, steps
from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.clock import TurnedClock
from engine.services import imports, intake, version_moves, version_previews

ROUNDS = 3  # of each side in turn; the median counts, because these machines are noisy
PAYLOAD = "p" * 1500  # as long as that of an event which moves a dossier
ORDER: dict[str, Any] = {"by": SYSTEM, "code": steps.PROCEDURE}


@dataclass(frozen=True, slots=True)
class Rates:
    """Dossiers a second of preview, move and undo beside the floor; the move stands for the whole (contract §2)."""

    dossiers: int
    preview: float
    move: float
    undo: float
    floor: float

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        return {
            "name": "version-move",
            "value": round(self.move, 1),
            "unit": "dossiers/s",
            "floor": round(self.floor, 1),
            "ratio": round(self.move / self.floor, 4),
            "preview": round(self.preview, 1),
            "undo": round(self.undo, 1),
            "what": f"{self.dossiers} open dossiers whose date moves, SQLite WAL synchronous=FULL, a transaction each; "
            "floor: bare UPDATE of four rows and two INSERTs",
        }


def measure(*, dossiers: int = 500) -> Rates:
    """Measure a move of so many dossiers, and its undo, in turns with bare SQL."""
    with tempfile.TemporaryDirectory() as folder:
        clock = TurnedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        ctx = bootstrap.from_environment({"MOTCUA_DATA": folder}, clock=clock)
        try:
            _fill(ctx, dossiers)
            previews, moves, undos, floors = [], [], [], []
            for _ in range(ROUNDS):
                previews.append(_seconds(lambda: version_previews.preview(ctx, **ORDER, to_version=2)))
                moves.append(_seconds(lambda: version_moves.apply(ctx, **ORDER, to_version=2, ground="Đo")))
                undos.append(_seconds(lambda: _undo(ctx)))
                floors.append(_bare(Path(folder) / "floor.db", dossiers))
        finally:
            ctx.database.close()
    preview, move, undo, floor = (dossiers / median(each) for each in (previews, moves, undos, floors))
    return Rates(dossiers, preview, move, undo, floor)


def _fill(ctx: Context, dossiers: int) -> None:
    officer = steps.office(ctx)
    filing = intake.Filing(procedure_code=steps.PROCEDURE, applicant=intake.Person(name="Đo"))
    state = intake.receive(ctx, by=officer, filing=filing)
    copied_dossiers.copy(ctx, dossier_id=UUID(state["id"]), code=state["code"], count=dossiers - 1)
    imports.import_tables(ctx, by=SYSTEM, data=[{**steps.table(), "total_days": "8"}])


def _undo(ctx: Context) -> None:
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = uow.procedures.by_code(uow.agencies.default().id, steps.PROCEDURE)
        last = uow.version_moves.of(procedure.id)[0].id
    version_moves.undo(ctx, **ORDER, move_id=last)


def _bare(path: Path, dossiers: int) -> float:
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    tables = ("dossier", "instance", "deadline", "task")
    for statement in (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        *(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, version INT, state BLOB)" for name in tables),
        "CREATE TABLE event (d INT, seq INT, payload TEXT, PRIMARY KEY (d, seq))",
        "CREATE TABLE verdict (move INT, d INT, state BLOB, PRIMARY KEY (move, d))",
    ):
        connection.execute(statement)
    for name in tables:
        connection.executemany(f"INSERT INTO {name} VALUES (?, 0, x'00')", [(no,) for no in range(dossiers)])  # noqa: S608 - ours

    def work() -> None:
        for no in range(dossiers):
            connection.execute("BEGIN IMMEDIATE")
            for name in tables:
                connection.execute(f"UPDATE {name} SET version = version + 1, state = ? WHERE id = ?", (b"x" * 300, no))  # noqa: S608 - ours
            connection.execute("INSERT INTO event VALUES (?, 1, ?)", (no, PAYLOAD))
            connection.execute("INSERT INTO verdict VALUES (1, ?, ?)", (no, b"x" * 300))
            connection.execute("COMMIT")

    seconds = _seconds(work)
    connection.close()
    return seconds


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
