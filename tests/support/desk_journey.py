"""Journeys of officers through a served site: pages of several people at once, at a desk's or a phone's size."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from tests.support.chromium import a_chromium
from tests.support.desk_browser import DESK_SIZE, axe_findings, is_complaint, overflows, served
from tests.support.site import PASSWORD, make_site

PHONE_SIZE = {"width": 390, "height": 844}
SIZES = {"desk": DESK_SIZE, "phone": PHONE_SIZE}
SCREENS = Path(__file__).parents[2] / "docs" / "screens"


@dataclass
class Journey:
    """A served site and one browser; each page belongs to a person of its own."""

    ctx: Context
    address: str
    browser: Browser
    size: str  #: a key of SIZES
    complaints: list[str] = field(default_factory=list)  #: what scripts and the content policy said; must stay empty

    def page(self, username: str | None = None) -> Page:
        """Open a page in a browser context of its own, signed in as this officer, whose password becomes PASSWORD."""
        context = self.browser.new_context(base_url=self.address, viewport=SIZES[self.size], locale="vi-VN")
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if is_complaint(said) else None)
        if username is not None:
            people.set_password(self.ctx, by=SYSTEM, username=username, password=PASSWORD)
            page.goto("/dang-nhap")
            page.get_by_label("Tên đăng nhập").fill(username)
            page.get_by_label("Mật khẩu").fill(PASSWORD)
            page.keyboard.press("Enter")
            expect(page.get_by_role("heading", level=1)).to_contain_text("Xin chào")
        return page

    def hold(self, page: Page, name: str | None = None) -> None:
        """Hold a page against WCAG 2.2 AA and the width of its window; with a name, take its picture for docs/screens.

        Pictures are written where the environment has ``SCREENS=1`` (``make screens``); a test run changes no file.
        """
        assert axe_findings(page) == []
        assert not overflows(page)
        if name is not None and os.environ.get("SCREENS") == "1":
            SCREENS.mkdir(exist_ok=True)
            page.screenshot(path=SCREENS / f"{name}-{self.size}.png", full_page=True)


@contextmanager
def a_journey(chromium: str, ctx: Context, size: str) -> Iterator[Journey]:
    """Serve the site of a context and open a browser; a complaint of any page fails the test at its end."""
    with served(make_site(ctx)) as address, a_chromium(chromium) as browser:
        journey = Journey(ctx, address, browser, size)
        yield journey
    assert journey.complaints == []
