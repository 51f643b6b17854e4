"""An administrator adds a procedure from a sheet, mends it on the drawing, tries and publishes it, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.context import Context
from engine.domain.actors import Role
from engine.services import procedures
from tests.support.builders import Office, an_office
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.sheets import as_xlsx, change, rows
from tests.support.site import PASSWORD, an_account, make_site

pytestmark = pytest.mark.browser

CODE = "9.000009"


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office with an administrator."""
    made = an_office(sqlite_ctx)
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    return made


@pytest.fixture
def page(chromium: str, sqlite_ctx: Context, office: Office) -> Iterator[Page]:
    """The start page of an administrator."""
    with served(make_site(sqlite_ctx)) as address, a_browser(chromium, address) as opened:
        opened.goto("/dang-nhap")
        opened.get_by_label("Tên đăng nhập").fill("quantri")
        opened.get_by_label("Mật khẩu").fill(PASSWORD)
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", level=1)).to_contain_text("Xin chào")
        yield opened


def check(page: Page) -> None:
    """Hold the page against WCAG 2.2 AA and the width of the window."""
    assert axe_findings(page) == []
    assert not overflows(page)


def test_administrator_brings_a_sheet_into_force(page: Page, sqlite_ctx: Context, tmp_path: Path) -> None:
    sheet = tmp_path / "quy-trinh.xlsx"
    sheet.write_bytes(as_xlsx(rows(steps=change(1, 3, "2"))))  # one day too many: 3 days together
    page.get_by_role("link", name="Soạn thủ tục").first.click()
    check(page)

    page.get_by_label("Bảng các bước hoặc sơ đồ").set_input_files(sheet)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.locator("[data-diagram][data-drawn]")).to_be_visible()
    check(page)
    page.get_by_role("link", name=f"Mở bản thảo {CODE}").click()
    check(page)

    page.get_by_role("navigation", name="Các bước soạn thủ tục").get_by_role("link", name="Thông tin chung").click()
    check(page)
    page.get_by_label("Tổng thời hạn (bắt buộc)").fill("2")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_text("Tổng các chặng trên đường dài nhất vượt thời hạn thủ tục.")).to_be_visible()

    page.get_by_role("navigation", name="Các bước soạn thủ tục").get_by_role("link", name="Sơ đồ").click()
    expect(page.locator("[data-editor][data-ready]")).to_be_visible()
    expect(page.locator("[data-findings][data-asked]")).to_be_attached()
    for step in ("Thẩm định", "Ký giấy", "Vào sổ"):
        page.get_by_label("Phần tử", exact=True).select_option(label=f"Bước có người làm: {step}")
        page.get_by_label("Thời hạn chặng", exact=True).fill("1,5")
        page.keyboard.press("Tab")
    expect(page.locator("[data-finding-count]")).to_have_text("Không có lỗi, không có lưu ý.")
    page.keyboard.press("Control+s")
    expect(page.locator(".mc-state")).to_have_text("Đã lưu")
    page.get_by_role("link", name="Về bản thảo").click()

    page.get_by_role("link", name="Chạy thử").first.click()
    check(page)
    page.get_by_role("button", name="Lưu và chạy thử").click()
    expect(page.get_by_text("Chạy được. Chưa có gì để so")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Lấy kết quả này làm mong đợi").click()
    expect(page.get_by_text("Đúng như mong đợi.")).to_be_visible()
    check(page)

    page.get_by_role("link", name="Đến bước ban hành").click()
    check(page)
    page.get_by_role("button", name="Ban hành").click()
    expect(page.get_by_text("Đã ban hành phiên bản 1.")).to_be_visible()
    check(page)
    shown = procedures.show(sqlite_ctx, code=CODE, agency="H00")
    assert (shown["limit"], len(shown["steps"]), shown["findings"]) == ("2 working_day", 5, [])


def test_bad_sheet_is_told_by_row_and_column_and_the_next_try_works(page: Page, tmp_path: Path) -> None:
    bad, good = tmp_path / "sai.xlsx", tmp_path / "dung.xlsx"
    bad.write_bytes(as_xlsx(rows(steps=change(1, 3, "lâu"))))
    good.write_bytes(as_xlsx(rows()))
    page.goto("/quy-trinh")

    page.get_by_label("Bảng các bước hoặc sơ đồ").set_input_files(bad)
    page.get_by_role("button", name="Xem trước").click()
    expect(page.get_by_text("row 5, column D (Thời gian)")).to_be_visible()
    check(page)
    page.get_by_label("Bảng các bước hoặc sơ đồ").set_input_files(good)
    page.get_by_role("button", name="Xem trước").click()

    expect(page.get_by_text("Đã tạo bản thảo: 1. Chưa ban hành gì.")).to_be_visible()


def test_form_and_decision_pages_are_accessible(page: Page, sqlite_ctx: Context) -> None:
    page.goto("/quy-trinh")
    page.get_by_text("Bắt đầu từ bốn bước thường có").click()
    page.locator("#blank-code").fill("9.1")
    page.locator("#blank-name").fill("Thủ tục mới")
    page.get_by_role("button", name="Tạo bản thảo", exact=True).last.click()

    page.get_by_role("link", name="Biểu mẫu, quyết định").click()
    check(page)
    page.get_by_label("Tên ô, dòng 1").fill("private_house")
    page.get_by_label("Câu hỏi, dòng 1").fill("Là nhà ở riêng lẻ")
    page.get_by_label("Loại, dòng 1").select_option("boolean")
    page.get_by_role("button", name="Lưu").click()
    page.get_by_label("Thêm bảng, mã").fill("fee")
    page.get_by_role("button", name="Mở bảng").click()
    page.get_by_label("Tên ô được hỏi, cột 1").fill("private_house")
    for row, (asked, fee) in enumerate((("true", "75000"), ("false", "150000")), start=1):
        page.get_by_label(f"Dòng {row}, hỏi 1").fill(asked)
        page.get_by_label(f"Dòng {row}, kết quả 1").fill(fee)
    page.get_by_role("button", name="Lưu", exact=True).click()
    check(page)
    page.get_by_label("Ví dụ 1, cho private_house").fill("true")
    page.get_by_role("button", name="Lấy kết quả này làm mong đợi, ví dụ 1").click()
    expect(page.get_by_label("Ví dụ 1, mong đợi fee_vnd")).to_have_value("75000")
    page.get_by_label("Ví dụ 2, cho private_house").fill("maybe")
    page.get_by_role("button", name="Lấy kết quả này làm mong đợi, ví dụ 2").click()
    expect(page.get_by_role("alert")).to_contain_text("chưa cho kết quả")
    check(page)
    page.locator("#try-1").fill("true")
    page.get_by_role("button", name="Tính").click()

    expect(page.get_by_text("fee_vnd = 75000", exact=True)).to_be_visible()
    check(page)
