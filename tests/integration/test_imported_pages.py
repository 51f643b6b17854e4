"""Pages of dossiers that another system has processed: they open, say where they are from, and offer little."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.reports.export import Selection, export_dossiers
from engine.services import acts, people
from tests.support.builders import Office, an_office
from tests.support.csv_files import read_csv
from tests.support.histories import ROWS, a_table, imported
from tests.support.site import PASSWORD, make_site, sign_in

OLD = "A-9,2011-03-02 09:00,2011-03-05 17:00,2011-03-09 09:00,desk,,"  # no calendar covers that year


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office with dossiers of another system."""
    office = an_office(sqlite_ctx)
    imported(sqlite_ctx, a_table(*ROWS, OLD), agency=office.code)
    return office


@pytest.fixture
def client(sqlite_ctx: Context, office: Office) -> FlaskClient:
    """A signed-in supervisor of the office."""
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, "supervisor")
    return client


def test_every_page_of_them_opens_or_says_why_not(client: FlaskClient) -> None:
    routes = [str(rule) for rule in client.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    ours = [route for route in routes if "/ho-so/<reference>" in route and "<int" not in route and "<any" not in route]
    assert len(ours) > 12
    for code in ("A-1", "A-2", "A-3", "A-9"):
        for route in ours:
            answer = client.get(route.replace("<reference>", code), query_string={"sau": 0})
            assert answer.status_code < 500, (code, route)
        for tab in ("", "/giay-to", "/dien-bien", "/trao-doi", "/thoi-han"):
            answer = client.get(f"/ho-so/{code}{tab}")
            assert answer.status_code == 200, (code, tab)
            assert "Nhập từ old-desk" in answer.text
        assert client.get(f"/ho-so/{code}/giay-tiep-nhan.pdf").status_code == 409


def test_lists_say_where_they_are_from(
    sqlite_ctx: Context, client: FlaskClient, office: Office, tmp_path: Path
) -> None:
    for address in ("/viec?queue=overdue", "/viec?queue=all", "/qua-han"):
        assert "Nhập từ old-desk" in client.get(address).text, address

    export_dossiers(sqlite_ctx, by=office.supervisor, to=tmp_path / "all.csv", selection=Selection())

    assert {row["source"] for row in read_csv(tmp_path / "all.csv")} == {"old-desk"}


def test_only_notes_and_causes_are_offered(sqlite_ctx: Context, office: Office) -> None:
    for by, wanted in ((office.officer, {"note", "late-cause"}), (office.desk, {"note"}), (office.auditor, set())):
        assert set(acts.offered(sqlite_ctx, by=by, dossier="A-3")["acts"]) == wanted
    assert set(acts.offered(sqlite_ctx, by=office.officer, dossier="A-1")["acts"]) == {"note"}
