"""Limits under contention: a lost race is run again, and a database that is away is no fault of a limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
import structlog
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from engine.context import Context
from engine.errors import UnavailableError
from engine.services import apologies, timekeeping
from tests.support.builders import Office, a_received_dossier, an_office, turn_clock_to

Trouble = Callable[[str], Exception]


def stale(_statement: str) -> Exception:
    """What a guarded write meets when somebody else was first."""
    return StaleDataError("somebody else was first")


def away(statement: str) -> Exception:
    """What any statement meets when the database is gone."""
    return OperationalError(statement, {}, ConnectionError("gone"))


def fail_updates(ctx: Context, trouble: Trouble, *, times: int) -> None:
    """Let so many updates of a limit fail."""
    failed: list[str] = []

    def fail(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith("UPDATE deadline") and len(failed) < times:
            failed.append(statement)
            raise trouble(statement)

    event.listen(ctx.database.engine, "before_cursor_execute", fail)


def a_due_promise(ctx: Context) -> Office:
    """Make one promise that has to be looked at now."""
    office = an_office(ctx)
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-05T09:00", ticker=False)
    return office


def attempts_and_wake(ctx: Context) -> tuple[int, datetime | None]:
    """Return how often the only limit failed, and when it is looked at next."""
    with ctx.unit_of_work(read_only=True) as uow:
        [(deadline_id, wake_at, dossier_id)] = uow.deadlines.due_for_wake(ctx.clock.now(), 10)
        promise = uow.deadlines.promise(dossier_id)
        assert promise is not None
        assert (promise.id, promise.wake_at) == (deadline_id, wake_at)
        return promise.attempts, promise.wake_at


def test_lost_race_is_run_again_at_once(sqlite_ctx: Context) -> None:
    office = a_due_promise(sqlite_ctx)
    fail_updates(sqlite_ctx, stale, times=2)

    with structlog.testing.capture_logs() as logs:
        assert timekeeping.pass_due(sqlite_ctx) == 1

    assert [entry["event"] for entry in logs] == ["deadline.contended"] * 2
    assert len(apologies.listed(sqlite_ctx, by=office.supervisor)) == 1


def test_limit_that_loses_each_race_stays_due_and_is_not_pushed(sqlite_ctx: Context) -> None:
    a_due_promise(sqlite_ctx)
    before = attempts_and_wake(sqlite_ctx)
    fail_updates(sqlite_ctx, stale, times=timekeeping.TRIES)

    assert timekeeping.pass_due(sqlite_ctx) == 0

    assert attempts_and_wake(sqlite_ctx) == before
    assert timekeeping.pass_due(sqlite_ctx) == 1


def test_database_that_is_away_pushes_no_limit(sqlite_ctx: Context) -> None:
    a_due_promise(sqlite_ctx)
    before = attempts_and_wake(sqlite_ctx)
    fail_updates(sqlite_ctx, away, times=1)

    with pytest.raises(UnavailableError):
        timekeeping.pass_due(sqlite_ctx)

    assert attempts_and_wake(sqlite_ctx) == before
    assert timekeeping.pass_due(sqlite_ctx) == 1
