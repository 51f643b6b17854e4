"""The main job in Chromium: receive by keyboard, advance to hand-over, apologise, export; axe on each screen."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Channel, Status
from engine.services import apologies, people, processing, reading
from tests.support.builders import (
    Office,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    ask_supplement,
    turn_clock_to,
)
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.site import PASSWORD, make_site

pytestmark = pytest.mark.browser

PAPERS = {"papers": [{"name": "Tờ khai"}, {"name": "Giấy chứng sinh"}], "field": "Hộ tịch", "cutoff": "15:00"}


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office whose people can sign in."""
    made = an_office(sqlite_ctx, policy=PAPERS)
    for username in ("desk", "officer", "approver", "supervisor"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def address(sqlite_ctx: Context, office: Office) -> Iterator[str]:
    """The address of the running site."""
    with served(make_site(sqlite_ctx)) as found:
        yield found


@pytest.fixture
def page(chromium: str, address: str) -> Iterator[Page]:
    """A page of Chromium at the size of a desk's screen."""
    with a_browser(chromium, address) as opened:
        yield opened


def sign_in(page: Page, username: str) -> None:
    """Sign in as this officer, signing out whoever is there."""
    page.goto("about:blank")  # or a question still on its way brings the old cookie back
    page.context.clear_cookies()
    page.goto("/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Xin chào")


def check(page: Page) -> None:
    """Hold the page against WCAG 2.2 AA and the width of the window."""
    assert axe_findings(page) == []
    assert not overflows(page)


def test_a_dossier_is_received_by_keyboard_and_handed_over(page: Page, sqlite_ctx: Context, office: Office) -> None:
    a_received_dossier(sqlite_ctx, office)  # so that the applicant is known
    sign_in(page, "desk")
    page.goto("/quay")
    check(page)
    page.keyboard.type("thu tuc thu")  # the search has the focus
    expect(page.locator(".mc-offer")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quay?procedure=TP99*")
    page.keyboard.type("031090000001")
    expect(page.locator("#known")).to_contain_text("Nguyễn Văn Thử")
    check(page)
    page.keyboard.press("F8")
    expect(page.get_by_label("Họ và tên (bắt buộc)")).to_have_value("Nguyễn Văn Thử")
    page.keyboard.press("Space")  # the first paper is there
    page.keyboard.press("F9")
    page.wait_for_url("**/quay/da-nhan/H00-260302-0002*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã tiếp nhận hồ sơ")
    check(page)
    papers = reading.detail(sqlite_ctx, by=office.desk, dossier="H00-260302-0002")["components"]
    assert [paper["name"] for paper in papers] == ["Tờ khai"]

    for username in ("officer", "approver", "desk"):
        sign_in(page, username)
        page.goto("/viec?hang-doi=unclaimed&q=0002")
        page.keyboard.press("j")
        page.keyboard.press("c")
        expect(page.locator("#messages")).to_contain_text("Đã nhận việc của hồ sơ H00-260302-0002")
        page.goto("/viec")
        check(page)
        page.keyboard.press("j")
        page.keyboard.press("Enter")
        page.wait_for_url("**/ho-so/H00-260302-0002")
        page.get_by_role("link", name="Thời hạn").press("Enter")
        expect(page.locator("#diagram[data-drawn]")).to_be_visible()
        expect(page.locator(".mc-flag")).to_have_text("Đang ở đây")
        check(page)
        page.go_back()
        page.keyboard.press("n")
        expect(page.locator("#messages")).to_contain_text("Đã hoàn thành bước")
    expect(page.get_by_label("Người nhận kết quả (bắt buộc)")).to_have_value("Nguyễn Văn Thử")
    page.get_by_label("Đã ký trên phiếu giấy").check()
    page.get_by_role("button", name="Trả kết quả").click()
    expect(page.locator("#messages")).to_contain_text("Đã trả kết quả")
    assert reading.detail(sqlite_ctx, by=office.desk, dossier="H00-260302-0002")["status"] == Status.RETURNED


def test_a_late_dossier_gets_its_apology_and_the_report_is_exported(
    page: Page, sqlite_ctx: Context, office: Office, tmp_path: Path
) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    turn_clock_to(sqlite_ctx, "2026-03-09T09:00")
    sign_in(page, "supervisor")
    page.goto("/qua-han")
    check(page)
    expect(page.locator("tbody[data-rows] tr")).to_contain_text(["Quá hạn 1 ngày 1 giờ làm việc"])
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_url("**/xin-loi/*")
    check(page)
    page.get_by_label("Nguyên nhân (bắt buộc)").select_option("staff")
    page.get_by_label("Lý do ghi trong thư (bắt buộc)").fill("Cán bộ phụ trách nghỉ ốm, hồ sơ phải chuyển người khác.")
    page.get_by_role("button", name="Lưu dự thảo").click()
    expect(page.locator("#messages")).to_contain_text("Đã lưu dự thảo")
    page.get_by_role("button", name="Duyệt thư").click()
    expect(page.locator("#messages")).to_contain_text("Đã duyệt")
    page.get_by_role("button", name="Cấp số và gửi").click()
    expect(page.locator("#messages")).to_contain_text("Đã cấp số và gửi thư")
    check(page)
    (letter,) = apologies.listed(sqlite_ctx, by=office.supervisor)
    assert (letter["dossier_code"], letter["state"], letter["number"]) == (code, "sent", "01/PXL")

    page.goto("/xin-loi?trang-thai=sent")
    check(page)
    page.goto("/bao-cao")
    check(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="XLSX").first.click()
    file = tmp_path / "report.xlsx"
    download.value.save_as(file)
    assert file.read_bytes().startswith(b"PK")


def test_a_form_that_met_a_change_keeps_what_was_typed(page: Page, sqlite_ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    sign_in(page, "officer")
    page.goto(f"/ho-so/{dossier['code']}")
    page.locator("summary", has_text="Yêu cầu bổ sung giấy tờ").click()
    page.get_by_label("Giấy tờ còn thiếu").fill("Bản sao giấy khai sinh")
    page.get_by_label("Lý do (bắt buộc)").fill("Còn thiếu")
    processing.claim(sqlite_ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    page.get_by_role("button", name="Yêu cầu bổ sung giấy tờ").click()
    expect(page.get_by_role("alert")).to_contain_text("Nhận việc (Bước THU_LY), Cán bộ officer")
    expect(page.get_by_label("Lý do (bắt buộc)")).to_have_value("Còn thiếu")
    check(page)


@pytest.mark.parametrize("width", [1366, 400])
def test_every_other_screen_is_accessible(
    chromium: str, address: str, sqlite_ctx: Context, office: Office, width: int
) -> None:
    waiting = a_submitted_dossier(sqlite_ctx, office, channel=Channel.ONLINE)
    asked = ask_supplement(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office))
    done = advance_to(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office), Status.FINISHED)
    with a_browser(chromium, address, {"width": width, "height": 768}) as page:
        sign_in(page, "desk")
        places = ["/viec?hang-doi=all", f"/ho-so/{waiting['id']}", f"/ho-so/{asked['code']}", f"/ho-so/{done['code']}"]
        places += [f"/ho-so/{asked['code']}/{tab}" for tab in ("giay-to", "dien-bien", "trao-doi", "thoi-han")]
        places += ["/thu-tuc", "/thu-tuc/H00/TP99", "/tra-cuu", f"/tra-cuu/{asked['code']}", "/tra-cuu/H00-260302-9999"]
        for place in [*places, "/quay", "/quay?procedure=TP99"]:
            page.goto(place)
            if page.locator("[data-diagram]").count():
                expect(page.locator("[data-drawn]")).to_be_visible()
            page.evaluate("document.querySelectorAll('main details').forEach(it => { it.name = ''; it.open = true; })")
            assert (place, axe_findings(page), overflows(page)) == (place, [], False)
