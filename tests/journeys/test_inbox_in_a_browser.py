"""The inbox in a browser: two people on one queue, the peek, search by phone, saved views, all by keyboard."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, expect

from engine.domain.actors import Role
from engine.services import processing
from tests.support.builders import (
    NO_EMAIL,
    a_person,
    a_received_dossier,
    an_office,
    ask_supplement,
    turn_clock_to,
)
from tests.support.desk_journey import Journey

pytestmark = pytest.mark.browser


def expect_chosen(page: Page, code: str) -> None:
    """Expect the keyboard to be in the row of the dossier."""
    expect(page.locator("[data-rows] > tr:is(:focus, :focus-within)")).to_contain_text(code)


def expect_nothing_done_for_another(page: Page) -> None:
    """Expect that ``n`` goes to the act of its own row while the peek still shows the row before, and does nothing."""
    first, second = (row.get_attribute("data-id") for row in page.locator("[data-rows] > tr").all()[:2])
    page.locator(f"[data-id='{first}']").focus()
    page.keyboard.press("v")
    expect(page.locator(f"#peek[data-of='{first}']")).to_be_visible()
    waiting: list[Route] = []
    page.route("**/viec/xem/**", lambda route: waiting.append(route))
    page.keyboard.press("j")
    expect(page.locator(f"[data-id='{second}'][aria-current]")).to_be_visible()  # asked for, not there yet
    page.keyboard.press("n")
    for _ in range(40):  # what is asked for comes when it comes
        while waiting:
            waiting.pop().continue_()
        page.wait_for_timeout(50)
    page.unroute("**/viec/xem/**")
    while waiting:
        waiting.pop().continue_()
    expect(page.locator(f"#peek[data-of='{second}'] .mc-peek-next")).to_be_visible()
    expect(page.locator("[data-rows] > tr")).to_have_count(3)
    page.keyboard.press("Escape")


def test_two_people_work_on_one_queue(journey: Journey) -> None:
    ctx = journey.ctx
    office = an_office(ctx)
    other = a_person(ctx, office.id, "binh", [Role.OFFICER], office.officer.units)
    late = a_received_dossier(ctx, office)
    paused = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-09T09:00")
    wanted = a_received_dossier(ctx, office, applicant=replace(NO_EMAIL, name="Đặng Thị Ễ", phone="0912345678"))
    fresh = a_received_dossier(ctx, office)

    an, binh = journey.page("officer"), journey.page("binh")
    for page in (an, binh):
        page.goto("/viec?hang-doi=unclaimed")
        expect(page.locator("[data-rows] > tr")).to_have_count(4)
    journey.hold(an, "inbox")
    expect(an.locator("[data-rows] > tr").first).to_contain_text(late["code"])  # overdue first
    still = an.locator("[data-rows] > tr", has_text=paused["code"])
    expect(still).to_contain_text("dừng từ 02/03/2026 08:00")

    # one claims by key; the other, whose list is older, is told by whom
    an.keyboard.press("j")
    an.keyboard.press("c")
    expect(an.locator("#messages")).to_contain_text(f"Đã nhận việc của hồ sơ {late['code']}")
    expect(an.locator("[data-rows] > tr")).to_have_count(3)
    binh.evaluate("document.dispatchEvent(new Event('motcua:ask'))")
    expect(binh.locator("#news a")).to_contain_text("Danh sách đã thay đổi – cập nhật")
    expect(binh.locator("[data-count=unclaimed]")).to_have_text("3")
    expect(binh.locator("[data-rows] > tr")).to_have_count(4)  # rows do not move under the hand
    binh.keyboard.press("j")
    binh.keyboard.press("c")
    expect(binh.locator("#messages")).to_contain_text("Người làm: Cán bộ officer")
    expect(binh.locator("[data-rows] > tr")).to_have_count(3)
    assert processing.claim(ctx, by=other, task_id=fresh["open_tasks"][0]["id"])["code"] == fresh["code"]

    if journey.size == "desk":
        expect_nothing_done_for_another(an)

    # the row that is now where the claimed one was is chosen; search by phone, peek, and do what is next
    an.keyboard.press("/")
    an.keyboard.type("0912 345")
    an.keyboard.press("Enter")
    an.wait_for_url("**q=0912*")  # loaded, with its scripts
    expect(an.locator("[data-rows] > tr")).to_have_count(1)
    an.keyboard.press("j")
    expect_chosen(an, wanted["code"])
    an.keyboard.press("v")
    expect(an.locator(".mc-peek")).to_contain_text("Đặng Thị Ễ")
    expect(an.locator(".mc-peek")).to_contain_text("0912345678")
    journey.hold(an, "inbox-peek")
    if journey.size == "phone":
        an.wait_for_url("**/viec/xem/*")
        an.go_back()
        expect(an.locator("[data-rows] > tr")).to_have_count(1)
        expect_chosen(an, wanted["code"])
        an.get_by_role("link", name=f"Việc tiếp theo của {wanted['code']}").press("Enter")
        an.wait_for_url("**/viec/xem/*")
        an.get_by_role("button", name="Hoàn thành bước").press("Enter")
    else:
        an.keyboard.press("Escape")
        expect(an.locator("#peek")).to_be_hidden()
        expect_chosen(an, wanted["code"])
        an.keyboard.press("n")
        expect(an.locator("#peek [data-key=n]")).to_be_visible()
        an.get_by_label("Ghi chú (in trên phiếu kiểm soát)").fill("Đủ điều kiện")
        expect(an.locator("#peek .mc-draft")).to_have_attribute("data-state", "saved")
        an.keyboard.press("Escape")
        an.keyboard.press("n")  # what was typed into the peek comes back with it
        expect(an.get_by_label("Ghi chú (in trên phiếu kiểm soát)")).to_have_value("Đủ điều kiện")
        an.get_by_label("Ghi chú (in trên phiếu kiểm soát)").press("Tab")
        an.keyboard.press("n")
    expect(an.locator("#messages")).to_contain_text(f"{wanted['code']}: Đã hoàn thành bước")
    assert "q=0912" in an.url  # still in the list


def test_a_saved_view_is_kept_opened_and_begun_with(journey: Journey) -> None:
    ctx = journey.ctx
    office = an_office(ctx)
    mine = a_received_dossier(ctx, office)
    processing.claim(ctx, by=office.officer, task_id=mine["open_tasks"][0]["id"])
    free = a_received_dossier(ctx, office)
    page = journey.page("officer")
    page.goto("/viec?hang-doi=all")

    page.get_by_role("link", name="Lọc", exact=True).press("Enter")
    page.get_by_label("Chưa có người").select_option("1")
    journey.hold(page)
    page.get_by_role("button", name="Lọc").press("Enter")
    expect(page.locator("[data-rows] > tr")).to_have_count(1)
    expect(page.locator("[data-rows] > tr")).to_contain_text(free["code"])
    expect(page.locator(".mc-chips")).to_contain_text("Chưa có người: có")

    page.get_by_role("link", name="Cột").press("Enter")
    for column in ("Thủ tục", "Hạn trả"):
        page.get_by_label(column, exact=True).fill("")
    page.get_by_label("Điện thoại").fill("1")
    page.get_by_label("Số dòng mỗi trang").select_option("50")
    journey.hold(page)
    page.get_by_role("button", name="Lưu").press("Enter")
    expect(page.locator(".mc-list-table thead")).not_to_contain_text("Hạn trả")
    expect(page.locator(".mc-list-table thead th").nth(1)).to_have_text("Điện thoại")

    page.get_by_role("link", name="Cách xem").press("Enter")
    page.get_by_label("Tên cách xem").fill("Chưa ai nhận")
    page.get_by_role("button", name="Lưu").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chưa ai nhận")
    page.get_by_role("link", name="Cách xem").press("Enter")
    expect(page.get_by_label("Tên cách xem")).to_be_visible()
    journey.hold(page)
    page.get_by_role("button", name="Mở đầu Hộp việc “Chưa ai nhận”").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Từ nay Hộp việc mở bằng cách xem này.")
    page.goto("/viec")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chưa ai nhận")
    expect(page.locator("[data-rows] > tr")).to_have_count(1)
    journey.hold(page)
