"""Lists behind numbers as files: every row of the list, in its order, with its columns, whatever the page shows."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO, StringIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.reports import fact_lists
from engine.services import people
from tests.support import builders as b
from tests.support.csv_files import read_csv
from tests.support.lives import live
from tests.support.site import PASSWORD, make_site, sign_in

MARCH = "tu=2026-03-01&den=2026-03-31"
HEADER = (
    "Mã hồ sơ", "Mã thủ tục", "Thủ tục", "Cơ quan giải quyết", "Nhận lúc", "Hạn trả", "Xong lúc", "Kết quả",
    "Nhập từ hệ thống",
)  # fmt: skip


def supervisor_of(site: Flask) -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, "supervisor").status_code in (302, 303)
    return client


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An agency on Monday 2026-03-02, whose supervisor can sign in."""
    made = b.an_office(sqlite_ctx)
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    return made


def test_a_file_has_every_row_of_the_list_with_its_dates(
    sqlite_ctx: Context, office: b.Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fact_lists, "AT_ONCE", 20)  # more than one round
    for _ in range(fact_lists.PAGE + 1):
        b.a_received_dossier(sqlite_ctx, office)
    b.advance_to(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office), Status.FINISHED)
    client = supervisor_of(make_site(sqlite_ctx))
    address = f"/bao-cao/danh-sach?cot=received_in_period&{MARCH}"
    page = client.get(address).text
    sheet = load_workbook(BytesIO(client.get(f"{address}&tep=xlsx").data))["Hồ sơ"]
    header, *table = sheet.values
    first = table[0]
    csv = client.get(f"{address}&tep=csv&trang=2")

    assert header == HEADER
    assert [row[0] for row in table] == [f"H00-260302-{no:04}" for no in range(1, fact_lists.PAGE + 3)]
    assert first[1:5] == ("TP99", "Thủ tục thử", first[3], datetime(2026, 3, 2, 8, 0))  # noqa: DTZ001 - of a sheet
    assert first[5:] == (datetime(2026, 3, 6, 8, 0), None, "Đang làm, trong hạn", None)  # noqa: DTZ001 - of a sheet
    assert table[-1][7] == "Xong trước hạn"
    assert [row["Mã hồ sơ"] for row in read_csv(StringIO(csv.data.decode(), newline=""))] == [row[0] for row in table]
    assert csv.headers["Content-Disposition"] == "attachment; filename=danh-sach-ho-so.csv"
    links = {href.replace("&amp;", "&") for href in re.findall(r'href="([^"]*tep=[^"]*)"', page)}
    assert {client.get(link).status_code for link in links} == {200}
    assert len(links) == 2
    assert client.get(f"{address}&tep=pdf").status_code == 404
    assert client.get(f"{address}&tep=csv&khoa=Kh%C3%B4ng&theo=field").data.decode().count("\n") == 1
    assert "tep=" not in client.get(f"/bao-cao/danh-sach?cot=withdrawn&{MARCH}").text


def test_files_of_other_lists_have_as_many_rows_as_their_number(ctx: Context) -> None:
    live(ctx)
    people.set_password(ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    client = supervisor_of(make_site(ctx))
    found = 0
    for report in ("/bao-cao/thoi-gian", "/bao-cao/dong-chay", "/bao-cao/chi-so-766"):
        page = client.get(f"{report}?{MARCH}").text
        lists = [href.replace("&amp;", "&") for href in re.findall(r'href="(/bao-cao/[a-z0-9-]+/ho-so\?[^"]+)"', page)]
        for href in lists[:3]:
            shown = re.search(r"(\d+) hồ sơ</h1>", client.get(href).text)
            assert shown, href
            answer = client.get(f"{href}&tep=csv")
            assert answer.status_code == 200, href
            assert answer.data.decode().count("\n") == int(shown[1]) + 1, href
            found += 1
    assert found > 0
