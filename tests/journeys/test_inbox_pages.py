"""The inbox over HTTP: filters in words, saved views, columns, peek, files, live answers, eight statements at most."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from lxml import html
from openpyxl import load_workbook
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.reports import worklists
from engine.reports.filters import Queue
from engine.services import people, processing
from tests.support.builders import (
    NO_EMAIL,
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    ask_supplement,
    turn_clock_to,
)
from tests.support.forms import text_of
from tests.support.site import PASSWORD, bearer, csrf_of, make_site, sign_in
from tests.support.statements import count_statements


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office whose officer and approver can sign in."""
    made = an_office(ctx)
    for username in ("officer", "approver"):
        people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def officer(ctx: Context, office: Office) -> FlaskClient:
    """A browser in which the officer is signed in."""
    client = make_site(ctx).test_client()
    assert sign_in(client, "officer").status_code in (302, 303)
    return client


def turn_and_return(ctx: Context, client: FlaskClient, at: str) -> None:
    """Turn the clock and sign in again: a session that nobody uses for two hours ends."""
    turn_clock_to(ctx, at)
    sign_in(client, "officer")


def rows(page: TestResponse) -> list[str]:
    """Return the codes of the rows of a list, in order."""
    return [str(link.text) for link in html.fromstring(page.text).xpath("//tbody[@data-rows]/tr//a[@data-open]")]


def columns(page: TestResponse) -> list[str]:
    return [
        cell.text_content().strip() for cell in html.fromstring(page.text).xpath("//table[tbody/@data-rows]/thead//th")
    ]


def post(client: FlaskClient, address: str, **typed: str) -> TestResponse:
    """Send a form of the inbox with the token of its page."""
    return client.post(address, data={"csrf_token": csrf_of(client.get("/viec?hang-doi=all"))} | typed)


def test_filters_are_chosen_told_and_taken_away(ctx: Context, office: Office, officer: FlaskClient) -> None:
    taken, free = (a_received_dossier(ctx, office) for _ in range(2))
    processing.claim(ctx, by=office.officer, task_id=taken["open_tasks"][0]["id"])
    assert rows(officer.get("/viec?hang-doi=all&chua-co-nguoi=1")) == [free["code"]]
    page = officer.get("/viec?hang-doi=all&nguoi-lam=officer&nhan-tu=2026-03-02&nhan-den=2026-03-02")
    assert rows(page) == [taken["code"]]
    assert "Người đang làm: officer" in text_of(page)
    away = html.fromstring(page.text).xpath("//a[@aria-label='Bỏ lọc Người đang làm']/@href")[0]
    assert "nguoi-lam" not in away
    assert set(rows(officer.get(away))) == {taken["code"], free["code"]}
    form = officer.get("/viec/loc?hang-doi=all&nguoi-lam=officer&buoc=B%C6%B0%E1%BB%9Bc+THU_LY")
    assert 'value="officer" selected' in form.text
    assert 'value="Bước THU_LY"' in form.text
    assert "Tên PHONG_TU_PHAP" in form.text


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("han-tu=31/12/2026", "due_from"),
        ("nhan-tu=2026-03-05&nhan-den=2026-03-01", "received_to"),
        ("kenh=pigeon", "channel"),
        ("chua-co-nguoi=maybe", "unassigned"),
    ],
)
def test_a_filter_that_cannot_be_is_told_beside_its_field(
    office: Office, officer: FlaskClient, asked: str, field: str
) -> None:
    page = officer.get(f"/viec?hang-doi=overdue&thu-tuc=TP99&{asked}")
    assert page.status_code == 422
    tree = html.fromstring(page.text)
    assert tree.xpath("//*[@aria-invalid='true']/@id") == [f"loc-{field}"]
    assert tree.get_element_by_id("loc-procedure").get("value") == "TP99"  # nothing typed is lost
    name, value = asked.split("&")[-1].split("=")
    wrong = tree.get_element_by_id(f"loc-{field}")
    assert (wrong.get("name"), wrong.value) == (name, value)


def test_views_are_saved_opened_renamed_begun_with_and_deleted(
    ctx: Context, office: Office, officer: FlaskClient
) -> None:
    a_received_dossier(ctx, office)
    assert officer.get("/viec").status_code == 200
    answer = post(
        officer, "/viec/cach-xem?hang-doi=all&thu-tuc=TP99&han-tu=2026-03-01&chua-co-nguoi=1", name="Sáng nay"
    )
    asked = parse_qs(urlsplit(answer.location).query)
    view = asked.pop("xem")[0]
    assert asked == {
        "hang-doi": ["all"], "thu-tuc": ["TP99"], "han-tu": ["2026-03-01"], "chua-co-nguoi": ["1"]
    }  # fmt: skip
    assert len(rows(officer.get(answer.location))) == 1

    twice = post(officer, "/viec/cach-xem?hang-doi=all", name=" SÁNG  nay ")
    assert twice.status_code == 409
    assert "Bạn đã có một cách xem cùng tên" in text_of(twice)
    assert 'value=" SÁNG  nay "' in twice.text
    assert post(officer, "/viec/cach-xem?hang-doi=all", name=" ").status_code == 422
    assert post(officer, f"/viec/cach-xem/{view}/doi-ten?hang-doi=all", name="Chiều nay").status_code == 303
    assert post(officer, f"/viec/cach-xem/{view}/mo-dau?hang-doi=all").status_code == 303
    begun = officer.get("/viec", follow_redirects=True)
    assert "Chiều nay" in html.fromstring(begun.text).xpath("string(//h1)")
    assert officer.get(f"/viec/cach-xem/{view}").location == begun.request.full_path.rstrip("?")
    assert post(officer, f"/viec/cach-xem/{view}/thoi-mo-dau?hang-doi=all").status_code == 303
    assert officer.get("/viec").status_code == 200
    assert post(officer, f"/viec/cach-xem/{view}/xoa?hang-doi=all&xem={view}").status_code == 303
    assert officer.get(f"/viec/cach-xem/{view}").status_code == 404
    assert officer.get(f"/viec?hang-doi=all&xem={view}").status_code == 200  # an old link shows the list all the same


def test_nobody_reaches_views_of_others(ctx: Context, office: Office, officer: FlaskClient) -> None:
    view = parse_qs(urlsplit(post(officer, "/viec/cach-xem?hang-doi=all", name="Của tôi").location).query)["xem"][0]
    other = make_site(ctx).test_client()
    sign_in(other, "approver")
    for what in ("xoa", "doi-ten", "mo-dau"):
        assert post(other, f"/viec/cach-xem/{view}/{what}?hang-doi=all", name="x").status_code == 404
    assert other.get(f"/viec/cach-xem/{view}").status_code == 404
    assert officer.get(f"/viec/cach-xem/{view}").status_code == 302


def test_columns_and_page_size_belong_to_the_person(ctx: Context, office: Office, officer: FlaskClient) -> None:
    for _ in range(26):
        a_received_dossier(ctx, office)
    assert len(rows(officer.get("/viec?hang-doi=all"))) == 25
    chosen = {"tt-phone": "2", "tt-due": "1", "tt-received": "3", "page_size": "50"}
    assert post(officer, "/viec/cot?hang-doi=all", **chosen).location == "/viec?hang-doi=all"
    page = officer.get("/viec?hang-doi=all")
    assert len(rows(page)) == 26
    assert columns(page) == ["Mã hồ sơ", "Hạn trả", "Điện thoại", "Ngày nhận", "Làm"]
    for wrong in ({"tt-phone": "hai", "page_size": "50"}, {"page_size": "25"}, {"tt-due": "1", "page_size": "1000"}):
        answer = post(officer, "/viec/cot?hang-doi=all", **wrong)
        assert answer.status_code == 422
        assert f'value="{wrong.get("tt-phone", "")}"' in answer.text
    assert columns(officer.get("/viec?hang-doi=all")) == columns(page)


def test_the_peek_offers_what_is_next_and_returns_to_the_list(
    ctx: Context, office: Office, officer: FlaskClient
) -> None:
    person = replace(NO_EMAIL, name="Đặng Thị Ễ", phone="0912345678")
    code = a_received_dossier(ctx, office, applicant=person)["code"]
    listed = "/viec?hang-doi=unclaimed&q=dang"
    part = officer.get(f"/viec/xem/{code}?hang-doi=unclaimed&q=dang", headers={"X-Fragment": "1"})
    assert "<html" not in part.text
    assert "0912345678" in part.text
    whole = officer.get(f"/viec/xem/{code}?hang-doi=unclaimed&q=dang")
    (form,) = [form for form in html.fromstring(whole.text).forms if "/complete" in (form.action or "")]
    fields = dict(form.form_values())
    assert fields["next"] == listed
    processing.claim(ctx, by=office.officer, task_id=fields["task"])  # the dossier changed meanwhile
    stale = officer.post(form.action, data=fields | {"note": "Đủ điều kiện"})
    assert stale.status_code == 412
    (again,) = [form for form in html.fromstring(stale.text).forms if "/complete" in (form.action or "")]
    assert dict(again.form_values())["note"] == "Đủ điều kiện"
    done = officer.post(again.action, data=dict(again.form_values()))
    assert (done.status_code, done.location) == (303, listed)
    assert f"{code}: Đã hoàn thành bước." in text_of(officer.get(listed))
    assert officer.get("/viec/xem/none").status_code == 404


def test_a_paused_clock_is_told_with_since_when(ctx: Context, office: Office, officer: FlaskClient) -> None:
    ask_supplement(ctx, office, a_received_dossier(ctx, office))
    post(officer, "/viec/cot?hang-doi=paused", **{"tt-due": "1", "tt-missing": "2", "page_size": "25"})
    page = officer.get("/viec?hang-doi=paused")
    assert "Tạm dừng" in text_of(page)
    assert "dừng từ 02/03/2026 08:00" in text_of(page)
    assert "Giấy tờ còn thiếu" in columns(page)


def test_live_answers_304_until_something_changes(ctx: Context, office: Office, officer: FlaskClient) -> None:
    made = a_received_dossier(ctx, office)
    news = html.fromstring(officer.get("/viec?hang-doi=unclaimed").text).get_element_by_id("news")
    address, tag = news.get("data-live"), news.get("data-tag")

    def ask() -> TestResponse:
        return officer.get(address, headers={"If-None-Match": f'"{tag}"'})

    answer = ask()
    assert (answer.status_code, answer.data) == (304, b"")  # read anew, and the same
    tag = answer.headers["ETag"].strip('"')
    with count_statements(ctx) as sent:
        assert ask().status_code == 304
    sent.hold(3)  # who asks, the frame, the marker
    turn_clock_to(ctx, "2026-03-02T08:01", ticker=False)
    assert ask().status_code == 304
    processing.claim(ctx, by=office.officer, task_id=made["open_tasks"][0]["id"])
    answer = ask()
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["rows"], answer.json["counts"]["mine"]) == ([], "1")
    tag = answer.headers["ETag"].strip('"')
    assert ask().status_code == 304
    assert officer.get(address, headers={"If-None-Match": '"/'}).status_code == 200


def test_a_file_is_exactly_the_list(ctx: Context, office: Office, officer: FlaskClient) -> None:
    a_received_dossier(ctx, office)
    turn_and_return(ctx, officer, "2026-03-04T08:00")
    a_received_dossier(ctx, office, applicant=replace(NO_EMAIL, name="=1+1", phone="0912345678"))
    asked = "?hang-doi=all&nhan-tu=2026-03-03"
    shown = rows(officer.get(f"/viec{asked}"))
    answer = officer.get(f"/viec/tai-ve.csv{asked}")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert lines[0][:4] == ["Mã hồ sơ", "Người nộp", "Thủ tục", "Tên thủ tục"]
    assert [line[0] for line in lines[1:]] == shown
    assert lines[1][1] == "'=1+1"
    sheet = load_workbook(io.BytesIO(officer.get(f"/viec/tai-ve.xlsx{asked}").data)).active
    assert sheet is not None
    values = dict(zip((cell.value for cell in sheet[1]), (cell.value for cell in sheet[2]), strict=True))
    assert values["Hạn trả"] == datetime(2026, 3, 10, 8)  # noqa: DTZ001 - a date of a sheet has no zone
    assert values["Người nộp"] == "=1+1"
    assert sheet.max_row == 2
    assert officer.get("/viec/tai-ve.csv?hang-doi=all&nhan-tu=x").status_code == 422


def test_programs_have_the_same_filters(
    ctx: Context, office: Office, officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken, _free = (a_received_dossier(ctx, office) for _ in range(2))
    processing.claim(ctx, by=office.officer, task_id=taken["open_tasks"][0]["id"])
    client, headers = make_site(ctx).test_client(), bearer(ctx, "officer")
    asked = "unassigned=false&unit=H00/PHONG_TU_PHAP&due_from=2026-03-06&out_of_territory=false&assignee=officer"
    answer = client.get(f"/api/v1/dossiers?{asked}", headers=headers).json
    assert answer is not None
    assert [item["code"] for item in answer["items"]] == [taken["code"]]
    assert (answer["counts"]["all"], answer["counts_more"], answer["sort"]) == (1, [], "due")
    monkeypatch.setattr(worklists, "MOST_COUNTED", 1)
    answer = client.get("/api/v1/dossiers", headers=headers).json
    assert answer is not None
    assert (answer["counts"]["all"], answer["counts_more"]) == (1, ["all"])
    backwards = client.get("/api/v1/dossiers?due_from=2026-03-06&due_to=2026-03-05", headers=headers)
    assert (backwards.status_code, backwards.json and backwards.json["code"]) == (422, "invalid-date")


def test_done_shows_the_newest_first_and_a_large_queue_says_more(
    ctx: Context, office: Office, officer: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes = []
    for day in ("02", "03"):
        turn_clock_to(ctx, f"2026-03-{day}T09:00")
        codes.append(advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)["code"])
    turn_and_return(ctx, officer, "2026-03-04T09:00")
    page = officer.get("/viec?hang-doi=done")
    assert rows(page) == codes[::-1]
    monkeypatch.setattr(worklists, "MOST_COUNTED", 1)
    assert worklists.page(ctx, by=office.officer).more == {Queue.DONE, Queue.ALL}


def test_a_page_sends_eight_statements_at_most(ctx: Context, office: Office, officer: FlaskClient) -> None:
    for _ in range(3):
        a_received_dossier(ctx, office)
    ask_supplement(ctx, office, a_received_dossier(ctx, office))
    advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)
    turn_and_return(ctx, officer, "2026-03-05T16:00")
    a_received_dossier(ctx, office)
    filters = "q=0001&don-vi=PHONG_TU_PHAP&nguoi-lam=officer&han-tu=2026-03-01&chua-co-nguoi=0"
    lists = [f"/viec?hang-doi={queue}" for queue in Queue]
    for address in (*lists, *(f"{each}&{filters}" for each in lists), "/viec/loc", "/viec/cot", "/viec/cach-xem"):
        assert officer.get(address).status_code == 200  # what never changes is known to the process from now on
        with count_statements(ctx) as sent:
            officer.get(address)
        sent.hold()


def test_a_peek_sends_eight_statements_at_most(ctx: Context, office: Office, officer: FlaskClient) -> None:
    address = f"/viec/xem/{a_received_dossier(ctx, office)['code']}"
    officer.get(address)
    with count_statements(ctx) as sent:
        assert officer.get(address, headers={"X-Fragment": "1"}).status_code == 200
    sent.hold()
