"""Supervision over HTTP: numbers with their lists, urging and escalating, refusals by code."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.services import processing
from tests.support import builders as b
from tests.support.site import bearer, make_site


@pytest.fixture
def office(ctx: Context) -> b.Office:
    return b.an_office(ctx)


@pytest.fixture
def client(ctx: Context) -> FlaskClient:
    return make_site(ctx).test_client()


def test_numbers_link_to_lists_of_that_length(ctx: Context, office: b.Office, client: FlaskClient) -> None:
    late = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-12T09:00")
    b.advance_to(ctx, office, b.a_received_dossier(ctx, office), b.Status.FINISHED)
    headers = bearer(ctx, "supervisor")
    told = client.get("/api/v1/reports/supervision", headers=headers).json
    assert told["tiles"]["overdue"] == 1
    share = {"numerator": 1, "denominator": 1, "percent": 100.0, "says_little": True}
    assert told["on_time"] == share | {"from": "2026-02-11", "to": "2026-03-12"}
    for tile, address in told["lists"].items():
        assert len(client.get(address, headers=headers).json["items"]) == told["tiles"][tile]
    none = client.get("/api/v1/reports/supervision?from=2026-01-01&to=2026-01-31", headers=headers).json
    assert none["on_time"]["percent"] is None
    board = client.get("/api/v1/reports/overdue-board", headers=headers).json
    assert board["count"] == 1
    assert board["lines"][0]["where"] == {"unit": "H00/PHONG_TU_PHAP"}
    (unit,) = client.get("/api/v1/reports/loads", headers=headers).json["units"][:1]
    assert unit["people"][0]["over_minutes"] == 0
    assert len(client.get("/api/v1/reports/trend", headers=headers).json["weeks"]) == 12
    assert client.get("/api/v1/reports/heat/TP99", headers=headers).json["steps"]
    assert late["code"] is not None


@pytest.mark.parametrize("query", ["from=2026-01-01", "from=2026-02-01&to=2026-01-01", "from=x&to=y"])
def test_a_period_that_makes_no_sense_is_refused(sqlite_ctx: Context, query: str) -> None:
    b.an_office(sqlite_ctx)
    client, headers = make_site(sqlite_ctx).test_client(), bearer(sqlite_ctx, "supervisor")
    assert client.get(f"/api/v1/reports/supervision?{query}", headers=headers).status_code == 422


def test_urging_and_escalating(ctx: Context, office: b.Office, client: FlaskClient) -> None:
    dossier = b.a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]["id"]
    headers = bearer(ctx, "supervisor")
    refused = client.post(f"/api/v1/tasks/{task}/urges", json={}, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (409, "nobody-to-urge")
    processing.claim(ctx, by=office.officer, task_id=task)
    keyed = headers | {"Idempotency-Key": "once"}
    first = client.post(f"/api/v1/tasks/{task}/urges", json={"note": "Xin làm sớm"}, headers=keyed)
    again = client.post(f"/api/v1/tasks/{task}/urges", json={"note": "Xin làm sớm"}, headers=keyed)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.headers["ETag"] == again.headers["ETag"]
    stale = headers | {"If-Match": '"1"'}
    path = f"/api/v1/dossiers/{dossier['id']}/escalations"
    assert client.post(path, json={"reason": "Chậm"}, headers=stale).status_code == 412
    assert client.post(path, json={"reason": ""}, headers=headers).status_code == 422
    assert client.post(path, json={"reason": "Chậm"}, headers=headers).status_code == 201
    assert client.post(path, json={"reason": "Chậm"}, headers=bearer(ctx, "officer")).status_code == 403
    assert client.get("/api/v1/reports/supervision", headers=bearer(ctx, "desk")).status_code == 403
