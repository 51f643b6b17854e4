"""Pages of plans over HTTP: forms that lose nothing, and numbers that open lists as long as they say."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.statistics import Outcome
from engine.services import people
from engine.store.facts import DossierFact
from engine.store.indicators import PlanTask
from engine.store.procedures import Procedure
from tests.support import builders as b
from tests.support import fact_rows
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in
from tests.support.statements import count_statements

PERIOD = "tu=2026-01-01&den=2026-12-31"


@pytest.fixture
def place(sqlite_ctx: Context) -> b.Office:
    """An agency on 20 March 2026 with eight dossiers on time, two late, and three open."""
    office = b.an_office(sqlite_ctx)
    for username in ("supervisor", "admin", "auditor", "officer"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    b.turn_clock_to(sqlite_ctx, "2026-03-20T09:30")
    with sqlite_ctx.unit_of_work() as uow:
        agency = uow.agencies.default().id
        procedures = [(row.id, row.code) for row in uow.session.scalars(select(Procedure))]
        world = fact_rows.World([agency], procedures, b.local("2026-03-20T09:30"))
        on, closed_at = date(2026, 2, 10), b.local("2026-02-10T15:00")
        for no in range(1, 11):
            outcome = Outcome.LATE if no > 8 else Outcome.EARLY
            late_on = on if outcome is Outcome.LATE else None
            fact = fact_rows.a_fact(
                world, no, received_on=on, closed_on=on, closed_at=closed_at, outcome=outcome, late_on=late_on
            )
            uow.session.add(DossierFact(**fact_rows.row_of(fact, papers=2, digitised=1)))
        for no in range(11, 14):
            due_at = b.local("2026-04-01T17:00")
            fact = fact_rows.a_fact(world, no, due_at=due_at, late_after=due_at)
            uow.session.add(DossierFact(**fact_rows.row_of(fact)))
    return office


@pytest.fixture
def plan_site(sqlite_ctx: Context) -> Flask:
    """The application over it."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str = "supervisor") -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def test_every_number_of_the_index_opens_a_list_of_its_length(plan_site: Flask, place: b.Office) -> None:
    client = signed_in(plan_site)
    page = client.get(f"/bao-cao/chi-so-766?{PERIOD}")
    assert page.status_code == 200
    links = re.findall(r'href="(/bao-cao/chi-so-766/ho-so\?[^"]*)"[^>]*>(\d+)</a>', page.text)
    assert {count for _href, count in links} >= {"8", "13", "5"}
    for href, count in links:
        listed = client.get(unescape(href))
        assert listed.status_code == 200, href
        assert len(re.findall(r"<tr tabindex", listed.text)) == int(count), href
    assert "chưa có số liệu" in text_of(page).lower()
    assert client.get(f"/bao-cao/chi-so-766?{PERIOD}&them=unit").status_code == 200
    assert client.get(f"/bao-cao/chi-so-766?{PERIOD}&them=agency").status_code == 200
    assert client.get(f"/bao-cao/chi-so-766?{PERIOD}&them=x").status_code == 404
    assert client.get("/bao-cao/chi-so-766?tu=hom-nay&den=x").status_code == 422
    assert client.get("/bao-cao/chi-so-766/ho-so?chi-so=x").status_code == 404
    assert client.get("/bao-cao/chi-so-766/ho-so?chi-so=sipas").status_code == 404
    for kind in ("xlsx", "csv"):
        assert client.get(f"/bao-cao/chi-so-766.{kind}?{PERIOD}").status_code == 200


def test_figure_is_entered_kept_when_refused_and_withdrawn(plan_site: Flask, place: b.Office) -> None:
    client, url = signed_in(plan_site), "/bao-cao/chi-so-766/so-lieu"
    typed = {
        "indicator": "satisfied_reception", "from_on": "2026-01-01", "to_on": "2026-01-31", "numerator": "950",
        "denominator": "100", "source": "Phiếu tháng 1",
    }  # fmt: skip
    refused = send(client, client.get(url), url, **typed)
    assert refused.status_code == 422
    assert form_fields(refused, url)["source"] == "Phiếu tháng 1"
    assert 'id="e-figure-numerator"' in refused.text
    assert send(client, refused, url, denominator="1.000").status_code == 303
    shown = client.get(url)
    assert "950/1000" in text_of(shown)
    assert "Phiếu tháng 1" in text_of(client.get(f"{url}?tu=2026-01-01&den=2026-03-31"))
    assert "Hài lòng" in text_of(client.get("/bao-cao/chi-so-766?tu=2026-01-01&den=2026-01-31"))
    assert send(client, shown, f"{url}/bo").status_code == 303
    assert "950/1000" not in text_of(client.get(url))


def test_file_names_each_row_that_cannot_be_used(plan_site: Flask, place: b.Office) -> None:
    client, url = signed_in(plan_site), "/bao-cao/chi-tieu"
    head = "indicator,comparison,figure,from,to,document\n"
    bad = head + "online_dossiers,>=,170,2026-01-01,2026-12-31,KH\nnothing,>=,70,2026-01-01,2026-12-31,KH\n"
    fields = form_fields(client.get(url), f"{url}/tep")
    posted = client.post(f"{url}/tep", data=fields | {"file": (BytesIO(bad.encode()), "x.csv")})
    assert posted.status_code == 422
    assert "Dòng 2, cột figure" in text_of(posted)
    assert "Dòng 3, cột indicator" in text_of(posted)
    good = head + "online_dossiers,>=,70,2026-01-01,2026-12-31,KH\n"
    fields = form_fields(client.get(url), f"{url}/tep")
    assert client.post(f"{url}/tep", data=fields | {"file": (BytesIO(good.encode()), "x.csv")}).status_code == 303
    without = client.post(f"{url}/tep", data=form_fields(client.get(url), f"{url}/tep"))
    assert without.status_code == 422


def test_target_shows_what_is_what_will_be_and_what_saves_it(plan_site: Flask, place: b.Office) -> None:
    client, url = signed_in(plan_site), "/bao-cao/chi-tieu"
    typed = {"indicator": "on_time_finished", "comparison": "more", "figure": "nhiều", "document": "KH 12/KH-UBND"}
    refused = send(client, client.get(url), "/dat", **typed)
    assert refused.status_code == 422
    assert form_fields(refused, "/dat")["document"] == "KH 12/KH-UBND"
    assert send(client, refused, "/dat", figure="82,5").status_code == 303
    page = client.get(f"{url}?{PERIOD}")
    told = text_of(page)
    assert "80% (8/10)" in told
    assert "-2,5%" in told
    assert "Cần đạt thêm ít nhất 3 trong 3 hồ sơ đang mở." in told
    (savable,) = re.findall(r'href="(/bao-cao/chi-so-766/ho-so\?[^"]*phan=savable[^"]*)"', page.text)
    assert len(re.findall(r"<tr tabindex", client.get(unescape(savable)).text)) == 3
    (lost,) = re.findall(r'href="(/bao-cao/chi-so-766/ho-so\?[^"]*phan=lost[^"]*)"', page.text)
    assert len(re.findall(r"<tr tabindex", client.get(unescape(lost)).text)) == 2
    march = client.get(f"{url}?ky=2026-03&vai=receiving").text  # the year of the target, whatever month the page is of
    (lost,) = re.findall(r'href="(/bao-cao/chi-so-766/ho-so\?[^"]*phan=lost[^"]*)"', march)
    assert "ky=2026-03" in lost
    assert "vai=receiving" in lost
    assert len(re.findall(r"<tr tabindex", client.get(unescape(lost)).text)) == 2
    for kind in ("xlsx", "csv"):
        assert client.get(f"{url}.{kind}?{PERIOD}").status_code == 200
    assert send(client, page, f"{url}/bo").status_code == 303
    assert "80% (8/10)" not in text_of(client.get(f"{url}?{PERIOD}"))


def test_task_is_written_changed_and_guarded_against_others(
    plan_site: Flask, place: b.Office, sqlite_ctx: Context
) -> None:
    client, url = signed_in(plan_site), "/bao-cao/nhiem-vu"
    typed = {"number": "18", "name": "Tiếp nhận phi địa giới", "lead": "Trung tâm", "document": "KH 12"}
    refused = send(client, client.get(url), "/ghi", **typed)
    assert refused.status_code == 422
    assert form_fields(refused, "/ghi")["name"] == "Tiếp nhận phi địa giới"
    assert send(client, refused, "/ghi", due_on="2026-03-10").status_code == 303
    assert "quá 10 ngày" in text_of(client.get(url))
    assert send(client, refused, "/ghi", due_on="2026-03-10").status_code == 303  # sent twice
    taken = send(client, refused, "/ghi", due_on="2026-03-10", name="Việc khác")  # another task would be lost
    assert taken.status_code == 409
    assert form_fields(taken, "/ghi")["name"] == "Việc khác"
    assert "Năm này đã có một nhiệm vụ mang số đó." in text_of(taken)
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        (row,) = uow.session.scalars(select(PlanTask)).all()
    assert row.name == "Tiếp nhận phi địa giới"
    opened = client.get(f"{url}?nam=2026&sua={row.id}")
    assert form_fields(opened, "/ghi")["lead"] == "Trung tâm"
    sqlite_ctx.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    assert send(client, opened, "/ghi", state="done", done_on="2026-03-09").status_code == 303
    assert "100,00% (1 trong 1" in text_of(client.get(url))
    listed = client.get(f"{url}.csv?nam=2026").text
    assert listed.splitlines()[1].startswith("H00,2026,18,Tiếp nhận phi địa giới,Trung tâm,")
    assert listed.splitlines()[1].endswith(",done_in_time")
    assert client.get(f"{url}.csv?nam=2025&co-quan=H00").text.count("\n") == 1
    sheet = load_workbook(BytesIO(client.get(f"{url}.xlsx").data)).active
    assert [cell.value for cell in sheet[5]][:2] == ["18", "Tiếp nhận phi địa giới"]
    assert sheet["A2"].value == "Hoàn thành đúng hạn: 100,00% (1 trong 1 nhiệm vụ đã xong hoặc đã đến hạn)"
    told = plan_site.test_client().get("/api/v1/reports/tasks?year=2026", headers=bearer(sqlite_ctx, "supervisor"))
    assert told.get_json()["on_time"]["numerator"] == told.get_json()["counts"]["done_in_time"] == 1
    assert told.get_json()["rows"][0]["done_on"] == "2026-03-09"
    refused = plan_site.test_client().get("/api/v1/reports/tasks", headers=bearer(sqlite_ctx, "officer"))
    assert refused.status_code == 403
    again = send(client, opened, "/ghi", name="Tên khác")
    assert again.status_code == 409
    assert form_fields(again, "/ghi")["name"] == "Tên khác"
    assert client.get(f"{url}?sua=999").status_code == 404
    assert client.get(f"{url}?nam=mot").status_code == 200


def test_register_is_the_administrators(plan_site: Flask, place: b.Office, sqlite_ctx: Context) -> None:
    client, url = signed_in(plan_site, "admin"), "/quan-tri/danh-muc-thu-tuc"
    code = place_code(sqlite_ctx)
    assert code in text_of(client.get(url))
    opened = client.get(f"{url}?sua={code}")
    refused = send(client, opened, "/sua", legal_limit="sớm", online_level="full")
    assert refused.status_code == 422
    assert form_fields(refused, "/sua")["legal_limit"] == "sớm"
    assert send(client, refused, "/sua", legal_limit="15 working_day").status_code == 303
    assert "Toàn trình" in text_of(client.get(url))
    assert "sửa danh mục thủ tục" in text_of(client.get("/quan-tri"))
    assert client.get(f"{url}?sua=khong-co").status_code == 404
    content = f"code,online_level\n{code},partial\n".encode()
    fields = form_fields(client.get(url), f"{url}/tep")
    assert client.post(f"{url}/tep", data=fields | {"file": (BytesIO(content), "r.csv")}).status_code == 303
    assert "Một phần" in text_of(client.get(url))
    assert signed_in(plan_site).get(url).status_code == 403


def place_code(ctx: Context) -> str:
    with ctx.unit_of_work(read_only=True) as uow:
        return str(uow.session.scalars(select(Procedure.code)).first())


def test_auditors_read_and_change_nothing_officers_read_nothing(plan_site: Flask, place: b.Office) -> None:
    auditor = signed_in(plan_site, "auditor")
    for path in ("chi-so-766", "chi-so-766/so-lieu", "chi-tieu", "nhiem-vu"):
        page = auditor.get(f"/bao-cao/{path}")
        assert page.status_code == 200
        assert 'name="document"' not in page.text
        assert 'name="source"' not in page.text
        assert signed_in(plan_site, "officer").get(f"/bao-cao/{path}").status_code == 403


def test_api_tells_the_same_with_links(plan_site: Flask, place: b.Office, sqlite_ctx: Context) -> None:
    client, headers = plan_site.test_client(), bearer(sqlite_ctx, "supervisor")
    told = client.get("/api/v1/reports/index-766?from=2026-01-01&to=2026-12-31&by=unit", headers=headers).get_json()
    progress = next(group for group in told["total"]["groups"] if group["group"] == "progress")
    (term,) = progress["metrics"][0]["terms"]
    assert (term["numerator"], term["denominator"], term["state"]) == (8, 13, "computed")
    assert progress["points"] == pytest.approx(20 * 8 / 13, abs=1e-4)
    for part, count in (("lost", 5), ("met", 8), ("counted", 13), ("savable", 3)):
        listed = client.get(f"{term['dossiers']}&part={part}", headers=headers).get_json()
        assert listed["count"] == len(listed["items"]) == count
    assert client.get("/api/v1/reports/targets", headers=headers).get_json()["rows"] == []
    assert client.get("/api/v1/reports/index-766/dossiers?indicator=sipas", headers=headers).status_code == 404


@pytest.mark.parametrize("path", ["chi-so-766", "chi-so-766/so-lieu", "chi-tieu", "nhiem-vu"])
def test_pages_send_few_statements(plan_site: Flask, place: b.Office, sqlite_ctx: Context, path: str) -> None:
    client = signed_in(plan_site)
    client.get("/bao-cao/nhiem-vu")
    with count_statements(sqlite_ctx) as sent:
        assert client.get(f"/bao-cao/{path}?{PERIOD}").status_code == 200
    sent.hold()
