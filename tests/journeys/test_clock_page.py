"""How the clock is, as supervisors and administrators read it on the page and Prometheus at ``/metrics``."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import expect

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people, timekeeping
from tests.support.builders import Office, a_received_dossier, an_office, turn_clock_to
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.forms import text_of
from tests.support.signs import a_clock_sign
from tests.support.site import PASSWORD, make_site, sign_in

NEVER = "Chưa tiến trình đồng hồ nào từng chạy"
DEAD = "Không tiến trình đồng hồ nào đang chạy"
OVERDUE = "Có hạn đã đến giờ mà chưa được xử lý."
HANGS = "Tiến trình vẫn báo sống"
WELL = "Đồng hồ làm việc đúng."


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office whose people can sign in."""
    made = an_office(sqlite_ctx)
    for username in ("desk", "supervisor", "admin"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def page_of(site: Flask, username: str = "supervisor") -> str:
    client = site.test_client()
    sign_in(client, username)
    answer = client.get("/clock")
    assert answer.status_code == 200
    return text_of(answer)


def gauges(site: Flask) -> dict[str, float]:
    lines = site.test_client().get("/metrics").text.splitlines()
    pairs = (line.partition(" ") for line in lines if line.startswith("motcua_clock"))
    return {name: float(value) for name, _, value in pairs}


def fall_behind(ctx: Context, office: Office) -> str:
    """Let the limit of a dossier pass with nobody looking at it; return its code."""
    code: str = a_received_dossier(ctx, office)["code"]
    turn_clock_to(ctx, "2026-03-05T10:00", ticker=False)
    return code


def test_page_says_that_no_clock_ever_ran(site: Flask, office: Office) -> None:
    page = page_of(site)
    assert NEVER in page
    assert "Chưa tiến trình nào ghi dấu hiệu sống." in page
    assert WELL not in page


def test_page_says_that_the_clock_works_and_how_patient_it_is(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    a_clock_sign(sqlite_ctx, ago=2)
    page = page_of(site, "admin")
    assert WELL in page
    assert "quá giờ phải xét hơn 3 giây" in page
    assert "may-chu100" in page
    assert "2 giây trước" in page


def test_page_tells_a_dead_clock_from_one_that_hangs(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    fall_behind(sqlite_ctx, office)
    a_clock_sign(sqlite_ctx, ago=1)
    hangs = page_of(site)
    assert (OVERDUE in hangs, HANGS in hangs, DEAD in hangs) == (True, True, False)
    assert "Cũ nhất05/03/2026 08:00 (2 giờ trước)" in hangs

    a_clock_sign(sqlite_ctx, ago=120)
    dead = page_of(site)
    assert (OVERDUE in dead, HANGS in dead, DEAD in dead) == (True, False, True)
    assert "Im lặng: đã chết hoặc bị treo" in dead


def test_page_names_failing_dossiers_to_supervisors_alone(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = fall_behind(sqlite_ctx, office)
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql("update deadline set time_limit = 'four moons'")
    timekeeping.pass_due(sqlite_ctx)
    a_clock_sign(sqlite_ctx)

    assert code in page_of(site, "supervisor")
    counted = page_of(site, "admin")
    assert code not in counted
    assert "Xét lại vẫn lỗi1" in counted
    assert "Vai trò của bạn thấy con số" in counted


def test_page_is_for_supervisors_and_administrators(site: Flask, office: Office) -> None:
    client = site.test_client()
    sign_in(client, "desk")
    assert client.get("/clock").status_code == 403


def test_metrics_tell_limits_and_each_process(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    assert gauges(site)["motcua_clock_processes_running"] == 0
    fall_behind(sqlite_ctx, office)
    a_clock_sign(sqlite_ctx, pid=7, ago=3, lag_seconds=1.5)
    a_clock_sign(sqlite_ctx, pid=8, ago=90, lag_seconds=None)
    a_clock_sign(sqlite_ctx, pid=9, ago=30, ended=True)

    assert gauges(site) == {
        "motcua_clock_processes_running": 1,
        'motcua_clock_seconds_since_last_round{host="may-chu",pid="7"}': 3,
        'motcua_clock_seconds_since_last_round{host="may-chu",pid="8"}': 90,
        'motcua_clock_lag_seconds{host="may-chu",pid="7"}': 1.5,
        "motcua_clock_limits_overdue": 1,
        "motcua_clock_oldest_overdue_seconds": 7200,
        "motcua_clock_limits_failing": 0,
    }


def test_metrics_without_a_database_leave_out_what_nobody_knows(sqlite_ctx: Context, site: Flask) -> None:
    a_clock_sign(sqlite_ctx, ago=3)
    sqlite_ctx.database.close()
    os.remove(sqlite_ctx.settings.data / "motcua.db")
    (sqlite_ctx.settings.data / "motcua.db").mkdir()

    found = gauges(site)
    assert found["motcua_clock_processes_running"] == 1
    assert [name for name in found if "limits" in name or "overdue" in name] == []


@pytest.fixture
def address(site: Flask, office: Office) -> Iterator[str]:
    """The address of the running site."""
    with served(site) as found:
        yield found


@pytest.mark.browser
@pytest.mark.parametrize("width", [1366, 400])
def test_clock_page_is_accessible_and_reloads_by_key(
    chromium: str, address: str, sqlite_ctx: Context, office: Office, width: int
) -> None:
    fall_behind(sqlite_ctx, office)
    a_clock_sign(sqlite_ctx, ago=2, troubles=["relay"])
    with a_browser(chromium, address, {"width": width, "height": 768}) as page:
        page.goto("/dang-nhap")
        page.get_by_label("Tên đăng nhập").fill("supervisor")
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.keyboard.press("Enter")
        folded = page.locator("nav summary")
        link = page.get_by_role("navigation").get_by_role("link", name="Đồng hồ hệ thống")
        folded.press("Enter")
        expect(link).to_be_visible()
        assert (axe_findings(page), overflows(page)) == ([], False)
        page.keyboard.press("Escape")
        expect(link).to_be_hidden()
        expect(page.locator("summary:focus")).to_contain_text("Mục khác")
        page.keyboard.press("Enter")
        link.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Đồng hồ hệ thống")
        expect(folded).to_have_text("Mục khác: Đồng hồ hệ thống")
        folded.click()
        expect(link).to_be_visible()
        page.locator("footer").click()
        expect(link).to_be_hidden()
        assert (axe_findings(page), overflows(page)) == ([], False)
        timekeeping.pass_due(sqlite_ctx)
        a_clock_sign(sqlite_ctx)
        page.keyboard.press("r")
        expect(page.locator("main")).to_contain_text(WELL)
        assert (axe_findings(page), overflows(page)) == ([], False)
