"""A desk officer corrects a receipt with the keyboard, and enters a slip that was filled in during a power cut."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine.domain.actors import Role
from engine.services import reading, reserved_numbers
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.step_tables import DESK

pytestmark = pytest.mark.browser


def test_name_and_procedure_are_corrected_with_the_difference_shown(journey: Journey) -> None:
    office = b.an_office(journey.ctx)
    b.publish(journey.ctx, code=office.code, procedure="TP98", total_days="10")
    b.turn_clock_to(journey.ctx, "2026-03-03T09:00")
    papers = (b.intake.PaperLine("Tờ khai"), b.intake.PaperLine("Căn cước của người nộp", copies=1))
    code = b.a_received_dossier(journey.ctx, office, papers=papers)["code"]
    page = journey.page("desk")
    page.goto(f"/ho-so/{code}")
    page.get_by_text("Đính chính, cấp lại giấy").first.click()
    page.get_by_role("link", name="Mở biểu mẫu đính chính").click()
    page.get_by_label("Họ và tên").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Nguyễn Văn Đúng")
    page.get_by_label("Thủ tục", exact=False).first.select_option("TP98")
    page.get_by_label("Thời điểm nhận").fill("2026-03-02T09:00")
    page.get_by_label("Gạch bỏ giấy tờ 2").focus()
    page.keyboard.press("Space")
    page.get_by_label("Lý do đính chính").focus()
    page.keyboard.type("gõ nhầm tên và thủ tục")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    difference = page.locator("#difference")
    expect(difference).to_contain_text("Nguyễn Văn Đúng")
    expect(difference).to_contain_text("Thủ tục")
    expect(difference).to_contain_text("16/03/2026")
    expect(difference).to_contain_text("Gạch bỏ")
    journey.hold(page, "correction")
    page.get_by_role("button", name="Lưu và cấp lại giấy").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Các lần cấp giấy tiếp nhận")
    expect(page.locator("main table")).to_contain_text("gõ nhầm tên và thủ tục")
    journey.hold(page, "correction-issues")
    shown = reading.detail(journey.ctx, by=office.desk, dossier=code)
    assert (shown["applicant"]["name"], shown["procedure_code"]) == ("Nguyễn Văn Đúng", "TP98")
    assert verify(journey.ctx) == []


def test_a_pad_is_made_and_its_slip_entered_by_one_of_two(journey: Journey) -> None:
    office = b.an_office(journey.ctx)
    b.a_person(journey.ctx, office.id, "desk2", [Role.DESK], [office.units[DESK]])
    page, other = journey.page("desk"), journey.page("desk2")
    page.goto("/quay/so-du-phong")
    page.get_by_label("Quầy").fill("Quầy 3")
    page.get_by_label("Bao nhiêu số").fill("3")
    page.keyboard.press("Enter")
    expect(page.locator("#made")).to_contain_text("In sổ bắt đầu từ")
    journey.hold(page, "reserve-pad")
    code = reserved_numbers.listed(journey.ctx, by=office.desk)["items"][-1]["code"]
    b.turn_clock_to(journey.ctx, "2026-03-02T09:30")
    for each in (page, other):
        each.goto("/quay/so-du-phong")
        each.get_by_role("link", name=f"Nhập tờ này {code}").click()
        expect(each.locator("main")).to_contain_text(code)
        each.get_by_role("link", name=office.procedure).first.click()
        each.get_by_label("Họ và tên").first.fill("Nguyễn Văn Thử")
        each.get_by_label("Thời điểm nhận").fill("2026-03-02T09:00")
        expect(each.get_by_label("Mã trên giấy dự phòng")).to_have_value(code)
    page.keyboard.press("Control+Enter")
    expect(page.locator("main")).to_contain_text(code)
    other.keyboard.press("Control+Enter")
    expect(other.locator("#refused")).to_contain_text("đã được nhập vào hệ thống: Cán bộ desk,")
    expect(other.get_by_label("Họ và tên").first).to_have_value("Nguyễn Văn Thử")
    assert verify(journey.ctx) == []
