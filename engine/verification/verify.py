"""``verify``: every row of every dossier computed again from the events, by code that did not write the rows.

Nothing here imports engine.services; see docs/reference/verification.md for what is compared and what cannot be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from engine.context import Context
from engine.verification import (
    catalogue,
    dossier_check,
    history_imports,
    messages,
    on_periods,
    on_signatures,
    orphans,
    reserved_numbers,
    rows,
    task_batches,
    version_moves,
)
from engine.verification.archive import Sample
from engine.verification.counters import Tally
from engine.verification.differences import Difference, Findings
from engine.verification.on_facts import Facts
from engine.verification.statistics import Recount

BATCH = 200  #: dossiers in memory at a time

Progress = Callable[[int, int], None]  #: dossiers done, dossiers in all


def verify(ctx: Context, *, progress: Progress | None = None) -> list[Difference]:
    """Return every difference between the database and what its events add up to; none when all is right."""
    return examine(ctx, progress=progress).differences


def examine(ctx: Context, *, progress: Progress | None = None) -> Findings:
    """Return differences, limits that the clock process has not looked at, and how much was checked.

    Reads one consistent state of the database, also while others write.
    """
    findings, tally = Findings(), Tally()
    now = ctx.clock.now()
    with _snapshot(ctx) as connection:
        reference = catalogue.load(connection, findings.differences.append, now=now)
        recount = Recount(connection, reference, now)
        facts = Facts(connection, findings, recount.add)
        archive = Sample(ctx.files, findings)
        imports = history_imports.Imports()
        total, done = rows.total(connection), 0
        entered: dict[str, str] = {}
        for batch in rows.batches(connection, BATCH, findings.differences.append):
            facts.read(batch)
            for found in batch:
                life = dossier_check.check(found, reference=reference, files=ctx.files, now=now, findings=findings)
                tally.add(life.numbers)
                entered |= {life.slip: str(life.id)} if life.slip else {}
                facts.add(life)
                archive.add(life, found)
                imports.add(life)
            done += len(batch)
            if progress is not None:
                progress(done, total)
        facts.check()
        reserved_numbers.check(connection, entered, tally, findings.differences.append)
        archive.add_loose(connection, tally)
        tally.check(connection, reference, findings.differences.append)
        orphans.check(connection, findings.differences.append)
        messages.check(connection, findings.differences.append)
        version_moves.check(connection, findings.differences.append)
        task_batches.check(connection, findings.differences.append)
        imports.check(connection, findings.differences.append)
        on_signatures.check(connection, ctx.files, findings)
        on_periods.check(connection, ctx, findings)
    archive.check()
    recount.check(ctx, findings)
    findings.count("procedure_versions", len(reference.versions))
    findings.count("calendar_versions", len(reference.offices))
    return findings


@contextmanager
def _snapshot(ctx: Context) -> Iterator[Connection]:
    with ctx.unit_of_work(read_only=True) as uow:
        connection = uow.session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("set transaction isolation level repeatable read, read only"))
        yield connection
