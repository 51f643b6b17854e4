"""Time used over HTTP: who may ask, what is told, and what is refused."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from tests.support import builders as b
from tests.support.site import bearer, make_site


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    return b.an_office(sqlite_ctx)


@pytest.fixture
def client(sqlite_ctx: Context, office: b.Office) -> FlaskClient:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-04T08:00")
    b.advance_to(sqlite_ctx, office, dossier, b.Status.FINISHED)
    return make_site(sqlite_ctx).test_client()


@pytest.mark.parametrize("period", ["from=2026-03-01&to=2026-03-31", "period=2026-03", ""])
def test_time_used_is_told_of_a_period(sqlite_ctx: Context, client: FlaskClient, period: str) -> None:
    told = client.get(f"/api/v1/reports/time?by=procedure&{period}", headers=bearer(sqlite_ctx, "supervisor")).json

    assert [row["key"] for row in told["rows"]] == ["TP99"]
    assert told["total"]["dossiers"] == 1
    assert told["about"]["from"] == "2026-03-01"


@pytest.mark.parametrize(
    ("query", "who", "status"),
    [
        ("by=channel", "supervisor", 422),
        ("from=soon&to=2026-03-01", "supervisor", 422),
        ("base_year=0", "supervisor", 422),
        ("agency=H77", "supervisor", 404),
        ("", "officer", 403),
    ],
)
def test_time_used_refuses_in_words(
    sqlite_ctx: Context, client: FlaskClient, query: str, who: str, status: int
) -> None:
    answer = client.get(f"/api/v1/reports/time?{query}", headers=bearer(sqlite_ctx, who))

    assert answer.status_code == status
    assert answer.json
