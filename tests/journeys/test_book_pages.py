"""The ledger and the hand-overs of a day over HTTP: what is shown, what prints, and what is refused in words."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people, reserved_numbers
from tests.support import builders as b
from tests.support.forms import text_of
from tests.support.site import PASSWORD, make_site, sign_in


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(sqlite_ctx)
    for username in ("desk", "officer", "auditor", "admin", "supervisor"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def words_of(docx: bytes) -> str:
    """Return the words of a .docx."""
    with zipfile.ZipFile(io.BytesIO(docx)) as parts:
        return re.sub(r"<[^>]+>", "", parts.read("word/document.xml").decode())


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def test_the_ledger_is_shown_printed_and_exported(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    pad = reserved_numbers.reserve(sqlite_ctx, by=office.desk, counter="Quầy 3", count=1)["codes"]
    reserved_numbers.void(sqlite_ctx, by=office.desk, codes=pad, reason="Tờ bị rách")
    desk = signed_in(site, "desk")

    page = desk.get("/so-theo-doi")

    shown = text_of(page)
    assert page.status_code == 200
    assert "1/2026" in shown.replace(" ", "")
    assert dossier["code"] in shown
    assert "Số dự phòng đã hủy" in shown
    assert "Quầy 3; Tờ bị rách" in shown
    assert f'href="/ho-so/{dossier["code"]}"' in page.text
    assert f'href="/ho-so/{pad[0]}"' not in page.text
    period = "tu=2026-03-01&den=2026-03-31"
    assert desk.get(f"/so-theo-doi.pdf?{period}").data.startswith(b"%PDF-")
    assert 'href="/so-theo-doi.docx?' in page.text
    assert dossier["code"] in words_of(desk.get(f"/so-theo-doi.docx?{period}").data)
    book = openpyxl.load_workbook(io.BytesIO(desk.get(f"/so-theo-doi.xlsx?{period}").data))
    assert [row[3].value for row in book.active.iter_rows(min_row=2)] == [dossier["code"], pad[0]]
    assert dossier["code"] in desk.get(f"/so-theo-doi.csv?{period}").text
    assert "Không có hồ sơ nào trong kỳ" in text_of(desk.get("/so-theo-doi?tu=2025-01-01&den=2025-01-31"))


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("/so-theo-doi?tu=mai", 422, "Ngày"),
        ("/so-theo-doi?tu=2026-03-31&den=2026-03-01", 422, "Ngày"),
        ("/so-theo-doi?sau=x", 422, ""),
        ("/so-theo-doi?co-quan=H99", 404, ""),
        ("/so-theo-doi.pdf?phan=2", 404, "Sổ của kỳ này không có phần đó"),
        ("/so-theo-doi.pdf?tu=%00", 422, ""),
        ("/ban-giao?ngay=mai", 422, "Ngày"),
        ("/ban-giao?ngay=2026-03-02&tu=999&den=1", 404, "Không có đơn vị này"),
        ("/ban-giao.pdf?ngay=2026-03-02&tu=x&den=1", 404, ""),
        ("/ban-giao.pdf?ngay=2026-03-02&tu=1&den=2", 409, "không bàn giao hồ sơ nào"),
        ("/ban-giao.pdf", 422, ""),
    ],
)
def test_what_cannot_be_asked_is_told_in_words(
    site: Flask, office: b.Office, address: str, status: int, said: str
) -> None:
    assert office.code
    page = signed_in(site, "desk").get(address)

    assert page.status_code in (status, 400) if status == 422 else page.status_code == status
    if said:
        assert said.casefold() in text_of(page).casefold()


def test_hand_overs_of_a_day_lead_to_their_slip(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    desk = signed_in(site, "desk")
    page = desk.get("/ban-giao").text
    way = f"ngay=2026-03-02&amp;tu={office.units['BP_MOT_CUA']}&amp;den={office.units['PHONG_TU_PHAP']}"

    assert f'href="/ban-giao?{way}"' in page
    assert f'href="/ban-giao.pdf?{way}"' in page
    assert dossier["code"] in text_of(desk.get(f"/ban-giao?{way.replace('&amp;', '&')}"))
    slip = desk.get(f"/ban-giao.pdf?{way.replace('&amp;', '&')}")
    assert slip.data.startswith(b"%PDF-")
    assert f'href="/ban-giao.docx?{way}"' in page
    assert dossier["code"] in words_of(desk.get(f"/ban-giao.docx?{way.replace('&amp;', '&')}").data)
    assert "Ngày này chưa có đơn vị nào" in text_of(desk.get("/ban-giao?ngay=2026-03-03"))


def test_books_are_for_who_keeps_or_checks_them(site: Flask, office: b.Office) -> None:
    assert office.code
    for username, ledger, handovers in (
        ("officer", 403, 200), ("auditor", 200, 200), ("admin", 403, 403), ("supervisor", 200, 200),
    ):  # fmt: skip
        client = signed_in(site, username)
        assert client.get("/so-theo-doi").status_code == ledger
        book = client.get("/so-theo-doi.xlsx")
        assert (book.status_code, book.data.startswith(b"PK")) == (ledger, ledger == 200)
        assert client.get("/ban-giao").status_code == handovers


def test_late_list_prints_from_its_page(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-12T09:00")
    supervisor = signed_in(site, "supervisor")

    assert 'href="/qua-han/bao-cao.pdf?xem=overdue"' in supervisor.get("/qua-han").text
    assert supervisor.get("/qua-han/bao-cao.pdf?xem=overdue").data.startswith(b"%PDF-")
    report = words_of(supervisor.get("/qua-han/bao-cao.docx?xem=overdue").data)
    assert dossier["code"] in report
    assert "/BC-TTPVHCC" in report
    assert "bao-cao.pdf" not in supervisor.get("/qua-han?xem=due_soon").text
    assert signed_in(site, "desk").get("/qua-han/bao-cao.pdf").status_code == 403
    assert signed_in(site, "desk").get("/qua-han/bao-cao.docx").status_code == 403


def test_slips_of_a_dossier_print(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    code = b.a_received_dossier(sqlite_ctx, office)["code"]
    desk = signed_in(site, "desk")

    for name in ("phieu-kiem-soat", "qua-trinh-xu-ly", "phieu-gop-y"):
        assert desk.get(f"/ho-so/{code}/{name}.pdf").data.startswith(b"%PDF-")
    none_paid = desk.get(f"/ho-so/{code}/bien-lai.pdf?no=1")
    assert none_paid.status_code == 409
    assert "Không có khoản tiền nào đã nộp" in text_of(none_paid)
