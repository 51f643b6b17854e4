"""The screens over HTTP: what a desk officer, an officer, an approver and a citizen meet, without a browser."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Channel, Status
from engine.services import apologies, people, processing, reading
from tests.support.builders import (
    Office,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    ask_supplement,
    turn_clock_to,
)
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, make_site, sign_in

PAPERS = {"papers": [{"name": "Tờ khai"}, "Giấy chứng sinh"], "field": "Hộ tịch"}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """An office whose people can sign in."""
    made = an_office(sqlite_ctx, policy=PAPERS)
    for username in ("desk", "officer", "approver", "supervisor", "admin"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    """The application."""
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str) -> FlaskClient:
    """Return a browser in which this officer is signed in."""
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


# --- counter -------------------------------------------------------------------------------------------------------


def test_counter_finds_procedures_without_accents(site: Flask, office: Office) -> None:
    desk = signed_in(site, "desk")
    assert "Thủ tục thử" in desk.get("/quay/thu-tuc?q=thu+tuc").text
    assert "Thủ tục thử" in desk.get("/quay/thu-tuc?q=99").text
    assert "Không có thủ tục nào khớp" in desk.get("/quay/thu-tuc?q=xyz").text


def test_counter_shows_the_promise_before_receiving(site: Flask, office: Office) -> None:
    page = text_of(signed_in(site, "desk").get("/quay?procedure=TP99"))
    assert "Nếu nhận bây giờ, hẹn trả: 06/03/2026 08:00" in page
    assert "Giấy chứng sinh" in page


def test_receiving_gives_code_date_and_receipt(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    desk = signed_in(site, "desk")
    form = desk.get("/quay?procedure=TP99")
    typed = {"name": "Trần Thị Thử", "identity_number": "031090000001", "paper-0-have": "1", "paper-2-name": "Ảnh 3x4"}
    answer = send(desk, form, "/quay/tiep-nhan", **typed, **{"paper-2-have": "1", "paper-2-copies": "2"})
    assert answer.status_code == 303
    assert answer.location == "/quay/da-nhan/H00-260302-0001?in=1"
    assert "Hẹn trả 06/03/2026 08:00" in text_of(desk.get(answer.location))
    receipt = desk.get("/ho-so/H00-260302-0001/giay-tiep-nhan.pdf")
    assert receipt.mimetype == "application/pdf"
    assert receipt.data.startswith(b"%PDF-")
    assert "frame-ancestors 'self'" in receipt.headers["Content-Security-Policy"]
    dossier = reading.detail(sqlite_ctx, by=office.desk, dossier="H00-260302-0001")
    papers = [(paper["name"], paper["originals"], paper["copies"]) for paper in dossier["components"]]
    assert papers == [("Tờ khai", 1, 0), ("Ảnh 3x4", 1, 2)]


def test_sending_the_form_twice_receives_once(site: Flask, office: Office) -> None:
    desk = signed_in(site, "desk")
    form = desk.get("/quay?procedure=TP99")
    first = send(desk, form, "/quay/tiep-nhan", name="Trần Thị Thử")
    second = send(desk, form, "/quay/tiep-nhan", name="Trần Thị Thử")
    assert first.location == second.location
    other = send(desk, form, "/quay/tiep-nhan", name="Người Khác")
    assert other.status_code == 409
    assert "đã được gửi một lần" in text_of(other)


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"name": "Trần Thị Thử", "identity_number": "số 123"}, "identity_number", "Số định danh không hợp lệ"),
        ({"name": " ", "phone": "0912000001"}, "name", "Chưa có họ tên"),
        ({"name": "A", "received_at": "2026-04-01T09:00"}, "received_at", "không được ở tương lai"),
        ({"name": "A", "owner_identity_number": "031090000001"}, "owner_name", "Chưa có họ tên"),
        ({"name": "A", "channel": "fax"}, "channel", "Có ô nhập chưa đúng"),
        ({"name": "A", "paper-0-originals": "x", "paper-0-have": "1"}, "paper-0-originals", "Có ô nhập chưa đúng"),
    ],
)
def test_refused_reception_keeps_what_was_typed(
    site: Flask, office: Office, typed: dict[str, str], field: str, says: str
) -> None:
    desk = signed_in(site, "desk")
    extra = {"address": "Số 1 đường Thử", "paper-1-have": "1", "paper-2-name": "Ảnh"}
    answer = send(desk, desk.get("/quay?procedure=TP99"), "/quay/tiep-nhan", **(extra | typed))
    assert answer.status_code == 422
    assert says in text_of(answer)
    kept = form_fields(answer, "/quay/tiep-nhan")
    assert {name: kept.get(name) for name in extra} == extra
    assert {name: kept[name] for name in typed if name != "channel"} == {
        name: value.strip() if name == "channel" else value for name, value in typed.items() if name != "channel"
    }
    if field not in ("channel", "paper-0-originals"):
        assert f'aria-describedby="e-receive-{field}' in answer.text or f"e-receive-{field}" in answer.text


def test_what_was_typed_survives_the_end_of_the_session(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    desk = signed_in(site, "desk")
    form = desk.get("/quay?procedure=TP99")
    sqlite_ctx.clock.advance(timedelta(hours=3))  # type: ignore[attr-defined]
    ended = send(desk, form, "/quay/tiep-nhan", name="Trần Thị Thử", address="Số 1")
    assert ended.status_code == 401
    sign_in(desk, "desk")  # in another tab
    assert send(desk, ended, "/quay/tiep-nhan").location == "/quay/da-nhan/H00-260302-0001?in=1"
    applicant = reading.detail(sqlite_ctx, by=office.desk, dossier="H00-260302-0001")["applicant"]
    assert (applicant["name"], applicant["address"]) == ("Trần Thị Thử", "Số 1")


def test_unknown_procedure_leads_back_to_the_search(site: Flask, office: Office) -> None:
    page = signed_in(site, "desk").get("/quay?procedure=XX00")
    assert page.status_code == 200
    assert "Không có thủ tục này" in text_of(page)


def test_known_applicant_is_offered(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    a_received_dossier(sqlite_ctx, office)
    desk = signed_in(site, "desk")
    token = form_fields(desk.get("/quay?procedure=TP99"), "/quay/tiep-nhan")["csrf_token"]
    found = desk.post("/quay/nguoi-nop", data={"csrf_token": token, "identity_number": "031090000001"}).text
    assert "Nguyễn Văn Thử" in found
    unknown = desk.post("/quay/nguoi-nop", data={"csrf_token": token, "identity_number": "03109"}).text
    assert "12 chữ số" in unknown


def test_counter_is_for_the_desk(site: Flask, office: Office) -> None:
    assert signed_in(site, "officer").get("/quay").status_code == 403


def test_online_dossier_waits_at_the_counter_and_is_received(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_submitted_dossier(sqlite_ctx, office, channel=Channel.ONLINE)
    desk = signed_in(site, "desk")
    assert f"/ho-so/{dossier['id']}" in desk.get("/quay").text
    answer = send(desk, desk.get(f"/ho-so/{dossier['id']}"), "/receive")
    assert answer.location == "/ho-so/H00-260302-0001"


# --- inbox ---------------------------------------------------------------------------------------------------------


def test_inbox_counts_claims_and_completes(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    first, second = (a_received_dossier(sqlite_ctx, office) for _ in range(2))
    officer = signed_in(site, "officer")
    page = officer.get("/viec?hang-doi=unclaimed")
    assert "Chờ nhận 2" in text_of(page)
    task = first["open_tasks"][0]["id"]
    token = form_fields(page, "/viec/nhan")
    answer = officer.post("/viec/nhan", data=token | {"task": task})
    assert answer.location == "/viec?hang-doi=unclaimed"
    assert "Đã nhận việc của hồ sơ H00-260302-0001" in text_of(officer.get(answer.location))
    done = first | {"task": second["open_tasks"][0]["id"]}
    processing.complete(sqlite_ctx, by=office.officer, task_id=done["task"])  # somebody is faster
    chosen = [f"{task}|H00-260302-0001", f"{done['task']}|H00-260302-0002"]
    confirmation = officer.post("/viec/hoan-thanh", data=token | {"task": chosen})
    assert "1 hồ sơ sẽ hoàn thành" in text_of(confirmation)
    assert "Việc này đã có người làm xong. Người làm: Cán bộ officer." in text_of(confirmation)


def test_claim_of_a_taken_task_tells_by_whom(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    task = a_received_dossier(sqlite_ctx, office)["open_tasks"][0]["id"]
    officer = signed_in(site, "officer")
    page = officer.get("/viec?hang-doi=unclaimed")
    processing.complete(sqlite_ctx, by=office.officer, task_id=task)
    answer = officer.post("/viec/nhan", data=form_fields(page, "/viec/nhan") | {"task": task})
    assert "Người làm: Cán bộ officer" in text_of(officer.get(answer.location))


def test_inbox_pages_and_searches(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    for _ in range(26):
        a_received_dossier(sqlite_ctx, office)
    officer = signed_in(site, "officer")
    first = officer.get("/viec?hang-doi=all")
    assert first.text.count("data-open href") == 25
    follow = first.text.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert officer.get(follow).text.count("data-open href") == 1
    assert officer.get("/viec?hang-doi=all&q=0026").text.count("data-open href") == 1
    assert officer.get("/viec?hang-doi=all&sau=rubbish").status_code == 422


# --- one dossier ---------------------------------------------------------------------------------------------------


def test_dossier_goes_through_to_hand_over(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    officer, approver, desk = (signed_in(site, name) for name in ("officer", "approver", "desk"))
    for who in (officer, approver, desk):
        answer = send(who, who.get(f"/ho-so/{code}"), "/complete", note="đã xem")
        assert answer.location == f"/ho-so/{code}"
    page = desk.get(f"/ho-so/{code}")
    assert form_fields(page, "/hand-over")["name"] == "Nguyễn Văn Thử"
    send(desk, page, "/hand-over", signed_on_paper="1")
    assert "Đã trả kết quả" in text_of(desk.get(f"/ho-so/{code}"))


def test_dossier_page_explains_the_date_and_draws_the_process(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    officer = signed_in(site, "officer")
    page = text_of(officer.get(f"/ho-so/{code}"))
    assert "Nhận lúc 08:00 02/03/2026: trong giờ làm việc, tính ngay từ lúc đó (thủ tục đã công bố)." in page
    assert "4 ngày làm việc: từ 08:00 02/03/2026 đến 08:00 06/03/2026." in page
    model = officer.get(f"/ho-so/{code}/so-do.bpmn")
    assert model.mimetype == "application/xml"
    assert "definitions" in model.text


def test_stale_form_shows_who_did_what_and_keeps_the_text(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    officer = signed_in(site, "officer")
    page = officer.get(f"/ho-so/{dossier['code']}")
    processing.claim(sqlite_ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    answer = send(officer, page, "/supplement", items="Bản sao", reason="Còn thiếu")
    assert answer.status_code == 412
    assert "Thay đổi gần nhất: Nhận việc" in text_of(answer)
    kept = form_fields(answer, "/supplement")
    assert (kept["items"], kept["reason"]) == ("Bản sao", "Còn thiếu")
    again = send(officer, answer, "/supplement")
    assert again.status_code == 303
    assert reading.detail(sqlite_ctx, by=office.officer, dossier=dossier["code"])["status"] == Status.SUPPLEMENT


def test_text_of_a_form_that_is_gone_is_shown_for_copying(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    officer = signed_in(site, "officer")
    page = officer.get(f"/ho-so/{dossier['code']}")
    processing.complete(sqlite_ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    answer = send(officer, page, "/supplement", items="Bản sao", reason="Còn thiếu")
    assert answer.status_code == 412
    assert "bạn đã nhập, chép lại nếu cần" in text_of(answer)
    assert "Còn thiếu" in text_of(answer)


def test_supplement_obligation_and_their_answers(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    dossier = ask_supplement(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office))
    url = f"/ho-so/{dossier['code']}"
    desk, officer = signed_in(site, "desk"), signed_in(site, "officer")
    assert form_fields(desk.get(url), "/take-supplement")["papers"].strip() == "Bản sao giấy khai sinh"
    assert send(desk, desk.get(url), "/take-supplement").status_code == 303
    wrong = send(officer, officer.get(url), "/obligation", amount_vnd="nhiều", notice="Thuế")
    assert wrong.status_code == 422
    assert form_fields(wrong, "/obligation")["notice"] == "Thuế"
    assert send(officer, wrong, "/obligation", amount_vnd="1.250.000 đ").status_code == 303
    owed = reading.detail(sqlite_ctx, by=office.officer, dossier=dossier["code"])["obligations"]
    assert [row["amount_vnd"] for row in owed] == [1_250_000]
    assert send(officer, officer.get(url), "/settle", how="paid", paid_by="online").status_code == 303


@pytest.mark.parametrize(
    ("who", "act", "typed", "status"),
    [
        ("approver", "refuse", {"reason": "Không đủ điều kiện"}, Status.FINISHED),
        ("desk", "withdraw", {}, Status.WITHDRAWN),
        ("approver", "stop", {"ground": "Có tranh chấp"}, Status.STOPPED),
    ],
)
def test_endings(
    sqlite_ctx: Context, site: Flask, office: Office, who: str, act: str, typed: dict[str, str], status: Status
) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    client = signed_in(site, who)
    assert send(client, client.get(f"/ho-so/{code}"), f"/{act}", **typed).status_code == 303
    assert reading.detail(sqlite_ctx, by=office.desk, dossier=code)["status"] == status


def test_transfer_moves_the_task(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    officer = signed_in(site, "officer")
    answer = send(officer, officer.get(f"/ho-so/{code}"), "/transfer", unit="H00/LANH_DAO", note="Đúng thẩm quyền")
    assert answer.status_code == 303
    assert reading.detail(sqlite_ctx, by=office.desk, dossier=code)["open_tasks"][0]["unit"] == "LANH_DAO"


def test_papers_are_checked_kept_and_saved_as_files(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    desk = signed_in(site, "desk")
    fields = form_fields(desk.get(f"/ho-so/{code}/giay-to"), "/add-paper") | {"name": "Bản vẽ"}
    false = desk.post(f"/ho-so/{code}/add-paper", data=fields | {"file": (BytesIO(b"MZ no pdf"), "ban-ve.pdf")})
    assert false.status_code == 422
    assert "Không nhận tệp này" in text_of(false)
    assert form_fields(false, "/add-paper")["name"] == "Bản vẽ"
    again = form_fields(false, "/add-paper")
    right = desk.post(f"/ho-so/{code}/add-paper", data=again | {"file": (BytesIO(PDF), "bản vẽ.pdf")})
    assert right.status_code == 303
    file = desk.get(f"/ho-so/{code}/giay-to/2")
    assert file.data == PDF
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert file.headers["X-Content-Type-Options"] == "nosniff"


def test_a_dossier_of_others_is_not_found(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    assert signed_in(site, "admin").get(f"/ho-so/{code}").status_code == 404


# --- late ----------------------------------------------------------------------------------------------------------


def test_apology_from_the_overdue_queue(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    turn_clock_to(sqlite_ctx, "2026-03-09T09:00")
    officer, supervisor = signed_in(site, "officer"), signed_in(site, "supervisor")
    queue = supervisor.get("/qua-han")
    assert code in text_of(queue)
    (letter,) = apologies.listed(sqlite_ctx, by=office.supervisor)
    url = f"/xin-loi/{letter['id']}"
    assert url in queue.text
    page = officer.get(url)
    assert form_fields(page, "/write")["new_due_at"] == "2026-03-12T09:00"
    wrong = send(officer, page, "/write", cause="staff", reason="Thiếu người thụ lý", new_due_at="2026-03-14T09:00")
    assert wrong.status_code == 422
    assert "Ngày hẹn mới phải trong giờ làm việc" in text_of(wrong)
    assert send(officer, wrong, "/write", new_due_at="2026-03-12T15:00").status_code == 303
    assert send(supervisor, supervisor.get(url), "/approve").status_code == 303
    assert send(supervisor, supervisor.get(url), "/send").status_code == 303
    assert "01/PXL" in text_of(supervisor.get(url))
    assert "12/03/2026 15:00" in text_of(supervisor.get("/qua-han"))
    assert supervisor.get(f"{url}.pdf").data.startswith(b"%PDF-")
    assert code in text_of(supervisor.get("/xin-loi?trang-thai=sent"))


def test_overdue_queue_is_right_while_the_clock_process_is_dead(
    sqlite_ctx: Context, site: Flask, office: Office
) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    turn_clock_to(sqlite_ctx, "2026-03-09T09:00", ticker=False)
    officer = signed_in(site, "officer")
    page = officer.get("/qua-han")
    assert f"/ho-so/{code}?mo=apologise" in page.text
    form = officer.get(f"/ho-so/{code}?mo=apologise")
    reason = "Thiếu người thụ lý"
    answer = send(officer, form, "/apologise", cause="staff", reason=reason, new_due_at="2026-03-12T15:00")
    assert answer.status_code == 303


# --- report, procedures, tracking ----------------------------------------------------------------------------------


def test_report_shows_both_rates_and_exports(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    advance_to(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office), Status.RETURNED)
    a_received_dossier(sqlite_ctx, office)
    supervisor = signed_in(site, "supervisor")
    page = text_of(supervisor.get("/bao-cao"))
    assert "100,00%1/1" in page
    assert "50,00%1/2" in page
    received = "danh-sach?cot=received_in_period&tep="
    for path in ("dung-han.csv?", "dung-han.xlsx?", f"{received}csv&", f"{received}xlsx&"):
        file = supervisor.get(f"/bao-cao/{path}tu=2026-03-01&den=2026-03-31")
        assert file.status_code == 200
        assert file.headers["Content-Disposition"].startswith("attachment")
    assert supervisor.get(f"/bao-cao/{received}csv").data.decode("utf-8-sig").count("\n") == 3


def test_report_of_an_impossible_period_says_so(site: Flask, office: Office) -> None:
    supervisor = signed_in(site, "supervisor")
    for query in ("tu=2026-05-01&den=2026-03-01", "tu=hôm nay"):
        page = supervisor.get(f"/bao-cao?{query}")
        assert page.status_code == 422
        assert "aria-describedby" in page.text
    assert signed_in(site, "officer").get("/bao-cao").status_code == 403


def test_procedures_are_listed_with_steps_and_model(site: Flask, office: Office) -> None:
    officer = signed_in(site, "officer")
    assert "Thủ tục thử" in text_of(officer.get("/thu-tuc?q=ho+tich"))
    page = text_of(officer.get("/thu-tuc/H00/TP99"))
    assert "Tên PHONG_TU_PHAP" in page
    assert "definitions" in officer.get("/thu-tuc/H00/TP99/so-do.bpmn").text
    assert officer.get("/thu-tuc/H00/XX00").status_code == 404


def test_tracking_tells_anybody_the_status_and_nobody_a_name(sqlite_ctx: Context, site: Flask, office: Office) -> None:
    code = a_received_dossier(sqlite_ctx, office)["code"]
    page = site.test_client().get(f"/tra-cuu/{code.lower()}")
    assert "06/03/2026 08:00" in text_of(page)
    assert "Nguyễn" not in page.text
    assert "Cán bộ" not in page.text
    assert "031090000001" not in page.text
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_tracking_an_unknown_code_is_friendly(site: Flask, office: Office) -> None:
    client = site.test_client()
    for code in ("H00-260302-9999", "nothing"):
        page = client.get(f"/tra-cuu/{code}")
        assert page.status_code == 404
        assert "Không có hồ sơ mang mã" in text_of(page)
    assert client.get("/tra-cuu?ma=h00-260302-0001").location == "/tra-cuu/H00-260302-0001"


def test_tracking_is_rate_limited(site: Flask, office: Office) -> None:
    client = site.test_client()
    codes = {client.get(f"/tra-cuu/H00-260302-{number:04d}").status_code for number in range(31)}
    assert codes == {404, 429}


NASTY = ["%00", "%F0%9F%98%80", "'%22%3E%3Cscript%3E", "-1", "9" * 400, "%25%25s", "../../etc/passwd"]


@pytest.mark.parametrize("nasty", NASTY)
def test_nonsense_in_addresses_is_never_a_failure_of_ours(site: Flask, office: Office, nasty: str) -> None:
    desk, supervisor = signed_in(site, "desk"), signed_in(site, "supervisor")
    for path in (
        f"/viec?hang-doi={nasty}&q={nasty}&thu-tuc={nasty}", f"/viec?sau={nasty}", f"/quay?procedure={nasty}",
        f"/quay?procedure=TP99&agency={nasty}", f"/quay/thu-tuc?q={nasty}", f"/ho-so/{nasty}", f"/tra-cuu/{nasty}",
        f"/thu-tuc?q={nasty}", f"/thu-tuc/{nasty}/{nasty}",
    ):  # fmt: skip
        assert (path, desk.get(path).status_code < 500) == (path, True)
    for path in (f"/qua-han?xem={nasty}&sau={nasty}", f"/xin-loi/{nasty}", f"/xin-loi?trang-thai={nasty}",
                 f"/bao-cao?tu={nasty}&theo={nasty}"):  # fmt: skip
        assert (path, supervisor.get(path).status_code < 500) == (path, True)
