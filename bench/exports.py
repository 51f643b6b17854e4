"""``motcua bench exports``: a list of a million dossiers as a file, beside what can write no faster (P13, P14).

XLSX beside XlsxWriter with the same cells in memory, CSV beside ``COPY`` of the same statement; each written by a
process of its own (``bench.written_export``), which tells the most memory that it ever had.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import text

from bench import many_dossiers
from bench.calendar_change import DatabaseInUseError
from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.reports.export import Selection, dossier_query, dossier_rows
from engine.reports.render import workbooks
from engine.seeds import demo

ROWS = 1_000_000
SAMPLE = 5_000  # different rows that the bare writer writes again and again
AT_LEAST_XLSX, AT_LEAST_CSV = 0.7, 0.1  # of the floor (issue 7)
AT_MOST_MB = 150
FAMILIES = ("party", "pause", "letter")  # rows of a dossier that the list reads


@dataclass(frozen=True, slots=True)
class Measure:
    """A format: rows a second beside the floor of the same run, and the greatest memory of the process that wrote."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    at_least: float
    memory_mb: float
    at_most_mb: int
    what: str

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        found = {key: round(value, 3) if isinstance(value, float) else value for key, value in asdict(self).items()}
        return found | {"kept": self.ratio >= self.at_least and self.memory_mb <= self.at_most_mb}


@dataclass(frozen=True, slots=True)
class Exports:
    """Both formats; the first stands for the whole (contract §2 ``bench``)."""

    parts: list[Measure]

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        parts = [part.as_json() for part in self.parts]
        return parts[0] | {"kept": all(part["kept"] for part in parts), "parts": parts}


def measure(*, database_url: str, dossiers: int = ROWS) -> Exports:
    """Fill the database and write its dossiers as XLSX and CSV.

    Args:
        database_url: of an empty PostgreSQL database, to be thrown away afterwards.

    Raises:
        DatabaseInUseError: the database is not empty, or no PostgreSQL.
    """
    if not database_url.startswith("postgresql"):
        raise DatabaseInUseError("exports are measured on PostgreSQL: name an empty database of it")
    with tempfile.TemporaryDirectory() as folder:
        env = {"MOTCUA_DATA": folder, "MOTCUA_SECRET_KEY": secrets.token_hex(), "MOTCUA_DATABASE_URL": database_url}
        ctx = bootstrap.from_environment(env)
        try:
            _fill(ctx, dossiers)
            to = Path(folder) / "export"
            xlsx, csv = (_written_by_another(kind, to, env) for kind in ("xlsx", "csv"))
            floors = _bare_xlsx(ctx, to, int(xlsx["rows"])), _copy(ctx, to, int(csv["rows"]))
        finally:
            ctx.database.close()
    return Exports([
        _judged("exports as xlsx", xlsx, floors[0], AT_LEAST_XLSX, "floor: XlsxWriter, the same cells from memory"),
        _judged("exports as csv", csv, floors[1], AT_LEAST_CSV, "floor: COPY of the same statement"),
    ])  # fmt: skip


def _judged(name: str, found: dict[str, float], floor: float, at_least: float, what: str) -> Measure:
    rate = found["rows"] / found["seconds"]
    said = f"{found['rows']:,.0f} dossiers, one row each; {what}; memory: the greatest of the writing process"
    return Measure(name, rate, "rows/s", floor, rate / floor, at_least, found["memory_mb"], AT_MOST_MB, said)


def _fill(ctx: Context, dossiers: int) -> None:
    bootstrap.migrate(ctx)
    with ctx.database.engine.connect() as connection:
        if connection.scalar(text("select count(*) from dossier")):
            raise DatabaseInUseError("the database holds dossiers: name an empty one, to be thrown away afterwards")
    demo.load(ctx)
    many_dossiers.prepare(ctx)
    many_dossiers.fill(ctx, dossiers, parts=FAMILIES)


def _written_by_another(kind: str, to: Path, env: dict[str, str]) -> dict[str, float]:
    """Have a process of its own write the file; return rows, seconds and its greatest memory in MB."""
    asked = [sys.executable, "-m", "bench.written_export", kind, str(to)]
    done = subprocess.run(asked, env=os.environ | env, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _bare_xlsx(ctx: Context, to: Path, rows: int) -> float:
    """Return how many rows a second XlsxWriter writes that has nothing else to do."""
    sample = _sample(ctx, min(rows, SAMPLE))
    began = time.perf_counter()
    with to.open("wb") as file, xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        dated = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet = book.add_worksheet()
        for at in range(min(rows, workbooks.SHEET_ROWS)):
            for column, value in enumerate(sample[at % len(sample)]):
                if isinstance(value, str):
                    sheet.write_string(at, column, value)
                elif isinstance(value, datetime):
                    sheet.write_datetime(at, column, value, dated)
                elif value is not None:
                    sheet.write_number(at, column, value)
    return min(rows, workbooks.SHEET_ROWS) / (time.perf_counter() - began)


def _sample(ctx: Context, count: int) -> list[Sequence[Any]]:
    """Return cells of some dossiers as a workbook has them, its dates without an offset."""
    with ctx.unit_of_work(read_only=True) as uow:
        rows = dossier_rows(ctx, uow, by=SYSTEM, selection=Selection(), as_dates=True)
        return [[_bare(value) for value in row] for row in islice(rows, count)]


def _bare(value: Any) -> Any:
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _copy(ctx: Context, to: Path, rows: int) -> float:
    """Return how many rows a second the server hands out by itself, of the statement that the export reads."""
    with ctx.database.engine.connect() as connection, to.open("wb") as file:
        asked = str(dossier_query(with_people=False).compile(connection, compile_kwargs={"literal_binds": True}))
        began = time.perf_counter()
        with connection.connection.cursor().copy(f"copy ({asked}) to stdout (format csv)") as answer:
            for part in answer:
                file.write(part)
        return rows / (time.perf_counter() - began)
