"""A version move in a browser: by keyboard from the preview to the undo, on a phone too, held against WCAG 2.2 AA."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine.context import Context
from engine.domain.actors import Role
from tests.support import builders as b
from tests.support import version_acts as v
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.site import PASSWORD, an_account, make_site

pytestmark = pytest.mark.browser

PHONE = {"width": 400, "height": 800}
GONE = "Bước THU_LY"


@pytest.fixture
def page(chromium: str, sqlite_ctx: Context) -> Iterator[Page]:
    """A browser in which an administrator is signed in; two dossiers stand at a step that is gone from version 2."""
    office = b.an_office(sqlite_ctx)
    for _ in range(2):
        b.a_received_dossier(sqlite_ctx, office)
    b.do_next_step(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))
    v.second_version(sqlite_ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"), total_days="6")
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    with served(make_site(sqlite_ctx)) as address, a_browser(chromium, address, PHONE) as made:
        made.goto("/dang-nhap")
        made.get_by_label("Tên đăng nhập").fill("quantri")
        made.get_by_label("Mật khẩu").fill(PASSWORD)
        made.keyboard.press("Enter")
        made.wait_for_url(lambda url: "/dang-nhap" not in url)
        yield made


def hold(page: Page) -> None:
    """Hold what is shown against the width of the window, and against WCAG."""
    assert not overflows(page)
    assert axe_findings(page) == []


def test_administrator_moves_dossiers_and_takes_them_back(page: Page) -> None:
    page.goto("/thu-tuc/H00/TP99")
    page.get_by_role("link", name="Chuyển hồ sơ sang phiên bản khác").click()
    hold(page)
    page.get_by_role("button", name="Xem trước").press("Enter")
    expect(page.get_by_role("heading", name="Xem trước: phiên bản 2")).to_be_visible()
    hold(page)
    page.get_by_role("link", name="2 hồ sơ").click()
    expect(page.get_by_text(f"Bước “{GONE}” không còn trong phiên bản mới.")).to_have_count(2)

    page.get_by_label(GONE).select_option(label="chuyển sang bước “Bước THAM_TRA” (gợi ý)")
    page.get_by_role("button", name="Xem lại").press("Enter")
    page.get_by_label("Căn cứ").fill(v.GROUND)
    page.get_by_role("button", name="Chuyển hồ sơ", exact=True).press("Enter")

    expect(page.get_by_text("Đã chuyển xong")).to_be_visible()
    expect(page.get_by_role("table").get_by_text("Chuyển, đổi ngày hẹn")).to_have_count(3)
    hold(page)
    page.get_by_role("button", name="Hoàn tác lần chuyển này").press("Enter")
    expect(page.get_by_role("table").get_by_text("Đã hoàn tác")).to_have_count(3)
    hold(page)
