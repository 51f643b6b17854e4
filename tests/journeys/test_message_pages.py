"""The page of messages over HTTP: who sees which, why one did not go, and sending it again."""

from __future__ import annotations

from contextlib import suppress

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.errors import EngineError
from engine.integrations.mail import MailRefusedError
from engine.services import delivery, people
from tests.support import builders as b
from tests.support.forms import form_fields, send, text_of
from tests.support.mail import RecordingMail
from tests.support.site import PASSWORD, bearer, make_site, sign_in

PLACE = "/tin-nhan"
API = "/api/v1/dossiers"


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(sqlite_ctx)
    b.an_office(sqlite_ctx, code="H02", procedure="TP98")
    for username in ("desk", "officer", "supervisor", "desk.h02"):
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


def _mail_of(ctx: Context) -> RecordingMail:
    assert isinstance(ctx.mail, RecordingMail)
    return ctx.mail


def _refused_by_the_server(ctx: Context) -> None:
    _mail_of(ctx).fail_with = MailRefusedError("the mail server refused the mail for good (550)")
    for message_id in delivery.due(ctx, limit=100):
        with suppress(EngineError):
            delivery.deliver(ctx, message_id=message_id)
    _mail_of(ctx).fail_with = None


def test_dead_message_says_why_and_goes_again(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office, applicant=b.WITH_EMAIL)
    _refused_by_the_server(sqlite_ctx)
    desk = _client(site)
    page = desk.get(PLACE)
    said = text_of(page)
    assert dossier["code"] in said
    assert "Máy chủ thư từ chối hẳn: địa chỉ sai hoặc không tồn tại." in said
    assert "mail-refused" in said
    assert "t…@example.test" in said
    assert str(b.WITH_EMAIL.email) not in page.text
    assert ">English</button>" in page.text  # the way to the other language is that of every page
    assert "1 tin không gửi được" in " ".join(page.text.split()).replace('<span class="visually-hidden">', "")

    (action,) = {form for form in page.text.split('"') if form.startswith(f"{PLACE}/") and form.endswith("gui-lai")}
    fields = form_fields(page, action)
    assert desk.post(action, data=fields).status_code == 303
    assert "Không có tin nhắn nào bị dừng." in text_of(desk.get(PLACE))
    assert dossier["code"] in text_of(desk.get(f"{PLACE}?trang-thai=queued"))
    assert desk.post(action, data=fields).status_code == 303  # a second click of the same form changes nothing
    twice = desk.post(action, data=fields | {"idempotency_key": "another"})
    assert twice.status_code == 409
    assert "Tin này không bị dừng" in text_of(twice)

    for message_id in delivery.due(sqlite_ctx, limit=100):
        delivery.deliver(sqlite_ctx, message_id=message_id)
    assert [mail.to for mail in _mail_of(sqlite_ctx).sent] == [b.WITH_EMAIL.email]
    assert dossier["code"] in text_of(desk.get(f"{PLACE}?trang-thai=sent"))
    history = text_of(desk.get(f"/ho-so/{dossier['code']}/dien-bien"))
    assert "Tin đã báo người dân" in history
    assert "Thư điện tử" in history


def test_messages_of_another_agency_are_nowhere(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office, applicant=b.WITH_EMAIL)
    _refused_by_the_server(sqlite_ctx)
    mine = _client(site)
    page = mine.get(PLACE)
    (action,) = {form for form in page.text.split('"') if form.startswith(f"{PLACE}/") and form.endswith("gui-lai")}
    other = _client(site, "desk.h02")
    theirs = other.get(PLACE)
    assert dossier["code"] not in theirs.text
    assert "tin không gửi được" not in theirs.text
    fields = form_fields(page, action)
    token = form_fields(theirs, "/dang-xuat")["csrf_token"]
    for address in (action, f"{PLACE}/999999/gui-lai", f"{PLACE}/99999999999999/gui-lai"):
        assert other.post(address, data=fields | {"csrf_token": token}).status_code == 404
    assert _client(site, "officer").get(PLACE).status_code == 403
    many = other.post(f"{PLACE}/gui-lai", data={"csrf_token": token, "ids": [action.split("/")[2], "x", "9" * 30]})
    assert many.status_code == 303
    assert dossier["code"] in text_of(mine.get(PLACE))


def test_whole_page_is_sent_again_at_once(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    for _ in range(3):
        b.a_received_dossier(sqlite_ctx, office, applicant=b.WITH_EMAIL)
    _refused_by_the_server(sqlite_ctx)
    supervisor = _client(site, "supervisor")
    page = supervisor.get(PLACE)
    assert "Gửi lại cả 3 tin" in text_of(page)
    ids = [part.split("/")[2] for part in page.text.split('"') if part.startswith(f"{PLACE}/") and "gui-lai" in part]
    token = form_fields(page, f"{PLACE}/gui-lai")["csrf_token"]
    assert (
        supervisor.post(
            f"{PLACE}/gui-lai", data={"csrf_token": token, "ids": [i for i in ids if i.isdigit()]}
        ).status_code
        == 303
    )
    assert "3 tin đã vào hàng chờ." in text_of(supervisor.get(PLACE))


def test_other_orders_that_were_given_up_are_there_too(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    with sqlite_ctx.unit_of_work() as uow:
        uow.outbox.add(
            agency=office.id, topic="mail", key="k", payload={"to": "x@example.test"}, at=sqlite_ctx.clock.now()
        )
    for message_id in delivery.due(sqlite_ctx, limit=10):
        with suppress(EngineError):
            delivery.deliver(sqlite_ctx, message_id=message_id)
    page = _client(site).get(PLACE)

    assert "Việc gửi khác bị dừng" in text_of(page)
    assert "Thư nhắc việc, bản tin" in text_of(page)
    assert "x@example.test" not in page.text


def test_page_takes_any_address(site: Flask, office: b.Office) -> None:
    desk = _client(site)
    for query in ("?trang-thai=pigeon", "?trang-thai=", "?trang-thai=dead&trang-thai=sent"):
        assert desk.get(PLACE + query).status_code == 200
    assert desk.get(f"{PLACE}?sau=nonsense").status_code == 422


def test_counter_asks_for_the_channel_and_keeps_it(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    desk = _client(site)
    page = desk.get(f"/quay?procedure={office.procedure}&agency={office.code}")
    fields = form_fields(page, "/quay/tiep-nhan") | {"name": "Nguyễn Văn Thử", "email": "thu@example.test"}
    assert (fields["notify_by"], fields["notify_language"]) == ("email", "vi")
    assert 'value="sms"' not in page.text  # the office has no gateway
    refused = desk.post("/quay/tiep-nhan", data=fields | {"notify_by": "pigeon"})
    assert refused.status_code == 422
    assert "Không có kênh nhắn tin hoặc ngôn ngữ này." in refused.text
    assert "thu@example.test" in refused.text
    received = desk.post("/quay/tiep-nhan", data=fields | {"notify_by": "none", "idempotency_key": "second"})
    assert received.status_code == 303
    code = received.location.rsplit("/", 1)[-1].partition("?")[0]
    shown = desk.get(f"/ho-so/{code}")
    assert "Không nhắn tin" in text_of(shown)
    corrected = desk.get(f"/ho-so/{code}/dinh-chinh")
    assert form_fields(corrected, "/dinh-chinh")["notify_by"] == "none"
    sent = send(
        desk, corrected, "/dinh-chinh", notify_by="email", notify_language="en", reason="Người dân đổi ý", step="do"
    )
    assert sent.status_code in (200, 303)


def test_api_takes_the_citizen_s_choice(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    client, headers = site.test_client(), bearer(sqlite_ctx, "desk") | {"Idempotency-Key": "a"}
    body = {
        "procedure_code": office.procedure, "channel": "direct", "applicant": {"name": "Nguyễn Văn Thử"},
        "notify_by": "none", "notify_language": "en",
    }  # fmt: skip
    made = client.post(API, json=body, headers=headers)
    assert made.status_code == 201, made.text
    shown = client.get(f"{API}/{made.json['id']}", headers=headers).json
    assert (shown["notify_by"], shown["notify_language"]) == ("none", "en")
    wrong = client.post(API, json=body | {"notify_by": "pigeon"}, headers=headers | {"Idempotency-Key": "b"})
    assert wrong.status_code == 422
