"""A plan in a browser: a target by keyboard, what saves it, a figure, a task, the register, the index."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.domain.indicator_catalogue import INDICATORS
from engine.services import plan_tasks
from engine.services.plan_tasks import Task
from tests.support import builders as b
from tests.support.desk_journey import Journey

pytestmark = pytest.mark.browser


def test_plan_is_kept(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx, policy={"field": "Hộ tịch"})
    done, late, _left = (b.a_received_dossier(ctx, office) for _ in range(3))
    b.advance_to(ctx, office, done, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    b.advance_to(ctx, office, late, Status.FINISHED)
    b.a_received_dossier(ctx, office)
    overdue = Task(2026, "15", "Kế hoạch kiểm tra", "Văn phòng", date(2026, 3, 10), "KH 12/KH-UBND", product="Kế hoạch")
    plan_tasks.put(ctx, by=SYSTEM, agency="H00", task=overdue)

    page = journey.page("supervisor")
    page.goto("/bao-cao/chi-tieu?tu=2026-01-01&den=2026-12-31")
    page.locator("#target-indicator").focus()  # by keyboard alone: choose, type, save
    for _step in range(list(INDICATORS).index("on_time_finished") + 1):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("99")
    page.locator("#target-document").focus()
    page.keyboard.type("Kế hoạch 12/KH-UBND năm 2026")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã đặt chỉ tiêu.")).to_be_visible()
    page.goto("/bao-cao/chi-tieu?tu=2026-01-01&den=2026-12-31")
    target = page.get_by_role("article")
    expect(target).to_contain_text("50% (1/2)")
    expect(target).to_contain_text("Chưa đạt")
    journey.hold(page, "plan-targets")
    target.get_by_role("link", name="hồ sơ còn kịp").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 hồ sơ")
    journey.hold(page)

    page.goto("/bao-cao/chi-so-766/so-lieu")
    page.locator("#figure-indicator").select_option("satisfied_reception")
    page.locator("#figure-from_on").fill("2026-03-01")
    page.locator("#figure-to_on").fill("2026-03-31")
    page.locator("#figure-numerator").fill("105")
    page.locator("#figure-denominator").fill("100")
    page.locator("#figure-source").fill("Phiếu khảo sát tháng 3")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#e-figure-numerator")).to_be_visible()
    expect(page.locator("#figure-source")).to_have_value("Phiếu khảo sát tháng 3")
    journey.hold(page)
    page.locator("#figure-numerator").fill("95")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("row").filter(has_text="95/100")).to_be_visible()
    journey.hold(page, "plan-figures")

    page.goto("/bao-cao/nhiem-vu?nam=2026")
    expect(page.get_by_role("row").filter(has_text="Kế hoạch kiểm tra")).to_contain_text("quá 6 ngày")
    page.get_by_role("link", name="Kế hoạch kiểm tra").click()
    journey.hold(page, "plan-tasks")
    page.locator("#task-state").select_option("done")
    page.locator("#task-done_on").fill("2026-03-12")
    page.get_by_role("button", name="Lưu").click()
    expect(page.get_by_role("row").filter(has_text="Kế hoạch kiểm tra")).to_contain_text("Xong quá hạn")

    page.goto("/bao-cao/chi-so-766?ky=2026-03&them=unit")
    expect(page.get_by_role("row").filter(has_text="Hài lòng trong tiếp nhận")).to_contain_text("6 / 6")
    journey.hold(page, "index-766")
    page.get_by_role("link", name="hồ sơ làm mất điểm: Hồ sơ tiếp nhận").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("3 hồ sơ")

    admin = journey.page("admin")
    admin.goto("/quan-tri/danh-muc-thu-tuc")
    expect(admin.get_by_role("row").filter(has_text="TP99")).to_contain_text("chưa khai")
    admin.get_by_role("link", name="TP99").click()
    admin.locator("#entry-online_level").select_option("full")
    admin.locator("#entry-legal_limit").fill("15 working_day")
    journey.hold(admin, "procedure-register")
    admin.locator("#entry-legal_limit").press("Enter")
    expect(admin.get_by_role("row").filter(has_text="TP99")).to_contain_text("Toàn trình")
