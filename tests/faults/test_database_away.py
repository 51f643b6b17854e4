"""A database that is away or has no connection left is told as that, in every kind of transaction; never as a bug."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from engine.context import Context
from engine.store.unit_of_work import Database, DatabaseUnavailableError
from tests.support.builders import an_office
from tests.support.site import make_site

AWAY = "postgresql+psycopg://postgres@/motcua?host=/tmp/there-is-no-such-folder"


@pytest.fixture
def away() -> Iterator[Database]:
    database = Database(AWAY)
    with closing(database):
        yield database


@pytest.mark.parametrize("read_only", [True, False])
def test_database_that_is_away_is_unavailable(away: Database, read_only: bool) -> None:
    with (
        pytest.raises(DatabaseUnavailableError, match="does not answer"),
        away.unit_of_work(read_only=read_only) as uow,
    ):
        uow.agencies.find("H00")


def test_ping_of_a_database_that_is_away_says_so(away: Database) -> None:
    with pytest.raises(DatabaseUnavailableError, match="does not answer"):
        away.ping()


@pytest.mark.parametrize("read_only", [True, False])
def test_no_free_connection_is_unavailable(
    sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, read_only: bool
) -> None:
    monkeypatch.setattr(sqlite_ctx.database.engine.pool, "_timeout", 0.05)
    with ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(sqlite_ctx.unit_of_work(read_only=True))
        with (
            pytest.raises(DatabaseUnavailableError, match="in use"),
            sqlite_ctx.unit_of_work(read_only=read_only) as uow,
        ):
            uow.agencies.find("H00")
        with pytest.raises(DatabaseUnavailableError, match="in use"):
            sqlite_ctx.database.ping()


def test_request_while_the_database_is_away_is_a_503_problem(
    sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, away: Database
) -> None:
    an_office(sqlite_ctx)
    client = make_site(sqlite_ctx).test_client()
    monkeypatch.setattr(sqlite_ctx.database, "engine", away.engine)
    monkeypatch.setattr(sqlite_ctx.database, "_sessions", away._sessions)

    answer = client.get("/api/v1/dossiers/H00-260302-0001", headers={"Authorization": "Bearer mc_" + "0" * 43})

    assert (answer.status_code, answer.json["code"]) == (503, "database-unavailable")
    assert answer.headers["Retry-After"] == "5"
