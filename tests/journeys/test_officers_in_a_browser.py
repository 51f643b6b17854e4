"""Officers' verbs in Chromium: covering an absent colleague, asking and suggesting, each verb by keyboard."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.domain.dossier import Status
from engine.services import reading
from tests.support.builders import Dossier, Office, a_received_dossier, an_office, turn_clock_to
from tests.support.desk_journey import Journey

pytestmark = pytest.mark.browser


@pytest.fixture
def office(journey: Journey) -> Office:
    """The office."""
    return an_office(journey.ctx)


@pytest.fixture
def dossier(journey: Journey, office: Office) -> Dossier:
    """A dossier that waits in the officer's unit."""
    return a_received_dossier(journey.ctx, office)


def open_act(page: Page, name: str) -> None:
    """Open the form of an act by keyboard."""
    summary = page.locator("summary").get_by_text(name, exact=True)
    summary.focus()
    page.keyboard.press("Enter")


def choose(page: Page, label: str, text: str) -> None:
    """Choose an option with the arrow keys."""
    field = page.get_by_label(label).and_(page.locator("select"))
    field.focus()
    for _ in field.locator("option").all():
        if text in str(field.locator("option:checked").text_content()):
            return
        page.keyboard.press("ArrowDown")
    expect(field.locator("option:checked")).to_contain_text(text)


def write(page: Page, label: str, text: str) -> None:
    """Type into a field that is reached by focus."""
    page.get_by_label(label).focus()
    page.keyboard.type(text)


def press(page: Page, name: str) -> None:
    """Press a button with the Enter key."""
    page.get_by_role("button", name=name).first.focus()
    page.keyboard.press("Enter")


def told(page: Page, text: str) -> None:
    """Wait for the message above the page."""
    expect(page.locator("#messages")).to_contain_text(text)


def test_cover_works_for_an_absent_colleague(journey: Journey, office: Office, dossier: Dossier) -> None:
    officer, cover = journey.page("officer"), journey.page("desk")
    place = f"/ho-so/{dossier['code']}"
    cover.goto(place)
    expect(cover.get_by_text("bạn chỉ xem")).to_be_visible()

    officer.goto("/vang-mat")
    officer.get_by_label("Đến").fill("2026-03-02T07:00")
    choose(officer, "Người làm thay", office.desk.name)
    write(officer, "Lý do", "Đi tập huấn")
    press(officer, "Ghi vắng mặt")
    expect(officer.locator("#refused")).to_contain_text("Thời gian vắng hoặc người làm thay chưa đúng")
    expect(officer.get_by_label("Lý do")).to_have_value("Đi tập huấn")
    officer.get_by_label("Đến").fill("2026-03-03T17:00")
    press(officer, "Ghi vắng mặt")
    told(officer, f"{office.officer.name} vắng mặt, {office.desk.name} làm thay")
    journey.hold(officer, "absence")

    cover.goto("/")
    expect(cover.get_by_text(f"Bây giờ bạn đang làm thay: {office.officer.name}")).to_be_visible()
    cover.goto(place)
    expect(cover.get_by_text(f"Thay mặt {office.officer.name}, đang vắng.").first).to_be_visible()
    press(cover, "Nhận việc")
    told(cover, "Bạn đã nhận việc này")
    expect(cover.locator("main")).to_contain_text(f"{office.desk.name} làm thay")
    journey.hold(cover)
    cover.goto(f"{place}/dien-bien")
    expect(cover.locator("main")).to_contain_text(f"thay mặt {office.officer.name}")

    turn_clock_to(journey.ctx, "2026-03-02T09:30")
    officer.reload()
    press(officer, "Kết thúc ngay")
    told(officer, "Đã kết thúc vắng mặt")
    expect(officer.get_by_role("cell", name="Đã hết")).to_be_visible()
    cover.goto(place)
    expect(cover.get_by_text("bạn chỉ xem")).to_be_visible()
    officer.goto(place)
    press(officer, "Trả việc về đơn vị")
    told(officer, "Đã trả việc về đơn vị")


def test_two_talk_about_a_dossier(journey: Journey, office: Office, dossier: Dossier) -> None:
    officer, approver = journey.page("officer"), journey.page("approver")
    place = f"/ho-so/{dossier['code']}/trao-doi"

    officer.goto(place)
    open_act(officer, "Xin ý kiến đơn vị khác")
    units = officer.get_by_label("Xin ý kiến của").locator("option").all_text_contents()
    choose(officer, "Xin ý kiến của", next(unit for unit in units if "LANH_DAO" in unit or "Lãnh đạo" in unit).strip())
    write(officer, "Nội dung xin ý kiến", "Hồ sơ này có đủ điều kiện không?")
    press(officer, "Xin ý kiến đơn vị khác")
    told(officer, "Đã xin ý kiến")
    expect(officer.get_by_text("Chờ trả lời").first).to_be_visible()
    open_act(officer, "Đề xuất từ chối giải quyết")
    write(officer, "Lý do từ chối", "Thửa đất đang có tranh chấp")
    write(officer, "Căn cứ", "Điều 11 Nghị định 101/2024/NĐ-CP")
    press(officer, "Đề xuất từ chối giải quyết")
    told(officer, "Đã đề xuất từ chối")
    write(officer, "Ghi chú cho đồng nghiệp", "Người nộp hẹn quay lại thứ Sáu")
    press(officer, "Thêm ghi chú")
    told(officer, "Đã lưu ghi chú")

    approver.goto("/")
    approver.get_by_role("link", name="Có 1 câu hỏi chờ ý kiến của đơn vị bạn.").focus()
    approver.keyboard.press("Enter")
    expect(approver.get_by_role("heading", level=1)).to_have_text("Chờ ý kiến của đơn vị tôi")
    journey.hold(approver)
    approver.get_by_role("link", name=dossier["code"]).focus()
    approver.keyboard.press("Enter")
    choose(approver, "Ý kiến của đơn vị", "Không đồng ý")
    press(approver, "Cho ý kiến")
    expect(approver.locator("#refused")).to_contain_text("Câu hỏi hoặc ý kiến chưa đủ")
    write(approver, "Nội dung", "Còn một đơn khiếu nại chưa giải quyết")
    press(approver, "Cho ý kiến")
    told(approver, "Đã gửi ý kiến của đơn vị")
    journey.hold(approver, "dossier-opinions")

    open_act(approver, "Từ chối giải quyết")
    expect(approver.get_by_label("Lý do từ chối")).to_have_value(
        "Thửa đất đang có tranh chấp\nCăn cứ: Điều 11 Nghị định 101/2024/NĐ-CP"
    )
    press(approver, "Từ chối giải quyết")
    told(approver, "Đã từ chối giải quyết")
    officer.reload()
    expect(officer.get_by_text("Được chấp nhận").first).to_be_visible()
    expect(officer.get_by_text("Còn một đơn khiếu nại chưa giải quyết")).to_be_visible()
    assert reading.detail(journey.ctx, by=office.officer, dossier=dossier["id"])["status"] == Status.FINISHED


def test_each_verb_by_keyboard(journey: Journey, office: Office, dossier: Dossier) -> None:
    officer, desk = journey.page("officer"), journey.page("desk")
    place = f"/ho-so/{dossier['code']}"
    officer.goto(place)
    press(officer, "Nhận việc")
    told(officer, "Bạn đã nhận việc này")
    press(officer, "Trả việc về đơn vị")
    told(officer, "Đã trả việc về đơn vị")

    open_act(officer, "Thông báo nghĩa vụ tài chính")
    write(officer, "Số tiền (đồng)", "8.000")
    write(officer, "Số thông báo, nội dung", "TB 12")
    press(officer, "Thông báo nghĩa vụ tài chính")
    told(officer, "Đã thông báo nghĩa vụ tài chính")
    choose(officer, "Cách nộp tiền", "Tiền mặt")
    write(officer, "Số biên lai", "BL 7")
    press(officer, "Ghi nhận đã nộp tiền")
    told(officer, "Đã ghi nhận hoàn thành nghĩa vụ tài chính")

    open_act(officer, "Soạn thư xin lỗi, hẹn lại")
    officer.get_by_label("Nguyên nhân").focus()
    officer.keyboard.press("ArrowDown")
    write(officer, "Lý do ghi trong thư", "Phải xác minh thêm")
    press(officer, "Soạn thư xin lỗi, hẹn lại")
    told(officer, "Đã lưu dự thảo thư xin lỗi")

    open_act(officer, "Yêu cầu bổ sung giấy tờ")
    write(officer, "Giấy tờ còn thiếu", "Bản sao giấy khai sinh")
    officer.get_by_label("Lý do", exact=False).and_(officer.locator("#supplement-reason")).focus()
    officer.keyboard.type("Còn thiếu")
    press(officer, "Yêu cầu bổ sung giấy tờ")
    told(officer, "Đã yêu cầu bổ sung")
    expect(officer.get_by_text("Đang chờ người dân")).to_be_visible()
    desk.goto(place)
    press(desk, "Nhận giấy tờ bổ sung")
    told(desk, "Đã ghi nhận giấy tờ bổ sung")

    officer.reload()
    expect(officer.locator("summary").get_by_text("Yêu cầu bổ sung giấy tờ", exact=True)).to_have_count(0)  # once
    open_act(officer, "Chuyển đơn vị xử lý")
    choose(officer, "Đơn vị nhận", "LANH_DAO")
    write(officer, "Lý do chuyển", "Nhầm đơn vị")
    press(officer, "Chuyển đơn vị xử lý")
    told(officer, "Đã chuyển đơn vị xử lý")
    expect(officer.get_by_text("bạn chỉ xem")).to_be_visible()
    journey.hold(officer)
