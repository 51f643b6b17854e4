"""Many in one act, undo, take back and send back in a browser: by keys, and with two people at once."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from engine.domain.actors import Role
from engine.services import processing
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.step_tables import linear

pytestmark = pytest.mark.browser

STEPS = linear(
    ("NHAN", "BP_MOT_CUA"), ("THU_LY", "PHONG_TU_PHAP"), ("THAM_DINH", "PHONG_TU_PHAP"), ("KY", "LANH_DAO"),
    ("TRA", "BP_MOT_CUA"), ends="KY",
)  # fmt: skip


def h1(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(text)


def test_five_are_done_in_one_act_two_are_refused_tried_again_and_undone(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx, steps=STEPS, total_days="5")
    mate = b.a_person(ctx, office.id, "ban", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    dossiers = [b.a_received_dossier(ctx, office) for _ in range(5)]
    officer = journey.page("officer")
    officer.goto("/viec?hang-doi=unclaimed")
    expect(officer.locator("[data-rows] > tr")).to_have_count(5)
    for _ in range(5):  # by keys alone: down, tick
        officer.keyboard.press("j")
        officer.keyboard.press("x")
    expect(officer.locator("[data-bulk-count]")).to_have_text("5")
    # meanwhile others act: one is claimed, one asked for a paper
    claimed = dossiers[1]["open_tasks"][0]["id"]
    processing.claim(ctx, by=mate, task_id=claimed)
    b.ask_supplement(ctx, office, dossiers[3])
    officer.get_by_role("button", name="Hoàn thành bước của").press("Enter")

    h1(officer, "Hoàn thành bước “Bước THU_LY” của 5 hồ sơ")
    expect(officer.locator("main")).to_contain_text("3 hồ sơ sẽ hoàn thành")
    expect(officer.locator("main")).to_contain_text("2 hồ sơ không được")
    expect(officer.locator("main")).to_contain_text("Người làm: Cán bộ ban")
    expect(officer.locator("main")).to_contain_text("Hồ sơ đang chờ người dân bổ sung")
    journey.hold(officer, "bulk-confirm")
    officer.get_by_label("Ghi chú chung (không bắt buộc)").fill("Đợt sáng nay")
    officer.get_by_role("button", name="Hoàn thành 3 hồ sơ").press("Enter")

    h1(officer, "Kết quả: xong 3, không xong 2")
    expect(officer.locator("main")).to_contain_text("Đợt sáng nay")
    journey.hold(officer, "bulk-result")
    first = officer.url
    processing.release(ctx, by=mate, task_id=claimed)
    officer.get_by_role("button", name="Thử lại 2 hồ sơ không xong").press("Enter")
    h1(officer, "Kết quả: xong 1, không xong 1")
    journey.hold(officer)

    # one of the three goes on in other hands; the other two are undone
    mate_page = journey.page("ban")
    mate_page.goto(f"/ho-so/{dossiers[0]['code']}")
    mate_page.get_by_role("button", name="Nhận việc").click()
    expect(mate_page.locator("#messages")).to_contain_text("Bạn đã nhận việc này")
    officer.goto(first)
    officer.get_by_role("button", name="Hoàn tác").press("Enter")
    h1(officer, "Đã hoàn tác 2 hồ sơ, giữ nguyên 1")
    kept = officer.locator("[data-rows] > tr", has_text=dossiers[0]["code"])
    expect(kept).to_contain_text("Giữ nguyên")
    expect(kept).to_contain_text("Người làm: Cán bộ ban")
    journey.hold(officer)
    officer.get_by_role("link", name="Về hộp việc").press("Enter")
    h1(officer, "Hộp việc")


def test_what_was_sent_is_taken_back_or_sent_back_and_who_was_faster_is_told(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx, steps=STEPS, total_days="5")
    dossier = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    processing.complete(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])  # now it is to be signed
    place = f"/ho-so/{dossier['code']}"
    officer, approver = journey.page("officer"), journey.page("approver")
    for page in (officer, approver):
        page.goto(place)
        expect(page.get_by_role("heading", level=1)).to_contain_text(dossier["code"])

    # the approver sends it back for a reason while the officer wants to take it back: the officer is told by whom
    opener(approver, "Trả lại bước trước")
    approver.get_by_label("Lý do trả lại").fill("Thiếu chữ ký của người thẩm định")
    journey.hold(approver)
    approver.get_by_role("button", name="Trả lại bước trước").press("Enter")
    expect(approver.locator("#messages")).to_contain_text("Đã trả lại bước trước")
    opener(officer, "Thu hồi bước vừa làm")
    officer.get_by_role("button", name="Thu hồi bước vừa làm").press("Enter")
    expect(officer.locator("main")).to_contain_text("thay đổi")

    # the officer does it again, and takes it back before anybody has looked at it
    officer.goto(place)
    officer.get_by_role("button", name="Hoàn thành bước").press("Enter")
    expect(officer.locator("#messages")).to_contain_text("Đã hoàn thành bước")
    opener(officer, "Thu hồi bước vừa làm")
    journey.hold(officer)
    officer.get_by_role("button", name="Thu hồi bước vừa làm").press("Enter")
    expect(officer.locator("#messages")).to_contain_text("Đã thu hồi")
    expect(officer.locator("main")).to_contain_text("Bước THAM_DINH")
    approver.reload()
    expect(approver.get_by_role("button", name="Hoàn thành bước")).to_have_count(0)
    officer.goto(f"{place}/dien-bien")
    expect(officer.locator("main")).to_contain_text("Thu hồi bước vừa làm")
    expect(officer.locator("main")).to_contain_text("Thiếu chữ ký của người thẩm định")


def opener(page: Page, name: str) -> None:
    """Open the fold in which a form lies, if it lies in one, by its key."""
    button = page.get_by_role("button", name=name)
    if not button.is_visible():
        page.locator("summary", has_text=name).press("Enter")
    expect(button).to_be_visible()
