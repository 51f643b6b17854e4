"""The supervisor's pages over HTTP: tiles and their lists, the board, loads, verbs with verdicts, bad addresses."""

from __future__ import annotations

import re
from datetime import datetime
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.dossier import Status
from engine.domain.events import EventKind
from engine.services import people, processing, reading
from tests.support import builders as b
from tests.support.builders import Office
from tests.support.forms import form_fields, send, text_of
from tests.support.lives import live
from tests.support.site import PASSWORD, make_site, sign_in
from tests.support.statements import count_statements

PEOPLE = ("desk", "officer", "approver", "supervisor", "auditor", "admin")
PAGES = (
    "/giam-sat",
    "/giam-sat/tai-viec",
    "/giam-sat/xu-huong",
    "/giam-sat/cham-do-ai",
    "/giam-sat/thu-tuc",
    "/giam-sat/thu-tuc/TP99",
    "/giam-sat/dung-han",
    "/giam-sat/dung-han?tre=0",
    "/qua-han",
    "/qua-han?xem=will_be_late",
    "/qua-han?xem=all&trang-thai=4",
)


@pytest.fixture
def office(ctx: Context) -> Office:
    """An agency that has lived for some weeks, and whose people can sign in."""
    office = live(ctx).office
    for username in PEOPLE:
        people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    return office


@pytest.fixture
def site(ctx: Context) -> Flask:
    """The application."""
    return make_site(ctx)


@pytest.fixture
def small(sqlite_ctx: Context) -> Office:
    """An agency with two overdue dossiers that nobody has claimed, whose people can sign in."""
    office = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-03T09:00")
    b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-03-12T09:00")
    for username in PEOPLE:
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return office


@pytest.fixture
def small_site(sqlite_ctx: Context) -> Flask:
    """The application over the small agency."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def codes_in(page: str) -> set[str]:
    return set(re.findall(r'data-open href="/ho-so/([^"?]+)"', page))


def test_each_page_is_shown_with_eight_statements_at_most(ctx: Context, office: Office, site: Flask) -> None:
    supervisor = signed_in(site, "supervisor")
    supervisor.get("/giam-sat")  # what a process reads once
    for path in PAGES:
        with count_statements(ctx) as sent:
            answer = supervisor.get(path)
        assert answer.status_code == 200, path
        sent.hold()


def test_each_tile_opens_as_many_dossiers_as_it_says(office: Office, site: Flask) -> None:
    supervisor = signed_in(site, "supervisor")
    page = supervisor.get("/giam-sat").text
    tiles = re.findall(r'href="([^"]+)" data-tile="(\w+)">.*?<strong>(\d+)</strong>', page, re.S)
    assert len(tiles) == 6
    assert sum(int(count) for *_, count in tiles) > 5
    for address, tile, count in tiles:
        listed = supervisor.get(address.replace("&amp;", "&"))
        assert len(codes_in(listed.text)) == int(count), tile
    kept, late = (re.search(rf'href="([^"]+)" data-{name}>(\d+)', page) for name in ("kept", "late"))
    for found in (kept, late):
        assert found is not None
        listed = supervisor.get(found[1].replace("&amp;", "&"))
        assert len(codes_in(listed.text)) == int(found[2])


def test_each_number_of_the_board_opens_its_list(office: Office, site: Flask) -> None:
    supervisor = signed_in(site, "supervisor")
    page = supervisor.get("/qua-han").text
    lines = re.findall(r'<a href="([^"]+)" aria-label="(\d+) hồ sơ quá hạn', page)
    assert len(lines) >= 5
    for address, count in lines:
        listed = supervisor.get(address.replace("&amp;", "&"))
        assert len(codes_in(listed.text)) == int(count), address


def test_a_share_of_nothing_is_not_a_hundred_percent(sqlite_ctx: Context) -> None:
    b.an_office(sqlite_ctx)
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    supervisor = signed_in(make_site(sqlite_ctx), "supervisor")
    page = text_of(supervisor.get("/giam-sat"))
    assert "Chưa có hồ sơ nào xong trong kỳ này" in page
    assert "100" not in page
    assert "chưa có hồ sơ nào" in text_of(supervisor.get("/giam-sat/xu-huong"))


def test_few_dossiers_are_said_to_say_little(sqlite_ctx: Context, small: Office, small_site: Flask) -> None:
    b.advance_to(sqlite_ctx, small, b.a_received_dossier(sqlite_ctx, small), Status.FINISHED)
    assert "Dưới 20 hồ sơ" in text_of(signed_in(small_site, "supervisor").get("/giam-sat"))


@pytest.mark.parametrize("username", ["desk", "officer", "admin"])
def test_numbers_are_for_who_watches(small: Office, small_site: Flask, username: str) -> None:
    client = signed_in(small_site, username)
    assert client.get("/giam-sat").status_code == 403
    assert client.get("/giam-sat/phan-cong?viec=1").status_code == 403
    assert client.get("/qua-han").status_code == (403 if username in ("desk", "admin") else 200)


@pytest.mark.parametrize(
    "query",
    ["tu=gestern&den=2026-03-02", "tu=2026-03-09&den=2026-03-02", "tu=2026-03-02", "tu=0001-01-01&den=0001-01-02"],
)
def test_a_period_that_cannot_be_read_is_told(sqlite_ctx: Context, query: str) -> None:
    b.an_office(sqlite_ctx)
    people.set_password(sqlite_ctx, by=SYSTEM, username="supervisor", password=PASSWORD)
    supervisor = signed_in(make_site(sqlite_ctx), "supervisor")
    answer = supervisor.get(f"/giam-sat?{query}")
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert supervisor.get(f"/giam-sat/dung-han?{query}").status_code == 422


def test_verbs_answer_for_each_chosen_dossier(sqlite_ctx: Context, small: Office, small_site: Flask) -> None:
    supervisor = signed_in(small_site, "supervisor")
    listed = supervisor.get("/qua-han")
    fields = form_fields(listed, "/qua-han/viec")
    chosen = re.findall(r'name="chon" value="([^"]+)"', listed.text)
    nobody = supervisor.post("/qua-han/viec", data={**fields, "lam": "urge"})
    assert "Chưa chọn hồ sơ nào" in text_of(supervisor.get(nobody.location))
    urged = supervisor.post("/qua-han/viec", data={**fields, "chon": chosen, "lam": "urge", "note": "Xin làm sớm"})
    assert urged.text.count("Chưa ai nhận việc này") == len(chosen)  # nobody has claimed one
    reasonless = supervisor.post("/qua-han/viec", data={**fields, "chon": chosen[:1], "lam": "escalate"})
    assert "Phải nêu lý do" in text_of(reasonless)
    raised = supervisor.post("/qua-han/viec", data={**fields, "chon": chosen, "lam": "escalate", "note": "Chậm nhiều"})
    assert raised.text.count("Đã xong") == len(chosen)
    code = chosen[0].rpartition("|")[2]
    assert EventKind.RAISED.value in [
        each["kind"] for each in reading.timeline(sqlite_ctx, by=small.supervisor, dossier=code)
    ]
    assert "Báo cáo lên người duyệt, ký" in supervisor.get(f"/ho-so/{code}/dien-bien").text


def test_tasks_are_given_to_who_has_time(sqlite_ctx: Context, small: Office, small_site: Flask) -> None:
    second = b.a_person(sqlite_ctx, small.id, "second", [Role.OFFICER], [small.units["PHONG_TU_PHAP"]])
    dossier = b.a_received_dossier(sqlite_ctx, small)
    task = dossier["open_tasks"][0]["id"]
    processing.claim(sqlite_ctx, by=small.officer, task_id=task)
    supervisor = signed_in(small_site, "supervisor")
    page = supervisor.get(f"/giam-sat/phan-cong?viec={task}&viec=nonsense")
    assert "1 việc đã chọn không còn mở" in text_of(page)
    unit = small.units["PHONG_TU_PHAP"]
    fields = form_fields(page, "/giam-sat/phan-cong")
    none = supervisor.post("/giam-sat/phan-cong", data=fields)
    assert "Chưa chọn người nhận việc" in text_of(supervisor.get(none.location))
    given = supervisor.post(
        "/giam-sat/phan-cong", data={**fields, "viec": f"{unit}|{task}|{dossier['code']}", f"nguoi-{unit}": "second"}
    )
    assert "Đã phân công 1" in text_of(given)
    (open_task,) = reading.detail(sqlite_ctx, by=small.supervisor, dossier=dossier["code"])["open_tasks"]
    assert open_task["assignee"] == second.name or "second" in str(open_task)


def test_acts_on_the_page_of_a_dossier(sqlite_ctx: Context, small: Office, small_site: Flask) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, small)
    processing.claim(sqlite_ctx, by=small.officer, task_id=dossier["open_tasks"][0]["id"])
    supervisor, code = signed_in(small_site, "supervisor"), dossier["code"]
    page = supervisor.get(f"/ho-so/{code}")
    assert send(supervisor, page, "/urge", note="Xin làm sớm").status_code == 303
    again = send(supervisor, supervisor.get(f"/ho-so/{code}"), "/urge")
    assert again.status_code == 409
    assert "đã được nhắc hôm nay" in text_of(again)
    refused = send(supervisor, supervisor.get(f"/ho-so/{code}"), "/escalate", reason="")
    assert refused.status_code == 422
    assert send(supervisor, refused, "/escalate", reason="Quá chậm").status_code == 303
    task = dossier["open_tasks"][0]["id"]
    moved = send(supervisor, supervisor.get(f"/ho-so/{code}"), "/assign", who=f"{task}/officer", note="Việc gấp")
    assert moved.status_code == 303
    stranger = send(supervisor, supervisor.get(f"/ho-so/{code}"), "/assign", who=f"{task}/desk")
    assert stranger.status_code == 422
    officer = signed_in(small_site, "officer").get(f"/ho-so/{code}").text
    assert "/urge" not in officer
    assert "/escalate" not in officer


def test_the_list_is_exported_as_it_is_shown(small: Office, small_site: Flask) -> None:
    supervisor = signed_in(small_site, "supervisor")
    shown = codes_in(supervisor.get("/qua-han?xem=overdue&don-vi=H00/PHONG_TU_PHAP").text)
    file = supervisor.get("/qua-han/ho-so.csv?xem=overdue&don-vi=H00/PHONG_TU_PHAP")
    rows = file.data.decode("utf-8-sig").splitlines()[1:]
    assert {row.split(",")[0] for row in rows} == shown
    assert len(shown) == 2
    header, *table = load_workbook(BytesIO(supervisor.get("/qua-han/ho-so.xlsx?xem=overdue").data))["Hồ sơ"].values
    assert header == (
        "Mã hồ sơ", "Người nộp", "Thủ tục", "Tên thủ tục", "Bước hiện tại", "Đơn vị", "Người làm", "Hạn trả",
        "Tình trạng hạn", "Hẹn lại", "Thư xin lỗi",
    )  # fmt: skip
    assert {row[0] for row in table} >= shown
    assert {type(row[7]) for row in table} == {datetime}
    refused = supervisor.get("/qua-han/ho-so.xlsx?xem=overdue&nhan-tu=x")
    assert (refused.status_code, "chưa áp dụng" in text_of(refused)) == (422, True)


def test_the_digest_is_asked_for(small: Office, small_site: Flask) -> None:
    supervisor = signed_in(small_site, "supervisor")
    fields = form_fields(supervisor.get("/giam-sat"), "/giam-sat/ban-tin")
    assert supervisor.post("/giam-sat/ban-tin", data={**fields, "nhan": "1"}).status_code == 303
    assert "Thôi nhận" in text_of(supervisor.get("/giam-sat"))
    auditor = signed_in(small_site, "auditor")
    assert "Bản tin sáng" not in text_of(auditor.get("/giam-sat"))
    token = {"csrf_token": form_fields(auditor.get("/giam-sat"), "/dang-xuat")["csrf_token"]}
    assert auditor.post("/giam-sat/ban-tin", data=token | {"nhan": "1"}).status_code == 403


def test_a_procedure_that_nobody_knows_has_no_heat(small: Office, small_site: Flask) -> None:
    supervisor = signed_in(small_site, "supervisor")
    assert supervisor.get("/giam-sat/thu-tuc/KHONG-CO").status_code == 404
    assert supervisor.get("/giam-sat/thu-tuc/TP99?co-quan=H01").status_code == 404
    assert supervisor.get("/giam-sat/thu-tuc/TP99%00").status_code == 404
