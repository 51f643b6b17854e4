"""No link of a letter's page is dead."""

from __future__ import annotations

import pytest
from lxml import html

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import apologies, people
from tests.support import builders as b
from tests.support.site import PASSWORD, make_site, sign_in


@pytest.mark.parametrize("username", ["officer", "approver", "supervisor"])
def test_every_link_of_a_letter_leads_somewhere(sqlite_ctx: Context, username: str) -> None:
    office = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-06T07:40")
    [letter] = apologies.listed(sqlite_ctx, by=office.supervisor)
    people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, username)

    page = client.get(f"/xin-loi/{letter['id']}")
    links = html.fromstring(page.text).xpath("//main//a/@href | //nav//a/@href")

    assert len(links) > 8
    assert {link: client.get(link).status_code for link in links if client.get(link).status_code != 200} == {}
