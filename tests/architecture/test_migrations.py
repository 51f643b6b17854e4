"""Migrations lead from nothing to what the rows say, and back, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from engine.store import schema
from engine.store.schema import MIGRATIONS
from engine.store.unit_of_work import Database
from tests.support.databases import Cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
        yield database
        database.close()
        return
    postgres: Cluster = request.getfixturevalue("postgres")
    with postgres.database(template="template0") as url:
        database = Database(url)
        yield database
        database.close()


def _tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names()) - {"alembic_version"}


def test_migrations_lead_from_nothing_to_the_rows_of_this_code(empty: Database) -> None:
    assert schema.current_revision(empty) is None

    schema.migrate(empty)

    assert schema.current_revision(empty) == schema.head_revision()
    assert schema.drift(empty) == []


def test_migrating_again_changes_nothing(empty: Database) -> None:
    schema.migrate(empty)
    tables = _tables(empty)
    schema.migrate(empty)

    assert _tables(empty) == tables


def test_migrations_lead_down_and_up_again(empty: Database) -> None:
    schema.migrate(empty)
    tables = _tables(empty)
    schema.migrate(empty, "base")

    assert (_tables(empty), schema.current_revision(empty)) == (set(), None)
    schema.migrate(empty)
    assert (_tables(empty), schema.drift(empty)) == (tables, [])


def test_current_head_names_the_newest_migration() -> None:
    # Two branches that each add a migration collide here when they are merged, not in production.
    assert (MIGRATIONS / "current-head").read_text() == f"{schema.head_revision()}\n"


def test_revisions_are_numbered_files_in_order() -> None:
    names = sorted(path.stem for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

    assert [int(name.split("_")[0]) for name in names] == list(range(1, len(names) + 1))
    assert names[-1] == schema.head_revision()
