"""A make-up Saturday and a storm day, entered in Chromium by an administrator: keys counted, dates moved, undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Page, expect

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import calendars, reading
from tests.support.builders import Office, a_received_dossier, an_office
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.site import PASSWORD, an_account, make_site

pytestmark = pytest.mark.browser

MOST_KEYS = 8  # clicks and keys beyond the date and the number of the decision (issue)


class Hand:
    """Clicks and presses keys, and counts them; text is typed without count."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, name: str) -> None:
        """Click a link."""
        self.page.get_by_role("link", name=name, exact=True).first.click()
        self.count += 1

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.count += 1

    def reach(self, field: str) -> None:
        """Press Tab until the field has the focus."""
        while self.page.evaluate("document.activeElement.name") != field:
            self.press("Tab")
            assert self.count <= MOST_KEYS


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office with an administrator."""
    made = an_office(sqlite_ctx)
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    return made


@pytest.fixture
def page(chromium: str, sqlite_ctx: Context, office: Office) -> Iterator[Page]:
    """The page on which an administrator lands after signing in."""
    with served(make_site(sqlite_ctx)) as address, a_browser(chromium, address) as opened:
        opened.goto("/dang-nhap")
        opened.get_by_label("Tên đăng nhập").fill("quantri")
        opened.get_by_label("Mật khẩu").fill(PASSWORD)
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", level=1)).to_contain_text("Xin chào")
        yield opened


def check(page: Page) -> None:
    """Hold the page against WCAG 2.2 AA and the width of the window."""
    assert axe_findings(page) == []
    assert not overflows(page)


def declare(page: Page, hand: Hand, on: str, decision: str) -> None:
    """Type a date as it is written here and the number of its decision; stop before the preview."""
    hand.click("Lịch làm việc")
    expect(page.locator("#days-date1")).to_be_focused()
    page.keyboard.type(on)
    hand.reach("decision")
    page.keyboard.type(decision)


def test_make_up_saturday_takes_at_most_eight_keys(page: Page, sqlite_ctx: Context) -> None:
    hand = Hand(page)

    declare(page, hand, "07/03/2026", "15/QĐ-UBND")
    hand.press("Enter")
    expect(page.get_by_text("T7 07/03/2026: làm bù")).to_be_visible()
    check(page)
    hand.press("Enter")
    expect(page.get_by_text("Đã lưu thay đổi số 1.")).to_be_visible()

    assert hand.count <= MOST_KEYS
    assert calendars.of_agency(sqlite_ctx, code=None)[0].is_working_day(date(2026, 3, 7))
    expect(page.get_by_role("row", name="T7 07/03/2026")).to_contain_text("Cán bộ quantri")
    check(page)


def test_day_off_shows_what_moves_and_is_undone(page: Page, sqlite_ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    assert dossier["due_at"] == "2026-03-06T08:00:00+07:00"
    hand = Hand(page)

    declare(page, hand, "06/03/2026", "16/QĐ-UBND (bão số 1)")
    hand.press("Enter")
    moved = page.get_by_role("row", name=dossier["code"])
    expect(moved).to_contain_text("Ngày hẹn trả")
    expect(moved).to_contain_text("09/03/2026")
    check(page)
    hand.press("Enter")
    expect(page.get_by_text("Hồ sơ được dời ngày: 1.")).to_be_visible()
    event = reading.timeline(sqlite_ctx, by=SYSTEM, dossier=dossier["code"])[-1]
    assert (event["kind"], event["facts"]["ground"]) == ("promise.moved", "16/QĐ-UBND (bão số 1)")
    assert event["actor"] == "Cán bộ quantri"

    page.get_by_role("link", name="Hoàn tác").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("hoàn tác")
    check(page)
    page.keyboard.press("Enter")
    expect(page.get_by_text("đã hoàn tác bởi số 2")).to_be_visible()
    detail = reading.detail(sqlite_ctx, by=SYSTEM, dossier=dossier["code"])
    assert detail["due_at"] == "2026-03-06T08:00:00+07:00"


def test_narrow_screen_and_english(page: Page) -> None:
    page.set_viewport_size({"width": 400, "height": 800})
    page.goto("/lich?nam=2027")
    check(page)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Working calendar 2027")
    expect(page.get_by_label("Reminders about the calendar")).to_contain_text("2027 has no decision")
    check(page)
