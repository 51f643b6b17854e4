"""What a citizen and an officer are shown of two appointments: receipt, dossier, tracking page, letter and API."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import apologies, people
from tests.support import builders as b
from tests.support.appointments import a_land_office, missed_first, pay, receive, tell_what_to_pay
from tests.support.forms import send, text_of
from tests.support.site import PASSWORD, make_site, sign_in
from tests.unit.documents.sample_papers import page_text

FIRST = "Thời gian trả kết quả giải quyết hồ sơ: lần 1: 08 giờ 00 phút, ngày 06 tháng 03 năm 2026"
SECOND = "Hẹn lần 2: 2 ngày làm việc kể từ khi hoàn thành nghĩa vụ tài chính."


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """A land office whose people can sign in."""
    made = a_land_office(sqlite_ctx)
    for username in ("desk", "officer", "approver"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    sign_in(client, username)
    return client


def test_receipt_prints_both_appointments_the_same_after_payment(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    dossier = receive(sqlite_ctx, office)
    desk = signed_in(site, "desk")
    before = desk.get(f"/ho-so/{dossier['code']}/giay-tiep-nhan.pdf").data
    pay(sqlite_ctx, office, tell_what_to_pay(sqlite_ctx, office, dossier))

    after = desk.get(f"/ho-so/{dossier['code']}/giay-tiep-nhan.pdf").data

    assert FIRST in page_text(before, 0)
    assert SECOND in page_text(before, 0)
    assert "lần 1: 4 ngày làm việc; lần 2: 2 ngày làm việc" in page_text(before, 0)
    assert after == before


def test_pages_show_what_is_awaited_and_what_was_kept(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    dossier = tell_what_to_pay(sqlite_ctx, office, receive(sqlite_ctx, office))
    b.turn_clock_to(sqlite_ctx, "2026-03-10T08:00")
    pages = [f"/ho-so/{dossier['code']}", f"/tra-cuu/{dossier['code']}"]
    desk = signed_in(site, "desk")
    waiting = [text_of(desk.get(page)) for page in pages]
    pay(sqlite_ctx, office, dossier)

    paid = [text_of(desk.get(page)) for page in pages]

    for page in waiting:
        assert "Hẹn lần 1 06/03/2026 08:00 Đúng hẹn" in page
        assert "Hẹn lần 2 2 ngày làm việc kể từ khi hoàn thành nghĩa vụ tài chính" in page
    for page in paid:
        assert "Hẹn lần 2 12/03/2026 08:00" in page
    for page in (waiting[1], paid[1]):  # no other date stands on the citizen's page
        assert "Hẹn trả" not in page


def test_dossier_that_missed_the_first_is_called_late_without_counting_days_on(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    dossier = missed_first(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-04-20T08:00")
    desk = signed_in(site, "desk")

    waiting = text_of(desk.get(f"/ho-so/{dossier['code']}"))
    pay(sqlite_ctx, office, dossier)
    paid = text_of(desk.get(f"/ho-so/{dossier['code']}"))

    for page in (waiting, paid):
        assert "Hẹn lần 1 06/03/2026 08:00 Trễ hẹn" in page
        assert "Quá hạn" in page
        assert "Quá hạn 4" not in page
    assert "Đã dùng100% thời hạn" in waiting
    assert "Đã dùng0% thời hạn" in paid


def test_letter_of_a_missed_first_appointment_is_sent_without_a_new_date(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    pay(sqlite_ctx, office, missed_first(sqlite_ctx, office))
    (letter,) = apologies.listed(sqlite_ctx, by=office.supervisor)
    approver = signed_in(site, "approver")
    page = approver.get(f"/xin-loi/{letter['id']}")
    assert "new_due_at" not in page.text

    send(approver, page, f"/xin-loi/{letter['id']}/write", cause="staff", reason="Thiếu người thụ lý")
    for act in ("approve", "send"):
        send(approver, approver.get(f"/xin-loi/{letter['id']}"), f"/xin-loi/{letter['id']}/{act}")

    printed = page_text(approver.get(f"/xin-loi/{letter['id']}.pdf").data, 0)
    assert "Thời gian hẹn trả kết quả giải quyết hồ sơ: 08 giờ 00 phút, ngày 06 tháng 03 năm 2026" in printed
    assert "Phần việc của lần hẹn thứ nhất đã hoàn thành vào 09 giờ 00 phút, ngày 09 tháng 03 năm 2026" in printed


def test_api_tells_each_appointment(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    dossier = tell_what_to_pay(sqlite_ctx, office, receive(sqlite_ctx, office))
    token = people.create_token(sqlite_ctx, by=SYSTEM, username="desk", label="test")
    headers = {"Authorization": f"Bearer {token}"}

    facts, deadline = (
        site.test_client().get(f"/api/v1/dossiers/{dossier['code']}{path}", headers=headers).json or {}
        for path in ("", "/deadline")
    )

    assert facts["appointments"] == deadline["appointments"]
    assert facts["appointments"] == [
        {
            "no": 1, "limit": "4 working_day", "due_at": "2026-03-06T08:00:00+07:00",
            "late_after": "2026-03-06T23:59:59.999999+07:00", "state": "ended", "kept": True,
        },
        {"no": 2, "limit": "2 working_day", "due_at": None, "late_after": None, "state": "awaited", "kept": None},
    ]  # fmt: skip
