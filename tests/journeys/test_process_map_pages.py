"""The process map over HTTP: procedures of the period, the map, and the list behind each of its numbers."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.services import people
from tests.support import builders as b
from tests.support.site import PASSWORD, bearer, make_site, sign_in
from tests.support.statements import count_statements

MARCH = "tu=2026-03-01&den=2026-03-31"


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """Two dossiers that are done, one that was withdrawn, one that is open."""
    office = b.an_office(sqlite_ctx)
    done, late, gone, _open = (b.a_received_dossier(sqlite_ctx, office) for _ in range(4))
    b.advance_to(sqlite_ctx, office, done, Status.RETURNED)
    b.withdraw(sqlite_ctx, office, gone)
    b.turn_clock_to(sqlite_ctx, "2026-03-12T11:00")
    b.advance_to(sqlite_ctx, office, late, Status.FINISHED)
    for username in ("supervisor", "officer"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return office


@pytest.fixture
def site(sqlite_ctx: Context, office: b.Office) -> Flask:
    """The application over that agency."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str = "supervisor") -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def test_each_number_of_the_map_opens_as_many_dossiers(site: Flask) -> None:
    supervisor = signed_in(site)
    offered = supervisor.get(f"/bao-cao/dong-chay?{MARCH}").text
    (address,) = re.findall(r'data-open href="([^"]+)"', offered)
    page = supervisor.get(unescape(address)).text
    numbers = re.findall(r'<a data-number href="([^"]+)"[^>]*>(\d+)', offered)
    assert len(numbers) == 1
    numbers += re.findall(r'<a href="(/bao-cao/dong-chay/ho-so[^"]+)"[^>]*>(\d+)', page)
    assert len(numbers) > 10
    for href, count in numbers:
        listed = supervisor.get(unescape(href))
        assert listed.status_code == 200, href
        assert len(set(re.findall(r'data-open href="/ho-so/([^"?]+)"', listed.text))) == int(count), href


def test_the_map_is_drawn_from_what_it_says(site: Flask) -> None:
    page = signed_in(site).get(f"/bao-cao/dong-chay?thu-tuc=TP99&{MARCH}").text
    model = re.search(r'data-heat="([^"]+)"', page)
    assert model is not None
    drawn = signed_in(site).get(unescape(model[1])).text
    for node in re.findall(r'"node": "([^"]+)"', unescape(page)):
        assert f'id="{node}"' in drawn


def test_pages_take_few_statements(sqlite_ctx: Context, site: Flask) -> None:
    supervisor = signed_in(site)
    for path in (f"/bao-cao/dong-chay?{MARCH}", f"/bao-cao/dong-chay?thu-tuc=TP99&{MARCH}"):
        supervisor.get(path)  # what a process reads once
        with count_statements(sqlite_ctx) as sent:
            assert supervisor.get(path).status_code == 200
        sent.hold()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/bao-cao/dong-chay?tu=gestern&den=2026-03-02", 422),
        ("/bao-cao/dong-chay?thu-tuc=NICHTS", 404),
        ("/bao-cao/dong-chay?thu-tuc=%00", 422),
        ("/bao-cao/dong-chay?ky=2026-99", 422),
        ("/bao-cao/dong-chay?co-quan=H77", 404),
        ("/bao-cao/dong-chay/ho-so?thu-tuc=NICHTS", 200),
        ("/bao-cao/dong-chay/ho-so?thu-tuc=TP99&trang=0", 404),
        ("/bao-cao/dong-chay/ho-so?thu-tuc=TP99&tu=x", 422),
    ],
)
def test_addresses_that_nobody_would_type_are_answered(site: Flask, address: str, status: int) -> None:
    assert signed_in(site).get(address).status_code == status


def test_the_map_is_for_who_may_report(site: Flask) -> None:
    officer = signed_in(site, "officer")
    assert officer.get("/bao-cao/dong-chay").status_code == 403
    assert officer.get("/bao-cao/dong-chay?thu-tuc=TP99").status_code == 403


def test_programs_read_the_same_map(sqlite_ctx: Context, site: Flask) -> None:
    program = site.test_client()
    told = program.get(
        "/api/v1/reports/process-map?procedure=TP99&period=2026-03", headers=bearer(sqlite_ctx, "supervisor")
    ).json
    assert (told["from"], told["to"], told["dossiers"]) == ("2026-03-01", "2026-03-31", 3)
    assert told["on_time"] == {"numerator": 1, "denominator": 2, "percent": 50.0}
    assert {edge["times"] for edge in told["edges"] if edge["from"] == "start"} == {3}
    assert sum(way["dossiers"] for way in told["variants"]) == 3
    assert told["about"]["definitions"]["unit"]
    refused = program.get("/api/v1/reports/process-map", headers=bearer(sqlite_ctx, "supervisor"))
    assert refused.status_code == 422
