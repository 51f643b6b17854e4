"""Pages of counter and dossier where a process asks: facts, outcomes, fields, answers, and dossiers of a chain."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import delivery, people, reading
from tests.support import builders as b
from tests.support import processes as p
from tests.support.forms import form_fields, send, text_of
from tests.support.site import PASSWORD, bearer, make_site, sign_in

PARTNERS = {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"}
WHO = "moi_viec"  # the person of a reference process, who does everything


@pytest.fixture
def visitor(sqlite_ctx: Context) -> FlaskClient:
    return make_site(sqlite_ctx).test_client()


def at_home(ctx: Context, visitor: FlaskClient, code: str, **changes: Any) -> p.Reference:
    reference = p.a_reference(ctx, code, **changes)
    people.set_password(ctx, by=SYSTEM, username=WHO, password=PASSWORD)
    sign_in(visitor, WHO)
    return reference


def test_the_counter_asks_facts_and_shows_limit_and_papers_by_them(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    at_home(sqlite_ctx, visitor, "1.013225", partners=PARTNERS, policy={"papers": papers()})
    address = "/quay?procedure=1.013225&agency=H00"
    page = visitor.get(address)

    assert "Công trình là nhà ở riêng lẻ" in text_of(page)
    assert "Chưa đủ thông tin" in text_of(page)
    fragment = visitor.get("/quay/hen-tra?procedure=1.013225&agency=H00&f_private_house=true")
    assert "15 ngày" in fragment.text
    ticked = {"paper-1-have": "1", "paper-1-name": "Bản vẽ", "paper-1-code": "BAN_VE"}
    listed = visitor.get("/quay/giay-to", query_string={
        "procedure": "1.013225", "agency": "H00", "f_private_house": "false", **ticked,
    })  # fmt: skip
    assert "Cam kết" not in listed.text
    assert "checked" in listed.text

    refused = send(visitor, page, "/quay/tiep-nhan", name="Nguyễn Văn Thử")
    assert refused.status_code == 422
    assert 'id="e-receive-f_private_house"' in refused.text
    done = send(visitor, page, "/quay/tiep-nhan", name="Nguyễn Văn Thử", f_private_house="true", receiving="H00")
    assert done.status_code == 303
    code = done.location.split("/")[-1].split("?")[0]
    shown = reading.detail(sqlite_ctx, by=SYSTEM, dossier=code)
    assert (shown["limit"], shown["facts"][0]["value"]) == ("15 calendar_day", True)
    assert "Công trình là nhà ở riêng lẻCó" in text_of(visitor.get(f"/ho-so/{code}"))


def papers() -> list[dict[str, Any]]:
    return [
        {"name": "Đơn", "code": "DON", "originals": 1, "copies": 0},
        {"name": "Bản vẽ", "code": "BAN_VE", "originals": 2, "copies": 0},
        {"name": "Cam kết", "code": "CAM_KET", "originals": 1, "copies": 0},
    ]


def test_a_step_is_done_with_its_outcome_and_fields_on_the_page(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    reference = at_home(sqlite_ctx, visitor, "1.013225", partners=PARTNERS)
    dossier = p.receive(sqlite_ctx, reference, facts={"private_house": True})
    address = f"/ho-so/{dossier['code']}"

    refused = send(visitor, visitor.get(address), "/complete", outcome="")
    assert (refused.status_code, "Chưa chọn kết quả của bước" in refused.text) == (422, True)
    done = send(visitor, visitor.get(address), "/complete", outcome="complete")
    assert done.status_code == 303
    page = visitor.get(address)
    assert {"f_opinion_count", "f_opinion_1"} <= set(form_fields(page, "/complete"))
    refused = send(visitor, page, "/complete", f_opinion_count="hai")
    assert 'id="e-complete-f_opinion_count"' in refused.text
    send(visitor, page, "/complete", f_opinion_count="1", f_opinion_1="CO_QUAN_Y_KIEN")

    text = text_of(visitor.get(address))
    assert "Đang chờ đến hạn" in text
    assert "Hết thời hạn của bước: 12 ngày" in text


def test_one_of_several_own_tasks_is_chosen_and_its_outcome_is_told(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    reference = at_home(sqlite_ctx, visitor, "1.013225", partners=PARTNERS)
    dossier = p.receive(sqlite_ctx, reference, facts={"private_house": True})
    dossier = p.do(sqlite_ctx, reference, dossier, "appraise", "complete")
    dossier = p.do(sqlite_ctx, reference, dossier, "plan", opinion_count=1, opinion_1="CO_QUAN_Y_KIEN")
    address = f"/ho-so/{dossier['code']}"
    visit, opinion = (p.task(dossier, node)["id"] for node in ("visit", "opinions__answer"))

    for chosen, other in ((visit, opinion), (opinion, visit)):
        page = visitor.get(f"{address}?task={chosen}")
        assert form_fields(page, "/complete")["task"] == chosen
        assert f"{address}?task={other}" in page.text
    refused = send(visitor, page, "/complete", outcome="")
    assert form_fields(refused, "/complete")["task"] == opinion  # the one that was being done stays
    assert send(visitor, page, "/complete", outcome="agree_with_conditions").status_code == 303
    assert "Đồng ý có điều kiện" in text_of(visitor.get(address))  # who concludes sees it beside the next step
    text = text_of(visitor.get(f"{address}/dien-bien"))
    assert "Trả lời ý kiến bằng văn bản. Đồng ý có điều kiện" in text
    assert "Số cơ quan cần lấy ý kiến: 1. Cơ quan lấy ý kiến thứ 1: Cơ quan được lấy ý kiến" in text


def test_only_awaited_answers_are_offered_and_recorded(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    reference = at_home(sqlite_ctx, visitor, "1.004873")
    dossier = p.receive(sqlite_ctx, reference, facts=p.usual_facts("1.004873"))
    address = f"/ho-so/{dossier['code']}"
    assert "Ghi nhận trả lời" not in visitor.get(address).text
    while "verify" not in {each["value"] for each in dossier["open_tasks"][0]["outcomes"]}:
        dossier = p.do(sqlite_ctx, reference, dossier, dossier["open_tasks"][0]["node"])
    dossier = p.do(sqlite_ctx, reference, dossier, dossier["open_tasks"][0]["node"], "verify")
    while dossier["open_tasks"]:
        dossier = p.do(sqlite_ctx, reference, dossier, dossier["open_tasks"][0]["node"])

    page = visitor.get(address)
    assert form_fields(page, "/answer")["message"] == "verification.answered"
    done = send(visitor, page, "/answer", note="Công văn 12")
    assert done.status_code == 303
    told = text_of(visitor.get(f"{address}/dien-bien")).replace(":", " :")
    assert "Có trả lời : Đã có kết quả xác minh. Công văn 12" in told


def test_the_api_tells_outcomes_and_takes_answers(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    ctx = sqlite_ctx
    reference = at_home(ctx, visitor, "1.004873")
    headers = bearer(ctx, WHO)
    facts = p.usual_facts("1.004873")
    body = {"procedure_code": "1.004873", "agency": "H00", "channel": "direct", "applicant": {"name": "Nguyễn Văn Thử"}}

    refused = visitor.post("/api/v1/dossiers", json=body, headers=headers)
    assert (refused.status_code, refused.json["code"]) == (422, "invalid-fields")
    made = visitor.post("/api/v1/dossiers", json=body | {"facts": facts}, headers=headers)
    assert made.status_code == 201
    (task,) = made.json["open_tasks"]
    assert [each["value"] for each in task["outcomes"]] == ["clear", "verify", "not_eligible"]
    done = visitor.post(f"/api/v1/tasks/{task['id']}/completion", json={"outcome": "done"}, headers=headers)
    assert (done.status_code, done.json["code"]) == (422, "invalid-outcome")
    assert done.json["details"]["outcomes"] == ["clear", "verify", "not_eligible"]
    dossier = visitor.post(f"/api/v1/tasks/{task['id']}/completion", json={"outcome": "verify"}, headers=headers).json
    while dossier["open_tasks"]:
        dossier = p.do(ctx, reference, dossier, dossier["open_tasks"][0]["node"])

    where = f"/api/v1/dossiers/{dossier['id']}/messages"
    said = {"message": "verification.answered", "note": "CV 12"}
    stale = visitor.post(where, json=said, headers=headers | {"If-Match": '"1"'})
    assert stale.status_code == 412
    keyed = headers | {"Idempotency-Key": "a1", "If-Match": f'"{dossier["version"]}"'}
    first, second = (visitor.post(where, json=said, headers=keyed) for _ in range(2))
    assert (first.status_code, first.json) == (201, second.json)
    again = visitor.post(where, json=said, headers=headers)
    assert (again.status_code, again.json["code"]) == (409, "not-waiting")
    unknown = visitor.post(where, json={"message": "limit.passed"}, headers=headers)
    assert unknown.status_code == 422


def test_pages_of_a_chain_link_to_each_other(sqlite_ctx: Context, visitor: FlaskClient) -> None:
    ctx = sqlite_ctx
    first = at_home(ctx, visitor, "LT297.1")
    at_home(ctx, visitor, "LT297.2", partners={"cong_an": "CA01"})
    dossier = p.receive(ctx, first)
    while dossier["status"] < 9:
        dossier = p.do(ctx, first, dossier, dossier["open_tasks"][0]["node"])
    for message in delivery.due(ctx, limit=10):
        delivery.deliver(ctx, message_id=message)

    page = visitor.get(f"/ho-so/{dossier['code']}")
    (following,) = reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])["followed_by"]
    assert f"/ho-so/{following['id']}" in page.text
    assert "Kết quả này mở hồ sơ chưa cấp mã LT297.2" in text_of(page)
    assert f"Tiếp theo kết quả của {dossier['code']}" in text_of(visitor.get(f"/ho-so/{following['id']}"))
    assert b.NO_EMAIL.name in text_of(visitor.get(f"/ho-so/{following['id']}"))
