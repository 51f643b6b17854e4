"""Numbers for a power cut over HTTP: reserve, print, enter a slip, void; and the API beside corrections."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people, reserved_numbers
from tests.support import builders as b
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, make_site, sign_in

PLACE = "/quay/so-du-phong"


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(sqlite_ctx)
    for username in ("desk", "officer", "auditor"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def _client(site: Flask, username: str = "desk") -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def test_a_pad_is_reserved_printed_and_entered(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    desk = _client(site)
    assert PLACE in desk.get("/quay").text
    made = send(desk, desk.get(PLACE), PLACE, counter="Quầy 3", count="2")
    assert made.status_code == 303
    page = desk.get(made.location)
    assert "Đã giữ 2 số cho Quầy 3" in text_of(page)
    codes = [each["code"] for each in reserved_numbers.listed(sqlite_ctx, by=office.desk)["items"]][::-1]
    assert desk.get(f"{PLACE}/{codes[0]}.pdf").data.startswith(b"%PDF")
    assert f"/quay?slip={codes[0]}" in page.text
    b.turn_clock_to(sqlite_ctx, "2026-03-02T10:00")
    assert codes[0] in desk.get(f"/quay?slip={codes[0]}").text
    form = desk.get(f"/quay?procedure={office.procedure}&agency={office.code}&slip={codes[0]}")
    fields = form_fields(form, "/quay/tiep-nhan")
    assert fields["slip"] == codes[0]
    typed = fields | {"name": "Nguyễn Văn Thử", "received_at": "2026-03-02T09:00"}
    received = desk.post("/quay/tiep-nhan", data=typed)
    assert received.status_code == 303, text_of(received)
    assert codes[0] in received.location
    assert "nhập sau từ sổ dự phòng Quầy 3" in text_of(desk.get(f"/ho-so/{codes[0]}/dien-bien"))
    twice = desk.post("/quay/tiep-nhan", data=typed | {"idempotency_key": "another"})
    assert twice.status_code == 409
    assert "đã được nhập vào hệ thống: Cán bộ desk, lúc 10:00 02/03/2026" in twice.text
    voided = desk.post(
        f"{PLACE}/huy", data=form_fields(desk.get(PLACE), f"{PLACE}/huy") | {"codes": codes[1], "reason": "có điện"}
    )
    assert voided.status_code == 303
    shown = text_of(desk.get(f"{PLACE}?trang-thai=void"))
    assert codes[1] in shown
    assert "có điện" in shown
    assert codes[0] not in shown


def test_refused_pads_keep_what_was_typed(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    desk = _client(site)
    for counter, count in (("", "2"), ("Quầy 3", "0"), ("Quầy 3", "201"), ("Quầy 3", "viele")):
        answer = send(desk, desk.get(PLACE), PLACE, counter=counter, count=count)
        assert answer.status_code == 422
        assert f'value="{count}"' in answer.text
    reserved_numbers.reserve(sqlite_ctx, by=office.desk, counter="Quầy 3", count=1)
    none = send(desk, desk.get(PLACE), f"{PLACE}/huy", reason="có điện")
    assert none.status_code == 422
    assert "Chưa chọn số" in none.text
    assert desk.get(f"{PLACE}/KHÔNG-CÓ.pdf").status_code == 404
    assert _client(site, "officer").get(PLACE).status_code == 403
    seen = _client(site, "auditor").get(PLACE)
    assert "Quầy 3" in seen.text
    assert "Hủy số" not in seen.text


def test_the_api_corrects_and_reserves(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    token = people.create_token(sqlite_ctx, by=SYSTEM, username="desk", label="thử")
    client, auth = site.test_client(), {"Authorization": f"Bearer {token}"}
    dossier = b.a_received_dossier(sqlite_ctx, office)
    body = {"reason": "gõ nhầm", "applicant": {"name": "Nguyễn Văn Đúng"}, "components": [{"name": "Ảnh"}]}
    place = f"/api/v1/dossiers/{dossier['code']}/corrections"
    match = {"If-Match": f'"{dossier["version"]}"', "Idempotency-Key": "eins"}
    first = client.post(place, json=body, headers=auth | match)
    assert first.status_code == 201
    assert client.post(place, json=body, headers=auth | match).json == first.json
    assert client.post(place, json=body, headers=auth | match | {"Idempotency-Key": "zwei"}).status_code == 412
    assert (
        client.post(place, json={"reason": ""}, headers=auth | match | {"Idempotency-Key": "drei"}).status_code == 422
    )
    issues = client.get(f"/api/v1/dossiers/{dossier['code']}/receipts", headers=auth).json["items"]
    assert [(each["no"], each["replaced_by"]) for each in issues] == [(1, 2), (2, None)]
    assert client.get(f"/api/v1/dossiers/{dossier['code']}/receipts/1.pdf", headers=auth).data.startswith(b"%PDF")
    made = client.post("/api/v1/reserved-numbers", json={"counter": "Quầy 3", "count": 2}, headers=auth)
    assert made.status_code == 201
    void = {"codes": made.json["codes"][1:], "reason": "tờ rách"}
    assert client.post("/api/v1/reserved-numbers/voids", json=void, headers=auth).status_code == 201
    listed = client.get("/api/v1/reserved-numbers?state=void", headers=auth).json
    assert [each["code"] for each in listed["items"]] == made.json["codes"][1:]
    assert listed["counts"] == {"open": 1, "used": 0, "void": 1}
