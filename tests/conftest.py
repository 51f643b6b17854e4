"""Fixtures that all tests share: contexts over both databases, Valkey, the skip without Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from engine.context import Context
from tests.support.chromium import chromium_path, end_chromium
from tests.support.contexts import make_context
from tests.support.databases import Cluster, cluster, migrated_sqlite
from tests.support.quick_folders import quick_folder
from tests.support.quickly import hash_passwords_quickly
from tests.support.valkey import valkey_server

hypothesis_settings.register_profile(  # no assertion on wall time
    "motcua", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
hypothesis_settings.load_profile("motcua")
hash_passwords_quickly()
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quick_folder()))  # read when tmp_path is first asked for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what drives a browser where there is none."""
    if chromium_path() is not None:
        return
    skip = pytest.mark.skip(reason="needs Chromium: no /usr/bin/chromium and none on PATH")
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(skip)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL of this process (each xdist worker has one), started when first asked for."""
    with cluster() as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    return migrated_sqlite(tmp_path_factory.mktemp("template") / "motcua.db")


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """The URL of a migrated SQLite file of this test."""
    shutil.copyfile(sqlite_template, tmp_path / "motcua.db")
    return f"sqlite:///{tmp_path / 'motcua.db'}"


@pytest.fixture
def postgres_url(postgres: Cluster) -> Iterator[str]:
    """The URL of a migrated PostgreSQL database of this test."""
    with postgres.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated database of this test, once for each kind of database."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    return url


@pytest.fixture
def ctx(tmp_path: Path, database_url: str) -> Iterator[Context]:
    """A context over a migrated, empty database; the test runs on SQLite and on PostgreSQL.

    The clock stands at Monday 2026-03-02 08:00 in Vietnam and moves by ``ctx.clock.advance``; mail is recorded.
    """
    context = make_context(tmp_path, database_url)
    yield context
    context.database.close()


@pytest.fixture
def sqlite_ctx(tmp_path: Path, sqlite_url: str) -> Iterator[Context]:
    """A context as ``ctx``, on SQLite only: for what does not depend on the database."""
    context = make_context(tmp_path, sqlite_url)
    yield context
    context.database.close()


@pytest.fixture
def valkey() -> Iterator[str]:
    """The URL of an empty, real Valkey of this test."""
    with valkey_server() as url:
        yield url


@pytest.fixture(scope="module", autouse=True)
def _chromium_of_a_module() -> Iterator[None]:
    """End the browser with the module: while one runs, nothing else of this process can have an event loop."""
    yield
    end_chromium()


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; tests that ask for it carry the marker ``browser``."""
    path = chromium_path()
    if path is None:
        pytest.skip("needs Chromium: no /usr/bin/chromium and none on PATH")
    return path
