"""Administration in a browser: an officer gets roles and signs in, a ward is merged, a fee is set; by keyboard too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine.domain.actors import Role
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.site import an_account, an_agency
from tests.support.statements import count_statements

pytestmark = pytest.mark.browser

LONG = "mật khẩu ban đầu"


def test_an_officer_is_added_gets_roles_and_signs_in(journey: Journey) -> None:
    b.an_office(journey.ctx)
    an_account(journey.ctx, "quantri", Role.ADMIN, agency="H00")
    page = journey.page("quantri")
    page.goto("/quan-tri/nguoi-dung")
    journey.hold(page, "people")
    page.get_by_label("Họ và tên").fill("Cán bộ mới")
    page.get_by_label("Tên đăng nhập").fill("canbo.moi")
    page.get_by_label("Mật khẩu ban đầu").fill("1234")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Mật khẩu quá ngắn")
    expect(page.get_by_label("Họ và tên")).to_have_value("Cán bộ mới")
    page.get_by_label("Mật khẩu ban đầu").fill(LONG)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cán bộ mới")

    page.get_by_label("Giám sát").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Lưu vai trò và đơn vị").press("Enter")
    expect(page.get_by_text("có hiệu lực ngay")).to_be_visible()
    journey.hold(page, "person")
    newcomer = journey.page()
    newcomer.goto("/dang-nhap")
    newcomer.get_by_label("Tên đăng nhập").fill("canbo.moi")
    newcomer.get_by_label("Mật khẩu").fill(LONG)
    newcomer.keyboard.press("Enter")
    expect(newcomer.get_by_role("link", name="Báo cáo").first).to_be_visible()
    page.goto("/quan-tri")
    expect(page.get_by_text("đổi vai trò, đơn vị")).to_be_visible()
    journey.hold(page, "administration")


def test_a_ward_is_merged_and_a_fee_is_set(journey: Journey) -> None:
    b.an_office(journey.ctx)
    for code in ("H01", "H77"):
        with journey.ctx.unit_of_work(read_only=True) as uow:
            known = uow.agencies.find(code)
        if known is None:
            an_agency(journey.ctx, code, units=("MOT_CUA",))
    for code in ("H00", "H01", "H77"):
        an_account(journey.ctx, f"quantri.{code.lower()}", Role.ADMIN, agency=code)
    with journey.ctx.unit_of_work() as uow:
        for code in ("H01", "H77"):
            uow.agencies.by_code(code).parent_id = uow.agencies.by_code("H00").id
    page = journey.page("quantri.h00")
    page.goto("/quan-tri/co-quan")
    journey.hold(page, "agencies")
    page.goto("/quan-tri/co-quan/H01")
    page.get_by_text("Sáp nhập vào cơ quan khác").click()
    page.get_by_label("Cơ quan tiếp nhận").select_option("H77")
    form = page.locator("form", has=page.get_by_label("Cơ quan tiếp nhận"))
    form.get_by_label("Có hiệu lực từ").fill("2026-03-02")
    form.get_by_label("Quyết định số, ngày").fill("12/QĐ-UBND ngày 01/3/2026")
    form.get_by_role("button", name="Sáp nhập").press("Enter")
    expect(page.get_by_text("Ngoài hiệu lực")).to_be_visible()
    expect(page.get_by_text("đã thực hiện")).to_be_visible()
    journey.hold(page, "agency")

    page.goto("/quan-tri/phi?co-quan=H00&thu-tuc=TP99")
    page.get_by_label("Số tiền (đồng)").fill("25.000")
    page.get_by_label("Từ ngày").fill("2026-03-02")
    page.get_by_label("Nghị quyết, quyết định").fill("07/NQ-HĐND")
    page.get_by_role("button", name="Lưu").press("Enter")
    expect(page.get_by_role("cell", name="07/NQ-HĐND")).to_be_visible()
    journey.hold(page, "fees")
    page.goto("/quan-tri/linh-vuc")
    journey.hold(page, "fields")
    for address in ("/quan-tri", "/quan-tri/nguoi-dung", "/quan-tri/co-quan", "/quan-tri/linh-vuc"):
        with count_statements(journey.ctx) as sent:
            page.goto(address)
        sent.hold()
