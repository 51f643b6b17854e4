"""Pages and routes of absences and of what officers say to each other: refusals, statements, what is shown to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import absences, opinions, people, processing
from tests.support import builders
from tests.support.builders import Dossier, Office
from tests.support.site import PASSWORD, bearer, csrf_of, make_site, sign_in
from tests.support.statements import count_statements
from tests.support.step_tables import HEAD


@pytest.fixture
def office(ctx: Context) -> Office:
    """An office whose people can sign in."""
    made = builders.an_office(ctx)
    for username in ("desk", "officer", "approver", "supervisor", "auditor"):
        people.set_password(ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def dossier(ctx: Context, office: Office) -> Dossier:
    """A dossier with the officer, of which the head was asked."""
    made = builders.a_received_dossier(ctx, office)
    return opinions.ask(ctx, by=office.officer, dossier=made["id"], units=[HEAD], question="Đủ điều kiện?", days=2)


def signed_in(ctx: Context, username: str) -> FlaskClient:
    """Return a client of somebody who is signed in."""
    client = make_site(ctx).test_client()
    assert sign_in(client, username).status_code == 303
    return client


def post(client: FlaskClient, path: str, page: str, **fields: Any) -> Any:
    """Send a form of a page."""
    return client.post(path, data={"csrf_token": csrf_of(client.get(page)), **fields})


# --- absences --------------------------------------------------------------------------------------------------------

TIMES = {"starts_at": "2026-03-02T08:00", "ends_at": "2026-03-03T17:00"}


def test_supervisor_enters_and_ends_the_absence_of_an_officer(ctx: Context, office: Office) -> None:
    client = signed_in(ctx, "supervisor")

    made = post(client, "/vang-mat", "/vang-mat", officer="officer", cover="desk", reason="Ốm", **TIMES)
    shown = client.get("/vang-mat").text

    assert made.status_code == 303
    assert "Cán bộ officer vắng mặt, Cán bộ desk làm thay" in shown
    assert "Đang vắng" in shown
    (absence,) = absences.listed(ctx, by=office.supervisor)["items"]
    ctx.clock.advance(timedelta(hours=1))
    assert post(client, f"/vang-mat/{absence['id']}/ket-thuc", "/vang-mat").status_code == 303
    assert "kết thúc sớm" in client.get("/vang-mat").text
    assert post(client, f"/vang-mat/{absence['id']}/ket-thuc", "/vang-mat").status_code == 303
    assert "Lần vắng mặt này đã kết thúc." in client.get("/vang-mat").text


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"ends_at": ""}, 422, "Có ô nhập chưa đúng"),
        ({"ends_at": "hôm nào"}, 422, "Có ô nhập chưa đúng"),
        ({"cover": ""}, 422, "Thời gian vắng hoặc người làm thay chưa đúng"),
        ({"cover": "auditor"}, 409, "Người làm thay cũng vắng"),
        ({"officer": "approver"}, 403, ""),
        ({"officer": "khong-co"}, 404, "Không có người này"),
        ({"reason": "x" * 301}, 422, "Thời gian vắng hoặc người làm thay chưa đúng"),
    ],
)
def test_refused_absence_comes_back_with_what_was_typed(
    ctx: Context, office: Office, fields: dict[str, str], status: int, said: str
) -> None:
    client = signed_in(ctx, "officer")
    usual = {"cover": "desk", "reason": "Họp ở tỉnh", **TIMES}

    answer = post(client, "/vang-mat", "/vang-mat", **usual | fields)

    assert answer.status_code == status
    assert said in answer.text
    assert (usual | fields)["reason"] in answer.text
    assert absences.listed(ctx, by=office.officer)["items"] == []


def test_pages_of_a_stranger_and_of_nobody(ctx: Context, office: Office) -> None:
    absence = absences.plan(
        ctx, by=office.officer, cover="desk", starts_at=ctx.clock.now(), ends_at=ctx.clock.now() + timedelta(days=1)
    )

    assert make_site(ctx).test_client().get("/vang-mat").status_code == 302
    stranger = signed_in(ctx, "approver")
    assert post(stranger, f"/vang-mat/{absence['id']}/ket-thuc", "/vang-mat").status_code == 404
    cover = signed_in(ctx, "desk")
    assert post(cover, f"/vang-mat/{absence['id']}/ket-thuc", "/vang-mat").status_code == 303
    assert absences.listed(ctx, by=office.officer)["items"][0]["state"] == "running"
    assert cover.get("/vang-mat/99999999999/ket-thuc").status_code in (404, 405)


# --- talk ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["officer", "approver", "auditor"])
def test_talk_tab_needs_few_statements(ctx: Context, office: Office, dossier: Dossier, username: str) -> None:
    client = signed_in(ctx, username)
    address = f"/ho-so/{dossier['code']}/trao-doi"
    client.get(address)

    with count_statements(ctx) as sent:
        page = client.get(address)

    assert "Đủ điều kiện?" in page.text
    sent.hold()


@pytest.mark.parametrize("address", ["/", "/y-kien", "/vang-mat"])
def test_other_pages_need_few_statements(ctx: Context, office: Office, dossier: Dossier, address: str) -> None:
    client = signed_in(ctx, "approver")
    client.get(address)

    with count_statements(ctx) as sent:
        assert client.get(address).status_code == 200

    sent.hold()


def test_question_is_taken_back_once(ctx: Context, office: Office, dossier: Dossier) -> None:
    client = signed_in(ctx, "officer")
    talk = f"/ho-so/{dossier['code']}/trao-doi"

    first = post(client, f"/ho-so/{dossier['code']}/y-kien/1/rut", talk)
    assert "Đã thôi xin ý kiến." in client.get(first.location).text
    second = post(client, f"/ho-so/{dossier['code']}/y-kien/1/rut", talk)

    assert "Câu hỏi này không còn chờ trả lời" in client.get(second.location).text
    assert post(client, f"/ho-so/{dossier['code']}/y-kien/9/rut", talk).status_code == 404


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("note", {"text": " "}),
        ("ask-opinion", {"units": "", "question": "Có đúng không?", "days": "2"}),
        ("ask-opinion", {"units": f"X/{HEAD}", "question": "Có đúng không?", "days": "hai"}),
        ("suggest-refusal", {"reason": "Không đủ điều kiện", "ground": ""}),
    ],
)
def test_refused_words_come_back(
    ctx: Context, office: Office, dossier: Dossier, act: str, fields: dict[str, str]
) -> None:
    client = signed_in(ctx, "officer")

    answer = post(client, f"/ho-so/{dossier['code']}/{act}", f"/ho-so/{dossier['code']}/trao-doi", **fields)

    assert answer.status_code == 422
    assert 'id="refused"' in answer.text
    assert all(text in answer.text for name, text in fields.items() if name != "units" and text.strip())


def test_api_tells_and_changes_the_talk(ctx: Context, office: Office, dossier: Dossier) -> None:
    site = make_site(ctx)
    officer, approver = bearer(ctx, "officer"), bearer(ctx, "approver")
    client = site.test_client()
    place = f"/api/v1/dossiers/{dossier['code']}"

    assert client.get("/api/v1/opinions", headers=approver).json["items"][0]["code"] == dossier["code"]
    given = client.post(f"{place}/opinions/1/answer", headers=approver, json={"stance": "agree"})
    asked = client.post(f"{place}/opinions", headers=officer, json={"units": [HEAD], "question": "Còn gì?", "days": 1})
    withdrawn = client.delete(f"{place}/opinions/2", headers=officer)
    note = client.post(f"{place}/notes", headers=officer, json={"text": "Hẹn thứ Sáu"})
    words = {"reason": "Không đủ điều kiện", "ground": "Điều 5"}
    suggested = client.post(f"{place}/refusal-suggestions", headers=officer, json=words)
    declined = client.post(f"{place}/refusal-suggestions/decline", headers=approver, json={"answer": "Đủ"})
    stale = client.post(f"{place}/notes", headers={**officer, "If-Match": '"1"'}, json={"text": "Cũ"})

    answers = [answer.status_code for answer in (given, asked, withdrawn, note, suggested, declined, stale)]
    assert answers == [200, 201, 200, 201, 201, 200, 412]
    told = client.get(f"{place}/talk", headers=officer).json
    assert [each["state"] for each in told["opinions"]] == ["given", "withdrawn"]
    assert [each["decision"] for each in told["refusal_suggestions"]] == ["declined"]
    assert [each["text"] for each in told["notes"]] == ["Hẹn thứ Sáu"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("opinions", {"units": [], "question": "?", "days": 1}, 422),
        ("opinions", {"units": ["KHONG_CO"], "question": "?", "days": 1}, 404),
        ("opinions", {"units": [HEAD], "question": "?", "days": 0}, 422),
        ("opinions/1/answer", {"stance": "perhaps"}, 422),
        ("opinions/1/answer", {"stance": "agree"}, 403),
        ("opinions/8/answer", {"stance": "agree"}, 404),
        ("notes", {"text": ""}, 422),
        ("refusal-suggestions", {"reason": "x"}, 422),
        ("refusal-suggestions/decline", {"answer": "x"}, 403),
    ],
)
def test_api_refuses_with_a_problem(
    ctx: Context, office: Office, dossier: Dossier, path: str, body: dict[str, Any], status: int
) -> None:
    client = make_site(ctx).test_client()

    answer = client.post(f"/api/v1/dossiers/{dossier['code']}/{path}", headers=bearer(ctx, "officer"), json=body)

    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_api_of_absences(ctx: Context, office: Office) -> None:
    client, officer = make_site(ctx).test_client(), bearer(ctx, "officer")
    body = {"cover": "desk", "starts_at": "2026-03-02T08:00:00+07:00", "ends_at": "2026-03-03T17:00:00+07:00"}

    made = client.post("/api/v1/absences", headers={**officer, "Idempotency-Key": "a1"}, json=body)
    again = client.post("/api/v1/absences", headers={**officer, "Idempotency-Key": "a1"}, json=body)
    other = client.post("/api/v1/absences", headers=officer, json=body)
    naive = client.post("/api/v1/absences", headers=officer, json=body | {"ends_at": "2026-03-03T17:00:00"})
    listed = client.get("/api/v1/absences", headers=officer).json["items"]
    ended = client.post(f"/api/v1/absences/{made.json['id']}/end", headers=bearer(ctx, "desk"))

    assert (made.status_code, again.json["id"], other.status_code) == (201, made.json["id"], 409)
    assert (other.json["code"], naive.status_code) == ("absence-overlap", 422)
    assert [(each["officer"], each["cover"], each["state"]) for each in listed] == [("officer", "desk", "running")]
    assert (ended.status_code, ended.json["code"]) == (403, "not-allowed")


def test_step_with_an_open_question_warns_and_is_done_all_the_same(
    ctx: Context, office: Office, dossier: Dossier
) -> None:
    client = signed_in(ctx, "officer")
    place = f"/ho-so/{dossier['code']}"
    assert "Còn 1 ý kiến chưa được trả lời; vẫn hoàn thành bước được." in client.get(place).text

    task = dossier["open_tasks"][0]["id"]
    assert post(client, f"{place}/complete", place, task=task).status_code == 303

    assert "Đã hoàn thành bước." in client.get(place).text


def test_page_says_who_is_away_and_who_covers(ctx: Context, office: Office, dossier: Dossier) -> None:
    now = ctx.clock.now()
    processing.claim(ctx, by=office.officer, task_id=dossier["open_tasks"][0]["id"])
    absences.plan(ctx, by=office.officer, cover="desk", starts_at=now, ends_at=now + timedelta(days=1))

    seen = signed_in(ctx, "auditor").get(f"/ho-so/{dossier['code']}").text
    acted = signed_in(ctx, "desk").get(f"/ho-so/{dossier['code']}").text

    assert "Cán bộ desk làm thay" in seen
    assert "Thay mặt Cán bộ officer" not in seen
    assert "Thay mặt Cán bộ officer, đang vắng." in acted
