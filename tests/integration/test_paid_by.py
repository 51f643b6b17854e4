"""How an obligation was paid: cash, transfer or online, of what was paid and of nothing else (domain.md §1.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.context import Context
from engine.errors import InvalidInputError
from engine.services import reading, waiting
from engine.verification.verify import verify
from tests.support.builders import Office, a_received_dossier, an_office


def owed(ctx: Context) -> tuple[Office, str]:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)["id"]
    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier, amount_vnd=50_000, notice="TB-1")
    ctx.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    return office, dossier


@pytest.mark.parametrize("paid_by", [*waiting.PAID_BY, None])
def test_way_of_paying_is_kept_with_the_payment(sqlite_ctx: Context, paid_by: str | None) -> None:
    office, dossier = owed(sqlite_ctx)

    waiting.settle_obligation(sqlite_ctx, by=office.officer, dossier=dossier, paid_by=paid_by)

    told = reading.detail(sqlite_ctx, by=office.officer, dossier=dossier)["obligations"]
    assert [(row["settled_how"], row["paid_by"]) for row in told] == [("paid", paid_by)]
    assert verify(sqlite_ctx) == []


@pytest.mark.parametrize(
    ("how", "paid_by"), [("exempt", "cash"), ("deferred", "online"), ("paid", "gold"), ("paid", "")]
)
def test_other_ways_are_refused(sqlite_ctx: Context, how: str, paid_by: str) -> None:
    office, dossier = owed(sqlite_ctx)

    with pytest.raises(InvalidInputError) as refused:
        waiting.settle_obligation(sqlite_ctx, by=office.officer, dossier=dossier, how=how, paid_by=paid_by)

    assert refused.value.details["field"] == "paid_by"
    told = reading.detail(sqlite_ctx, by=office.officer, dossier=dossier)["obligations"]
    assert [row["settled_at"] for row in told] == [None]
