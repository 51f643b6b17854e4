"""What verify says of waits that were put off, and of a process state that is no bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update

from engine.context import Context
from engine.services import timekeeping
from engine.store.base import Base
from engine.verification.verify import verify
from tests.integration.test_process_waits import asked
from tests.support import builders as b
from tests.support import processes as p

WAIT = "process_wait"
HOUR = timedelta(hours=1)
RIGHT = b.local("2026-03-17T00:00")


def spoil(ctx: Context, **values: Any) -> None:
    with ctx.database.engine.begin() as connection:
        connection.execute(update(Base.metadata.tables[WAIT]).values(**values))


def test_a_wait_that_failed_is_right_where_it_was_put_off(ctx: Context) -> None:
    _, dossier = asked(ctx)
    with ctx.unit_of_work() as uow:
        process = uow.tasks.process(uow.dossiers.by_code(dossier["code"]).id)
        kept, process.state = process.state, b"spoilt"
    for moment in ("2026-03-17T00:01", "2026-03-17T01:30"):
        b.turn_clock_to(ctx, moment, ticker=False)
        while timekeeping.pass_due(ctx):
            pass
    with ctx.unit_of_work() as uow:
        uow.tasks.process(uow.dossiers.by_code(dossier["code"]).id).state = kept

    assert [each for each in verify(ctx) if each.table == WAIT] == []
    b.turn_clock_to(ctx, "2026-03-17T03:00")
    assert p.kinds(ctx, dossier).count("wait.passed") == 2
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("attempts", "wake_at"),
    [
        (1, RIGHT + timedelta(days=3650)),  # it would sleep for ever
        (3, RIGHT + 4 * HOUR),  # one failure at the latest now, so an hour from now
        (3, RIGHT + 2 * HOUR),  # three failures take longer
        (0, RIGHT + HOUR),
        (1, None),
        (-1, RIGHT - HOUR),
    ],
)
def test_failures_excuse_no_more_than_their_own_delay(ctx: Context, attempts: int, wake_at: Any) -> None:
    asked(ctx)
    b.turn_clock_to(ctx, "2026-03-17T02:30", ticker=False)
    spoil(ctx, attempts=attempts, wake_at=wake_at)

    found = [each for each in verify(ctx) if each.table == WAIT]
    assert [each.field for each in found] == ["wake_at", "wake_at"]


def test_a_process_state_that_sqlite_holds_as_text_is_a_difference_and_no_crash(sqlite_ctx: Context) -> None:
    _, dossier = asked(sqlite_ctx)
    with sqlite_ctx.database.engine.begin() as connection:
        connection.execute(text("update process_instance set state = cast(state as text)"))

    (found,) = verify(sqlite_ctx)
    assert (found.table, found.field, found.expected, found.found) == ("process_instance", "state", "bytes", "str")
    assert dossier["code"] in found.key
