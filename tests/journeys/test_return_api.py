"""Returning results over HTTP by programs: notices, postings, deliveries, a hand-over to two."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.dossier import Status
from engine.services import reading
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.site import bearer, make_site


@pytest.fixture
def office(ctx: Context) -> b.Office:
    return b.an_office(ctx, policy={"receivers": 2})


@pytest.fixture
def client(ctx: Context, office: b.Office) -> FlaskClient:
    made = make_site(ctx).test_client()
    made.environ_base |= {f"HTTP_{name.upper()}": value for name, value in bearer(ctx).items()}
    return made


def a_result(ctx: Context, office: b.Office) -> str:
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    return str(b.do_next_step(ctx, office, dossier)["code"])


def said(answer: Any) -> tuple[int, Any]:
    return answer.status_code, answer.json.get("code") if answer.status_code >= 400 else answer.json["status"]


def test_two_receivers_by_programs(ctx: Context, client: FlaskClient, office: b.Office) -> None:
    code = a_result(ctx, office)
    at = f"/api/v1/dossiers/{code}"
    assert said(client.post(f"{at}/result-notices", json={"how": "pigeon"})) == (422, "invalid-input")
    assert said(client.post(f"{at}/result-notices", json={"how": "phone"})) == (201, 9)
    assert said(client.post(f"{at}/result-notices", json={"how": "print"})) == (409, "already-notified-today")
    posting = {"carrier": "Bưu điện", "tracking_number": "E1"}
    assert said(client.post(f"{at}/result-postings", json=posting)) == (409, "must-come-in-person")
    body: dict[str, Any] = {"name": "Nguyễn Văn Thử", "signature": "paper"}
    assert said(client.post(f"{at}/handover", json=body)) == (422, "second-receiver-missing")
    body["second"] = {"name": "Trần Thị Thử", "identity_number": "031190000002"}
    keyed = {"Idempotency-Key": "one"}
    for _ in range(2):
        assert said(client.post(f"{at}/handover", json=body, headers=keyed)) == (200, 10)
    told = reading.detail(ctx, by=office.desk, dossier=code)["result_return"]
    assert (told["signature"], len(told["receivers"])) == ("paper", 2)
    assert verify(ctx) == []


def test_post_by_programs(ctx: Context, client: FlaskClient, office: b.Office) -> None:
    other = b.an_office(ctx, procedure="TP98")
    code = a_result(ctx, other)
    at = f"/api/v1/dossiers/{code}"
    assert said(client.post(f"{at}/result-deliveries", json={"delivered": True, "name": "A"})) == (409, "not-posted")
    posting = {"carrier": "Bưu điện", "tracking_number": "E1"}
    assert said(client.post(f"{at}/result-postings", json=posting)) == (201, 9)
    assert said(client.post(f"{at}/result-deliveries", json={"delivered": False})) == (422, "ground-missing")
    back = {"delivered": False, "reason": "Đi vắng"}
    assert said(client.post(f"{at}/result-deliveries", json=back)) == (201, 9)
    assert said(client.post(f"{at}/result-postings", json=posting)) == (201, 9)
    assert said(client.post(f"{at}/result-deliveries", json={"delivered": True})) == (422, "receiver-missing")
    assert said(client.post(f"{at}/result-deliveries", json={"delivered": True, "name": "A"})) == (201, 10)
    assert verify(ctx) == []
