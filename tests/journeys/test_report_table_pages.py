"""The pages of official tables, their files, API and commands: each number opens a list of that length."""

from __future__ import annotations

import io
import json
import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Cause
from engine.reports.quality import Check
from engine.services import late_causes, people
from tests.support import builders as b
from tests.support.forms import form_fields, text_of
from tests.support.lives import live
from tests.support.site import PASSWORD, bearer, make_site, sign_in
from tests.support.statements import count_statements
from web.cli.main import run

PERIOD = "tu=2026-03-01&den=2026-03-31"
PAGES = ("bieu-06", "bieu-06?theo=unit", "bieu-07", "tre-han", "chat-luong")
NUMBER = re.compile(r'<a data-number href="([^"]+)">(\d+)</a>')


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An agency that has lived for some weeks; one of its late dossiers has a cause."""
    office = live(sqlite_ctx).office
    for username in ("supervisor", "officer", "auditor"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return office


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str = "supervisor") -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def at(page: str) -> str:
    """Return the address of a page for March."""
    return f"/bao-cao/{page}{'&' if '?' in page else '?'}{PERIOD}"


def listed(client: FlaskClient, href: str) -> int:
    """Return how many dossiers a list has, on all its pages."""
    count, page = 0, 1
    while True:
        text = client.get(f"{href}&trang={page}").text
        count += text.count('<tr tabindex="-1">')
        if 'rel="next"' not in text:
            return count
        page += 1


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("page", PAGES)
def test_each_number_of_a_page_opens_a_list_of_that_length(site: Flask, page: str) -> None:
    client = signed_in(site)
    shown = client.get(at(page))
    assert shown.status_code == 200
    numbers = [(unescape(href), int(count)) for href, count in NUMBER.findall(shown.text)]
    assert numbers or page == "tre-han"
    for href, count in numbers:
        assert listed(client, href) == count, href
    if page == "tre-han":
        (whole,) = re.findall(r">Tất cả: (\d+)</a>", shown.text)
        assert listed(client, at("tre-han")) == int(whole) > 0
        for kind, count in re.findall(r"kieu=(\w+)[^>]*>[^<]*: (\d+)</a>", shown.text):
            assert listed(client, at(f"tre-han?kieu={kind}")) == int(count) > 0


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_few_statements_and_says_how_it_counts(sqlite_ctx: Context, site: Flask, page: str) -> None:
    client = signed_in(site)
    client.get(at(page))
    with count_statements(sqlite_ctx) as statements:
        text = text_of(client.get(at(page)))
    assert len(statements) <= 12, statements
    assert "Cách tính" in text
    assert "Chất lượng số liệu:" in text


@pytest.mark.usefixtures("office")
def test_the_form_on_screen_is_the_one_of_the_file(site: Flask) -> None:
    client = signed_in(site)
    shown = client.get(at("bieu-06?theo=unit"))
    totals = re.findall(r"<tfoot>.*?</tfoot>", shown.text, re.DOTALL)
    file = client.get(f"/bao-cao/bieu-06.xlsx?{PERIOD}&theo=unit")
    assert file.headers["Content-Disposition"] == "attachment; filename=bieu-06-2026-03-01-2026-03-31.xlsx"
    book = load_workbook(io.BytesIO(file.data))
    assert len(totals) == len(book.sheetnames) - 1
    for total, sheet in zip(totals, book.worksheets, strict=False):
        (row,) = (row for row in sheet.iter_rows(min_row=10) if row[1].value == "Tổng số")
        numbers = [int(text) for text in re.findall(r">(\d+)(?:</a>)?</td>", total)]
        assert numbers == [cell.value for cell in row[2:14]]
    for page in ("bieu-06", "bieu-07", "tre-han", "chat-luong"):
        for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK")):
            assert client.get(f"/bao-cao/{page}.{kind}?{PERIOD}").data.startswith(begins)


def test_a_cause_is_said_on_the_dossiers_page_and_counts_at_once(
    sqlite_ctx: Context, office: b.Office, site: Flask
) -> None:
    client = signed_in(site, "supervisor")
    address = f"/bao-cao/chat-luong/ho-so?muc=late_without_cause&{PERIOD}"
    before = listed(client, address)
    href = unescape(re.findall(r'data-open href="([^"]+mo=late-cause)"', client.get(address).text)[0])
    page = client.get(href)
    assert re.search(r"<details[^>]* open><summary>Ghi nguyên nhân trễ hạn</summary>", page.text)
    fields = form_fields(page, "/late-cause")
    action = f"{urlsplit(href).path}/late-cause"
    refused = client.post(action, data={**fields, "cause": "", "note": "Chờ cơ quan thuế"})
    assert refused.status_code == 422
    assert "Chờ cơ quan thuế" in refused.text  # nothing typed is lost
    done = client.post(
        action, data={**fields, "cause": "cooperation", "note": "Chờ cơ quan thuế"}, follow_redirects=True
    )
    assert "Đã ghi nguyên nhân trễ hạn." in done.text
    assert listed(client, address) == before - 1
    late = bearer(sqlite_ctx, "supervisor")
    told = client.get("/api/v1/reports/table-07?from=2026-03-01&to=2026-03-31", headers=late).json
    assert told["total"]["cooperation"] == 1
    assert office.code == "H00"


@pytest.mark.usefixtures("office")
@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("bieu-06?tu=x&den=2026-03-31", 422, "ngày"),
        ("bieu-06?tu=2026-03-31&den=2026-03-01", 422, "kỳ"),
        ("bieu-06?ky=nam-nay", 422, "Tên kỳ báo cáo chưa đúng."),
        ("bieu-06?theo=officer", 404, ""),
        ("bieu-06?vai=owner", 404, ""),
        (f"bieu-06?co-quan=NONE&{PERIOD}", 404, ""),
        (f"bieu-06/ho-so?cot=2&{PERIOD}", 404, "Biểu này không có dòng hoặc cột đó."),
        (f"bieu-06/ho-so?cot=abc&{PERIOD}", 404, ""),
        (f"bieu-06/ho-so?cot=3&don-vi=H00%2FX&{PERIOD}", 404, "Biểu này không có dòng hoặc cột đó."),
        (f"bieu-07/ho-so?so=citizen&{PERIOD}", 404, "Biểu này không có dòng hoặc cột đó."),
        (f"tre-han?kieu=never&{PERIOD}", 404, ""),
        (f"tre-han?trang=0&{PERIOD}", 404, ""),
        (f"chat-luong/ho-so?{PERIOD}", 404, ""),
        ("bieu-06/ho-so?cot=3&tu=x", 422, 'role="alert"'),
        ("bieu-07.xlsx?tu=x", 422, ""),
        ("bieu-06/ho-so?cot=3&linh-vuc=%00&cap=commune", 400, ""),
    ],
)
def test_a_bad_address_says_what_is_wrong(site: Flask, address: str, status: int, said: str) -> None:
    answer = signed_in(site).get(f"/bao-cao/{address}")
    assert answer.status_code in (status, {400: 422}.get(status, status))
    assert said in answer.text


@pytest.mark.usefixtures("office")
def test_who_may_not_see_numbers_sees_none(site: Flask) -> None:
    client = signed_in(site, "officer")
    for page in (*PAGES, "bieu-06/ho-so?cot=3", "bieu-07/ho-so?so=late", "chat-luong/ho-so?muc=no_unit", "bieu-06.csv"):
        assert client.get(f"/bao-cao/{page}").status_code == 403


@pytest.mark.usefixtures("office")
def test_the_api_tells_the_same_and_links_its_numbers(sqlite_ctx: Context, site: Flask) -> None:
    client, headers = site.test_client(), bearer(sqlite_ctx, "auditor")

    def get(address: str) -> Any:
        answer = client.get(address, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    period = "from=2026-03-01&to=2026-03-31&agency=H00"
    table = get(f"/api/v1/reports/table-06?{period}&per=unit")
    for part in (table, *table["parts"]):
        for row in (*part["rows"], part["total"]):
            assert "per=" not in row["dossiers"]
            for no, count in row["columns"].items():
                assert get(f"{row['dossiers']}&column={no}")["count"] == count
    named = get("/api/v1/reports/table-06?period=2026-03&agency=H00")
    assert named["rows"] == [row | {"dossiers": named["rows"][no]["dossiers"]} for no, row in enumerate(table["rows"])]
    causes = get(f"/api/v1/reports/table-07?{period}")
    assert causes["total"]["late"] == table["total"]["columns"]["10"] + table["total"]["columns"]["13"]
    assert get(f"/api/v1/reports/table-07/dossiers?{period}&number=late")["count"] == len(causes["dossiers"])
    late = get(f"/api/v1/reports/late?{period}")
    assert sum(late["counts"].values()) == len(late["dossiers"]) > 0
    found = get(f"/api/v1/reports/quality?{period}")
    assert [each["check"] for each in found["checks"]] == [check.value for check in Check]
    for each in found["checks"]:
        assert get(each["dossiers"])["count"] == each["count"]
    assert found["about"]["quality"] == {each["check"]: each["count"] for each in found["checks"]}
    for address in ("table-06?from=x", "table-07/dossiers?number=all"):
        assert client.get(f"/api/v1/reports/{address}", headers=headers).status_code == 422


@pytest.mark.parametrize("command", ["table-06", "table-07", "late", "quality"])
def test_commands_write_each_format(
    sqlite_ctx: Context,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-16T08:00")
    late_causes.record(sqlite_ctx, by=office.officer, dossier=dossier["code"], cause=Cause.RULE)
    monkeypatch.setattr("engine.bootstrap.from_environment", lambda: sqlite_ctx)
    monkeypatch.setattr(sqlite_ctx.database, "close", lambda: None)
    period = ["--period", "2026-03", "--agency", "H00"]
    assert run(["report", command, *period]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["report"] == command
    assert told["about"]["definitions"]
    for kind, begins in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("json", b"{")):
        assert run(["report", command, *period, "-o", str(tmp_path / f"r.{kind}")]) == 0
        assert (tmp_path / f"r.{kind}").read_bytes().startswith(begins)
    assert run(["report", command, "--format", "xlsx", *period]) == 2
    assert run(["report", command, "--from", "2026-03-01"]) == 2
    assert run(["report", command, "--from", "2026-03-02", "--to", "2026-03-01"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_link_asks_for_the_same_period(office: b.Office, site: Flask) -> None:
    text = signed_in(site).get(f"/bao-cao/bieu-06?ky=2026-03&co-quan={office.code}&vai=receiving").text
    hrefs = [unescape(href) for href, _ in NUMBER.findall(text)]
    for href in hrefs:
        asked = parse_qs(urlsplit(href).query)
        assert (asked["ky"], asked["co-quan"], asked["vai"]) == (["2026-03"], ["H00"], ["receiving"])
    assert hrefs
