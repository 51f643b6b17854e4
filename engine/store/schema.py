"""The schema of the database: to head, its revision, and whether rows and tables agree."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from engine.store import (
    absences,
    administration,
    agencies,
    calendars,
    consultations,
    deadlines,
    dossiers,
    drafts,
    events,
    facts,
    form_drafts,
    form_templates,
    history_imports,
    indicators,
    letters,
    messages,
    numbering,
    officer_settings,
    outbox,
    papers,
    people,
    periods,
    procedures,
    receipt_issues,
    results,
    signatures,
    task_batches,
    tasks,
    version_moves,
    waits,
)
from engine.store.base import Base
from engine.store.unit_of_work import Database

MIGRATIONS = Path(__file__).parent / "migrations"
ONLY_POSTGRESQL = frozenset({"ix_dossier_search"})


def load_rows() -> int:
    """Return the number of tables; naming the modules here is what makes their rows known."""
    rows = (agencies, calendars, deadlines, dossiers, events, letters, numbering, outbox, people, procedures, tasks)
    desk = (absences, administration, consultations, form_drafts, officer_settings, receipt_issues, results)
    printed = (form_templates, messages, papers, signatures)
    counted = (facts, history_imports, indicators, periods)
    modules = (*rows, *desk, *printed, *counted, drafts, task_batches, version_moves, waits)
    assert all(modules)  # noqa: S101 - the import is the point
    return len(Base.metadata.tables)


def migrate(database: Database, revision: str = "head") -> None:
    """Bring the schema to a revision; runs again after a crash."""
    load_rows()
    with database.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("select pg_advisory_xact_lock(7301)")  # one migration at a time
        target = _config(connection)
        if revision == "base":
            command.downgrade(target, revision)
        else:
            command.upgrade(target, revision)


def create(database: Database) -> None:
    """Make all tables of this code in an empty database that nobody keeps; what is kept is migrated."""
    load_rows()
    with database.engine.begin() as connection:
        Base.metadata.create_all(connection)


def current_revision(database: Database) -> str | None:
    """Return the revision that the database is at, None before the first."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head_revision() -> str | None:
    """Return the newest revision that this code knows."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def drift(database: Database) -> list[str]:
    """Return the differences between the rows of this code and the tables of the database."""
    load_rows()
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": _is_of(connection)}
        )
        return [str(difference) for difference in compare_metadata(context, Base.metadata)]


def _is_of(connection: Connection) -> Callable[..., bool]:
    """Return the test whether something is of this kind of database: an index by trigrams is of PostgreSQL alone."""

    def is_of(_thing: object, name: str | None, _kind: str, *_more: object) -> bool:
        return connection.dialect.name == "postgresql" or name not in ONLY_POSTGRESQL

    return is_of


def make_revision(database: Database, *, message: str, revision: str) -> None:
    """Write a new revision file from the difference (used by ``make migration``)."""
    load_rows()
    with database.engine.begin() as connection:
        command.revision(_config(connection), message=message, rev_id=revision, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("file_template", "%%(rev)s")
    config.attributes["connection"] = connection
    return config
