"""Logs and open data from the statistics page: of the agencies that one may count, and of nobody else."""

from __future__ import annotations

import io
import json
from xml.etree import ElementTree as ET
from zipfile import ZipFile

import pytest
from flask import Flask

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people
from tests.support import builders as b
from tests.support.forms import text_of
from tests.support.lives import live
from tests.support.site import PASSWORD, make_site, sign_in

PERIOD = "tu=2026-03-01&den=2026-03-31"
TRACE = "{http://www.xes-standard.org/}trace"


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """An agency that has lived for some weeks, and a dossier of another one."""
    live(sqlite_ctx)
    there = b.an_office(sqlite_ctx, code="H77")
    b.a_received_dossier(sqlite_ctx, there)
    for username in ("supervisor", "officer"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return make_site(sqlite_ctx)


def test_logs_and_open_data_are_linked_and_hold_what_one_may_count(sqlite_ctx: Context, site: Flask) -> None:
    client = site.test_client()
    sign_in(client, "supervisor")
    page = client.get(f"/bao-cao?{PERIOD}")
    logs = {kind: client.get(f"/bao-cao/du-lieu/nhat-ky.{kind}?{PERIOD}") for kind in ("xes", "json", "xml")}
    packed = client.get(f"/bao-cao/du-lieu/du-lieu-mo.zip?{PERIOD}")

    assert page.text.count("/bao-cao/du-lieu/") == 3
    assert "chọn kỳ có ít nhất một tháng đã qua" in text_of(page)
    assert packed.status_code == 422
    cases = ET.fromstring(logs["xes"].data).findall(TRACE)
    dossiers = [each for each in json.loads(logs["json"].data)["objects"] if each["type"] == "dossier"]
    objects = ET.fromstring(logs["xml"].data).findall("objects/object[@type='dossier']")
    assert len(cases) == len(dossiers) == len(objects) > 3
    assert "H77" not in logs["xes"].text
    assert logs["xes"].headers["Content-Disposition"] == "attachment; filename=nhat-ky-2026-03-01-2026-03-31.xes"
    b.turn_clock_to(sqlite_ctx, "2026-04-02T08:00")
    client = site.test_client()
    sign_in(client, "supervisor")
    assert "du-lieu-mo.zip" in client.get(f"/bao-cao?{PERIOD}").text
    with ZipFile(io.BytesIO(client.get(f"/bao-cao/du-lieu/du-lieu-mo.zip?{PERIOD}").data)) as files:
        names = files.namelist()
        assert names == [f"du-lieu-mo-2026-03-01-2026-03-31.{kind}" for kind in ("csv", "jsonld")]
        assert b"H77" not in files.read(names[0])
        assert json.loads(files.read(names[1]))["dcat:distribution"]["dct:title"] == names[0]


def test_who_may_not_count_gets_no_data(site: Flask) -> None:
    client = site.test_client()
    sign_in(client, "officer")

    for path in ("nhat-ky.xes", "nhat-ky.json", "du-lieu-mo.zip"):
        assert client.get(f"/bao-cao/du-lieu/{path}?{PERIOD}").status_code == 403
    client = site.test_client()
    sign_in(client, "supervisor")
    assert client.get(f"/bao-cao/du-lieu/nhat-ky.xes?{PERIOD}&co-quan=H77").status_code == 403
    assert client.get("/bao-cao/du-lieu/nhat-ky.xes?tu=x").status_code in (400, 422)
