"""``motcua bench calendar-change``: a day off that moves ten thousand promises is previewed, made and taken back.

One dossier is received through the services; the others are its copies, because to receive them all takes longer than
everything that is measured.
"""

from __future__ import annotations

import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, text

from bench import copied_dossiers, steps
from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.clock import TurnedClock
from engine.domain.office_hours import DayKind, DayRule
from engine.errors import ConflictError
from engine.services import calendar_changes, intake, processing
from engine.services.calendar_changes import Days
from engine.services.transactions import Request

ROUNDS = 3  # of each side in turn; the median counts, because these machines are noisy
WORKED_ON = 20  # dossiers on which an officer takes steps while a change is made
PAUSE = 0.05  # seconds between steps, in which the change gets its turn
PAYLOAD = "p" * 400  # as long as that of an event which moves a promise
FILING = intake.Filing(procedure_code=steps.PROCEDURE, applicant=intake.Person(name="Đo"))


class DatabaseInUseError(ConflictError):
    """The database that was named for a measurement holds dossiers; they would never be rid of its rows."""

    code = "bench-database-in-use"


@dataclass(frozen=True, slots=True)
class Measure:
    """Seconds of one act beside its floor in the same run."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    what: str

    @classmethod
    def of(cls, name: str, ours: list[float], floors: list[float], what: str) -> Measure:
        """Take the medians of rounds that were run in turns."""
        value, floor = median(ours), median(floors)
        return cls(name, value, "s", floor, value / floor, what)

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        return {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Change:
    """The figures; making the change stands for the whole (contract §2 ``bench``)."""

    parts: dict[str, Measure]
    memory_mb: int  # most that the process ever held

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        parts = [part.as_json() for part in self.parts.values()]
        whole = self.parts["apply"].as_json() | {"name": "calendar-change"}
        return {**whole, "memory_mb": self.memory_mb, "parts": parts}


def measure(*, dossiers: int = 10_000, database_url: str | None = None) -> Change:
    """Measure on dossiers that are all promised for the day that becomes a day off.

    Args:
        database_url: of an empty PostgreSQL database, to be thrown away afterwards; None: SQLite in a temporary folder.

    Raises:
        DatabaseInUseError: the database is not empty.
    """
    with _site(database_url) as (ctx, officer):
        day = _fill(ctx, officer, dossiers)
        floor = Floor(ctx.database.engine, dossiers)
        taken: dict[str, list[float]] = {"preview": [], "apply": [], "preview undo": [], "undo": []}
        reads, writes = [], []
        for round_no in range(ROUNDS):
            _round(ctx, day, round_no, taken)
            reads.append(_seconds(floor.read))
            writes.append(_seconds(floor.write))
        longest, change = _meanwhile(ctx, officer, day)
    where = "SQLite" if database_url is None else "PostgreSQL"
    what = f"{dossiers} open dossiers, all promised for the day off, on {where}"
    parts = {
        name: Measure.of(name, seconds, reads, f"{what}; floor: their dates read by bare SQL")
        if name.startswith("preview")
        else Measure.of(name, seconds, writes, f"{what}; floor: the same rows written by bare SQL")
        for name, seconds in taken.items()
    }
    parts["step"] = Measure.of("step", [longest], [change], "longest step of an officer meanwhile; floor: the change")
    return Change(parts, _memory_mb())


@contextmanager
def _site(database_url: str | None) -> Iterator[tuple[Context, Actor]]:
    with tempfile.TemporaryDirectory() as folder:
        env = {"MOTCUA_DATA": folder, "MOTCUA_SECRET_KEY": secrets.token_hex()}
        if database_url is not None:
            env["MOTCUA_DATABASE_URL"] = database_url
        ctx = bootstrap.from_environment(env, clock=TurnedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC)))
        try:
            bootstrap.migrate(ctx)
            _refuse_used(ctx)
            yield ctx, steps.office(ctx)
        finally:
            ctx.database.close()


def _refuse_used(ctx: Context) -> None:
    with ctx.database.engine.connect() as connection:
        if connection.scalar(text("select count(*) from dossier")):
            message = "the database holds dossiers: name an empty one, to be thrown away afterwards"
            raise DatabaseInUseError(message)


def _fill(ctx: Context, officer: Actor, count: int) -> date:
    """Make the dossiers; return the day for which they are all promised."""
    state = intake.receive(ctx, by=officer, filing=FILING)
    copied_dossiers.copy(ctx, dossier_id=UUID(state["id"]), code=state["code"], count=count - 1)
    return datetime.fromisoformat(state["due_at"]).date()


def _round(ctx: Context, day: date, round_no: int, taken: dict[str, list[float]]) -> None:
    change = Days((DayRule(day, DayKind.OFF, f"{round_no}/QĐ", "bão"),))

    def timed(name: str, act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        began = time.perf_counter()
        told = act()
        taken[name].append(time.perf_counter() - began)
        return told

    seen = timed("preview", lambda: calendar_changes.preview(ctx, by=SYSTEM, change=change))
    asked = Request(f"apply {round_no}", seen["token"])
    made = timed(
        "apply",
        lambda: calendar_changes.apply(ctx, by=SYSTEM, change=change, expected=seen["token"], request=asked),
    )
    seen = timed("preview undo", lambda: calendar_changes.preview_undo(ctx, by=SYSTEM, change_id=made["id"]))
    asked = Request(f"undo {round_no}", seen["token"])
    timed(
        "undo",
        lambda: calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"], expected=seen["token"], request=asked),
    )


def _meanwhile(ctx: Context, officer: Actor, day: date) -> tuple[float, float]:
    """Return the seconds of an officer's longest step while a change is made, and of the change."""
    tasks = [intake.receive(ctx, by=officer, filing=FILING)["open_tasks"][0]["id"] for _ in range(WORKED_ON)]
    change = Days((DayRule(day, DayKind.OFF, "meanwhile", "bão"),))
    longest = 0.0
    with ThreadPoolExecutor(1) as pool:
        began = time.perf_counter()
        making = pool.submit(lambda: calendar_changes.apply(ctx, by=SYSTEM, change=change))
        for task in tasks:
            longest = max(longest, _seconds(lambda task=task: processing.complete(ctx, by=officer, task_id=task)))
            if making.done():
                break
            time.sleep(PAUSE)
        making.result()
        return longest, time.perf_counter() - began


class Floor:
    """The bare work on tables without anything else: read the dates; write dossier, limit, event and mark of each."""

    def __init__(self, engine: Engine, count: int) -> None:
        self._engine = engine
        self._rows: list[dict[str, Any]] = [
            {"id": f"{no:036}", "no": no, "at": no, "text": PAYLOAD, "round": 0} for no in range(count)
        ]
        with engine.begin() as connection:
            for statement in (
                "create table floor_dossier (id varchar(36) primary key, due_at int, version int, hash varchar(64))",
                "create table floor_limit (id int primary key, due_at int, wake_at int)",
                "create index floor_wake on floor_limit (wake_at)",
                "create table floor_event (id varchar(36), seq int, payload text, primary key (id, seq))",
                "create table floor_mark (change_no int, id varchar(36), primary key (change_no, id))",
            ):
                connection.execute(text(statement))
            connection.execute(text("insert into floor_dossier values (:id, :at, 1, :id)"), self._rows)
            connection.execute(text("insert into floor_limit values (:no, :at, :at)"), self._rows)

    def read(self) -> None:
        """Read the dates."""
        with self._engine.connect() as connection:
            query = "select d.id, d.hash, l.due_at from floor_dossier d join floor_limit l on l.id = d.due_at"
            connection.execute(text(query)).all()

    def write(self) -> None:
        """Write what a change writes, in one transaction."""
        for row in self._rows:
            row["round"] += 1
        with self._engine.begin() as connection:
            for statement in (
                "update floor_dossier set version = version + 1, hash = :id where id = :id",
                "update floor_limit set due_at = due_at, wake_at = wake_at + 1 where id = :no",
                "insert into floor_event values (:id, :round, :text)",
                "insert into floor_mark values (:round, :id)",
            ):
                connection.execute(text(statement), self._rows)


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _memory_mb() -> int:
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kilobytes // (1024 * 1024) if sys.platform == "darwin" else kilobytes // 1024
