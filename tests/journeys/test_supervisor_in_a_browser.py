"""A supervisor's morning in a browser: the digest, the tiles and their lists, who has time, urging, taking it up."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.dossier import Status
from engine.reports import digests
from engine.services import delivery, processing
from engine.store.people import Officer
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.mail import RecordingMail

pytestmark = pytest.mark.browser


def a_busy_office(ctx: Context) -> tuple[b.Office, list[b.Dossier]]:
    """Return an office on Friday 2026-03-13 at 07:00 with two late dossiers, some done, and one that waits."""
    office = b.an_office(ctx)
    b.a_person(ctx, office.id, "second", [Role.OFFICER], [office.units["PHONG_TU_PHAP"]])
    with ctx.unit_of_work() as uow:
        for username in ("supervisor", "officer", "approver"):
            who = Officer.username == username
            uow.session.execute(update(Officer).where(who).values(email=f"{username}@example.test"))
    digests.want(ctx, by=office.supervisor, wanted=True)
    late = [b.a_received_dossier(ctx, office, applicant=b.WITH_EMAIL) for _ in range(2)]
    done = b.a_received_dossier(ctx, office)
    for dossier in (*late, done):
        b.turn_clock_to(ctx, "2026-03-02T09:30" if dossier is late[0] else "2026-03-02T10:00")
        processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    b.turn_clock_to(ctx, "2026-03-03T15:00")
    b.advance_to(ctx, office, done, Status.RETURNED)
    b.turn_clock_to(ctx, "2026-03-12T16:00")
    b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-13T07:00")
    return office, late


def rows_of(page: Page) -> int:
    return page.locator("tbody[data-rows] tr").count()


def test_a_morning_of_a_supervisor(journey: Journey) -> None:
    ctx = journey.ctx
    _, late = a_busy_office(ctx)
    assert digests.order_due(ctx) == 1
    for message in delivery.due(ctx, limit=20):
        delivery.deliver(ctx, message_id=message)
    assert isinstance(ctx.mail, RecordingMail)
    mail = next(each for each in ctx.mail.sent if each.subject.startswith("Sáng"))
    assert "2 hồ sơ quá hạn" in mail.subject

    page = journey.page("supervisor")
    page.goto("/giam-sat")
    journey.hold(page, "supervisor")
    for tile in page.locator("[data-tile]").evaluate_all("tiles => tiles.map(tile => tile.dataset.tile)"):
        page.goto("/giam-sat")
        count = page.locator(f"[data-tile={tile}] strong").inner_text()
        page.locator(f"[data-tile={tile}]").click()
        page.wait_for_url(lambda url: not url.endswith("/giam-sat"))
        expect(page.locator("tbody[data-rows] tr"), tile).to_have_count(int(count))

    _urge_and_raise(journey, page, late)
    _give_away(journey, page, late)
    for path, name in (("tai-viec", "load"), ("xu-huong", "trend"), ("cham-do-ai", None), ("thu-tuc", None)):
        page.goto(f"/giam-sat/{path}")
        journey.hold(page, name)
    page.get_by_role("link", name="TP99").click()
    expect(page.locator("[data-heat][data-drawn]")).to_be_visible()
    expect(page.locator(".mc-heat-flag").first).to_be_visible()
    journey.hold(page, "heat-map")

    assert mail.html is not None
    letter = journey.page()
    letter.set_content(mail.html)
    journey.hold(letter, "digest")


def _urge_and_raise(journey: Journey, page: Page, late: list[b.Dossier]) -> None:
    """By keyboard alone: open the board, tick a row, urge; then take both up with a reason."""
    page.goto("/qua-han")
    expect(page.get_by_role("heading", name="Quá hạn ở đâu")).to_be_visible()
    journey.hold(page, "board")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_label("Lời nhắc, hoặc lý do báo cáo").focus()
    page.keyboard.type("Xin làm trong sáng nay")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Nhắc", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nhắc 1, không nhắc được 0")
    journey.hold(page)
    page.goto("/qua-han")
    for box in page.get_by_role("checkbox").all():
        if box.is_visible():
            box.check()
    page.get_by_label("Lời nhắc, hoặc lý do báo cáo").fill("Chậm quá năm ngày")
    page.get_by_role("button", name="Báo cáo lên").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã báo cáo 2, không báo cáo được 0")
    page.goto(f"/ho-so/{late[0]['code']}/dien-bien")
    expect(page.locator("main")).to_contain_text("Báo cáo lên người duyệt, ký")
    expect(page.locator("main")).to_contain_text("Chậm quá năm ngày")


def _give_away(journey: Journey, page: Page, late: list[b.Dossier]) -> None:
    page.goto("/qua-han")
    page.get_by_label(f"Chọn hồ sơ {late[0]['code']}").check()
    page.get_by_role("button", name="Phân công lại…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Phân công lại")
    journey.hold(page)
    page.get_by_label("Cán bộ second").focus()
    page.keyboard.press("Space")
    page.get_by_label("Lý do").fill("Chia việc")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã phân công 1, không phân công được 0")
    page.goto("/qua-han?xem=overdue&nguoi-lam=second")
    assert rows_of(page) == 1
