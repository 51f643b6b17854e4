"""The statistics pages over HTTP: tabs, the period form, and every number opens its list."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from tests.support import builders as b
from tests.support.site import PASSWORD, make_site, sign_in
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
