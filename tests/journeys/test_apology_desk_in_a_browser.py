"""A morning at the apology desk: ten dossiers foreseen late get their letter, signed, numbered, sent and shown."""

from __future__ import annotations

import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Page, expect

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.dossier import Cause, Status
from engine.integrations.mail import SmtpMail
from engine.integrations.signature_checks import check
from engine.reports import on_time
from engine.reports.on_time import Question
from engine.reports.on_time_values import Period
from engine.services import apologies, delivery
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.signing import PIN, authority
from tests.support.signing_office import add_key, signing_electronically

pytestmark = pytest.mark.browser

TEN = 10
FEW = 3  #: a phone need not do ten again
REASON = "Cán bộ thụ lý nghỉ ốm ba ngày, hồ sơ phải chuyển người khác xem lại từ đầu."
NEW_DUE = "2026-03-10T09:00"


class Letterbox:
    """Keeps the mails that it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def a_letterbox() -> Iterator[tuple[Letterbox, str]]:
    """Run a mail server on a free port of this machine; yield it and its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Letterbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box, f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()


def a_morning(ctx: Context, letters: int) -> tuple[b.Office, list[b.Dossier]]:
    """Return an office on Wednesday at 08:05: so many lie there since Monday, and the clock ordered letters."""
    office = b.an_office(ctx, total_days="3")  # office and head have 3 days for 2: after one the rest does not fit
    b.a_person(ctx, office.id, "clerk", [Role.CLERK])
    signing_electronically(ctx, office)
    add_key(ctx, office, authority().head)
    add_key(ctx, office, authority().seal, None)
    dossiers = [
        b.a_received_dossier(ctx, office, applicant=replace(b.WITH_EMAIL, email=f"dan{number}@example.test"))
        for number in range(letters)
    ]
    b.turn_clock_to(ctx, "2026-03-04T08:05")
    return office, dossiers


def the_rest_written(ctx: Context, office: b.Office, *, but: str) -> None:
    """Write the drafts of all letters but one."""
    draft = apologies.Draft(cause=Cause.STAFF, reason=REASON, new_due_at=b.local(NEW_DUE))
    for letter in apologies.listed(ctx, by=office.supervisor):
        if letter["dossier_code"] != but:
            apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)


def numbers(ctx: Context, office: b.Office) -> Counter[str]:
    """Return the columns of March by name."""
    question = Question(period=Period(date(2026, 3, 1), date(2026, 3, 31)))
    return Counter(on_time.on_time(ctx, by=office.supervisor, question=question).total.counts)


def apart(act: Callable[..., Any], *args: Any, **facts: Any) -> Any:
    """Do something in a thread of its own: what checks signatures runs a loop, and the browser's runs in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(act, *args, **facts).result()


def test_ten_letters_of_a_morning(journey: Journey) -> None:
    ctx = journey.ctx
    letters = TEN if journey.size == "desk" else FEW
    office, dossiers = a_morning(ctx, letters)
    first = dossiers[0]["code"]

    _write_one(journey, first, letters)
    the_rest_written(ctx, office, but=first)
    before = numbers(ctx, office)
    _approve_all(journey, letters)
    _send_all(journey, letters)
    assert numbers(ctx, office) == before

    with a_letterbox() as (box, url):
        posting = replace(ctx, mail=SmtpMail(url, ctx.settings.mail_from), settings=replace(ctx.settings, smtp_url=url))
        for message in delivery.due(posting, limit=100):
            delivery.deliver(posting, message_id=message)
    apologising = [mail for mail in box.mails if "xin lỗi" in str(mail["Subject"]).lower()]
    assert sorted(str(mail["To"]) for mail in apologising) == sorted(
        f"dan{each}@example.test" for each in range(letters)
    )
    papers = [next(mail.iter_attachments()) for mail in apologising]
    assert {paper.get_content_type() for paper in papers} == {"application/pdf"}
    checks = apart(check, papers[0].get_content(), trust=authority().trust, now=ctx.clock.now())
    assert [each.holds for each in checks] == [True, True]  # the head's, and the seal over number and day

    citizen = journey.page()
    citizen.goto(f"/tra-cuu/{first}")
    expect(citizen.locator("main")).to_contain_text("Cơ quan xin lỗi vì chậm trả kết quả và hẹn lại")
    expect(citizen.locator("main")).to_contain_text("10/03/2026 09:00")
    expect(citizen.locator("main")).to_contain_text("/PXL, gửi ngày 04/03/2026")
    expect(citizen.locator("main")).not_to_contain_text(b.NO_EMAIL.name)
    journey.hold(citizen, "apology-track")

    b.turn_clock_to(ctx, "2026-03-09T15:00")
    for dossier in dossiers:
        b.advance_to(ctx, office, dossier, Status.FINISHED)
    late = numbers(ctx, office)
    assert (late["late"], late["apologised"], late["apologised_met"]) == (letters, letters, letters)
    assert late["on_time"] + late["early"] == 0  # a letter never makes a promise kept
    assert apart(verify, ctx) == []


def _write_one(journey: Journey, code: str, letters: int) -> None:
    """By keyboard alone: find one by its code, open it, write cause and reason, keep the suggested date."""
    officer = journey.page("officer")
    officer.goto("/xin-loi")
    expect(officer.locator("[data-count=to_write]")).to_have_text(str(letters))
    journey.hold(officer, "apology-desk")
    officer.keyboard.press("/")
    officer.keyboard.type(code[-4:])
    officer.keyboard.press("Enter")
    expect(officer.locator("tbody[data-rows] tr")).to_have_count(1)
    officer.wait_for_load_state()  # the script that knows the keys
    officer.keyboard.press("j")
    officer.keyboard.press("Enter")
    expect(officer.get_by_role("heading", level=1)).to_contain_text(code)
    officer.get_by_label("Nguyên nhân (bắt buộc)").focus()
    officer.keyboard.type("Cán bộ")
    officer.keyboard.press("Tab")
    officer.keyboard.type(REASON)
    officer.get_by_label("Hẹn trả lại (bắt buộc)").fill(NEW_DUE)
    officer.get_by_role("button", name="Lưu dự thảo").press("Enter")
    expect(officer.locator("#messages")).to_contain_text("Đã lưu dự thảo")
    journey.hold(officer, "apology-letter")


def _approve_all(journey: Journey, letters: int) -> None:
    """By keyboard alone: choose all of the page, look at each reason, sign them with the PIN typed once."""
    approver = journey.page("approver")
    approver.goto("/xin-loi")
    expect(approver.locator("[data-count=to_approve]")).to_have_text(str(letters))
    approver.keyboard.press("j")
    approver.keyboard.press("x")
    expect(approver.locator("[data-bulk-count]")).to_have_text("1")
    approver.keyboard.press("a")
    expect(approver.locator("[data-bulk-count]")).to_have_text(str(letters))
    journey.hold(approver, "apology-approve")
    approver.keyboard.press("n")
    expect(approver.get_by_role("heading", level=1)).to_have_text(f"Duyệt và ký {letters} thư xin lỗi")
    expect(approver.get_by_text(REASON)).to_have_count(letters)
    journey.hold(approver, "apology-confirm")
    expect(approver.get_by_label("Mã PIN khóa ký của bạn (bắt buộc)")).to_be_focused()
    approver.keyboard.type("999999")
    approver.keyboard.press("Enter")
    expect(approver.get_by_role("alert")).to_be_focused()
    journey.hold(approver, "apology-wrong-pin")
    approver.get_by_label("Mã PIN khóa ký của bạn (bắt buộc)").focus()
    approver.keyboard.type(PIN)
    approver.keyboard.press("Enter")
    expect(approver.get_by_role("heading", level=1)).to_have_text(f"Đã duyệt và ký {letters} thư, không được 0")
    journey.hold(approver, "apology-verdicts")


def _send_all(journey: Journey, letters: int) -> None:
    clerk = journey.page("clerk")
    clerk.goto("/xin-loi")
    expect(clerk.locator("[data-count=to_number]")).to_have_text(str(letters))
    clerk.get_by_role("link", name="Chọn cả trang này").click()
    clerk.get_by_role("button", name=re.compile("Cấp số và gửi")).click()
    clerk.get_by_label("Mã PIN của khóa con dấu cơ quan (bắt buộc)").fill(PIN)
    journey.hold(clerk, "apology-number")
    clerk.get_by_role("button", name=re.compile("Cấp số và gửi")).click()
    expect(clerk.get_by_role("heading", level=1)).to_have_text(f"Đã gửi {letters} thư, không gửi được 0")
    _see_one(journey, clerk, letters)


def _see_one(journey: Journey, clerk: Page, letters: int) -> None:
    clerk.goto("/xin-loi?trang-thai=sent")
    expect(clerk.locator("tbody[data-rows] tr")).to_have_count(letters)
    journey.hold(clerk, "apology-sent")
    clerk.keyboard.press("j")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("aside")).to_contain_text("thư điện tử")
    journey.hold(clerk, "apology-one")


def test_settings_of_letters(journey: Journey) -> None:
    b.an_office(journey.ctx)
    admin = journey.page("admin")
    admin.goto("/quan-tri")
    admin.get_by_role("link", name="Thư xin lỗi").click()
    journey.hold(admin, "letter-settings")
    admin.get_by_label("Số (bắt buộc)").fill("0")
    admin.get_by_label("Ký hiệu Bộ phận Một cửa (bắt buộc)").fill("BPTNTKQ")
    admin.get_by_role("button", name="Lưu").press("Enter")
    expect(admin.get_by_role("alert")).to_be_focused()
    expect(admin.get_by_label("Ký hiệu Bộ phận Một cửa (bắt buộc)")).to_have_value("BPTNTKQ")
    journey.hold(admin)
    admin.get_by_label("Số (bắt buộc)").fill("2")
    admin.get_by_role("button", name="Lưu").press("Enter")
    expect(admin.locator("#messages")).to_contain_text("Đã lưu.")
    expect(admin.get_by_label("Số (bắt buộc)")).to_have_value("2")
