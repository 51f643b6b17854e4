"""Reception without a mouse, and without losing a word: keys counted, tab closed, net cut, session ended, two tabs."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page, expect

from engine.domain.dossier import Status
from engine.services import reading
from engine.services.intake import PaperLine
from tests.support.builders import NO_EMAIL, Office, a_received_dossier, an_office, withdraw
from tests.support.desk_journey import Journey
from tests.support.site import PASSWORD

pytestmark = pytest.mark.browser

NUMBER = "031090000001"
PAPERS = ["Tờ khai đăng ký", "Giấy chứng sinh", "Ảnh 3x4"]
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180545d6a890000000049454e44ae426082"
)


@dataclass
class Keys:
    """Presses keys in a page and counts them; search text is typed beside the count."""

    page: Page
    pressed: list[str] = field(default_factory=list)

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed.append(key)

    def search(self, text: str) -> None:
        """Type what is searched for: the procedure's words, the person's number."""
        self.page.keyboard.type(text)


def an_open_counter(journey: Journey) -> Office:
    """Make an office whose procedure asks for three papers, with one dossier of a known applicant."""
    office = an_office(journey.ctx, policy={"papers": PAPERS})
    a_received_dossier(journey.ctx, office, papers=tuple(PaperLine(name) for name in PAPERS[:2]))
    return office


def components(journey: Journey, office: Office, code: str) -> list[tuple[str, int, str | None]]:
    """Return name, originals and file of each paper of a dossier."""
    found = reading.detail(journey.ctx, by=office.desk, dossier=code)["components"]
    return [(paper["name"], paper["originals"], paper["file_name"]) for paper in found]


def test_known_applicant_with_three_papers_is_received_in_25_keys(journey: Journey) -> None:
    """The words of the search and the 12 digits of the identity number are search text; every other key counts."""
    office = an_open_counter(journey)
    page = journey.page("desk")
    page.goto("/quay")
    expect(page.get_by_role("searchbox")).to_be_focused()
    journey.hold(page, "reception")
    keys = Keys(page)

    keys.search("thu tuc thu")
    keys.press("Enter")
    page.wait_for_url("**/quay?procedure=TP99*")
    keys.search(NUMBER)
    expect(page.locator("#known")).to_contain_text("Nguyễn Văn Thử")
    expect(page.get_by_label("Đã có trong dữ liệu: Tờ khai đăng ký")).to_be_visible()
    keys.press("F8")
    expect(page.get_by_label("Họ và tên (bắt buộc)")).to_have_value("Nguyễn Văn Thử")
    keys.press("Space", "ArrowDown", "Space", "ArrowDown", "Space", "F9")
    page.wait_for_url("**/quay/da-nhan/H00-260302-0002*")

    assert len(keys.pressed) <= 25
    assert components(journey, office, "H00-260302-0002") == [(name, 1, None) for name in PAPERS]
    expect(page.get_by_role("link", name="Hồ sơ tiếp theo")).to_be_focused()
    keys.press("Enter")
    page.wait_for_url("**/quay")
    expect(page.get_by_text("Không có bản nháp nào.")).to_be_visible()

    # The next one has a paper that need not be brought again, a scan, and somebody who files for another.
    keys.search("99")
    expect(page.locator(".mc-offer")).to_have_count(1)
    keys.press("ArrowDown", "Enter")
    page.wait_for_url("**/quay?procedure=TP99*")
    keys.search(NUMBER)
    expect(page.locator("#known")).to_contain_text("Nguyễn Văn Thử")
    keys.press("F8")
    there = page.get_by_label("Đã có trong dữ liệu: Tờ khai đăng ký")
    there.focus()
    keys.press("ArrowDown")
    expect(there.locator("option:checked")).to_contain_text("Đã có: hồ sơ H00-260302-000")
    scan = page.get_by_label("Chọn tệp quét: Ảnh 3x4")
    scan.set_input_files({"name": "anh.png", "mimeType": "image/png", "buffer": PIXEL})
    expect(page.locator(".mc-preview")).to_contain_text("anh.png · 1 KB")
    expect(page.get_by_label("Có: Ảnh 3x4")).to_be_checked()
    journey.hold(page, "reception-receive")
    page.get_by_role("button", name="Xem: anh.png").focus()
    keys.press("Enter")
    expect(page.get_by_role("dialog", name="Xem trước tệp").get_by_role("img", name="anh.png")).to_be_visible()
    journey.hold(page)
    keys.press("Escape")
    page.get_by_text("Nộp thay: chủ hồ sơ là người khác").focus()
    keys.press("Enter")
    page.get_by_label("Họ và tên chủ hồ sơ").fill("Trần Thị Khác")
    page.get_by_label("Giấy tờ ủy quyền").fill("Giấy ủy quyền số 12")
    keys.press("F9")
    expect(page.locator("#refused")).to_contain_text("Giấy tờ đã có không dùng lại được")  # it is not the owner's
    expect(page.get_by_label("Họ và tên chủ hồ sơ")).to_have_value("Trần Thị Khác")
    for label in ("Họ và tên chủ hồ sơ", "Giấy tờ ủy quyền"):
        page.get_by_label(label).fill("")
    there.select_option(index=1)
    page.get_by_label("Chọn tệp quét: Ảnh 3x4").set_input_files(
        {"name": "anh.png", "mimeType": "image/png", "buffer": PIXEL}
    )
    keys.press("F9")
    page.wait_for_url("**/quay/da-nhan/H00-260302-0003*")
    taken = components(journey, office, "H00-260302-0003")
    assert taken == [("Tờ khai đăng ký", 0, None), ("Ảnh 3x4", 1, "anh.png")]


def test_nothing_typed_is_lost_when_tab_net_or_session_go(journey: Journey) -> None:
    office = an_open_counter(journey)
    page = journey.page("desk")
    page.goto("/quay?procedure=TP99")
    page.get_by_label("Số định danh", exact=True).fill(NUMBER)
    page.get_by_label("Họ và tên (bắt buộc)").fill("Lê Thị Nháp")
    page.get_by_label("Có: Giấy chứng sinh").check()
    expect(page.locator(".mc-draft")).to_have_attribute("data-state", "saved")
    expect(page.locator("[data-said]")).to_contain_text("Bản nháp đã lưu lúc")
    context = page.context
    page.close()

    page = context.new_page()
    page.goto("/quay")
    journey.hold(page)
    page.get_by_role("link", name="Lê Thị Nháp").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Họ và tên (bắt buộc)")).to_have_value("Lê Thị Nháp")
    expect(page.get_by_label("Có: Giấy chứng sinh")).to_be_checked()
    expect(page.locator("[data-said]")).to_contain_text("Đã điền lại bản nháp")
    address = page.url

    context.set_offline(True)
    page.get_by_label("Điện thoại", exact=True).fill("0912000009")
    trouble = page.locator("[data-trouble]")
    expect(trouble).to_contain_text("Mất mạng")
    page.keyboard.press("F9")
    expect(trouble).to_contain_text("Chưa gửi.")
    assert page.url == address
    context.set_offline(False)
    expect(page.locator("[data-said]")).to_contain_text("Chưa gửi. Bản nháp đã lưu lúc")

    context.clear_cookies()
    page.get_by_label("Địa chỉ", exact=True).fill("Số 9 đường Thử")
    expect(trouble).to_contain_text("Phiên làm việc đã kết thúc")
    journey.hold(page)
    page.get_by_role("link", name="Đăng nhập lại").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Tên đăng nhập").fill("desk")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Địa chỉ", exact=True)).to_have_value("Số 9 đường Thử")
    expect(page.get_by_label("Điện thoại", exact=True)).to_have_value("0912000009")
    page.keyboard.press("F9")
    page.wait_for_url("**/quay/da-nhan/*")
    applicant = reading.detail(journey.ctx, by=office.desk, dossier="H00-260302-0002")["applicant"]
    assert (applicant["name"], applicant["phone"], applicant["address"]) == (
        "Lê Thị Nháp", "0912000009", "Số 9 đường Thử",
    )  # fmt: skip
    page.goto("/quay")
    expect(page.get_by_text("Không có bản nháp nào.")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("alert")).to_contain_text("Bản nháp này không còn")

    # the session ended before the first word was kept: what the form asks by itself leads nobody away from it
    page.goto("/quay?procedure=TP99&agency=H00")
    expect(page.locator("html[data-drafts=ready]")).to_be_attached()
    context.clear_cookies()
    with page.expect_response("**/quay/hen-tra*") as promise:
        page.get_by_label("Cách nộp").select_option("postal")
    assert promise.value.status == 401
    page.get_by_label("Họ và tên (bắt buộc)").fill("Hoàng Thị Muộn")
    expect(trouble).to_contain_text("Phiên làm việc đã kết thúc")
    expect(page.get_by_label("Họ và tên (bắt buộc)")).to_be_focused()
    expect(page.locator("#promise")).to_contain_text("Nếu nhận bây giờ")
    page.get_by_role("link", name="Đăng nhập lại").press("Enter")
    page.get_by_label("Tên đăng nhập").fill("desk")
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Họ và tên (bắt buộc)")).to_have_value("Hoàng Thị Muộn")
    expect(page.get_by_label("Cách nộp")).to_have_value("postal")
    expect(page.get_by_text("Bản nháp này không còn")).to_have_count(0)

    # a form that was refused goes on being kept, under the same draft
    page.get_by_label("Họ và tên (bắt buộc)").fill("")
    expect(page.locator(".mc-draft")).to_have_attribute("data-state", "saved")
    page.keyboard.press("F9")
    expect(page.locator("#refused")).to_contain_text("mọi ô đã nhập vẫn còn")
    with page.expect_response(lambda answer: answer.request.method == "PUT"):  # the state was "saved" before, too
        page.get_by_label("Địa chỉ", exact=True).fill("Số 10 đường Thử")
    expect(page.locator(".mc-draft")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.get_by_label("Địa chỉ", exact=True)).to_have_value("Số 10 đường Thử")


def test_two_tabs_and_two_people_are_told_of_each_other(journey: Journey) -> None:
    office = an_open_counter(journey)
    first = journey.page("desk")
    first.goto("/quay?procedure=TP99")
    name = "Họ và tên (bắt buộc)"
    first.get_by_label(name).fill("Người thứ nhất")
    expect(first.locator("[data-said]")).to_contain_text("Bản nháp đã lưu lúc")
    second = first.context.new_page()
    second.goto(first.url)
    expect(second.get_by_label(name)).to_have_value("Người thứ nhất")
    first.get_by_label(name).fill("Người thứ nhất sửa")
    expect(first.locator(".mc-draft")).to_have_attribute("data-state", "saved")
    second.get_by_label(name).fill("Người thứ hai")
    expect(second.locator("[data-trouble]")).to_contain_text("đang được nhập ở một thẻ khác")
    journey.hold(second)
    second.get_by_role("button", name="Lấy bản của thẻ kia").focus()
    second.keyboard.press("Enter")
    expect(second.get_by_label(name)).to_have_value("Người thứ nhất sửa")

    dossier = a_received_dossier(journey.ctx, office, applicant=NO_EMAIL)
    officer = journey.page("officer")
    officer.goto(f"/ho-so/{dossier['code']}")
    form = officer.locator("form[action$='/supplement']")
    form.evaluate(
        "form => { for (let each = form; each; each = each.parentElement.closest('details')) each.open = true; }"
    )
    form.get_by_label("Lý do (bắt buộc)").fill("Bản sao mờ, không đọc được")
    expect(form.locator("[data-said]")).to_contain_text("Bản nháp đã lưu lúc")
    withdraw(journey.ctx, office, dossier)
    officer.reload()
    expect(officer.get_by_text("Công dân yêu cầu rút hồ sơ").first).to_be_visible()

    third = a_received_dossier(journey.ctx, office)
    officer.goto(f"/ho-so/{third['code']}")
    form = officer.locator("form[action$='/supplement']")
    form.evaluate(
        "form => { for (let each = form; each; each = each.parentElement.closest('details')) each.open = true; }"
    )
    form.get_by_label("Giấy tờ còn thiếu hoặc phải sửa").fill("Bản sao giấy khai sinh")
    form.get_by_label("Lý do (bắt buộc)").fill("Bản sao mờ, không đọc được")
    withdraw(journey.ctx, office, third)
    form.get_by_role("button", name="Yêu cầu bổ sung giấy tờ").press("Enter")
    refused = officer.locator("#refused")
    changed = refused.get_by_role("table", name="Hồ sơ đã thay đổi từ khi bạn mở đơn")
    expect(changed.get_by_role("row", name="Trạng thái")).to_have_accessible_name(
        "Trạng thái Đang xử lý Công dân yêu cầu rút hồ sơ"
    )
    expect(changed.get_by_role("row", name="Bước đang mở")).to_contain_text("không có")
    expect(refused).to_contain_text("Bản sao mờ, không đọc được")  # the form is gone, the words are not
    journey.hold(officer)
    assert reading.detail(journey.ctx, by=office.desk, dossier=third["id"])["status"] == Status.WITHDRAWN
