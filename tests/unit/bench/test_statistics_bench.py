"""The bench of statistics counts the same from roll-ups and by a scan that is written by hand, or says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from bench import lean_facts, statistics
from bench.calendar_change import DatabaseInUseError
from engine.context import Context
from engine.domain.statistics import NEVER
from engine.services import rollups
from tests.support.builders import an_office
from tests.support.contexts import make_context


@pytest.fixture
def filled(tmp_path: Path, postgres_url: str) -> Iterator[Context]:
    """Three agencies and some years of lean facts on PostgreSQL."""
    ctx = make_context(tmp_path, postgres_url)
    for code in ("H00", "H01", "H02"):
        an_office(ctx, code=code)
    lean_facts.fill(ctx, 4000, today=ctx.clock.now().date(), never=NEVER)
    rollups.rebuild(ctx)
    lean_facts.settle(ctx)
    yield ctx
    ctx.database.close()


def test_roll_ups_and_scan_say_the_same(filled: Context) -> None:
    found = statistics._measured(filled).as_json()

    assert [part["name"] for part in found["parts"]] == [
        "on-time by procedure", "on-time by agency", "on-time by month", "percentiles by agency", "overdue list",
    ]  # fmt: skip
    assert found["dossiers"] == 4000
    assert found["cells"] > 0
    assert rollups.differences(filled) == []


def test_a_wrong_cell_is_told(filled: Context) -> None:
    with filled.database.engine.begin() as connection:
        connection.execute(text("update rollup_cell set dossiers = dossiers + 1 where grain like 'procedure%'"))

    with pytest.raises(statistics.NumbersDifferError, match="by procedure"):
        statistics._measured(filled)


def test_lean_facts_are_of_every_kind(filled: Context) -> None:
    with filled.database.engine.connect() as connection:
        for column, kinds in (("outcome", 6), ("apologised", 4), ("channel", 3)):
            found = connection.scalar(text(f"select count(distinct {column}) from dossier_fact"))
            assert found == kinds
        indexes = text("select count(*) from pg_indexes where tablename = 'dossier_fact' and indexname like 'ix%'")
        assert connection.scalar(indexes) == 8


def test_statistics_want_a_database_of_their_own(filled: Context, sqlite_url: str) -> None:
    with pytest.raises(DatabaseInUseError, match="PostgreSQL"):
        statistics.measure(database_url=sqlite_url, dossiers=10)
