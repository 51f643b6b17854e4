"""Lists and the page of a dossier say in words how its clock stands, without a browser and in one."""

from __future__ import annotations

import pytest
from flask import Flask

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from tests.support.builders import (
    Office,
    a_received_dossier,
    a_submitted_dossier,
    an_office,
    ask_supplement,
    do_next_step,
    turn_clock_to,
)
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.forms import text_of
from tests.support.site import PASSWORD, make_site, sign_in


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office with a dossier in each state on Thursday 10:00; its supervisor signs in."""
    made = an_office(sqlite_ctx)
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    a_submitted_dossier(sqlite_ctx, made)
    a_received_dossier(sqlite_ctx, made)
    do_next_step(sqlite_ctx, made, a_received_dossier(sqlite_ctx, made))
    ask_supplement(sqlite_ctx, made, a_received_dossier(sqlite_ctx, made))
    turn_clock_to(sqlite_ctx, "2026-03-05T10:00")
    a_received_dossier(sqlite_ctx, made)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def page_of(site: Flask, path: str) -> str:
    client = site.test_client()
    assert sign_in(client, "supervisor").status_code in (302, 303)
    return text_of(client.get(path))


def test_the_list_says_how_each_clock_stands(site: Flask, office: Office) -> None:
    page = page_of(site, "/viec?hang-doi=all")
    for words in (
        "Chưa có hạn",
        "Còn hạn",
        "Sắp đến hạn (đã dùng 81%)",
        "Sẽ trễ (thiếu 2 giờ làm việc)",
        "Tạm dừng",
        "Ngày mai 08:00 · 06/03/2026 08:00",
    ):
        assert words in page


@pytest.mark.parametrize("path", ["/viec?hang-doi=will_be_late", "/qua-han?xem=will_be_late"])
def test_what_will_be_late_is_listed_with_what_it_misses(site: Flask, office: Office, path: str) -> None:
    page = page_of(site, path)
    assert "Sẽ trễ (thiếu 2 giờ làm việc)" in page
    assert "Sắp đến hạn (đã dùng" not in page
    assert "nhiều nhất trước" in page or "nhiều thời gian nhất xếp trước" in page


def test_the_dossier_page_says_what_is_used_and_what_is_missing(site: Flask, office: Office) -> None:
    page = page_of(site, "/ho-so/H00-260302-0001")
    assert "Sẽ trễ (thiếu 2 giờ làm việc)" in page
    assert "81% thời hạn" in page
    assert "thiếu 2 giờ làm việc để làm hết các bước còn lại" in page


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1366])
def test_lists_with_every_state_are_accessible(chromium: str, site: Flask, office: Office, width: int) -> None:
    with served(site) as address, a_browser(chromium, address, {"width": width, "height": 768}) as page:
        page.goto("/dang-nhap")
        page.get_by_label("Tên đăng nhập").fill("supervisor")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/")
        for place in ("/viec?hang-doi=all", "/qua-han?xem=will_be_late", "/ho-so/H00-260302-0001"):
            page.goto(place)
            assert (place, axe_findings(page), overflows(page)) == (place, [], False)
