"""``motcua verify`` counts the end of a stage again from what its step's event says."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from engine.context import Context
from engine.domain.events import EventKind
from engine.store.events import Event
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.step_tables import DESK, HEAD, OFFICE, linear


@pytest.mark.parametrize(
    "spoiled",
    [
        {"stage_share": "2 working_day"},
        {"stage_from": "2026-03-02T02:00:00+00:00"},
        {"due_at": "2026-03-04T02:00:00+00:00"},
        {"due_at": "2026-03-04T02:00:00+00:00", "stage_share": None},
    ],
    ids=["share", "from", "end", "end-of-the-step-before"],
)
def test_verify_counts_the_end_of_a_stage_again(ctx: Context, spoiled: dict[str, Any]) -> None:
    steps = linear(("NHAN", DESK), ("THU_LY", OFFICE), ("SOAT", OFFICE), ("KY", HEAD), ("TRA", DESK), ends="KY")
    office = b.an_office(ctx, steps=steps, total_days="3")
    b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    assert verify(ctx) == []

    with ctx.unit_of_work() as uow:
        opened = [e for e in uow.session.query(Event).order_by(Event.seq) if e.kind == EventKind.TASK_OPENED]
        last = opened[-1] if "stage_share" in spoiled and spoiled["stage_share"] is None else opened[-2]
        where = (Event.dossier_id == last.dossier_id, Event.seq == last.seq)
        uow.session.execute(update(Event).where(*where).values(payload=last.payload | spoiled))

    assert "payload.due_at" in {each.field for each in verify(ctx)}
