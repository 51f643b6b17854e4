"""The planned dates on the line of steps: in order, and never of a time that has passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.services import dossier_page
from tests.support import builders as b


def _ahead(ctx: Context, office: b.Office, dossier: b.Dossier) -> list[str | None]:
    page: dict[str, Any] = dossier_page.page(ctx, by=office.officer, dossier=dossier["code"], tab="file")
    return [step["planned_at"] for step in page["stations"] if step["state"] == "ahead"]


def test_planned_dates_lead_to_the_promise(ctx: Context) -> None:
    office = b.an_office(ctx)
    received = b.a_received_dossier(ctx, office)
    planned = _ahead(ctx, office, received)
    assert planned[-1] == received["due_at"]
    assert None not in planned
    assert planned == sorted(planned)


def test_nothing_is_planned_in_the_past(ctx: Context) -> None:
    office = b.an_office(ctx)
    received = b.a_received_dossier(ctx, office)
    assert received["due_at"] == "2026-03-06T08:00:00+07:00"
    b.turn_clock_to(ctx, "2026-03-15T10:00")  # a Sunday after the promise
    planned = [datetime.fromisoformat(at) for at in _ahead(ctx, office, received) if at]
    assert planned
    assert min(planned) > b.local("2026-03-15T10:00")
    assert planned == sorted(planned)
