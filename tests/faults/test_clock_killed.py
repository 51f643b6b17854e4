"""kill -9 of clock processes while a hundred promises fall due: one letter for each lateness, none for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.context import Context
from engine.domain.clock import SystemClock, TurnedClock
from engine.domain.dossier import Status
from engine.services import timekeeping
from engine.verification.verify import examine
from tests.faults import facts
from tests.faults.parts import Part, environment, until
from tests.support import builders as b

pytestmark = pytest.mark.fault

LATE = 120
KILL_AT = (1, 30, 70)  #: letters written when one of the two dies
LETTERS = "select count(*) from letter"


@contextmanager
def two_clocks(folder: Path, database_url: str) -> Iterator[list[Part]]:
    """Run two clock processes; there is no Redis, which must not matter to them."""
    with ExitStack() as stack:
        env = environment(folder, database_url)
        yield [
            stack.enter_context(Part(("-m", "workers.ticker"), env, folder / f"clock{number}.log")) for number in (1, 2)
        ]


def fall_due(ctx: Context) -> None:
    """Receive dossiers in a year that is over: all but two are late by the system clock."""
    past = replace(ctx, clock=TurnedClock(b.local("2024-03-04T08:00")))
    office = b.an_office(past)
    b.advance_to(past, office, b.a_received_dossier(past, office), Status.RETURNED)
    b.withdraw(past, office, b.a_received_dossier(past, office))
    for _ in range(LATE):
        b.a_received_dossier(past, office)


def test_two_clocks_that_die_write_each_letter_once(ctx: Context, tmp_path: Path, database_url: str) -> None:
    fall_due(ctx)
    now = replace(ctx, clock=SystemClock())

    with two_clocks(tmp_path, database_url) as clocks:
        for kill, letters in enumerate(KILL_AT):
            victim = clocks[kill % 2]
            until(lambda: facts.number(now, LETTERS) >= letters, f"{letters} letters", victim.log)  # noqa: B023
            victim.start_again()
        until(lambda: timekeeping.next_wake(now) is None, "all promises to be looked at", clocks[0].log)
        until(lambda: all(clock.said("clock.started") for clock in clocks), "both to run", clocks[0].log)
        assert [clock.end() for clock in clocks] == [0, 0]

    of_each = facts.column(now, "select count(*) from letter group by dossier_id, promise_no")
    assert of_each == [1] * LATE
    events = facts.events(now)
    assert (events["letter.ordered"], events["promise.passed"]) == (LATE, LATE)
    findings = examine(now)
    assert ([each.as_json() for each in findings.differences], findings.behind) == ([], [])
