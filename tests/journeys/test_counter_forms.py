"""The counter's form as a browser sends it: known papers, scans, filing for another, doubts; drafts over HTTP."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import fees, form_drafts, people, processing, reading
from engine.services.form_drafts import Page
from engine.services.intake import PaperLine
from tests.support.builders import Office, a_received_dossier, an_office, publish, withdraw
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, bearer, csrf_of, make_site, sign_in
from tests.support.statements import count_statements

NUMBER = "031090000001"
CODE = "H00-260302-0002"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    made = an_office(sqlite_ctx, policy={"papers": ["Tờ khai", "Giấy chứng sinh"]})
    for username in ("desk", "officer"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    return make_site(sqlite_ctx)


@pytest.fixture
def desk(site: Flask, office: Office) -> FlaskClient:
    client = site.test_client()
    sign_in(client, "desk")
    return client


def receive(desk: FlaskClient, **typed: Any) -> TestResponse:
    """Fill in the form of the procedure and send it, with files as a browser sends them."""
    page = desk.get("/quay?procedure=TP99")
    fields = form_fields(page, "/quay/tiep-nhan") | {"name": "Nguyễn Văn Thử", "identity_number": NUMBER} | typed
    return desk.post("/quay/tiep-nhan", data=fields, content_type="multipart/form-data")


def put(desk: FlaskClient, place: str, key: str = "k", seen: str = "", **typed: str) -> TestResponse:
    """Keep a form as the script does."""
    headers = {"X-CSRFToken": csrf_of(desk.get("/quay")), "X-Form-Key": key, "X-Draft-Seen": seen}
    return desk.put(f"/nhap/{place}", data=typed, headers=headers)


def test_paper_that_is_there_is_offered_and_taken_over(sqlite_ctx: Context, office: Office, desk: FlaskClient) -> None:
    first = a_received_dossier(sqlite_ctx, office, papers=(PaperLine("tờ khai"),))
    token = csrf_of(desk.get("/quay"))
    asked = {"csrf_token": token, "identity_number": "031 090 000 001", "paper-1-name": "Giấy chứng sinh",
             "paper-1-code": "", "paper-1-have": "1"}  # fmt: skip
    listed = desk.post("/quay/giay-to?procedure=TP99", data=asked).text
    assert f'value="{first["id"]}/1"' in listed
    assert "Đã có: hồ sơ H00-260302-0001, nhận 02/03/2026" in listed
    checked = html.fromstring(listed).xpath("//input[@type='checkbox' and @checked]/@name")
    assert checked == ["paper-1-have"]  # what was ticked stays
    assert "Đã có: hồ sơ" not in desk.post("/quay/giay-to?procedure=TP99", data=asked | {"owner_name": "Khác"}).text

    done = receive(desk, **{"paper-0-known": f"{first['id']}/1", "paper-1-have": "1"})
    assert done.location == f"/quay/da-nhan/{CODE}?in=1"
    papers = reading.detail(sqlite_ctx, by=office.desk, dossier=CODE)["components"]
    assert [(paper["name"], paper["originals"]) for paper in papers] == [("Tờ khai", 0), ("Giấy chứng sinh", 1)]


@pytest.mark.parametrize(
    "known", ["x", "019cac0f-2680-7e2f-ae4a-4d8a6ed89420/9", "019cac0f-2680-7e2f-ae4a-4d8a6ed89420/x"]
)
def test_paper_that_is_not_there_is_refused_and_the_form_comes_back(desk: FlaskClient, known: str) -> None:
    refused = receive(desk, address="Số 1", **{"paper-0-known": known})
    assert refused.status_code == 422
    assert "Giấy tờ đã có không dùng lại được" in text_of(refused)
    assert form_fields(refused, "/quay/tiep-nhan")["address"] == "Số 1"


def test_scans_belong_to_their_line(sqlite_ctx: Context, office: Office, desk: FlaskClient) -> None:
    files = [(BytesIO(PDF), "trang 1.pdf"), (BytesIO(PDF + b"2"), "trang2.pdf")]
    done = receive(desk, **{"paper-1-files": files})  # a file says that the paper is there
    assert done.location == "/quay/da-nhan/H00-260302-0001?in=1"
    papers = reading.detail(sqlite_ctx, by=office.desk, dossier="H00-260302-0001")["components"]
    assert [(paper["name"], paper["file_name"]) for paper in papers] == [
        ("Giấy chứng sinh", "trang 1.pdf"),
        ("Giấy chứng sinh (tệp 2)", "trang2.pdf"),
    ]
    assert desk.get("/ho-so/H00-260302-0001/giay-to/2").data == PDF + b"2"


@pytest.mark.parametrize(
    ("content", "name"), [(b"", "a.pdf"), (b"MZ\x90", "a.exe"), (b"<html>", "a.pdf"), (PDF, "a.png"), (PDF, "a")]
)
def test_file_that_is_not_taken_is_told_beside_its_paper(
    sqlite_ctx: Context, office: Office, desk: FlaskClient, content: bytes, name: str
) -> None:
    refused = receive(desk, address="Số 1", **{"paper-1-files": [(BytesIO(content), name)]})
    assert refused.status_code == 422
    found = html.fromstring(refused.text)
    (field,) = found.xpath("//input[@name='paper-1-files']")
    assert field.get("aria-invalid") == "true"
    assert "Không nhận tệp này" in found.get_element_by_id(field.get("aria-describedby")).text_content()
    assert form_fields(refused, "/quay/tiep-nhan")["address"] == "Số 1"


def test_file_of_a_line_without_name_is_not_lost_in_silence(desk: FlaskClient) -> None:
    refused = receive(desk, **{"paper-3-files": [(BytesIO(PDF), "a.pdf")]})
    assert refused.status_code == 422
    assert "Có ô nhập chưa đúng" in text_of(refused)


def test_filing_for_another_with_case_and_authorisation(sqlite_ctx: Context, office: Office, desk: FlaskClient) -> None:
    typed = {"owner_name": "Trần Thị Khác", "owner_email": "k@example.test", "case": "Đăng ký lại",
             "authorisation": "Giấy ủy quyền số 12", "channel": "postal"}  # fmt: skip
    done = receive(desk, **typed)
    assert "Nguyễn Văn Thử (nộp thay Trần Thị Khác)" in text_of(desk.get(done.location))
    dossier = reading.detail(sqlite_ctx, by=office.desk, dossier="H00-260302-0001")
    assert (dossier["case"], dossier["channel"], dossier["owner"]["email"]) == (
        "Đăng ký lại", "postal", "k@example.test",
    )  # fmt: skip
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert uow.dossiers.by_code("H00-260302-0001").authorisation == "Giấy ủy quyền số 12"

    alone = receive(desk, authorisation="Giấy ủy quyền số 12")
    assert alone.status_code == 422
    assert form_fields(alone, "/quay/tiep-nhan")["authorisation"] == "Giấy ủy quyền số 12"


def test_odd_number_is_warned_of_and_received(desk: FlaskClient) -> None:
    done = receive(desk, identity_number="003 227 000 017")
    assert done.status_code == 303
    page = text_of(desk.get(done.location))
    assert "Ba số đầu không phải mã tỉnh" in page
    assert "sinh vào một năm chưa đến" in page
    assert "đính chính" in page


def test_search_that_finds_one_procedure_opens_it(desk: FlaskClient) -> None:
    assert desk.get("/quay?q=thu+tuc+thu").location == "/quay?procedure=TP99&agency=H00"
    assert "Không có thủ tục nào khớp" in text_of(desk.get("/quay?q=xyz"))


def test_applicant_is_looked_up_without_scripts(sqlite_ctx: Context, office: Office, desk: FlaskClient) -> None:
    a_received_dossier(sqlite_ctx, office)
    page = desk.get("/quay?procedure=TP99")
    fields = form_fields(page, "/quay/tiep-nhan") | {"identity_number": NUMBER, "phone": "0999", "paper-0-have": "1"}
    shown = form_fields(desk.post("/quay/tra-nguoi-nop", data=fields), "/quay/tiep-nhan")
    assert (shown["name"], shown["phone"], shown["paper-0-have"]) == ("Nguyễn Văn Thử", "0999", "1")
    assert shown["draft"] == fields["draft"]


def test_draft_is_listed_opened_and_gone_when_it_is_sent(desk: FlaskClient) -> None:
    page = desk.get("/quay?procedure=TP99&agency=H00")
    form = form_fields(page, "/quay/tiep-nhan")
    place = f"counter/{form['draft']}"
    typed = {name: value for name, value in form.items() if name.startswith(("paper-", "procedure", "agency"))}
    kept = put(desk, place, form["idempotency_key"], **typed, name="Lê Nháp", **{"paper-1-have": "1"})
    assert kept.status_code == 200
    assert kept.get_json()["at"] == "02/03/2026 08:00"

    counter = desk.get("/quay")
    assert "Lê Nháp · TP99 lưu 02/03/2026 08:00" in text_of(counter)
    (link,) = [each for each in html.fromstring(counter.text).xpath("//a/@href") if "nhap=" in each]
    again = desk.get(link)
    shown = form_fields(again, "/quay/tiep-nhan")
    assert (shown["name"], shown["paper-1-have"], shown["draft"]) == ("Lê Nháp", "1", form["draft"])

    assert send(desk, again, "/quay/tiep-nhan").status_code == 303
    assert "Không có bản nháp nào." in text_of(desk.get("/quay"))
    gone = desk.get(link)
    assert "Bản nháp này không còn" in text_of(gone)
    assert form_fields(gone, "/quay/tiep-nhan")["name"] == ""


def test_draft_is_discarded_from_the_list(desk: FlaskClient) -> None:
    put(desk, "counter/1", procedure="TP99", name="Lê Nháp")
    assert send(desk, desk.get("/quay"), "/nhap/bo", place="counter/1").location == "/quay"
    assert "Đã bỏ bản nháp." in text_of(desk.get("/quay"))
    assert desk.get("/nhap/counter/").get_json() == []


def test_drafts_over_http_say_what_is_wrong(desk: FlaskClient) -> None:
    first = put(desk, "counter/1", name="A").get_json()
    elsewhere = put(desk, "counter/1", name="B")
    assert (elsewhere.status_code, elsewhere.get_json()) == (409, {"code": "form-draft-elsewhere"})
    assert put(desk, "counter/1", seen=first["mark"], name="B").status_code == 200
    assert put(desk, "counter", name="B").get_json() == {"code": "invalid-form-draft"}
    assert put(desk, "counter/%00", name="B").status_code == 404
    (told,) = desk.get("/nhap/counter/").get_json()
    assert (told["place"], told["typed"], told["changed"]) == ("counter/1", {"name": "B"}, None)
    assert desk.put("/nhap/counter/1", data={"name": "C"}).status_code == 403  # without the token of the page


def test_draft_without_a_session_says_so(site: Flask, office: Office) -> None:
    assert site.test_client().put("/nhap/counter/1", data={"name": "A"}).status_code == 401


def test_draft_of_an_act_tells_what_happened_since_and_goes_with_the_act(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    place = f"dossier/{dossier['id']}/supplement"
    officer = site.test_client()
    sign_in(officer, "officer")
    page = officer.get(f"/ho-so/{dossier['code']}")
    seen = int(form_fields(page, "/supplement")["seen_seq"])
    form_drafts.save(sqlite_ctx, by=office.officer, place=place, typed={"reason": "Mờ"}, page=Page("k", based_on=seen))
    (told,) = officer.get(f"/nhap/dossier/{dossier['id']}/").get_json()
    assert told["changed"] is None

    processing.claim(sqlite_ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    (told,) = officer.get(f"/nhap/dossier/{dossier['id']}/").get_json()
    words = " ".join(html.fromstring(told["changed"]).text_content().split())
    assert "Bước đang mở" in words
    assert "chưa có người nhận" in words
    assert "Nhận việc, Cán bộ officer" in words

    page = officer.get(f"/ho-so/{dossier['code']}")
    assert send(officer, page, "/supplement", items="Ảnh", reason="Mờ").status_code == 303
    assert officer.get(f"/nhap/dossier/{dossier['id']}/").get_json() == []


def test_stale_form_shows_what_it_was_and_what_it_is(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    officer = site.test_client()
    sign_in(officer, "officer")
    page = officer.get(f"/ho-so/{dossier['code']}")
    withdraw(sqlite_ctx, office, dossier)
    stale = send(officer, page, "/supplement", items="Ảnh", reason="Mờ quá")
    assert stale.status_code == 412
    (table,) = html.fromstring(stale.text).xpath("//*[@id='refused']//table")
    rows = [" | ".join(cell.text_content().strip() for cell in row) for row in table.xpath("tbody/tr")]
    assert rows[0] == "Trạng thái | Đang xử lý | Công dân yêu cầu rút hồ sơ"
    assert rows[-1].endswith("| không có")
    assert "Mờ quá" in text_of(stale)


def test_api_takes_over_a_paper_and_keeps_the_authorisation(
    sqlite_ctx: Context, site: Flask, office: Office, desk: FlaskClient
) -> None:
    first = a_received_dossier(sqlite_ctx, office)
    person = {"name": "Nguyễn Văn Thử", "identity_number": NUMBER}
    body = {
        "procedure_code": "TP99", "channel": "direct", "applicant": {"name": "Người nộp thay"}, "owner": person,
        "authorisation": "Giấy ủy quyền số 12",
        "components": [{"name": "Tờ khai", "reuse_of": {"dossier": first["id"], "no": 1}}, {"name": "Ảnh"}],
    }  # fmt: skip
    client, headers = site.test_client(), bearer(sqlite_ctx, "desk")
    assert client.post("/api/v1/dossiers", json=body, headers=headers).status_code == 201
    papers = reading.detail(sqlite_ctx, by=office.desk, dossier=CODE)["components"]
    assert [(paper["name"], paper["originals"]) for paper in papers] == [("Tờ khai", 0), ("Ảnh", 1)]
    refused = client.post("/api/v1/dossiers", json=body | {"owner": None, "authorisation": None}, headers=headers)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "paper-not-reusable")


def test_ended_session_leads_back_to_the_form_through_the_sign_in(site: Flask, office: Office) -> None:
    stranger = site.test_client()
    back = "/quay?procedure=TP99&agency=H00&nhap=1"
    for referrer, leads in ((f"http://localhost{back}", True), ("http://elsewhere.test/quay", False), (None, False)):
        page = stranger.post("/quay/tiep-nhan", data={"name": "A"}, headers={"Referer": referrer} if referrer else {})
        assert page.status_code == 401
        (link,) = html.fromstring(page.text).xpath("//main//a[contains(@href, '/dang-nhap')]/@href")
        assert ("nhap%3D1" in link) is leads
    assert stranger.get("/quay/tiep-nhan").status_code == 302


def test_fee_follows_case_and_channel(sqlite_ctx: Context, office: Office, desk: FlaskClient) -> None:
    for case, channel, amount in (
        (None, None, 20_000),
        ("Đăng ký lại", None, 30_000),
        ("Đăng ký lại", "online", 5_000),
    ):
        fees.set_fee(
            sqlite_ctx, by=office.admin, agency="H00", procedure="TP99", amount_vnd=amount, case=case, channel=channel,
            valid_from=date(2026, 3, 2), decision="Nghị quyết 1",
        )  # fmt: skip
    page = desk.get("/quay?procedure=TP99")
    assert "20.000 đ" in text_of(page).replace("\u00a0", " ")
    (cases,) = html.fromstring(page.text).xpath("//select[@name='case']")
    assert cases.value_options == ["", "Đăng ký lại"]
    for query, says in (("case=Đăng ký lại&channel=direct", "30.000 đ"), ("case=Đăng ký lại&channel=online", "5.000 đ"),
                        ("case=Khác&channel=fax", "20.000 đ")):  # fmt: skip
        assert says in desk.get(f"/quay/hen-tra?procedure=TP99&{query}").text.replace("\u00a0", " ")
    done = receive(desk, case="Đăng ký lại", channel="online")
    assert "30.000 đ" not in text_of(desk.get(done.location)).replace("\u00a0", " ")
    assert "5.000 đ" in text_of(desk.get(done.location)).replace("\u00a0", " ")


def test_counter_asks_the_database_as_little_for_many_procedures_as_for_one(
    sqlite_ctx: Context, office: Office, desk: FlaskClient
) -> None:
    for no in range(3):
        publish(sqlite_ctx, code="H00", procedure=f"TQ0{no}")
    put(desk, "counter/1", procedure="TP99", name="A")
    for path in ("/quay", "/quay/thu-tuc?q=thu", f"/nhap/dossier/{UUID(int=1)}/"):
        with count_statements(sqlite_ctx) as sent:
            assert desk.get(path).status_code == 200
        sent.hold()
