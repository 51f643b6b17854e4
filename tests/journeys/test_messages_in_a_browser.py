"""The desk sees what could not be sent, why, and sends it again with the keyboard alone."""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import expect

from engine.errors import EngineError
from engine.integrations.mail import MailRefusedError
from engine.services import delivery
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.mail import RecordingMail

pytestmark = pytest.mark.browser


def test_what_could_not_be_sent_is_seen_and_sent_again(journey: Journey) -> None:
    ctx = journey.ctx
    office = b.an_office(ctx)
    first, second = (b.a_received_dossier(ctx, office, applicant=b.WITH_EMAIL)["code"] for _ in range(2))
    assert isinstance(ctx.mail, RecordingMail)
    ctx.mail.fail_with = MailRefusedError("the mail server refused the mail for good (550)")
    with ctx.unit_of_work() as uow:
        uow.outbox.add(agency=office.id, topic="mail", key="k", payload={"to": "x@example.test"}, at=ctx.clock.now())
    for message_id in delivery.due(ctx, limit=20):
        with suppress(EngineError):
            delivery.deliver(ctx, message_id=message_id)
    ctx.mail.fail_with = None
    page = journey.page("desk")
    page.goto("/")
    page.get_by_role("navigation", name="Điều hướng chính").get_by_role("link", name="Tin nhắn").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("Máy chủ thư từ chối hẳn")
    journey.hold(page, "messages-dead")
    page.get_by_role("button", name=f"Gửi lại {first}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#messages")).to_contain_text("Đã đưa vào hàng chờ")
    expect(page.locator("main")).to_contain_text(second)
    page.get_by_role("navigation", name="Trạng thái của tin nhắn").get_by_role("link", name="Đang chờ").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main tbody")).to_contain_text(first)
    journey.hold(page, "messages-waiting")
    page.goto(f"/ho-so/{first}/dien-bien")
    expect(page.get_by_role("heading", name="Tin đã báo người dân")).to_be_visible()
    journey.hold(page, "messages-dossier")
