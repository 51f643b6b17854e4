"""Keys and checks of signatures over HTTP: who may see what, what is refused in words, and that no PIN comes back."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people, signature_verification, signing_keys
from engine.store.numbering import IdempotencyKey
from tests.support import builders as b
from tests.support.forms import text_of
from tests.support.signed_letters import sealed, signed
from tests.support.signing import PIN, authority
from tests.support.signing_office import a_signing_office, an_approved_letter, trusting
from tests.support.site import PASSWORD, bearer, csrf_of, make_site, sign_in

KEYS, CHECK = "/quan-tri/khoa-ky", "/kiem-tra-chu-ky"


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    return b.an_office(sqlite_ctx)


@pytest.fixture
def site(sqlite_ctx: Context, tmp_path: Path) -> Flask:
    return make_site(trusting(sqlite_ctx, tmp_path))


def signed_in(ctx: Context, site: Flask, username: str) -> FlaskClient:
    people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def add(client: FlaskClient, **changes: Any) -> TestResponse:
    page = client.get(KEYS)
    facts = {
        "csrf_token": csrf_of(page),
        "kind": "pkcs12",
        "owner": "MOTCUA/approver",
        "label": "Khóa của tôi",
        "pin": PIN,
        "file": (BytesIO(authority().head.p12()), "khoa.p12"),
    }
    sent = {name: value for name, value in (facts | changes).items() if value is not None}
    return client.post(KEYS, data=sent, content_type="multipart/form-data")


def test_an_approver_adds_and_retires_a_key_of_their_own(sqlite_ctx: Context, office: b.Office, site: Flask) -> None:
    client = signed_in(sqlite_ctx, site, "approver")
    assert "Con dấu của" not in client.get(KEYS).text
    answer = add(client, owner=f"{office.code}/approver")
    assert answer.status_code == 303
    page = client.get(KEYS)
    assert "Khóa của tôi" in page.text
    assert "Người đứng đầu" in page.text
    [key] = signing_keys.listed(sqlite_ctx, by=office.approver)
    retired = client.post(f"{KEYS}/{key['id']}/thoi", data={"csrf_token": csrf_of(page)})
    assert retired.status_code == 303
    assert "Đã ngừng dùng" in client.get(KEYS).text


def test_an_administrator_adds_the_seal(sqlite_ctx: Context, office: b.Office, site: Flask) -> None:
    client = signed_in(sqlite_ctx, site, "admin")
    file = (BytesIO(authority().seal.p12()), "dau.p12")
    assert add(client, owner=office.code, label="", file=file).status_code == 303
    assert "Con dấu của" in client.get(KEYS).text


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"pin": "wrong-pin-9"}, 422, "Mã PIN không đúng"),
    ({"pin": ""}, 422, "Mã PIN không đúng"),
    ({"pin": "9" * 500}, 422, "Mã PIN không đúng"),
    ({"file": None}, 422, "Có ô nhập chưa đúng"),
    ({"file": b"junk"}, 422, "không phải tệp khóa PKCS#12"),
    ({"file": b"\x30" * 70_000}, 422, "không phải tệp khóa PKCS#12"),
    ({"file": authority().expired.p12()}, 422, "hết hạn"),
    ({"owner": "NOWHERE/approver"}, 404, ""),
    ({"kind": "remote", "credential": "x"}, 422, "chưa nối với dịch vụ"),
]


def test_what_is_refused_says_why_and_keeps_what_was_typed_but_the_pin(
    sqlite_ctx: Context, office: b.Office, site: Flask
) -> None:
    client = signed_in(sqlite_ctx, site, "approver")
    for changes, status, said in REFUSED:
        sent = {"owner": f"{office.code}/approver"} | changes
        if sent.get("file"):
            sent["file"] = (BytesIO(sent["file"]), "khoa.p12")
        answer = add(client, **sent)
        assert (answer.status_code, said in text_of(answer)) == (status, True), changes
        assert "wrong-pin-9" not in answer.text
        assert "9" * 100 not in answer.text
        assert changes.get("kind") == "remote" or 'value="Khóa của tôi"' in answer.text


def test_who_signs_nothing_adds_nothing(sqlite_ctx: Context, office: b.Office, site: Flask) -> None:
    client = signed_in(sqlite_ctx, site, "officer")
    assert "Thêm khóa ký" not in client.get(KEYS).text
    page = client.get(CHECK)
    data = {"csrf_token": csrf_of(page), "kind": "pkcs12", "owner": office.code, "pin": PIN}
    data["file"] = (BytesIO(authority().seal.p12()), "dau.p12")  # type: ignore[assignment]
    assert client.post(KEYS, data=data, content_type="multipart/form-data").status_code == 403


def check(client: FlaskClient, content: bytes | None) -> TestResponse:
    data: dict[str, Any] = {"csrf_token": csrf_of(client.get(CHECK))}
    if content is not None:
        data["file"] = (BytesIO(content), "thu.pdf")
    return client.post(CHECK, data=data, content_type="multipart/form-data")


def test_anybody_may_check_a_file_and_nothing_of_it_is_kept(sqlite_ctx: Context, site: Flask) -> None:
    client = site.test_client()
    files = sqlite_ctx.settings.files
    before = sorted(files.rglob("*"))
    answer = check(client, sealed(signed()))
    said = text_of(answer)
    assert answer.status_code == 200
    assert "Mọi chữ ký đều có giá trị" in said
    assert "Chữ ký của người có thẩm quyền: Người đứng đầu" in said
    assert "Chữ ký của cơ quan: Trung tâm Phục vụ hành chính công" in said
    assert sorted(files.rglob("*")) == before


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"%PDF-1.7 no pdf", 422, "Không đọc được tệp"),
        (None, 422, "Có ô nhập chưa đúng"),
        (b"0" * 1001, 422, "Tệp quá lớn"),
    ],
)
def test_what_cannot_be_checked_is_said(
    monkeypatch: pytest.MonkeyPatch, site: Flask, content: bytes | None, status: int, said: str
) -> None:
    monkeypatch.setattr(signature_verification, "LARGEST", 1000)
    answer = check(site.test_client(), content)
    assert (answer.status_code, said in text_of(answer)) == (status, True)


def test_a_changed_file_and_a_stranger_are_told_apart(site: Flask) -> None:
    letter = sealed(signed())
    broken = check(site.test_client(), letter[:5000] + bytes([letter[5000] ^ 1]) + letter[5001:])
    assert "Phần được ký hoặc chữ ký đã bị sửa" in text_of(broken)
    stranger = text_of(check(site.test_client(), signed(authority().stranger)))
    assert "Nguyên vẹn, chưa rõ người ký" in stranger
    assert "Không do tổ chức chứng thực tin cậy cấp" in stranger


def test_letters_are_signed_over_the_api_and_no_pin_is_remembered(sqlite_ctx: Context) -> None:
    office = a_signing_office(sqlite_ctx)
    letter = an_approved_letter(sqlite_ctx, office)
    client = make_site(sqlite_ctx).test_client()
    headers = bearer(sqlite_ctx, "approver") | {"Idempotency-Key": "sign-once"}
    address = f"/api/v1/letters/{letter}/signature"

    assert client.post(address, json={}, headers=bearer(sqlite_ctx, "approver")).status_code == 422
    wrong = client.post(address, json={"pin": "77777"}, headers=bearer(sqlite_ctx, "approver"))
    assert (wrong.status_code, wrong.json["code"], wrong.json["details"]["left"]) == (422, "signing-pin-wrong", 4)
    assert "77777" not in wrong.text
    answer = client.post(address, json={"pin": PIN}, headers=headers)
    assert (answer.status_code, answer.json["letter"]["state"]) == (200, "signed")
    again = client.post(address, json={"pin": "another"}, headers=headers)  # what was typed as PIN is no part of it
    assert again.json == answer.json
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        kept = uow.session.query(IdempotencyKey).all()
        assert PIN not in repr([(row.request_hash, row.answer) for row in kept])
