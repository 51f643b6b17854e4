"""A calendar change against what a process waits for: silence is no consent before the date that is shown."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.seeds import base
from engine.services import agency_settings, reading
from engine.store.base import Base
from engine.verification.verify import verify
from tests.integration.test_process_waits import OUTSIDE, asked
from tests.support import builders as b
from tests.support import processes as p
from tests.support.builders import Dossier
from tests.support.calendar_acts import days, make, moves_of, now_of, undo

GIVEN, MOVED = "2026-03-16T08:00:00+07:00", "2026-03-17T07:00:00+07:00"
WAIT = "process_wait"


def waits(ctx: Context) -> list[dict[str, Any]]:
    table = Base.metadata.tables[WAIT]
    with ctx.database.engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]


def ends(ctx: Context) -> set[tuple[str, str]]:
    """Return when the waits end, and when the clock process looks at them, by the clock in Việt Nam."""
    zone = b.local("2026-03-02T08:00").tzinfo
    return {(each["due_at"].astimezone(zone).isoformat(), each["wake_at"].astimezone(zone).isoformat())
            for each in waits(ctx)}  # fmt: skip


def step_ends(ctx: Context, dossier: Dossier) -> set[str]:
    open_tasks = reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])["open_tasks"]
    return {each["due_at"] for each in open_tasks if each["node"] == "opinions__answer"}


def test_silence_is_no_consent_before_the_date_that_the_partner_is_shown(ctx: Context) -> None:
    _, dossier = asked(ctx)

    told = make(ctx, days(16))

    assert sorted(each["what"] for each in told["moves"]) == ["step", "step", "step", "wait", "wait"]
    assert {each["due_after"] for each in told["moves"] if each["what"] == "wait"} == {MOVED}
    assert step_ends(ctx, dossier) == {MOVED}
    assert ends(ctx) == {(MOVED, "2026-03-18T00:00:00+07:00")}
    (event,) = moves_of(ctx, dossier)
    named = [(each["what"], each["key"]) for each in event["facts"]["moves"]]
    assert [key for what, key in named if what == "wait"] == [each[WAIT] for each in waits(ctx)]
    assert verify(ctx) == []

    b.turn_clock_to(ctx, "2026-03-17T23:59")
    assert "wait.passed" not in p.kinds(ctx, dossier)
    b.turn_clock_to(ctx, "2026-03-18T00:01")
    assert p.kinds(ctx, dossier).count("wait.passed") == 2
    assert verify(ctx) == []


def test_an_undo_puts_the_waits_back_to_where_they_were_given(ctx: Context) -> None:
    _, dossier = asked(ctx)
    before = waits(ctx)

    undo(ctx, make(ctx, days(16)))

    after = waits(ctx)
    assert [{**each, "calendar_version": ""} for each in after] == [{**each, "calendar_version": ""} for each in before]
    assert step_ends(ctx, dossier) == {GIVEN}
    assert len(moves_of(ctx, dossier)) == 2
    assert verify(ctx) == []


def test_a_wait_whose_day_works_stays_as_it_was_given(ctx: Context) -> None:
    _, dossier = asked(ctx)
    before = waits(ctx)

    make(ctx, days(10, 11))

    assert waits(ctx) == before
    assert "wait" not in [each["what"] for event in moves_of(ctx, dossier) for each in event["facts"]["moves"]]
    assert verify(ctx) == []


def test_a_wait_that_was_over_is_no_date_that_moves(sqlite_ctx: Context) -> None:
    reference, dossier = asked(sqlite_ctx)
    for _ in range(2):
        dossier = p.do(sqlite_ctx, reference, dossier, "opinions__answer", "agree")
    before = waits(sqlite_ctx)

    make(sqlite_ctx, days(16))

    assert waits(sqlite_ctx) == before
    assert verify(sqlite_ctx) == []


def test_waits_and_limits_of_their_own_move_while_the_promise_stands_still(ctx: Context) -> None:
    reference, dossier = asked(ctx, changes=OUTSIDE)
    dossier = p.do(ctx, reference, dossier, "visit")
    assert dossier["paused"] is True

    made = make(ctx, days(16))

    assert step_ends(ctx, dossier) == {MOVED}
    assert ends(ctx) == {(MOVED, "2026-03-18T00:00:00+07:00")}
    assert verify(ctx) == []
    undo(ctx, made)
    assert step_ends(ctx, dossier) == {GIVEN}
    assert verify(ctx) == []


def test_the_end_of_a_stage_whose_clock_stands_is_no_date_that_moves(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.ask_supplement(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))
    (task,) = now_of(sqlite_ctx, dossier)["open_tasks"]

    make(sqlite_ctx, days(3, 4, 5))

    assert now_of(sqlite_ctx, dossier)["open_tasks"][0]["due_at"] == task["due_at"]
    assert verify(sqlite_ctx) == []


def test_a_wait_keeps_the_late_rule_with_which_it_was_opened(ctx: Context) -> None:
    base.ensure(ctx)
    agency_settings.change(ctx, by=SYSTEM, late_rule="instant")
    _, dossier = asked(ctx)
    agency_settings.change(ctx, by=SYSTEM, late_rule="day")

    make(ctx, days(16))

    assert ends(ctx) == {(MOVED, "2026-03-17T07:00:00.000001+07:00")}
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-17T07:01")
    assert p.kinds(ctx, dossier).count("wait.passed") == 2
    assert verify(ctx) == []


def test_a_wait_that_failed_is_given_its_new_time_whole(sqlite_ctx: Context) -> None:
    asked(sqlite_ctx)
    table = Base.metadata.tables[WAIT]
    with sqlite_ctx.database.engine.begin() as connection:
        connection.execute(update(table).values(attempts=1, wake_at=b.local("2026-03-17T01:30")))

    make(sqlite_ctx, days(16))

    assert {each["attempts"] for each in waits(sqlite_ctx)} == {0}
    assert ends(sqlite_ctx) == {(MOVED, "2026-03-18T00:00:00+07:00")}


@pytest.mark.parametrize("day", [16, 17])
def test_two_changes_around_a_wait_are_undone_in_any_order(ctx: Context, day: int) -> None:
    asked(ctx)
    made = {on: make(ctx, days(on, no=f"{on}/QĐ")) for on in (16, 17)}
    assert {due for due, _ in ends(ctx)} == {"2026-03-18T07:00:00+07:00"}

    undo(ctx, made.pop(day))
    assert verify(ctx) == []
    (last,) = made.values()
    undo(ctx, last)

    assert ends(ctx) == {(GIVEN, "2026-03-17T00:00:00+07:00")}
    assert verify(ctx) == []


def test_verify_names_a_wait_that_a_change_moved_and_somebody_moved_back(ctx: Context) -> None:
    asked(ctx)
    old = waits(ctx)[0]
    make(ctx, days(16))
    table = Base.metadata.tables[WAIT]
    with ctx.database.engine.begin() as connection:
        same = table.c.id == old["id"]
        connection.execute(update(table).where(same).values(due_at=old["due_at"], wake_at=old["wake_at"]))

    assert {(each.table, each.field) for each in verify(ctx)} == {(WAIT, "due_at"), (WAIT, "wake_at")}
