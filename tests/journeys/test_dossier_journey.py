"""One dossier in a browser: through its tabs and its next step by keyboard alone, while somebody else does the step."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from engine.services import attachments, notes, processing, reading
from tests.support import builders as b
from tests.support.desk_journey import Journey

pytestmark = pytest.mark.browser
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
TABS = {  # name of the picture: end of the address
    "dossier": "",
    "dossier-papers": "/giay-to",
    "dossier-history": "/dien-bien",
    "dossier-talk": "/trao-doi",
    "dossier-time": "/thoi-han",
}


def test_tabs_and_next_step_by_keyboard_while_another_is_faster(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T09:30")
    for name in ("to-khai.pdf", "to-khai-sua.pdf"):
        replaces = 2 if name != "to-khai.pdf" else None
        attachments.add_paper(
            ctx, by=office.desk, dossier=dossier["code"], name="Tờ khai", file_name=name, content=PDF, replaces=replaces
        )
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-03T10:00")
    dossier = b.bring_supplement(ctx, office, dossier)
    b.do_next_step(ctx, office, dossier)
    notes.add(ctx, by=office.officer, dossier=dossier["code"], text="Người nộp đã gọi điện, mang bản chính thứ Sáu")
    b.turn_clock_to(ctx, "2026-03-03T14:15")

    desk = journey.page("approver")
    desk.goto(f"/ho-so/{dossier['code']}")
    expect(desk.locator("[aria-current=step]")).to_contain_text("Đang ở đây")
    for picture, place in TABS.items():  # the key ] walks through the tabs
        desk.wait_for_url(f"**/ho-so/{dossier['code']}{place}")
        if picture == "dossier-time":
            expect(desk.locator("[data-drawn]")).to_be_visible()
            expect(desk.locator(".mc-used-flag").first).to_contain_text("giờ")
        journey.hold(desk, picture)
        desk.keyboard.press("]")
    expect(desk.get_by_role("link", name="Hồ sơ", exact=True)).to_have_attribute("aria-current", "page")
    desk.wait_for_load_state()  # keys work once the page's script has come
    desk.keyboard.press("[")
    expect(desk.get_by_role("link", name="Thời hạn", exact=True)).to_have_attribute("aria-current", "page")

    desk.wait_for_load_state()
    desk.keyboard.press("]")
    expect(desk.get_by_label("Ghi chú (in trên phiếu kiểm soát)")).to_be_visible()
    press_tab_to(desk, "Ghi chú (in trên phiếu kiểm soát)")
    desk.keyboard.type("Đã xem kỹ")
    attachments.add_paper(
        ctx, by=office.desk, dossier=dossier["code"], name="Bản đồ", file_name="ban-do.pdf", content=PDF
    )
    desk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # asks at once, as a tab that is shown again
    expect(desk.get_by_role("status").filter(has_text="Hồ sơ vừa thay đổi")).to_contain_text("Cán bộ desk")
    journey.hold(desk)
    task = dossier_task(journey, dossier)
    processing.complete(ctx, by=office.approver, task_id=task)  # the same step, from another page
    press_tab_to(desk, "Hoàn thành bước")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("alert")).to_contain_text(re.compile("Cán bộ approver"))
    expect(desk.locator("main")).to_contain_text("Đã xem kỹ")
    journey.hold(desk)


def dossier_task(journey: Journey, dossier: b.Dossier) -> str:
    """Return the id of the task that is open now."""
    (task,) = reading.detail(journey.ctx, by=b.SYSTEM, dossier=dossier["code"])["open_tasks"]
    return str(task["id"])


def press_tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus is called so."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if name in page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent"):
            return
    pytest.fail(f"the keyboard never comes to {name!r}")
