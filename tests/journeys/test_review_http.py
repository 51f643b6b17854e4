"""Requests at their edges: keys of other uploads, characters that cannot be stored, values that JSON cannot carry."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import request
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from engine.context import Context
from engine.services import reading
from tests.support.builders import Dossier, Office, a_received_dossier, an_office
from tests.support.site import bearer, make_site
from web.forms import named_request

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx)


@pytest.fixture
def dossier(ctx: Context, office: Office) -> Dossier:
    return a_received_dossier(ctx, office)


@pytest.fixture
def client(ctx: Context) -> FlaskClient:
    return make_site(ctx).test_client()


def said(response: Any) -> tuple[int, str | None]:
    return response.status_code, response.json.get("code") if response.status_code >= 400 else None


def test_key_of_another_upload_is_refused(ctx: Context, client: FlaskClient, office: Office, dossier: Dossier) -> None:
    headers = bearer(ctx) | {"Idempotency-Key": "one"}

    def upload(content: bytes = PNG, file_name: str = "a.png", **fields: Any) -> Any:
        data = {"file": (BytesIO(content), file_name), "name": "Đơn", "code": "D1"} | fields
        return client.post(f"/api/v1/dossiers/{dossier['code']}/papers", data=data, headers=headers)

    assert upload().status_code == 201
    assert upload().status_code == 201  # told again
    for other in ({"name": "Ảnh"}, {"code": "D2"}, {"content": PNG + b"\0"}, {"file_name": "b.png"}):
        assert said(upload(**other)) == (409, "idempotency-key-reused")
    papers = reading.detail(ctx, by=office.desk, dossier=dossier["id"])["components"]
    assert [paper["name"] for paper in papers] == ["Tờ khai", "Đơn"]


def test_form_with_another_file_is_another_request(ctx: Context) -> None:
    site = make_site(ctx)

    def fingerprint(content: bytes) -> str:
        data = {"idempotency_key": "one", "name": "Đơn", "file": (BytesIO(content), "a.png")}
        with site.test_request_context("/ho-so/x/add-paper", method="POST", data=data):
            request.files["file"].read()  # as the route does
            named = named_request()
        assert named is not None
        return named.fingerprint

    assert fingerprint(PNG) == fingerprint(PNG)
    assert fingerprint(PNG) != fingerprint(PNG + b"\0")


def test_file_can_be_read_after_its_request_was_named(ctx: Context) -> None:
    data = {"idempotency_key": "one", "file": (BytesIO(PNG), "a.png")}
    with make_site(ctx).test_request_context("/ho-so/x/add-paper", method="POST", data=data):
        named_request()
        assert request.files["file"].read() == PNG


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"name": "x" * 301}, "name"), ({"code": "x" * 61}, "code"), ({"name": " "}, "name")],
)
def test_paper_with_an_impossible_name_is_refused(
    ctx: Context, client: FlaskClient, dossier: Dossier, fields: dict[str, str], field: str
) -> None:
    data = {"file": (BytesIO(PNG), "a.png"), "name": "Đơn"} | fields
    refused = client.post(f"/api/v1/dossiers/{dossier['code']}/papers", data=data, headers=bearer(ctx))

    assert said(refused) == (422, "invalid-input")
    assert refused.json["details"] == {"field": field}


def test_paper_with_the_longest_name_is_kept(ctx: Context, client: FlaskClient, dossier: Dossier) -> None:
    data = {"file": (BytesIO(PNG), "a.png"), "name": "ễ" * 300, "code": "x" * 60}

    assert said(client.post(f"/api/v1/dossiers/{dossier['code']}/papers", data=data, headers=bearer(ctx))) == (
        201,
        None,
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(r'{"reason": "a\ud800"}', id="high-half"),
        pytest.param(r'{"reason": "\udc00a"}', id="low-half"),
        pytest.param(r'{"\ud800": 1}', id="half-in-a-name"),
        pytest.param(r'{"reason": ["a", {"b": "\ud83d"}]}', id="half-deep-inside"),
        pytest.param(r'{"reason": "a\u0000"}', id="nul"),
    ],
)
def test_json_that_cannot_be_stored_is_refused(ctx: Context, client: FlaskClient, dossier: Dossier, body: str) -> None:
    refused = client.post(
        f"/api/v1/dossiers/{dossier['code']}/withdrawal",
        data=body, headers=bearer(ctx), content_type="application/json",
    )  # fmt: skip

    assert said(refused) == (422, "invalid-character")


@pytest.mark.parametrize("reason", [r"\ud83d\ude00", r"\\ud800", r"\\u0000"])
def test_whole_characters_however_spelt_are_taken(
    ctx: Context, client: FlaskClient, dossier: Dossier, reason: str
) -> None:
    done = client.post(
        f"/api/v1/dossiers/{dossier['code']}/withdrawal",
        data=f'{{"reason": "{reason}"}}', headers=bearer(ctx), content_type="application/json",
    )  # fmt: skip

    assert said(done) == (200, None)


def test_nul_in_a_second_value_is_refused(ctx: Context, client: FlaskClient, dossier: Dossier) -> None:
    headers, url = bearer(ctx), f"/api/v1/dossiers/{dossier['code']}/papers"
    twice = MultiDict([("name", "Đơn"), ("name", "a\0"), ("file", (BytesIO(PNG), "a.png"))])

    assert said(client.post(url, data=twice, headers=headers)) == (422, "invalid-character")
    assert said(client.get("/api/v1/dossiers?q=a&q=%00", headers=headers)) == (422, "invalid-character")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "1e22", "-0.0", "9007199254740993", "[]", "{}", "9" * 5000])
def test_fields_that_the_history_cannot_keep_are_refused(
    ctx: Context, client: FlaskClient, dossier: Dossier, value: str
) -> None:
    url = f"/api/v1/tasks/{dossier['open_tasks'][0]['id']}/completion"
    headers = bearer(ctx, "officer")

    refused = client.post(url, data=f'{{"fields": {{"a": {value}}}}}', headers=headers, content_type="application/json")

    assert refused.status_code in (400, 422)
    assert said(client.post(url, json={"fields": {"a": "1e22", "b": 7, "c": None}}, headers=headers)) == (200, None)


def test_claim_release_and_assignment_heed_if_match(ctx: Context, client: FlaskClient, dossier: Dossier) -> None:
    url = f"/api/v1/tasks/{dossier['open_tasks'][0]['id']}"
    headers, seen = bearer(ctx, "officer"), {"If-Match": f'"{dossier["version"]}"'}

    claimed = client.put(f"{url}/claim", headers=headers | seen)
    assert said(claimed) == (200, None)
    assert said(client.delete(f"{url}/claim", headers=headers | seen)) == (412, "version-mismatch")
    assigned = client.put(f"{url}/assignment", json={}, headers=bearer(ctx, "supervisor") | seen)
    assert said(assigned) == (412, "version-mismatch")
    assert said(client.put(f"{url}/claim", headers=headers | seen)) == (412, "version-mismatch")
    assert said(client.delete(f"{url}/claim", headers=headers | {"If-Match": claimed.headers["ETag"]})) == (200, None)
