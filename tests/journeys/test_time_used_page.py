"""Who used the time, as an officer reads it on the page and a program by the API."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from engine.services.time_used import time_used
from tests.support.builders import (
    Office,
    a_received_dossier,
    a_submitted_dossier,
    an_office,
    ask_supplement,
    bring_supplement,
    do_next_step,
    turn_clock_to,
)
from tests.support.forms import text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in

PAUSES = {"supplement": {"clock": "pause"}}


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office whose officer can sign in."""
    made = an_office(sqlite_ctx, policy=PAUSES, total_days="3")
    people.set_password(sqlite_ctx, by=SYSTEM, username="officer", password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def page_of(site: Flask, reference: str) -> str:
    client = site.test_client()
    sign_in(client, "officer")
    return text_of(client.get(f"/ho-so/{reference}/thoi-han"))


def test_page_says_who_used_the_time_and_who_is_charged(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    turn_clock_to(sqlite_ctx, "2026-03-02T10:00")
    ask_supplement(sqlite_ctx, office, dossier)
    turn_clock_to(sqlite_ctx, "2026-03-02T11:00")
    dossier = bring_supplement(sqlite_ctx, office, dossier)
    turn_clock_to(sqlite_ctx, "2026-03-06T09:30")  # promised for Thursday 09:00
    do_next_step(sqlite_ctx, office, dossier)
    turn_clock_to(sqlite_ctx, "2026-03-06T10:15")

    page = page_of(site, dossier["code"])

    for said in (
        "Chặng 2: Tên PHONG_TU_PHAP8 giờ32 giờ 30 phútVượt 24 giờ 30 phút",
        "Tên PHONG_TU_PHAP, chưa có người nhận: 32 giờ 30 phútgợi ý 4 giờ",
        "Chặng 3: Tên LANH_DAO8 giờ45 phútChưa dùng 7 giờ 15 phút",
        "Chờ người dân bổ sung giấy tờCòn thiếu—1 giờ—",
        "Tổng cộng24 giờ34 giờ 15 phútTrễ 9 giờ 15 phút",
        "9 giờ 15 phút: trong cơ quan, Tên PHONG_TU_PHAP",
    ):
        assert said in page


def test_dossier_without_receipt_shows_no_time(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_submitted_dossier(sqlite_ctx, office)

    assert "Thời gian đã dùng" not in page_of(site, dossier["id"])


def test_page_goes_on_without_the_time_where_the_calendar_ends(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    turn_clock_to(sqlite_ctx, "2041-03-02T10:00", ticker=False)

    page = page_of(site, dossier["code"])

    assert "Lịch làm việc chưa có đến hôm nay nên không tính được thời gian đã dùng" in page
    assert "Bước THU_LY" in page


def test_program_is_told_all_that_the_service_knows(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    ask_supplement(sqlite_ctx, office, dossier)
    turn_clock_to(sqlite_ctx, "2026-03-03T10:00")
    bring_supplement(sqlite_ctx, office, dossier)
    turn_clock_to(sqlite_ctx, "2026-03-10T10:00")

    answer = site.test_client().get(
        f"/api/v1/dossiers/{dossier['code']}/time-used", headers=bearer(sqlite_ctx, "officer")
    )

    assert answer.status_code == 200
    assert answer.json == time_used(sqlite_ctx, by=office.officer, dossier=dossier["id"])
    assert answer.json["lateness"]["charges"]
