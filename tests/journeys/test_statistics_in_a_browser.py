"""A supervisor's Monday in a browser: the statistics page, a number, its list, a dossier; a period; the process map."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.desk_journey import Journey
from tests.support.lives import live

pytestmark = pytest.mark.browser

INSIDE = """() => {
  const box = document.querySelector("[data-heat]");
  box.replaceChildren();
  delete box.dataset.drawn;
  box.dataset.steps = box.dataset.steps.replace(/"node": "(\\w+)"/g, '"node": "$1__inside"');
  document.dispatchEvent(new Event("DOMContentLoaded"));
}"""  #: draws the map as if each step lay in a part that a step of the drawing calls


def test_from_a_number_to_a_dossier_and_to_the_process(journey: Journey) -> None:
    live(journey.ctx)
    page = journey.page("supervisor")
    page.goto("/bao-cao")
    expect(page.locator("#verdict")).to_contain_text("hồ sơ xong đúng hạn")
    journey.hold(page, "statistics")

    _a_named_period_by_keyboard(page)
    _to_a_dossier_by_keyboard(journey, page)
    _the_process(journey, page)
    page.goto("/bao-cao/thoi-gian?tu=2026-03-01&den=2026-03-31&theo=procedure&nam-goc=2026")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thời gian giải quyết")
    journey.hold(page, "time-used-report")


def _a_named_period_by_keyboard(page: Page) -> None:
    """Choose February, that the 15th cuts, by its name; then dates of one's own again."""
    page.get_by_label("Kỳ", exact=True).focus()
    page.get_by_label("Kỳ", exact=True).select_option("2026-03-15")
    expect(page.get_by_label("Từ ngày")).to_have_value("2026-02-15")
    expect(page.get_by_label("Đến ngày")).to_have_value("2026-03-14")
    page.get_by_role("button", name="Xem").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**ky=2026-03-15**")
    expect(page.locator("#verdict")).to_contain_text("Từ 15/02/2026 đến 14/03/2026")
    page.get_by_label("Đến ngày").fill("2026-03-31")
    page.get_by_label("Đến ngày").press("Tab")
    expect(page.get_by_label("Kỳ", exact=True)).to_have_value("")
    page.get_by_role("button", name="Xem").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_contain_text("Từ 15/02/2026 đến 31/03/2026")


def _to_a_dossier_by_keyboard(journey: Journey, page: Page) -> None:
    late = page.locator(".mc-card-number", has_text="Xong quá hạn").locator("a").first
    count = int(late.inner_text())
    assert count > 0
    late.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Xong quá hạn: {count} hồ sơ")
    expect(page.locator("tbody[data-rows] tr")).to_have_count(count)
    journey.hold(page, "statistics-list")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("H00-")


def _the_process(journey: Journey, page: Page) -> None:
    page.goto("/bao-cao/dong-chay?tu=2026-03-01&den=2026-03-31")
    journey.hold(page)
    page.locator("tbody[data-rows] tr", has_text="TP99").get_by_role("link").first.click()
    expect(page.locator("[data-heat][data-drawn]")).to_be_visible()
    expect(page.locator(".mc-flow-flag").first).to_be_attached()
    expect(page.locator(".mc-heat-flag").first).to_be_attached()
    journey.hold(page, "process-map")
    _steps_in_shared_parts(page)


def _steps_in_shared_parts(page: Page) -> None:
    """Shared parts are not drawn: what happened in them stands, with the names of its steps, at their calls."""
    before = page.locator(".mc-heat-flag").count()
    page.evaluate(INSIDE)
    expect(page.locator("[data-heat][data-drawn]")).to_be_visible()
    expect(page.locator(".mc-heat-flag", has_text=re.compile(r"\d · .+: \d+ lần"))).to_have_count(before)
