"""Three reference processes from the counter to the hand-over in Chromium, each step by who does it; axe throughout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from playwright.sync_api import Page, expect
from redis import Redis

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.clock import TurnedClock
from engine.domain.dossier import Status
from engine.seeds import base
from engine.services import people, procedure_library, reading
from engine.store.agencies import Agency, Unit
from engine.verification.verify import verify
from tests.support.builders import a_person, local
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.site import PASSWORD, make_site
from workers.queues import connect, open_queue
from workers.ticker import Ticker

pytestmark = pytest.mark.browser

HOME = "H00"
UNITS_OF_PARTNERS = {"CA01": ("CONG_AN", "TRUONG_CONG_AN"), "Y1": ("CO_QUAN_Y_KIEN",), "DL": ("TIEP_NHAN",)}
PEOPLE = (  # sign-in name, agency, unit, role
    ("quay", HOME, "TTPVHCC", Role.DESK),
    ("hotich", HOME, "VAN_PHONG", Role.OFFICER),
    ("kinhte", HOME, "KINH_TE_HA_TANG", Role.OFFICER),
    ("lanhdao", HOME, "LANH_DAO", Role.APPROVER),
    ("vanthu", HOME, "VAN_THU", Role.CLERK),
    ("congan", "CA01", "CONG_AN", Role.OFFICER),
    ("truongca", "CA01", "TRUONG_CONG_AN", Role.APPROVER),
    ("dienluc", "DL", "TIEP_NHAN", Role.OFFICER),
    ("ykien", "Y1", "CO_QUAN_Y_KIEN", Role.OFFICER),
)
PARTNERS = {
    "3.000527": {"cong_an": "CA01"},
    "1.004873": {},
    "1.013225": {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "CA01"},
}


@pytest.fixture
def office(sqlite_ctx: Context) -> Context:
    """An office with the three processes of the library, its partners, and one person in each unit."""
    ctx = sqlite_ctx
    base.ensure(ctx)
    with ctx.unit_of_work() as uow:
        for code, units in UNITS_OF_PARTNERS.items():
            made = uow.agencies.add(Agency(code=code, name=f"Cơ quan {code}", place="Thử"))
            for unit in units:
                uow.agencies.add_unit(Unit(owner_agency_id=made.id, code=unit, name=f"Bộ phận {unit}"))
    for code, partners in PARTNERS.items():
        procedure_library.add(ctx, by=SYSTEM, code=code, partners=partners)
    for username, agency, unit, role in PEOPLE:
        with ctx.unit_of_work(read_only=True) as uow:
            owner = uow.agencies.by_code(agency).id
            place = uow.agencies.find_unit(owner, unit)
            assert place is not None
        a_person(ctx, owner, username, [role], [place.id])
        people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    return ctx


@pytest.fixture
def page(chromium: str, office: Context) -> Iterator[Page]:
    """A page of Chromium at the size of a desk's screen."""
    with served(make_site(office)) as address, a_browser(chromium, address) as opened:
        yield opened


@pytest.fixture
def connection(valkey: str) -> Iterator[Redis]:
    """A connection to the queue of the clock process."""
    made = connect(valkey)
    yield made
    made.close()


def check(page: Page) -> None:
    """Hold the page against WCAG 2.2 AA and the width of the window."""
    if page.locator("[data-diagram]").count():
        expect(page.locator("[data-drawn]")).to_be_visible()
    assert axe_findings(page) == []
    assert not overflows(page)


def sign_in(page: Page, username: str) -> None:
    """Sign in as this officer, signing out whoever is there."""
    page.goto("about:blank")  # or a question still on its way brings the old cookie back
    page.context.clear_cookies()
    page.goto("/dang-nhap")
    page.get_by_label("Tên đăng nhập").fill(username)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Xin chào")


def at_the_counter(page: Page, code: str) -> None:
    """Open the counter with the procedure and say who the applicant is."""
    sign_in(page, "quay")
    page.goto("/quay")
    page.get_by_label("Thủ tục: mã").fill(code)
    expect(page.locator(".mc-offer")).to_have_count(1)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/quay?procedure={code}*")
    page.get_by_label("Họ và tên (bắt buộc)").fill("Nguyễn Văn Thử")


def receive(page: Page) -> str:
    """Receive the dossier and return its code."""
    page.keyboard.press("F9")
    page.wait_for_url("**/quay/da-nhan/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Đã tiếp nhận hồ sơ")
    check(page)
    return page.url.split("/da-nhan/")[1].split("?")[0]


def open_by_inbox(page: Page, username: str, code: str) -> None:
    """Find the dossier among the tasks that wait for this officer, and open it."""
    sign_in(page, username)
    page.goto(f"/viec?hang-doi=unclaimed&q={code}")
    expect(page.locator("[data-rows] > tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/ho-so/{code}*")


def do_step(page: Page, username: str, code: str, outcome: str | None = None, fields: Mapping[str, str] = {}) -> None:
    """Open the officer's task by the inbox and do it with an outcome and fields."""
    open_by_inbox(page, username, code)
    check(page)
    if outcome is not None:
        page.get_by_label("Kết quả của bước (bắt buộc)").select_option(label=outcome)
    for label, value in fields.items():
        field = page.get_by_label(label)
        if field.evaluate("it => it.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Hoàn thành bước").click()
    expect(page.locator("#messages")).to_contain_text("Đã hoàn thành bước")


def hand_over(page: Page, code: str) -> None:
    """Let the desk hand the result to the applicant."""
    open_by_inbox(page, "quay", code)
    check(page)
    page.get_by_label("Đã ký trên phiếu giấy").check()
    page.get_by_role("button", name="Trả kết quả").click()
    expect(page.locator("#messages")).to_contain_text("Đã trả kết quả")
    check(page)


def test_detox_goes_through_six_steps_and_two_agencies(page: Page, office: Context) -> None:
    at_the_counter(page, "3.000527")
    expect(page.locator("#promise")).to_contain_text("3 ngày làm việc")
    check(page)
    code = receive(page)

    do_step(page, "congan", code)
    do_step(page, "truongca", code)
    do_step(page, "lanhdao", code, "Trả lại để sửa")
    do_step(page, "truongca", code)
    do_step(page, "lanhdao", code, "Ký")
    do_step(page, "vanthu", code)
    hand_over(page, code)

    shown = reading.detail(office, by=SYSTEM, dossier=code)
    assert shown["status"] == Status.RETURNED
    assert verify(office) == []


def test_marital_status_waits_for_another_communes_answer(page: Page, office: Context) -> None:
    at_the_counter(page, "1.004873")
    expect(page.locator("#promise")).to_contain_text("Chưa đủ thông tin")
    page.get_by_label("Mục đích sử dụng giấy xác nhận").select_option(label="Để kết hôn")
    page.get_by_label("Đã từng thường trú ở xã khác").select_option(label="Có")
    page.get_by_label("Thuộc hộ nghèo").select_option(label="Có")
    expect(page.locator("#promise")).to_contain_text("6 ngày làm việc")
    expect(page.locator("#promise")).to_contain_text("0 đ")
    check(page)
    code = receive(page)

    do_step(page, "hotich", code, "Phải xác minh nơi cư trú trước")
    do_step(page, "hotich", code)
    check(page)
    page.get_by_label("Nội dung, số văn bản trả lời").fill("Công văn 12/UBND")
    page.get_by_role("button", name="Ghi nhận trả lời").click()
    expect(page.locator("#messages")).to_contain_text("Đã ghi nhận trả lời")
    do_step(page, "hotich", code, "Đủ căn cứ xác nhận")
    do_step(page, "hotich", code)
    do_step(page, "lanhdao", code, "Ký")
    do_step(page, "vanthu", code)
    hand_over(page, code)

    assert reading.detail(office, by=SYSTEM, dossier=code)["status"] == Status.RETURNED
    assert verify(office) == []


def test_a_building_permit_hears_two_opinions_one_of_them_silent(
    page: Page, office: Context, connection: Redis
) -> None:
    at_the_counter(page, "1.013225")
    page.get_by_label("Công trình là nhà ở riêng lẻ").select_option(label="Không")
    expect(page.locator("#promise")).to_contain_text("20 ngày")
    expect(page.locator("#papers")).not_to_contain_text("Cam kết bảo đảm an toàn")
    page.get_by_label("Công trình là nhà ở riêng lẻ").select_option(label="Có")
    expect(page.locator("#promise")).to_contain_text("15 ngày")
    expect(page.locator("#papers")).to_contain_text("Cam kết bảo đảm an toàn")
    check(page)
    code = receive(page)

    do_step(page, "kinhte", code, "Đạt yêu cầu")
    asked = {
        "Số cơ quan cần lấy ý kiến": "2",
        "Cơ quan lấy ý kiến thứ 1": "Đơn vị quản lý điện lực",
        "Cơ quan lấy ý kiến thứ 2": "Cơ quan được lấy ý kiến",
    }
    do_step(page, "kinhte", code, fields=asked)
    check(page)
    do_step(page, "dienluc", code, "Đồng ý có điều kiện")
    do_step(page, "kinhte", code)
    open_by_inbox(page, "ykien", code)
    check(page)

    clock = office.clock
    assert isinstance(clock, TurnedClock)
    clock.turn_to(local("2026-03-17T00:30"))  # 12 days, and that day to its end
    Ticker(office, open_queue(connection)).round()
    sign_in(page, "kinhte")
    page.goto(f"/ho-so/{code}")
    expect(page.locator(".mc-stations")).to_contain_text("Đồng ý có điều kiện")  # who concludes sees what was said
    page.goto(f"/ho-so/{code}/dien-bien")
    expect(page.get_by_text("coi như đồng ý").first).to_be_visible()
    expect(page.locator("#steps")).to_contain_text("Đồng ý có điều kiện")
    expect(page.get_by_text("Trả lời ý kiến bằng văn bản. Đồng ý có điều kiện")).to_be_visible()
    do_step(page, "kinhte", code, "Đủ điều kiện cấp phép")
    do_step(page, "kinhte", code)
    do_step(page, "lanhdao", code, "Ký")
    do_step(page, "vanthu", code)
    hand_over(page, code)

    shown = reading.detail(office, by=SYSTEM, dossier=code)
    assert (shown["status"], shown["limit"]) == (Status.RETURNED, "15 calendar_day")
    assert verify(office) == []
