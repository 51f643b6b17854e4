"""A supervisor sets when reports are sent, closes a quarter by keyboard, and sees what was corrected afterwards."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import expect

from engine.domain.statistics import NEVER, Outcome
from engine.store.facts import DossierFact
from tests.integration.test_frozen_context import a_fact
from tests.support import builders as b
from tests.support.desk_journey import Journey

pytestmark = pytest.mark.browser


def test_a_quarter_is_closed_and_corrected(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx)
    a_fact(ctx, office, date(2026, 1, 12), date(2026, 1, 14), code="H00-260112-0001")
    late = a_fact(ctx, office, date(2026, 2, 2), date(2026, 2, 20), outcome=Outcome.LATE, late_on=date(2026, 2, 11),
                  code="H00-260202-0001")  # fmt: skip
    b.turn_clock_to(ctx, "2026-04-02T09:00")
    page = journey.page("supervisor")
    page.goto("/bao-cao/ky")
    page.get_by_label("Kỳ tính từ").select_option("1")
    page.get_by_label("Gửi trước ngày").fill("5")
    page.get_by_label("Của tháng nào").select_option("1")
    page.get_by_label("Văn bản quy định").fill("Kế hoạch 12/KH-UBND ngày 05/01/2026")
    page.get_by_role("button", name="Lưu lịch").press("Enter")
    expect(page.get_by_text("Đã lưu lịch báo cáo")).to_be_visible()
    expect(page.get_by_text("còn 2 ngày")).to_be_visible()
    journey.hold(page, "report-periods")

    page.get_by_role("link", name="Kiểm tra và chốt Quý 1/2026").press("Enter")
    close = page.get_by_role("button", name="Chốt kỳ")
    expect(close).to_be_visible()
    journey.hold(page, "report-period-close")
    close.press("Enter")
    expect(page.get_by_text("Đã chốt kỳ", exact=False).first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Chưa có gì được sửa từ lúc chốt.")).to_be_visible()

    with ctx.unit_of_work() as uow:
        row = uow.session.get_one(DossierFact, late.dossier_id)
        row.outcome, row.late_on = Outcome.ON_TIME, NEVER
    page.reload()
    expect(page.get_by_text("1 hồ sơ nay tính khác lúc chốt.")).to_be_visible()
    page.get_by_text("Mã băm của từng báo cáo").first.press("Enter")
    journey.hold(page, "report-period-closed")

    page.get_by_role("link", name="Mở báo cáo của kỳ này").press("Enter")
    expect(page.get_by_text("SHA-256").first).to_be_visible()
    journey.hold(page)
