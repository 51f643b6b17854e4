"""A report of several statements tells of one moment, whoever writes or folds between them, on both databases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.statistics import Column
from engine.reports import on_time as on_time_report
from engine.reports import time_used as time_report
from engine.reports.on_time_values import Period
from engine.services import rollups
from engine.store.facts import RollupCell, RollupDelta
from tests.support import builders as b
from tests.support.contexts import make_context

MARCH = Period(b.local("2026-03-01T00:00").date(), b.local("2026-03-31T00:00").date())


def test_cells_and_journal_are_of_one_moment(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.a_received_dossier(ctx, office)
    with ctx.unit_of_work(read_only=True) as uow:
        cells = select(func.coalesce(func.sum(RollupCell.dossiers), 0)).where(RollupCell.grain == "procedure")
        counted = uow.session.scalar(cells)
        b.a_received_dossier(ctx, office)
        assert rollups.fold(ctx) == 2
        assert (counted, uow.session.scalar(select(func.sum(RollupDelta.weight)))) == (0, 1)


def test_percentiles_are_of_the_dossiers_that_the_sums_count(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    office = b.an_office(ctx)
    first, second = (b.a_received_dossier(ctx, office) for _ in range(2))
    b.turn_clock_to(ctx, "2026-03-03T10:00")
    b.advance_to(ctx, office, first, Status.FINISHED)
    shares = time_report.time_sums.shares

    def written_between(*asked: Any) -> Any:
        b.advance_to(ctx, office, second, Status.FINISHED)
        rollups.fold(ctx)
        return shares(*asked)

    monkeypatch.setattr(time_report.time_sums, "shares", written_between)
    total = time_report.time_used(ctx, by=SYSTEM, period=MARCH).total
    monkeypatch.undo()

    assert (total.sums.timed, sum(total.shares.values())) == (1, 1)
    total = time_report.time_used(ctx, by=SYSTEM, period=MARCH).total
    assert (total.sums.timed, sum(total.shares.values())) == (2, 2)


def test_what_is_paused_is_of_the_open_ones_that_are_counted(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    office = b.an_office(ctx)
    waiting = [b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office)) for _ in range(2)]
    paused = on_time_report.tally.paused

    def written_between(*asked: Any) -> Any:
        b.withdraw(ctx, office, waiting[0])
        rollups.fold(ctx)
        return paused(*asked)

    monkeypatch.setattr(on_time_report.tally, "paused", written_between)
    total = on_time_report.on_time(ctx, by=SYSTEM, question=on_time_report.Question(MARCH)).total
    monkeypatch.undo()

    assert (total[Column.OPEN_IN_TIME], total[Column.WITHDRAWN], total.paused) == (2, 0, 2)


def test_who_writes_sees_what_others_have_committed_meanwhile(tmp_path: Path, postgres_url: str) -> None:
    """A connection that a reader has given back is an ordinary one again."""
    database = make_context(tmp_path, postgres_url).database
    level = text("show transaction_isolation")
    with database.unit_of_work(read_only=True) as uow:
        assert uow.session.scalar(level) == "repeatable read"
    with database.unit_of_work() as uow:
        assert uow.session.scalar(level) == "read committed"
    database.close()
