"""The clock process carries version moves on, and one that fails stops nothing else."""

from __future__ import annotations

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import version_moves, version_verdicts
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import version_acts as v
from workers import ticker
from workers.queues import connect, open_queue


@pytest.fixture
def clock(ctx: Context, valkey: str, monkeypatch: pytest.MonkeyPatch) -> ticker.Ticker:
    """A clock process that moves two dossiers in a round."""
    monkeypatch.setattr(ticker, "MOVED_AT_ONCE", 2)
    return ticker.Ticker(ctx, open_queue(connect(valkey)))


def begun(ctx: Context) -> int:
    """Order a move of three dossiers and return its number."""
    office = b.an_office(ctx)
    for _ in range(3):
        b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    order = {"by": office.admin, "code": office.procedure, "to_version": 2, "ground": v.GROUND}
    return int(version_moves.begin(ctx, **order)["id"])


def test_rounds_of_the_clock_process_move_all_and_close_the_act(ctx: Context, clock: ticker.Ticker) -> None:
    move = begun(ctx)

    states = []
    for _ in range(3):
        assert clock.round()["troubles"] == []
        told = version_verdicts.told(ctx, move)
        states.append((told["state"], told["to_come"]))

    assert states == [("running", 1), ("done", 0), ("done", 0)]
    assert verify(ctx) == []


def test_undo_is_carried_on_too(ctx: Context, clock: ticker.Ticker) -> None:
    move = begun(ctx)
    version_moves.carry_on(ctx, move_id=move)
    version_moves.begin_undo(ctx, by=SYSTEM, code="TP99", move_id=move)

    for _ in range(3):
        clock.round()

    told = version_verdicts.told(ctx, move)
    assert (told["state"], told["counts"]["undone"]) == ("undone", 3)
    assert verify(ctx) == []
