"""The statistics pages over HTTP: tabs, the period form, and every number opens its list."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.reports import fact_lists, standard_reports
from engine.reports.on_time_values import Per
from engine.services import closing, people
from engine.store.facts import DossierFact
from tests.support import builders as b
from tests.support.forms import text_of
from tests.support.lives import live
from tests.support.site import PASSWORD, make_site, sign_in
from tests.support.statements import count_statements
from web.report_tabs import named_periods


@pytest.fixture
def small(sqlite_ctx: Context) -> b.Office:
    """An agency on Monday 2026-03-02, whose supervisor can sign in."""
    office = b.an_office(sqlite_ctx)
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    return office


@pytest.fixture
def small_site(sqlite_ctx: Context) -> Flask:
    """The application over the small agency."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str = "supervisor") -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


@pytest.mark.parametrize(
    ("today", "name", "from_on", "to_on"),
    [
        ("2026-03-14", "2026-03", date(2026, 3, 1), date(2026, 3, 31)),
        ("2026-03-14", "2026-03-15", date(2026, 2, 15), date(2026, 3, 14)),
        ("2026-03-15", "2026-04-15", date(2026, 3, 15), date(2026, 4, 14)),
        ("2026-03-15", "2026-Q1", date(2026, 1, 1), date(2026, 3, 31)),
        ("2026-03-15", "2026-Q2-15", date(2026, 3, 15), date(2026, 6, 14)),
        ("2026-12-15", "2027-15", date(2026, 12, 15), date(2027, 12, 14)),
        ("2026-12-14", "2026-15", date(2025, 12, 15), date(2026, 12, 14)),
        ("2026-03-14", "2025-H2", date(2025, 7, 1), date(2025, 12, 31)),
    ],
)
def test_periods_are_offered_by_name(
    sqlite_ctx: Context, small_site: Flask, today: str, name: str, from_on: date, to_on: date
) -> None:
    b.turn_clock_to(sqlite_ctx, f"{today}T09:00")
    with small_site.test_request_context("/bao-cao"):
        offered = {each.name: each for _, periods in named_periods() for each in periods}
    assert (offered[name].from_on, offered[name].to_on) == (from_on, to_on)
    assert all(each.from_on <= date.fromisoformat(today) for each in offered.values())


def test_tabs_keep_the_period_and_name_no_page_that_is_not_there(small: b.Office, small_site: Flask) -> None:
    page = signed_in(small_site).get("/bao-cao?ky=2026-03&theo=month").text
    assert 'href="/bao-cao?ky=2026-03" aria-current="true"' in page


# --- numbers and their lists ----------------------------------------------------------------------------------------


@pytest.fixture
def lived(ctx: Context) -> Flask:
    """The application over an agency that has lived for some weeks, on Thursday 2026-03-26."""
    live(ctx)
    people.set_password(ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    return make_site(ctx)


def numbers_on(page: str) -> dict[str, int]:
    """Return the numbers of a page by the address of their lists."""
    found = re.findall(r'<a [^>]*data-number href="([^"]+)">(\d+)</a>', page)
    return {unescape(href): int(count) for href, count in found}


def test_each_number_opens_a_list_of_that_length(lived: Flask) -> None:
    supervisor = signed_in(lived)
    pages = [supervisor.get(f"/bao-cao?tu=2026-03-03&den=2026-03-26&theo={per}").text for per in Per]
    numbers = {href: count for page in pages for href, count in numbers_on(page).items()}
    assert len(numbers) > 150
    assert sum(numbers.values()) > 300
    for href, count in numbers.items():
        listed = supervisor.get(href)
        assert listed.status_code == 200, href
        assert len(codes_in(listed.text)) == count, href


def codes_in(page: str) -> set[str]:
    return set(re.findall(r'data-open href="/ho-so/([^"?]+)"', page))


def test_a_list_of_many_is_turned_page_by_page(sqlite_ctx: Context, small: b.Office, small_site: Flask) -> None:
    for _ in range(fact_lists.PAGE + 1):
        b.a_received_dossier(sqlite_ctx, small)
    supervisor = signed_in(small_site)
    address = "/bao-cao/danh-sach?cot=received_in_period&tu=2026-03-01&den=2026-03-31"
    first, second = (supervisor.get(f"{address}&trang={page}").text for page in (1, 2))
    assert len(codes_in(first) | codes_in(second)) == fact_lists.PAGE + 1
    assert len(codes_in(second)) == 1
    assert 'rel="next"' in first
    assert 'rel="prev"' in second


def test_pages_take_few_statements(sqlite_ctx: Context, small: b.Office, small_site: Flask) -> None:
    b.advance_to(sqlite_ctx, small, b.a_received_dossier(sqlite_ctx, small), Status.RETURNED)
    b.a_received_dossier(sqlite_ctx, small)
    supervisor = signed_in(small_site)
    for path in (*(f"/bao-cao?theo={per}" for per in Per), "/bao-cao/thoi-gian?theo=procedure"):
        supervisor.get(path)  # what a process reads once
        with count_statements(sqlite_ctx) as sent:
            assert supervisor.get(path).status_code == 200
        sent.hold()


def test_a_share_of_nothing_is_not_a_hundred_percent(small: b.Office, small_site: Flask) -> None:
    page = text_of(signed_in(small_site).get("/bao-cao?tu=2026-03-01&den=2026-03-31"))
    assert "chưa có hồ sơ nào xong nên chưa có tỷ lệ" in page
    assert "100,00%" not in page


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bao-cao?ky=2026-13", 422),
        ("/bao-cao?tu=1971-01-01&den=1971-01-01", 200),
        ("/bao-cao?theo=nichts", 404),
        ("/bao-cao?vai=nichts", 404),
        ("/bao-cao?co-quan=H77", 404),
        ("/bao-cao?theo=month&tu=2001-01-01&den=2026-03-01", 422),
        ("/bao-cao/danh-sach", 404),
        ("/bao-cao/danh-sach?cot=nichts", 404),
        ("/bao-cao/danh-sach?cot=late&tru=nichts", 404),
        ("/bao-cao/danh-sach?cot=late&ky=gestern", 422),
        ("/bao-cao/danh-sach?cot=late&thang=2026-13", 422),
        ("/bao-cao/danh-sach?cot=late&thang=2026", 404),
        ("/bao-cao/danh-sach?cot=late&khoa=nobody&theo=officer", 200),
        ("/bao-cao/danh-sach?cot=late&trang=99999999999", 404),
        ("/bao-cao/danh-sach?cot=paused&trang=-1", 404),
    ],
)
def test_addresses_that_nobody_would_type_are_answered(
    small: b.Office, small_site: Flask, address: str, status: int
) -> None:  # fmt: skip
    assert signed_in(small_site).get(address).status_code == status


def test_lists_are_for_who_may_report(sqlite_ctx: Context, small: b.Office, small_site: Flask) -> None:
    people.set_password(sqlite_ctx, by=SYSTEM, username="officer", password=PASSWORD)
    officer = signed_in(small_site, "officer")
    assert officer.get("/bao-cao").status_code == 403
    assert officer.get("/bao-cao/danh-sach?cot=late").status_code == 403


# --- used time ------------------------------------------------------------------------------------------------------


def test_each_number_of_used_time_opens_a_list_of_that_length(lived: Flask) -> None:
    supervisor = signed_in(lived)
    for per in ("agency", "procedure"):
        page = supervisor.get(f"/bao-cao/thoi-gian?tu=2026-03-01&den=2026-03-26&theo={per}&nam-goc=2026")
        numbers = numbers_on(page.text)
        bars = {href: count for href, count in numbers.items() if "phan-tram" in href}
        assert sum(bars.values()) == numbers[f"/bao-cao/thoi-gian/ho-so?theo={per}&tu=2026-03-01&den=2026-03-26"] > 3
        for href, count in numbers.items():
            assert len(codes_in(supervisor.get(href).text)) == count, href
        assert "không đổi" in text_of(page)  # with itself


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bao-cao/thoi-gian", 200),
        ("/bao-cao/thoi-gian?theo=officer", 404),
        ("/bao-cao/thoi-gian?nam-goc=gestern", 422),
        ("/bao-cao/thoi-gian?nam-goc=0001", 422),
        ("/bao-cao/thoi-gian?tu=x", 422),
        ("/bao-cao/thoi-gian/ho-so?tu-phan-tram=-1", 404),
        ("/bao-cao/thoi-gian/ho-so?tu-phan-tram=20&den-phan-tram=10", 200),
        ("/bao-cao/thoi-gian/ho-so?ky=gestern", 422),
    ],
)
def test_used_time_answers_what_nobody_would_type(
    small: b.Office, small_site: Flask, address: str, status: int
) -> None:  # fmt: skip
    assert signed_in(small_site).get(address).status_code == status


# --- closed periods -------------------------------------------------------------------------------------------------


def test_a_closed_period_is_shown_as_it_was_closed(sqlite_ctx: Context, small: b.Office, small_site: Flask) -> None:
    late = b.a_received_dossier(sqlite_ctx, small)
    b.turn_clock_to(sqlite_ctx, "2026-04-01T08:00")
    closing.close(
        sqlite_ctx, by=small.supervisor, agency="H00", name="2026-03", reports=standard_reports.summary
    )  # fmt: skip
    b.withdraw(sqlite_ctx, small, late)
    b.a_received_dossier(sqlite_ctx, small)

    supervisor = signed_in(small_site)
    page = supervisor.get("/bao-cao?ky=2026-03").text
    assert "Số liệu chốt lúc 01/04/2026 08:00" in page
    with sqlite_ctx.unit_of_work() as uow:  # as if a day of March were another one now
        uow.session.execute(update(DossierFact).values(received_on=date(2026, 2, 27)))
    months = [href for href in numbers_on(page) if "thang=2026-03" in href]
    assert months
    for href, count in numbers_on(page).items():
        assert len(codes_in(supervisor.get(href).text)) == count, href
    assert "so-lieu=hien-tai" in page
    now = supervisor.get("/bao-cao?ky=2026-03&so-lieu=hien-tai").text
    assert "Số liệu chốt" not in now
    assert supervisor.get("/bao-cao/thoi-gian?ky=2026-03").status_code == 200
