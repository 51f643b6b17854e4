"""Correcting a receipt over HTTP: the difference comes first, what was shown is what is saved."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import corrections, intake, people, reading
from engine.services.corrections import Correction
from tests.support import builders as b
from tests.support.forms import form_fields, text_of
from tests.support.site import PASSWORD, make_site, sign_in
from tests.support.statements import count_statements


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(sqlite_ctx)
    for username in ("desk", "officer", "supervisor"):
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


def test_the_difference_is_shown_before_it_is_saved(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    code = b.a_received_dossier(sqlite_ctx, office)["code"]
    desk, place = _client(site), f"/ho-so/{code}/dinh-chinh"
    assert place in desk.get(f"/ho-so/{code}").text
    typed = form_fields(desk.get(place), place) | {"name": "Nguyễn Văn Đúng", "reason": "gõ nhầm"}
    shown = desk.post(place, data=typed | {"step": "save"})  # nothing was shown yet
    assert "Lưu và cấp lại giấy" in shown.text
    assert "Nguyễn Văn Đúng" in text_of(shown)
    again = form_fields(shown, place)
    assert again["name"] == "Nguyễn Văn Đúng"
    changed = desk.post(place, data=again | {"name": "Nguyễn Văn Khác", "step": "save"})
    assert "Lưu và cấp lại giấy" in changed.text  # what was shown is not what is typed now
    assert reading.detail(sqlite_ctx, by=office.desk, dossier=code)["applicant"]["name"] == b.NO_EMAIL.name
    saved = desk.post(place, data=again | {"step": "save"}, follow_redirects=True)
    assert "đã thay thế bởi lần 2" in text_of(saved)
    assert "gõ nhầm" in saved.text
    assert reading.detail(sqlite_ctx, by=office.desk, dossier=code)["applicant"]["name"] == "Nguyễn Văn Đúng"
    for no in (1, 2):
        assert desk.get(f"/ho-so/{code}/giay-tiep-nhan/{no}.pdf").data.startswith(b"%PDF")
    assert desk.get(f"/ho-so/{code}/giay-tiep-nhan/3.pdf").status_code == 404
    history = text_of(desk.get(f"/ho-so/{code}/dien-bien"))
    assert "Đính chính, cấp lại giấy tiếp nhận" in history
    assert "họ tên người nộp" in history


def test_a_refused_correction_comes_back_with_what_was_typed(
    site: Flask, office: b.Office, sqlite_ctx: Context
) -> None:
    code = b.a_received_dossier(sqlite_ctx, office)["code"]
    desk, place = _client(site), f"/ho-so/{code}/dinh-chinh"
    fields = form_fields(desk.get(place), place) | {"reason": "gõ nhầm"}
    bad = {
        "reason": "",
        "name": "",
        "identity_number": "không",
        "received_at": "2026-03-02T08:30",
        "channel": "pigeon",
        "paper-new-0-originals": "viele",
        "procedure_code": "KHÔNG-CÓ",
    }
    for name, value in bad.items():
        more = {"paper-new-0-name": "Ảnh"} if name.startswith("paper") else {}
        answer = desk.post(place, data=fields | {"address": "12 Đường Thử", name: value} | more)
        assert answer.status_code in (404, 409, 422), name
        assert "Chưa ghi gì" in answer.text, name
        assert "12 Đường Thử" in answer.text, name
    assert desk.post(place, data=fields).status_code == 422  # nothing differs
    assert desk.post(place, data=fields | {"phone": "0900", "expected": "99"}).status_code == 412


def test_only_the_desk_and_supervisors_correct(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    code = b.a_received_dossier(sqlite_ctx, office)["code"]
    place = f"/ho-so/{code}/dinh-chinh"
    assert _client(site, "officer").get(place).status_code == 403
    assert place not in _client(site, "officer").get(f"/ho-so/{code}").text
    assert _client(site, "supervisor").get(place).status_code == 200


def test_the_act_of_the_dossier_page_reads_the_same_form(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    code = b.a_received_dossier(sqlite_ctx, office)["code"]
    desk, place = _client(site), f"/ho-so/{code}/dinh-chinh"
    fields = form_fields(desk.get(place), place) | {"reason": "gõ nhầm", "phone": "0912999999"}
    assert desk.post(f"/ho-so/{code}/correct", data=fields).status_code == 303
    assert reading.detail(sqlite_ctx, by=office.desk, dossier=code)["applicant"]["phone"] == "0912999999"
    assert desk.post(f"/ho-so/{code}/correct", data={**fields, "idempotency_key": "x", "reason": ""}).status_code == 412


def test_the_page_of_a_correction_takes_eight_statements(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    """With sign-in and frame; also after a correction, and with another procedure chosen."""
    b.publish(sqlite_ctx, code=office.code, procedure="TP98")
    code = b.a_received_dossier(sqlite_ctx, office)["code"]
    wish = Correction(reason="gõ nhầm", applicant=intake.Person(name="Nguyễn Văn Đúng"))
    corrections.correct(sqlite_ctx, by=office.desk, dossier=code, correction=wish)
    desk = _client(site)
    for place in (f"/ho-so/{code}/dinh-chinh", f"/ho-so/{code}/dinh-chinh?procedure_code=TP98",
                  f"/ho-so/{code}/giay-tiep-nhan"):  # fmt: skip
        with count_statements(sqlite_ctx) as sent:
            assert desk.get(place).status_code == 200
        sent.hold()
