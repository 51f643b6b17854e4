"""Signing in over HTTP: sessions, CSRF, throttling, tokens, and what each refusal looks like."""

from __future__ import annotations

import json
import os
from datetime import timedelta

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import people
from tests.support.site import PASSWORD, an_account, an_agency, bearer, csrf_of, make_site, sign_in
from tests.support.statements import MOST
from web.request_log import configure_logging


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    an_agency(sqlite_ctx)
    an_account(sqlite_ctx, "desk")
    return make_site(sqlite_ctx)


@pytest.fixture
def client(site: Flask) -> FlaskClient:
    return site.test_client()


def test_a_stranger_is_led_to_sign_in_and_back(client: FlaskClient):
    led = client.get("/?tu-ngay=2026-01-05")
    assert (led.status_code, led.location) == (302, "/dang-nhap?next=/?tu-ngay%3D2026-01-05")
    back = sign_in(client, next="/?tu-ngay=2026-01-05")
    assert (back.status_code, back.location) == (303, "/?tu-ngay=2026-01-05")
    page = client.get("/")
    assert page.status_code == 200
    assert "Xin chào, Cán bộ desk" in page.text


@pytest.mark.parametrize("target", ["https://else.test/", "//else.test/", "/\\else.test", "else", "/a\nb", ""])
def test_sign_in_leads_to_no_other_site(client: FlaskClient, target: str):
    assert sign_in(client, next=target).location == "/"


def test_the_session_cookie_is_for_http_and_this_site_only(client: FlaskClient):
    cookie = sign_in(client).headers["Set-Cookie"]
    assert cookie.startswith("motcua=")
    assert cookie.endswith("; HttpOnly; Path=/; SameSite=Lax")


def test_under_https_the_cookie_is_secure_and_the_browser_told_so(sqlite_ctx: Context):
    site = make_site(sqlite_ctx, public_url="https://motcua.example.test")
    answer = site.test_client().get("/dang-nhap", base_url="https://motcua.example.test")
    assert answer.headers["Set-Cookie"].startswith("__Host-motcua=")
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_refusals_look_the_same_and_keep_the_name_typed(client: FlaskClient):
    wrong, unknown = sign_in(client, "desk", "wrong words"), sign_in(client, "nobody", "wrong words")
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    assert 'value="desk"' in wrong.text
    assert "wrong words" not in wrong.text
    for page in (wrong, unknown):
        assert "Tên đăng nhập hoặc mật khẩu không đúng." in page.text


def test_guessing_is_throttled_for_one_name_and_not_for_others(sqlite_ctx: Context, client: FlaskClient):
    an_account(sqlite_ctx, "other")
    answers = [sign_in(client, "desk", "wrong words").status_code for _ in range(6)]
    assert answers == [403] * 5 + [429]
    throttled = sign_in(client, "desk")
    assert throttled.status_code == 429
    assert int(throttled.headers["Retry-After"]) in range(1, 61)
    assert 'value="desk"' in throttled.text
    assert sign_in(client, "other").status_code == 303


def test_guessing_elsewhere_does_not_lock_a_colleague_out(site: Flask):
    for _ in range(6):
        last = sign_in(site.test_client(), "desk", "wrong words")
    assert last.status_code == 429
    elsewhere = site.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.0.0.7"
    assert sign_in(elsewhere).status_code == 303


def test_without_redis_the_limit_is_counted_in_the_process(sqlite_ctx: Context):
    an_agency(sqlite_ctx)
    client = make_site(sqlite_ctx, redis_url="redis://127.0.0.1:1/0").test_client()
    assert [sign_in(client, "desk", "wrong words").status_code for _ in range(6)] == [403] * 5 + [429]


def test_the_limit_is_shared_through_valkey(sqlite_ctx: Context, valkey: str):
    an_agency(sqlite_ctx)
    one, two = (make_site(sqlite_ctx, redis_url=valkey).test_client() for _ in range(2))
    assert [sign_in(one, "desk", "wrong words").status_code for _ in range(5)] == [403] * 5
    assert sign_in(two, "desk", "wrong words").status_code == 429


def test_signing_in_starts_a_new_session(client: FlaskClient):
    client.get("/dang-nhap")
    with client.session_transaction() as before:
        before["planted"] = "by somebody else"
        token = before["csrf_token"]
    sign_in(client)
    with client.session_transaction() as after:
        assert "planted" not in after
        assert after.get("csrf_token") != token


def test_a_copied_cookie_is_worth_nothing_after_signing_out(client: FlaskClient):
    sign_in(client)
    copied = client.get_cookie("motcua")
    token = csrf_of(client.get("/"))
    out = client.post("/dang-xuat", data={"csrf_token": token})
    assert (out.status_code, out.location) == (303, "/dang-nhap")
    assert client.get("/").status_code == 302
    client.set_cookie("motcua", copied.value)
    assert client.get("/").status_code == 302


def test_a_disabled_account_is_out_at_its_next_request(sqlite_ctx: Context, client: FlaskClient):
    sign_in(client)
    assert client.get("/").status_code == 200
    people.disable(sqlite_ctx, by=SYSTEM, username="desk")
    assert client.get("/").status_code == 302
    assert sign_in(client).status_code == 403


def test_a_session_ends_when_nobody_uses_it(sqlite_ctx: Context, client: FlaskClient):
    sign_in(client)
    for _ in range(3):
        sqlite_ctx.clock.advance(timedelta(minutes=119))
        assert client.get("/").status_code == 200
    sqlite_ctx.clock.advance(timedelta(minutes=121))
    assert client.get("/").status_code == 302


def test_a_session_ends_after_a_working_day_however_busy(sqlite_ctx: Context, client: FlaskClient):
    sign_in(client)
    for _ in range(12):
        sqlite_ctx.clock.advance(timedelta(hours=1))
        assert client.get("/").status_code == 200
    sqlite_ctx.clock.advance(timedelta(minutes=1))
    assert client.get("/").status_code == 302


def test_a_cookie_in_another_browser_is_refused(client: FlaskClient):
    sign_in(client)
    assert client.get("/", headers={"User-Agent": "Another/1.0"}).status_code == 302


@pytest.mark.parametrize("cookie", ["", "x", "eyJfdXNlcl9pZCI6IjEuMCJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"])
def test_a_forged_cookie_is_nobody(client: FlaskClient, cookie: str):
    client.set_cookie("motcua", cookie)
    assert client.get("/").status_code == 302


def test_a_post_needs_the_token_of_the_session(site: Flask, client: FlaskClient):
    sign_in(client)
    foreign = csrf_of(site.test_client().get("/dang-nhap"))
    for data, headers in (
        ({}, {}),
        ({"csrf_token": foreign}, {}),
        ({}, {"X-CSRFToken": foreign}),
        ({"csrf_token": csrf_of(client.get("/"))}, {"Sec-Fetch-Site": "cross-site"}),
    ):
        refused = client.post("/dang-xuat", data=data, headers=headers)
        assert refused.status_code == 403
        assert "csrf-refused" in refused.text
    assert client.get("/").status_code == 200


def test_signing_in_needs_a_token_too(client: FlaskClient):
    assert client.post("/dang-nhap", data={"username": "desk", "password": PASSWORD}).status_code == 403
    assert client.get("/").status_code == 302


def test_a_form_left_open_can_be_sent_after_signing_in_again(sqlite_ctx: Context, client: FlaskClient):
    sign_in(client)
    token = csrf_of(client.get("/"))
    sqlite_ctx.clock.advance(timedelta(hours=3))
    ended = client.post("/dang-xuat", data={"csrf_token": token})
    assert ended.status_code == 401
    assert "Dữ liệu đã nhập vẫn còn." in ended.text
    sign_in(client)
    assert client.post("/dang-xuat", data={"csrf_token": token}).status_code == 303


def test_htmx_gets_a_fragment_into_the_message_region(sqlite_ctx: Context, client: FlaskClient):
    sign_in(client)
    missing = client.get("/khong-co", headers={"HX-Request": "true"})
    assert missing.status_code == 404
    assert (missing.headers["HX-Retarget"], missing.headers["HX-Reswap"]) == ("#messages", "innerHTML")
    assert missing.text.lstrip().startswith('<div class="alert')
    sqlite_ctx.clock.advance(timedelta(hours=3))
    ended = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/viec?trang=2"})
    assert (ended.status_code, ended.headers["HX-Redirect"]) == (401, "/dang-nhap?next=/viec?trang%3D2")


def test_a_bearer_is_the_officer_and_needs_no_csrf_token(sqlite_ctx: Context, site: Flask):
    headers = bearer(sqlite_ctx)
    assert "Cán bộ desk" in site.test_client().get("/", headers=headers).text
    assert site.test_client().post("/dang-xuat", headers=headers).status_code == 303


def test_the_api_answers_strangers_with_a_problem(site: Flask):
    @site.get("/api/v1/thu")
    def probe() -> dict[str, str]:
        return {"reached": "yes"}

    client = site.test_client()
    for headers in ({}, {"Authorization": "Bearer nothing"}, {"Authorization": "Basic ZGVzazp4"}):
        refused = client.get("/api/v1/thu", headers=headers)
        assert refused.status_code == 401
        assert refused.content_type == "application/problem+json"
        assert refused.headers["WWW-Authenticate"] == 'Bearer realm="motcua"'
        problem = refused.get_json()
        assert (problem["code"], problem["status"], problem["type"]) == ("not-signed-in", 401, "about:blank")
        assert problem["request_id"] == refused.headers["X-Request-Id"]


def test_a_cookie_counts_on_the_api_only_with_the_csrf_header(site: Flask, client: FlaskClient):
    @site.route("/api/v1/thu", methods=["GET", "POST"])
    def probe() -> dict[str, str]:
        return {"reached": "yes"}

    sign_in(client)
    token = csrf_of(client.get("/"))
    for method in ("GET", "POST"):
        assert client.open("/api/v1/thu", method=method).status_code == 401
        assert client.open("/api/v1/thu", method=method, headers={"X-CSRFToken": "x"}).status_code == 403
        assert client.open("/api/v1/thu", method=method, headers={"X-CSRFToken": token}).status_code == 200


def test_metrics_are_for_this_machine_auditors_and_administrators(sqlite_ctx: Context, site: Flask):
    an_account(sqlite_ctx, "auditor", Role.AUDITOR)
    client = site.test_client()
    assert "motcua_http_requests_total" in client.get("/metrics").text
    away = {"REMOTE_ADDR": "10.0.0.7"}
    assert client.get("/metrics", environ_base=away).get_json()["code"] == "metrics-refused"
    assert client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.7"}).status_code == 403
    assert client.get("/metrics", environ_base=away, headers=bearer(sqlite_ctx, "desk")).status_code == 403
    assert client.get("/metrics", environ_base=away, headers=bearer(sqlite_ctx, "auditor")).status_code == 200


def test_readyz_tells_when_the_database_is_gone(sqlite_ctx: Context, site: Flask):
    client = site.test_client()
    assert client.get("/readyz").get_json() == {"status": "ready"}
    sqlite_ctx.database.close()
    os.remove(sqlite_ctx.settings.data / "motcua.db")
    (sqlite_ctx.settings.data / "motcua.db").mkdir()
    gone = client.get("/readyz")
    assert (gone.status_code, gone.content_type) == (503, "application/problem+json")
    assert gone.get_json()["code"] == "database-unavailable"
    assert client.get("/healthz").get_json() == {"status": "alive"}


def test_the_language_is_kept_over_signing_in_and_out(client: FlaskClient):
    token = csrf_of(client.get("/dang-nhap"))
    client.post("/ngon-ngu", data={"csrf_token": token, "language": "en", "next": "/dang-nhap"})
    assert "<h1>Sign in</h1>" in client.get("/dang-nhap").text
    sign_in(client)
    page = client.get("/")
    assert '<html lang="en">' in page.text
    client.post("/dang-xuat", data={"csrf_token": csrf_of(page)})
    assert "<h1>Sign in</h1>" in client.get("/dang-nhap").text
    client.post("/ngon-ngu", data={"csrf_token": csrf_of(client.get("/dang-nhap")), "language": "fr"})
    assert "<h1>Sign in</h1>" in client.get("/dang-nhap").text


def test_logs_name_routes_and_ids_and_no_people(site: Flask, client: FlaskClient, capsys: pytest.CaptureFixture[str]):
    configure_logging()
    try:
        sign_in(client, "desk", "wrong words")
        sign_in(client)
        client.get("/", headers={"X-Request-Id": "given-by-proxy-1"})
    finally:
        structlog.reset_defaults()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines if line["event"] != "request"] == ["sign-in-refused", "signed-in"]
    assert lines[-1]["request_id"] == "given-by-proxy-1"
    assert (lines[-1]["route"], lines[-1]["status"], lines[-1]["officer"]) == ("/", 200, 1)
    assert 0 < lines[-1]["statements"] <= MOST
    written = json.dumps(lines, ensure_ascii=False)
    for secret in ("desk", "Cán bộ", PASSWORD, "wrong words"):
        assert secret not in written
