"""The return of results in Chromium: two sign on the screen, the post with its proof, two desks at once, the board."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.domain.dossier import ResultChannel, Status
from engine.services import hall_boards, intake, reading
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.pictures import PNG

pytestmark = pytest.mark.browser

COPIES = (intake.PaperLine("Tờ khai"), intake.PaperLine("Bản sao hộ khẩu", originals=0, copies=1))
HALL = {"width": 1920, "height": 1080}


def a_result(journey: Journey, office: b.Office, **changes: object) -> str:
    """Return the code of a dossier that waits for its receiver."""
    dossier = b.a_received_dossier(journey.ctx, office, **changes)
    dossier = b.advance_to(journey.ctx, office, dossier, Status.FINISHED)
    return str(b.do_next_step(journey.ctx, office, dossier)["code"])


def test_two_people_sign_for_their_certificate(journey: Journey) -> None:
    office = b.an_office(journey.ctx, policy={"receivers": 2})
    rival = b.a_person(journey.ctx, office.id, "desk2", [b.Role.DESK], [office.units[b.DESK]])
    code = a_result(journey, office, papers=COPIES)
    a_result(journey, office)
    desk = journey.page("desk")
    desk.goto("/tra-ket-qua")
    journey.hold(desk, "results")
    desk.keyboard.type(f"http://127.0.0.1/tra-cuu/{code}")  # the scanner types into the field that has the focus
    desk.keyboard.press("Enter")
    desk.wait_for_url(f"**/ho-so/{code}?mo=hand-over")
    other = journey.page(rival.name.removeprefix("Cán bộ "))
    other.goto(f"/ho-so/{code}")

    desk.get_by_label("Số trên giấy tờ của người nhận").fill("031090000009")
    expect(desk.get_by_text("Khác với số trong hồ sơ")).to_be_visible()
    desk.get_by_label("Số trên giấy tờ của người nhận").fill("031090000001")
    expect(desk.get_by_text("Khác với số trong hồ sơ")).to_be_hidden()
    desk.get_by_label("Người nhận thứ hai").fill("Trần Thị Thử")
    desk.get_by_label("Đã thu").check()
    draw(desk)
    expect(desk.get_by_text("Đã ký trên màn hình.")).to_be_visible()
    journey.hold(desk, "return")
    desk.get_by_role("button", name="Trả kết quả").click()
    expect(desk.locator("#messages")).to_contain_text("Đã trả kết quả")
    expect(desk.get_by_role("img", name="Chữ ký của người nhận")).to_be_visible()
    journey.hold(desk, "returned")

    other.get_by_label("Người nhận thứ hai").fill("Người Khác")  # the second desk is too late, and told by whom
    other.get_by_label("Đã thu").check()
    other.get_by_label("Đã ký trên phiếu giấy").check()
    other.get_by_role("button", name="Trả kết quả").click()
    expect(other.locator("#refused")).to_contain_text("Cán bộ desk,")
    assert verify(journey.ctx) == []


def draw(page: Page) -> None:
    """Draw a line over the pad."""
    canvas = page.locator("canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(box["x"] + 20 + 25 * step, box["y"] + 20 + 5 * (step % 3))
    page.mouse.up()


def test_result_goes_by_post_and_its_delivery_is_proved(journey: Journey, tmp_path: Path) -> None:
    office = b.an_office(journey.ctx)
    code = a_result(journey, office, result_channel=ResultChannel.POSTAL, applicant=b.WITH_EMAIL)
    photo = tmp_path / "phieu.png"
    photo.write_bytes(PNG)
    desk = journey.page("desk")
    desk.goto(f"/ho-so/{code}?mo=notify-result")
    desk.get_by_label("Báo bằng cách nào").focus()
    desk.keyboard.press("Tab")  # the link that prints the invitation
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator("#messages")).to_contain_text("Đã ghi nhận báo có kết quả")
    desk.goto(f"/ho-so/{code}?mo=post-result")
    desk.get_by_label("Số phiếu gửi").fill("EA123456789VN")
    desk.get_by_label("Ảnh phiếu gửi").set_input_files(photo)
    desk.get_by_role("button", name="Gửi kết quả qua bưu chính").click()
    expect(desk.locator("#messages")).to_contain_text("Đã ghi nhận gửi bưu chính")
    desk.get_by_label("Đã phát cho người nhận").check()
    desk.get_by_label("Ai đã nhận").fill("Lê Thị Nhận")
    desk.get_by_label("Ảnh giấy báo phát có chữ ký").set_input_files(photo)
    journey.hold(desk, "return-post")
    desk.get_by_role("button", name="Ghi nhận phát bưu chính").click()
    expect(desk.locator("#messages")).to_contain_text("Đã ghi nhận kết quả phát")
    expect(desk.locator("main")).to_contain_text("Lê Thị Nhận")
    assert reading.detail(journey.ctx, by=office.desk, dossier=code)["status"] == Status.RETURNED
    assert verify(journey.ctx) == []


# Codes of a commune are longer than those of the office here; how many rows then stand out of their places.
CUT_WITH_LONG_CODES = """() => {
  document.querySelectorAll(".hb-code").forEach((code) => { code.textContent = "H99.31.02-260908-0088"; });
  const end = document.querySelector(".hb-rows").getBoundingClientRect().right;
  const rows = [...document.querySelectorAll(".hb-row")];
  return rows.filter((row) => row.scrollWidth > row.clientWidth || row.getBoundingClientRect().right > end + 1).length;
}"""


def test_hall_board_turns_its_pages_and_can_be_paused(journey: Journey) -> None:
    office = b.an_office(journey.ctx)
    hall_boards.switch(journey.ctx, by=office.admin, agency=office.code, on=True)
    b.ask_supplement(journey.ctx, office, b.a_received_dossier(journey.ctx, office))
    a_result(journey, office)
    for _ in range(13):
        b.a_received_dossier(journey.ctx, office)
    hall = journey.page()
    if journey.size == "desk":
        hall.set_viewport_size(HALL)
    hall.goto(f"/bang-tin/{office.code}")
    expect(hall.locator(".hb-row")).to_have_count(14)
    journey.hold(hall, "hall-board")
    if journey.size == "desk":
        assert hall.evaluate("document.documentElement.scrollHeight") <= HALL["height"]
        assert hall.locator(".hb-code").first.evaluate("it => parseFloat(getComputedStyle(it).fontSize)") >= 40
        assert hall.evaluate(CUT_WITH_LONG_CODES) == 0
    hall.evaluate("document.getElementById('board').dataset.seconds")  # by itself after ten seconds:
    expect(hall.get_by_text("Trang 2/2")).to_be_visible(timeout=20_000)
    expect(hall.locator(".hb-row")).to_have_count(1)
    hall.keyboard.press("Space")
    expect(hall.get_by_role("link", name="Chạy tiếp")).to_be_visible()
    hall.keyboard.press("ArrowLeft")
    expect(hall.get_by_text("Trang 1/2")).to_be_visible()
    hall.keyboard.press("Space")
    expect(hall.get_by_role("link", name="Tạm dừng")).to_be_visible()
