"""What the calendar page says when it cannot do what was typed: where and why, in the language of the screen."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import Role
from tests.support.builders import an_office
from tests.support.forms import text_of
from tests.support.site import an_account, csrf_of, make_site, sign_in

PREVIEW = "/lich/xem-truoc"
HOURS = ["07:00-11:30, 13:30-17:00"] * 5 + ["", ""]
GOOD = {"date": "2026-03-06", "kind": "off", "decision": "1/QĐ", "note": "", "shifts": ""}


@pytest.fixture
def client(sqlite_ctx: Context) -> FlaskClient:
    """An administrator who is signed in."""
    an_office(sqlite_ctx)
    an_account(sqlite_ctx, "quantri", Role.ADMIN, agency="H00")
    browser = make_site(sqlite_ctx).test_client()
    sign_in(browser, "quantri")
    return browser


def post(client: FlaskClient, to: str = PREVIEW, **typed: object) -> TestResponse:
    """Send a form of the calendar page."""
    token = csrf_of(client.get("/lich"))
    return client.post(to, data={"csrf_token": token, "agency": "H00", **typed})


def post_hours(client: FlaskClient, changes: dict[str, str]) -> TestResponse:
    """Send the hours form, filled in right but for the changes."""
    week = {f"day{no}": hours for no, hours in enumerate(HOURS)}
    return post(client, form="hours", **{"from": "04/01/2027", "decision": "2/QĐ", **week, **changes})


@pytest.mark.parametrize("year", ["2999", "1999", "0000"])
def test_year_that_is_not_covered_shows_the_last_one_and_says_so(client: FlaskClient, year: str) -> None:
    page = client.get(f"/lich?nam={year}")
    assert page.status_code == 200
    assert "đây là năm 2028." in page.text
    assert "Lịch làm việc 2028" in text_of(page)


@pytest.mark.parametrize("form", ["", "nghi", "undo"])
def test_unknown_form_is_refused(client: FlaskClient, form: str) -> None:
    page = post(client, form=form)
    assert page.status_code == 422
    assert "Thay đổi lịch chưa hợp lệ." in text_of(page)


@pytest.mark.parametrize("document", ["", "[]", '{"days": "x"}', '{"days": [1]}', '{"hours": 3}', '{"days": {"a": 1}}'])
def test_document_of_no_preview_is_refused(client: FlaskClient, document: str) -> None:
    assert post(client, "/lich/luu", document=document).status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"from": "31/02/2027"}, "Từ ngày: không phải ngày hợp lệ; viết ngày/tháng/năm."),
        ({"from": ""}, "Từ ngày: chưa nhập."),
        ({"decision": " "}, "Số quyết định: chưa nêu."),
        ({"decision": "x" * 201}, "Số quyết định: dài quá 200 ký tự: rút gọn lại."),
        ({"day5": "11:00-09:00"}, "Thứ bảy: ca phải kết thúc sau khi bắt đầu: 11:00-09:00."),
        ({"day0": "sáng"}, "Thứ hai: “sáng” không phải ca làm việc; viết như 07:00-11:30."),
        ({"day6": "08:00-10:00, 09:00-11:00"}, "Chủ nhật: các ca chồng lên nhau hoặc không theo thứ tự: 08:00-10:00"),
        ({f"day{no}": "" for no in range(7)}, "Cả tuần không có ca nào: nhập giờ của ít nhất một ngày."),
    ],
)
def test_hours_that_cannot_be_used_are_named_by_field(client: FlaskClient, changes: dict[str, str], said: str) -> None:
    page = post_hours(client, changes)
    assert page.status_code == 422
    assert said in text_of(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"date1": "hôm qua"}, "Ngày: không phải ngày hợp lệ; viết ngày/tháng/năm."),
        ({"decision": ""}, "Số quyết định: chưa nêu."),
        ({"date2": "06/03/2026"}, "06/03/2026: ngày này được khai hai lần: giữ một lần."),
        ({"shifts1": "11:00-09:00", "kind1": "work"}, "Ca phải kết thúc sau khi bắt đầu: 11:00-09:00."),
        ({"shifts1": "07:00-09:00", "kind1": "off"}, "06/03/2026: ngày nghỉ không có giờ làm"),
        ({"date1": "06/03/2199"}, "Năm 2199 cách lịch hiện có quá 10 năm: sửa năm"),
        ({"date1": "06/03/9999"}, "06/03/9999: ngày này nằm ngoài các năm mà lịch có thể có"),
    ],
)
def test_days_that_cannot_be_used_are_named_by_place(client: FlaskClient, typed: dict[str, str], said: str) -> None:
    page = post(client, form="days", **{"date1": "06/03/2026", "decision": "1/QĐ", **typed})
    assert page.status_code == 422
    assert said in text_of(page)
    assert 'lang="en"' not in page.text.partition("<main")[2].partition("</main>")[0]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("06/03/2026,off,1/QĐ,", "Dòng 2, cột 1 (date): không phải ngày như 2027-02-04: viết năm-tháng-ngày"),
        ("2026-03-06,nghi,1/QĐ,", "Dòng 2, cột 2 (kind): không phải off (ngày nghỉ) hay work (làm bù, nửa ngày)"),
        ("2026-03-06,off,,", "Dòng 2, cột 3 (decision): chưa nêu"),
        (f"2026-03-06,off,{'x' * 201},", "Dòng 2, cột 3 (decision): dài quá 200 ký tự: rút gọn lại"),
        ("2026-03-06,off,1,\n2026-03-06,off,1,", "Dòng 3, cột 1 (date): ngày này đã khai ở một dòng trên"),
        ("", "Dòng 1: không khai ngày nào"),
    ],
)
def test_file_that_cannot_be_used_is_told_by_row_and_column(client: FlaskClient, row: str, said: str) -> None:
    content = f"date,kind,decision,note\n{row}\n".encode()
    page = post(client, form="file", file=(BytesIO(content), "q.csv"))
    assert page.status_code == 422
    assert said in text_of(page)


def test_decision_that_is_known_needs_nothing(client: FlaskClient) -> None:
    post(client, "/lich/luu", document=json.dumps({"days": [GOOD]}))
    page = post(client, form="days", date1="06/03/2026", decision="1/QĐ")
    assert page.status_code == 409
    assert "quyết định này đã được khai trước đó. Không cần làm gì." in text_of(page)


def test_refusals_are_english_by_the_switch(client: FlaskClient) -> None:
    client.post("/ngon-ngu", data={"csrf_token": csrf_of(client.get("/lich")), "language": "en"})
    page = post_hours(client, {"day5": "11:00-09:00"})
    assert "Saturday: a shift must end after it starts: 11:00-09:00." in text_of(page)


def test_what_was_typed_is_still_there(client: FlaskClient) -> None:
    page = post_hours(client, {"from": "31/02/2027", "note": "theo mùa"})
    assert 'value="31/02/2027"' in page.text


def test_lone_make_up_day_is_noted_before_it_is_saved(client: FlaskClient) -> None:
    page = send_days(client, date1="07/03/2026", decision="5/QĐ")
    assert "Ngày làm bù 07/03/2026 không có ngày nghỉ hoán đổi trong cùng quyết định" in text_of(page)
    both = send_days(client, date1="07/03/2026", decision="5/QĐ", date2="06/03/2026")
    assert "hoán đổi trong cùng quyết định" not in text_of(both)


def send_days(client: FlaskClient, **typed: str) -> TestResponse:
    """Send the days form as it stands on the page."""
    page = client.get("/lich")
    token = csrf_of(page)
    return client.post(PREVIEW, data={"csrf_token": token, "agency": "H00", "form": "days", **typed})
