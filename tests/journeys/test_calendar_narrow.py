"""The calendar and a dossier on a phone: tables scroll inside themselves, never the page (WCAG 2.2, 1.4.10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.office_hours import OfficeHours, parse_week
from engine.services import calendar_changes
from engine.services.calendar_changes import Hours
from tests.support import builders as b
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.site import PASSWORD, an_account, make_site

pytestmark = pytest.mark.browser

PHONE = {"width": 400, "height": 800}
WEEK = parse_week(["07:00-11:30, 13:30-17:00"] * 5 + ["07:00-11:30", ""])


@pytest.fixture
def dossier(sqlite_ctx: Context) -> b.Dossier:
    """A dossier of an agency whose hours are its own, and that waited once."""
    office = b.an_office(sqlite_ctx, policy={"supplement": {"clock": "pause"}}, total_days="10")
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    hours = OfficeHours(date(2027, 1, 4), WEEK, decision="2/QĐ-UBND ngày 15/12/2026 của Ủy ban nhân dân phường")
    calendar_changes.apply(sqlite_ctx, by=SYSTEM, change=Hours(hours))
    received = b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-03T09:00")
    b.ask_supplement(sqlite_ctx, office, received)
    b.turn_clock_to(sqlite_ctx, "2026-03-05T09:00")
    return b.bring_supplement(sqlite_ctx, office, received)


@pytest.fixture
def phone(chromium: str, sqlite_ctx: Context, dossier: b.Dossier) -> Iterator[Page]:
    """A phone on which an administrator is signed in."""
    with served(make_site(sqlite_ctx)) as address, a_browser(chromium, address, PHONE) as page:
        page.goto("/dang-nhap")
        page.get_by_label("Tên đăng nhập").fill("quantri")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/dang-nhap" not in url)
        yield page


def hold(page: Page) -> None:
    """Hold what is shown against the width of the window, and against WCAG."""
    assert not overflows(page)
    assert axe_findings(page) == []


def test_calendar_with_its_forms_open_fits_a_phone(phone: Page) -> None:
    phone.goto("/lich?nam=2027")
    hold(phone)
    for name in ("Thêm ngày hoán đổi", "Nhập quyết định của cả năm", "Đổi giờ làm việc hoặc", "Cài đặt thời hạn"):
        phone.get_by_text(name).first.click()
        hold(phone)


def test_dossier_fits_a_phone_with_its_accounts_closed_and_open(phone: Page, dossier: b.Dossier) -> None:
    for tab in ("", "/dien-bien", "/thoi-han"):
        phone.goto(f"/ho-so/{dossier['code']}{tab}")
        hold(phone)
        for summary in phone.locator("details.mc-due > summary").all():
            summary.click()
            hold(phone)
