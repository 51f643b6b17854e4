"""The pages of reporting periods over HTTP: schedules, closing with what is doubtful, corrections, and who may."""

from __future__ import annotations

import io
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.statistics import NEVER, Outcome
from engine.reports import standard_reports
from engine.services import closed_periods, closing, people, periods, rollups
from engine.store.facts import DossierFact
from tests.integration.test_frozen_context import a_fact
from tests.support import builders as b
from tests.support.forms import form_fields, text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in
from tests.support.statements import count_statements

PLACE = "/bao-cao/ky"
SCHEDULE = {
    "agency": "H00", "kind": "quarter", "first_day": "1", "send_month": "1", "send_before_day": "5",
    "remind_days": "3", "document": "Kế hoạch 12/KH-UBND",
}  # fmt: skip


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office whose people can sign in."""
    made = b.an_office(sqlite_ctx)
    for username in ("supervisor", "auditor", "officer"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def _client(site: Flask, username: str = "supervisor") -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def test_a_schedule_brings_periods_and_goes_again(site: Flask, office: b.Office) -> None:
    client = _client(site)
    page = client.get(PLACE)
    assert "Chưa có kỳ nào." in text_of(page)

    assert client.post(f"{PLACE}/lich", data=form_fields(page, f"{PLACE}/lich") | SCHEDULE).status_code == 303

    page = client.get(PLACE)
    said = text_of(page)
    for words in ("Quý 1/2026", "Quý 4/2025", "Đang diễn ra", "Chờ chốt", "05/04/2026", "Kế hoạch 12/KH-UBND"):
        assert words in said
    assert "còn 33 ngày" in said  # from 2 March, and the 4th of April is the last day
    assert "đã quá hạn gửi" in said
    client.post(f"{PLACE}/lich/bo", data=form_fields(page, f"{PLACE}/lich/bo"))
    assert "Chưa có kỳ nào." in text_of(client.get(PLACE))


def test_a_schedule_to_be_changed_comes_with_all_that_it_says(
    site: Flask, office: b.Office, sqlite_ctx: Context
) -> None:
    b.an_office(sqlite_ctx, code="H01")
    told = SCHEDULE | {"kind": "month", "remind_days": "7", "consolidated_by": "H01"}
    periods.set_schedule(
        sqlite_ctx, by=office.supervisor, agency="H00",
        rule=periods.Rule(kind="month", first_day=1, send_month=1, send_before_day=5, remind_days=7,
                          document=SCHEDULE["document"], consolidated_by="H01"),
    )  # fmt: skip
    client = _client(site)
    assert f"{PLACE}?sua=H00/month#schedule" in client.get(PLACE).text

    fields = form_fields(client.get(f"{PLACE}?sua=H00/month"), f"{PLACE}/lich")
    assert {name: fields[name] for name in told} == told
    for other in ("H00/year", "H99/month", "month"):  # usual values, as without it
        assert form_fields(client.get(f"{PLACE}?sua={other}"), f"{PLACE}/lich")["kind"] == "quarter"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [({"send_before_day": "32"}, "gửi trước ngày 1 đến 31"), ({"send_before_day": "năm"}, ""), ({"document": ""}, "")],
)
def test_a_refused_schedule_keeps_what_was_typed(
    site: Flask, office: b.Office, wrong: dict[str, str], words: str
) -> None:
    client = _client(site)
    fields = form_fields(client.get(PLACE), f"{PLACE}/lich")

    answer = client.post(f"{PLACE}/lich", data=fields | SCHEDULE | {"remind_days": "17"} | wrong)

    assert answer.status_code == 422
    assert 'value="17"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert words in text_of(answer)
    assert "Chưa có kỳ nào." in text_of(client.get(PLACE))


def test_a_quarter_is_closed_and_tells_its_corrections(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    fact = a_fact(sqlite_ctx, office, date(2026, 2, 2), date(2026, 2, 20), outcome=Outcome.LATE,
                  late_on=date(2026, 2, 11), code="H00-1")  # fmt: skip
    b.turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    client = _client(site)
    one = f"{PLACE}/H00/2026-Q1"
    page = client.get(one)
    assert ": 1 hồ sơ" in text_of(page)
    assert "Chốt kỳ dù còn chỗ cần sửa" in text_of(page)

    assert client.post(one, data=form_fields(page, one)).status_code == 303

    closed = closed_periods.find(sqlite_ctx, by=office.auditor, agency="H00", name="2026-Q1")
    assert closed is not None
    page = client.get(one)
    said = text_of(page)
    assert closed.sha256 in said
    assert "Chưa có gì được sửa từ lúc chốt." in said
    assert "on-time.agency.xlsx" in said
    with sqlite_ctx.unit_of_work() as uow:
        row = uow.session.get_one(DossierFact, fact.dossier_id)
        row.outcome, row.late_on = Outcome.ON_TIME, NEVER
    said = text_of(client.get(one))
    assert "1 hồ sơ nay tính khác lúc chốt." in said
    assert "Xong quá hạn: -1" in said
    assert "H00-1" in said
    again = client.post(one, data={"csrf_token": _token(client)})
    assert again.status_code == 409
    assert "Kỳ này đã chốt rồi." in text_of(again)


def _token(client: FlaskClient) -> str:
    return form_fields(client.get(PLACE), f"{PLACE}/lich")["csrf_token"]


def test_a_period_that_is_not_over_asks_to_be_told_so(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    client, one = _client(site), f"{PLACE}/H00/2026-Q1"
    fields = form_fields(client.get(one), one)

    refused = client.post(one, data={name: value for name, value in fields.items() if name != "early"})
    assert refused.status_code == 409
    assert "Kỳ này chưa hết." in text_of(refused)
    assert client.post(one, data=fields | {"early": "1"}).status_code == 303
    assert "chốt trước khi hết kỳ" in text_of(client.get(one))


def test_others_look_and_do_not_close(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    b.turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    auditor, one = _client(site, "auditor"), f"{PLACE}/H00/2026-Q1"
    assert "Chốt kỳ dù" not in text_of(auditor.get(one))
    assert "Người giám sát hoặc người duyệt" in text_of(auditor.get(one))
    token = form_fields(_client(site).get(PLACE), f"{PLACE}/lich")  # of somebody else
    assert auditor.post(one, data=token).status_code in (400, 403)
    assert _client(site, "officer").get(PLACE).status_code == 403
    assert auditor.get(f"{PLACE}/H99/2026-Q1").status_code == 404
    assert auditor.get(f"{PLACE}/H00/2026-Q7").status_code == 404


def test_another_period_is_found_by_its_name(site: Flask, office: b.Office) -> None:
    client = _client(site)
    assert client.get(f"{PLACE}/xem?agency=H00&period=2025-q2-15").location.endswith("/bao-cao/ky/H00/2025-Q2-15")
    wrong = client.get(f"{PLACE}/xem?agency=H00&period=qu%C3%BD+2")
    assert wrong.status_code == 422
    assert 'value="quý 2"' in wrong.text
    assert "Tên kỳ báo cáo chưa đúng." in text_of(wrong)


def test_the_api_closes_and_tells(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    a_fact(sqlite_ctx, office, date(2026, 2, 2), date(2026, 2, 20), code="H00-1")
    b.turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    client, head = site.test_client(), bearer(sqlite_ctx, "supervisor")
    place = "/api/v1/reports/periods/H00/2026-q1"
    assert client.get("/api/v1/reports/periods", headers=head).json == {"periods": []}
    assert client.get(place, headers=head).json["state"] == "over"
    assert client.get(f"{place}/corrections", headers=head).json["code"] == "period-not-found"

    closed = client.post(f"{place}/close", headers=head, json={})

    assert (closed.status_code, closed.json["period"], closed.json["from"]) == (200, "2026-Q1", "2026-01-01")
    assert closed.json["content"]["reports"]["table-06.centre.xlsx"]
    again = client.post(f"{place}/close", headers=head, json={})
    assert (again.status_code, again.json["code"]) == (409, "period-closed")
    assert client.get(f"{place}/corrections", headers=head).json == {"count": 0, "moved": {}, "dossiers": []}
    asked = "/api/v1/reports/table-06?period=2026-Q1&agency=H00"
    before = client.get(asked, headers=head).json
    a_fact(sqlite_ctx, office, date(2026, 2, 3), code="H00-2")
    b.turn_clock_to(sqlite_ctx, "2026-04-12T09:00")
    assert client.get(asked, headers=head).json == before
    assert client.get(f"{place}/corrections", headers=head).json["count"] == 1
    assert client.post(f"{place}/close", headers=bearer(sqlite_ctx, "auditor"), json={}).status_code == 403


def test_pages_of_periods_send_few_statements(site: Flask, office: b.Office, sqlite_ctx: Context) -> None:
    client, one = _client(site), f"{PLACE}/H00/2025-Q4"
    client.post(f"{PLACE}/lich", data=form_fields(client.get(PLACE), f"{PLACE}/lich") | SCHEDULE)
    with count_statements(sqlite_ctx) as sent:
        page = client.get(one)
    sent.hold()
    assert client.post(one, data=form_fields(page, one)).status_code == 303
    for address in (one, PLACE):
        with count_statements(sqlite_ctx) as sent:
            assert client.get(address).status_code == 200
        sent.hold()


def test_an_agency_adds_up_the_reports_of_those_that_name_it(
    site: Flask, office: b.Office, sqlite_ctx: Context
) -> None:
    ward = b.an_office(sqlite_ctx, code="H01")
    for made, code in ((office, "H00-1"), (ward, "H01-1"), (ward, "H01-2")):
        a_fact(sqlite_ctx, made, date(2026, 2, 2), date(2026, 2, 4), code=code)
    rollups.rebuild(sqlite_ctx)
    b.turn_clock_to(sqlite_ctx, "2026-04-02T09:00")
    client, page = _client(site), f"{PLACE}/H00/2026-Q1"
    assert client.get(f"{page}/tong-hop.xlsx").status_code == 404  # nobody reports to it

    rule = periods.Rule(
        kind="quarter", first_day=1, send_month=1, send_before_day=5, remind_days=3, document="KH 1",
        consolidated_by="H00",
    )  # fmt: skip
    periods.set_schedule(sqlite_ctx, by=ward.supervisor, agency="H01", rule=rule)
    closing.close(sqlite_ctx, by=ward.supervisor, agency="H01", name="2026-Q1", reports=standard_reports.summary)
    a_fact(sqlite_ctx, ward, date(2026, 2, 2), date(2026, 2, 4), code="H01-3")  # too late to be added up
    rollups.rebuild(sqlite_ctx)

    said = text_of(client.get(page))
    assert "Tổng hợp nhiều đơn vị" in said
    file = client.get(f"{page}/tong-hop.xlsx")
    book = load_workbook(io.BytesIO(file.data))
    totals = {
        sheet.title: next(row[2] for row in sheet.values if row[1] == "Tổng số") for sheet in book.worksheets[:-1]
    }
    assert list(totals.values()) == [3, 1, 2]
    assert "(chưa chốt)" in book.worksheets[1]["A5"].value
    assert "(chưa chốt)" not in book.worksheets[2]["A5"].value
    assert client.get(f"{PLACE}/H01/2026-Q1/tong-hop.xlsx").status_code in (403, 404)
    assert file.data == client.get(f"{page}/tong-hop.xlsx").data


def test_an_agency_does_not_add_up_its_own_reports(site: Flask, office: b.Office) -> None:
    client = _client(site)
    fields = form_fields(client.get(PLACE), f"{PLACE}/lich")

    answer = client.post(f"{PLACE}/lich", data=fields | SCHEDULE | {"consolidated_by": "H00"})

    assert answer.status_code == 422
    assert 'value="H00" selected' in answer.text
    assert "Chưa có kỳ nào." in text_of(client.get(PLACE))
