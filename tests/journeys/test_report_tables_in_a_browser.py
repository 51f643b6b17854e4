"""The end of a month in a browser: the form, a number of it, the dossier behind it, its cause, the causes, the gate."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from engine.domain.dossier import Status
from tests.support import builders as b
from tests.support.desk_journey import Journey

pytestmark = pytest.mark.browser


def test_a_report_is_made_ready(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx, policy={"field": "Hộ tịch"})
    b.an_office(ctx, procedure="TP98", policy={"field": "Chứng thực"})
    done, late, left = (b.a_received_dossier(ctx, office) for _ in range(3))
    b.advance_to(ctx, office, done, Status.FINISHED)
    b.turn_clock_to(ctx, "2026-03-16T08:00")
    b.advance_to(ctx, office, late, Status.FINISHED)

    page = journey.page("supervisor")
    page.goto("/bao-cao/bieu-06?ky=2026-03")
    expect(page.get_by_role("table").get_by_role("row").filter(has_text="Hộ tịch")).to_contain_text("3")
    journey.hold(page, "table-06")
    page.get_by_label("Lập cho").select_option("unit")
    page.get_by_role("button", name="Xem").click()
    expect(page.get_by_role("heading", level=2)).not_to_have_count(0)
    journey.hold(page, "table-06-units")

    # by keyboard alone: the number of those open and late, its dossier, the form that says why
    number = page.locator("table").first.locator("tfoot a[data-number]").last
    expect(number).to_have_text("1")
    number.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Biểu II.06, cột 13: đang giải quyết quá hạn: 1 hồ sơ")
    page.goto("/bao-cao/tre-han?ky=2026-03")
    journey.hold(page, "late-dossiers")
    page.get_by_role("link", name=left["code"]).focus()
    page.keyboard.press("Enter")
    cause = page.locator("#late-cause-cause")
    expect(cause).to_be_visible()
    cause.focus()
    for _ in range(3):  # rule, staff, co-operation
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Chờ cơ quan thuế trả lời")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Đã ghi nguyên nhân trễ hạn.")).to_be_visible()

    page.goto("/bao-cao/bieu-07?ky=2026-03")
    journey.hold(page, "table-07")
    total = page.get_by_role("row").filter(has_text="Tổng số").last
    expect(total.get_by_role("cell")).to_have_text(["2", "1", "1", "0", "0", "1", "0", "0", "1", "0"])
    total.get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chưa xác định: 1 hồ sơ")
    journey.hold(page, "table-07-list")
    page.goto("/bao-cao/chat-luong?ky=2026-03")
    expect(page.get_by_role("row").filter(has_text="Quá hạn chưa ghi nguyên nhân")).to_contain_text("1")
    journey.hold(page, "data-quality")
