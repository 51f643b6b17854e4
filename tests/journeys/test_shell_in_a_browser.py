"""The shell as people meet it: signing in, the keyboard, an error, the API pages; accessible and under the CSP."""

from __future__ import annotations

import marshmallow as ma
import pytest

from engine.context import Context
from engine.domain.actors import Role
from tests.support.browser import axe_violations, open_page, serve
from tests.support.site import PASSWORD, an_account, an_agency, make_site
from web.api.base import api_blueprint

pytestmark = pytest.mark.browser


class ThingSchema(ma.Schema):
    name = ma.fields.String(required=True)


def test_signing_in_and_getting_about(sqlite_ctx: Context, chromium: str):
    an_agency(sqlite_ctx)
    an_account(sqlite_ctx, "desk", Role.DESK, Role.SUPERVISOR)
    with serve(make_site(sqlite_ctx)) as url, open_page(chromium) as (page, complaints):
        page.goto(url)
        assert axe_violations(page) == []
        page.fill("#f-username", "desk")
        page.fill("#f-password", "wrong words")
        page.press("#f-password", "Enter")
        assert page.inner_text("main [role=alert]") == "Tên đăng nhập hoặc mật khẩu không đúng."
        assert page.input_value("#f-username") == "desk"
        assert axe_violations(page) == []

        page.fill("#f-password", PASSWORD)
        page.press("#f-password", "Enter")
        page.wait_for_url(f"{url}/")
        assert page.inner_text("h1") == "Xin chào, Cán bộ desk"
        assert axe_violations(page) == []

        page.keyboard.press("?")
        assert page.locator("#keyboard-help[open]").count() == 1
        assert axe_violations(page) == []
        page.uncheck("#keys-on")
        page.click("#keyboard-help button")
        page.keyboard.press("?")
        assert page.locator("#keyboard-help[open]").count() == 0

        page.goto(f"{url}/khong-co")
        assert page.inner_text("h1") == "Không có trang hoặc hồ sơ này, hoặc bạn không được xem."
        assert axe_violations(page) == []
        page.click("text=English")
        page.wait_for_selector("text=Sign out")
        page.click("text=Sign out")
        page.wait_for_url(f"{url}/dang-nhap")
        assert complaints == []


def test_an_error_of_htmx_leaves_the_form_as_it_is(sqlite_ctx: Context, chromium: str):
    an_agency(sqlite_ctx)
    an_account(sqlite_ctx, "desk")
    with serve(make_site(sqlite_ctx)) as url, open_page(chromium) as (page, complaints):
        page.goto(url)
        page.fill("#f-username", "desk")
        page.fill("#f-password", PASSWORD)
        page.press("#f-password", "Enter")
        page.wait_for_url(f"{url}/")
        page.evaluate(
            """() => {
              document.querySelector("main").insertAdjacentHTML("beforeend",
                '<form id="f" hx-post="/khong-co" hx-target="this"><label>Tên <input name="a"></label>'
                + '<button class="btn btn-primary">Gửi</button></form>');
              htmx.process(document.getElementById("f"));
            }"""
        )
        page.fill("#f input", "đã nhập")
        page.click("#f button")
        page.wait_for_selector("#messages [role=alert]")
        assert page.input_value("#f input") == "đã nhập"
        assert "no-such-address" in page.inner_text("#messages")
        assert page.evaluate("document.activeElement.hasAttribute('data-focus')")
        assert axe_violations(page) == []
        assert complaints == []


def test_the_sign_in_page_fits_a_narrow_screen(sqlite_ctx: Context, chromium: str):
    with serve(make_site(sqlite_ctx)) as url, open_page(chromium, width=320, height=640) as (page, complaints):
        page.goto(url)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert axe_violations(page) == []
        assert complaints == []


def test_the_api_pages_run_under_the_policy(sqlite_ctx: Context, chromium: str, monkeypatch: pytest.MonkeyPatch):
    things = api_blueprint("things", "Things for tests")

    @things.post("/things")
    @things.arguments(ThingSchema)
    @things.response(201, ThingSchema)
    def add(thing: dict) -> dict:
        return thing

    monkeypatch.setattr("web.app.API", (things,))
    with serve(make_site(sqlite_ctx)) as url, open_page(chromium) as (page, complaints):
        page.goto(f"{url}/api/v1/docs")
        page.click(".opblock-summary-control")
        page.click("text=Try it out")
        page.wait_for_selector("text=Execute")
        assert complaints == []
