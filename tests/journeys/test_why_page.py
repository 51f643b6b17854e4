"""Why this date, as officers, citizens and programs are told; opened without any script."""

from __future__ import annotations

import pytest
from flask import Flask
from lxml import html
from playwright.sync_api import Page, expect

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from tests.support import builders as b
from tests.support.accounts import hold
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.forms import text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in

PAUSES = {"supplement": {"clock": "pause"}}
START = "Nhận lúc 08:00 02/03/2026: trong giờ làm việc, tính ngay từ lúc đó (thủ tục đã công bố)."


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose officer can sign in."""
    made = b.an_office(sqlite_ctx, policy=PAUSES, total_days="10")
    people.set_password(sqlite_ctx, by=SYSTEM, username="officer", password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


@pytest.fixture
def dossier(sqlite_ctx: Context, office: b.Office) -> b.Dossier:
    """A dossier that waited for a paper and waits for another."""
    received = b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-03T09:00")
    b.ask_supplement(sqlite_ctx, office, received)
    b.turn_clock_to(sqlite_ctx, "2026-03-05T09:00")
    return b.bring_supplement(sqlite_ctx, office, received)


def test_page_has_the_account_of_each_date(
    sqlite_ctx: Context, site: Flask, office: b.Office, dossier: b.Dossier
) -> None:
    client = site.test_client()
    sign_in(client, "officer")
    page = client.get(f"/ho-so/{dossier['code']}")
    for said in (
        START,
        "Tạm dừng từ 09:00 03/03/2026 đến 09:00 05/03/2026: chờ bổ sung giấy tờ. Căn cứ: Còn thiếu.",
        "Người thực hiện: Cán bộ officer.",
        "Tính tiếp từ 09:00 05/03/2026 với 8,875 ngày làm việc còn lại.",
        "Hạn trả kết quả: 08:00 18/03/2026.",
        "Chặng 2 có 1 ngày làm việc trong thời hạn, tính từ 08:00 02/03/2026.",
        "Tính quá hạn theo ngày: sau khi hết ngày 18/03/2026.",
    ):
        assert said in text_of(page)
    tabs = (page, client.get(f"/ho-so/{dossier['code']}/dien-bien"))
    opened = [
        [each.get("open") for each in html.fromstring(tab.text).xpath("//details[contains(@class, 'mc-due')]")]
        for tab in tabs
    ]
    assert opened == [[None, None], [None, None]]  # the promise and the open step; that one and the step that is done
    time = text_of(client.get(f"/ho-so/{dossier['code']}/thoi-han"))
    assert "Hạn trả kết quả: 08:00 18/03/2026." in time

    paper = client.get(f"/ho-so/{dossier['code']}/giai-trinh-thoi-han.pdf")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")


def test_open_request_shows_why_it_ends_then(
    sqlite_ctx: Context, site: Flask, office: b.Office, dossier: b.Dossier
) -> None:
    waits = b.ask_supplement(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))
    client = site.test_client()
    sign_in(client, "officer")
    assert "Hạn bổ sung: 09:00 26/03/2026." in text_of(client.get(f"/ho-so/{waits['code']}"))


def test_page_in_english_says_the_account_in_english(site: Flask, dossier: b.Dossier) -> None:
    client = site.test_client()
    sign_in(client, "officer")
    with client.session_transaction() as session:
        session["language"] = "en"
    page = text_of(client.get(f"/ho-so/{dossier['code']}"))
    assert "Received 08:00 02/03/2026: within office hours, counted from that moment" in page
    assert "8.875 working days left" in page


def test_citizens_read_why_without_names_and_free_text(site: Flask, dossier: b.Dossier) -> None:
    page = text_of(site.test_client().get(f"/tra-cuu/{dossier['code']}"))
    assert START in page
    assert "Tạm dừng từ 09:00 03/03/2026 đến 09:00 05/03/2026: chờ bổ sung giấy tờ." in page
    assert "Cán bộ" not in page
    assert "Còn thiếu" not in page


def test_program_asks_for_one_date(sqlite_ctx: Context, site: Flask, office: b.Office, dossier: b.Dossier) -> None:
    client, headers = site.test_client(), bearer(sqlite_ctx, "officer")
    path = f"/api/v1/dossiers/{dossier['code']}/deadline"
    promise = client.get(path, headers=headers).json
    step = client.get(f"{path}?step={dossier['open_tasks'][0]['id']}", headers=headers).json
    answer = client.get(f"{path}?supplement=1", headers=headers).json

    assert [each["what"] for each in (promise, step, answer)] == ["promise", "step", "answer"]
    for each in (promise, step, answer):
        hold(each)
    assert promise["explanation"][0] == promise["account"][0]
    assert promise["account"][2]["person"] == "Cán bộ officer"
    assert step["due_at"] == dossier["open_tasks"][0]["due_at"]
    assert client.get(f"{path}?step=", headers=headers).status_code == 404
    assert client.get(f"{path}?supplement=0", headers=headers).status_code == 422
    paper = client.get(f"/api/v1/dossiers/{dossier['code']}/deadline.pdf", headers=headers)
    assert (paper.status_code, paper.data[:5]) == (200, b"%PDF-")


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 400])
def test_one_key_or_click_opens_each_account(chromium: str, site: Flask, dossier: b.Dossier, width: int) -> None:
    with served(site) as address, a_browser(chromium, address, {"width": width, "height": 800}) as page:
        enter(page)
        page.goto(f"/ho-so/{dossier['code']}")
        expect(page.get_by_text(START)).to_be_hidden()
        page.keyboard.press("v")
        expect(page.get_by_text(START)).to_be_visible()
        page.goto(f"/ho-so/{dossier['code']}/dien-bien")
        date = page.locator("#steps .mc-due summary").last
        date.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#steps .mc-due[open] li").first).to_be_visible()
        assert axe_findings(page) == []
        assert not overflows(page)
        page.locator("#steps .mc-due summary").first.click()  # one of them at a time
        expect(page.locator(".mc-due-over[open]")).to_have_count(1)
        page.goto(f"/tra-cuu/{dossier['code']}")
        page.locator("#why summary").click()
        expect(page.get_by_text(START)).to_be_visible()
        assert axe_findings(page) == []
        assert not overflows(page)


@pytest.mark.browser
def test_accounts_open_without_scripts(chromium: str, site: Flask, dossier: b.Dossier) -> None:
    with served(site) as address, a_browser(chromium, address) as page:
        enter(page)
        browser = page.context.browser
        assert browser is not None
        plain = browser.new_context(
            base_url=address, java_script_enabled=False, storage_state=page.context.storage_state()
        ).new_page()
        plain.goto(f"/ho-so/{dossier['code']}")
        plain.locator("#why summary").click()
        expect(plain.get_by_text(START)).to_be_visible()


def enter(page: Page) -> None:
    """Sign in as the officer."""
    page.goto("/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill("officer")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Xin chào")
