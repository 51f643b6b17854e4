"""Many dossiers in one act and going back, over HTTP: pages without scripts, the API, and what is typed wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.clock import TurnedClock
from engine.services import people, processing, reading, task_batches
from tests.support import builders as b
from tests.support.forms import send, text_of
from tests.support.site import PASSWORD, bearer, csrf_of, make_site, sign_in
from tests.support.step_tables import linear

STEPS = linear(
    ("NHAN", "BP_MOT_CUA"), ("THU_LY", "PHONG_TU_PHAP"), ("THAM_DINH", "PHONG_TU_PHAP"), ("KY", "LANH_DAO"),
    ("TRA", "BP_MOT_CUA"), ends="KY",
)  # fmt: skip


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    made = b.an_office(sqlite_ctx, steps=STEPS, total_days="5")
    b.a_person(sqlite_ctx, made.id, "ban", [Role.OFFICER], [made.units["PHONG_TU_PHAP"]])
    for username in ("desk", "officer", "approver", "supervisor", "ban"):
        people.set_password(sqlite_ctx, by=SYSTEM, username=username, password=PASSWORD)
    return made


@pytest.fixture
def site(sqlite_ctx: Context, office: b.Office) -> Flask:
    return make_site(sqlite_ctx)


def signed_in(site: Flask, username: str) -> FlaskClient:
    client = site.test_client()
    assert sign_in(client, username).status_code in (302, 303)
    return client


def choose(client: FlaskClient, tasks: list[str], **typed: str) -> TestResponse:
    token = csrf_of(client.get("/viec"))
    return client.post("/viec/hoan-thanh", data={"csrf_token": token, "task": tasks, "next": "/viec?x=1", **typed})


def confirm(client: FlaskClient, page: TestResponse, **typed: str) -> TestResponse:
    """Send the confirmation with all its chosen tasks."""
    (form,) = [each for each in html.fromstring(page.text).forms if each.action == "/viec/hoan-thanh"]
    data: dict[str, Any] = {}
    for name, value in form.form_values():
        data.setdefault(name, []).append(value)
    return client.post(form.action, data=data | typed)


def tasks_of(dossiers: list[b.Dossier]) -> list[str]:
    return [each["open_tasks"][0]["id"] for each in dossiers]


def test_a_batch_is_confirmed_done_tried_again_and_undone_without_scripts(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    dossiers = [b.a_received_dossier(sqlite_ctx, office) for _ in range(3)]
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        mate = uow.people.find("ban")
        assert mate is not None
        by = uow.people.actor(mate.id)
    processing.claim(sqlite_ctx, by=by, task_id=tasks_of(dossiers)[1])
    officer = signed_in(site, "officer")

    page = choose(officer, [f"{task}|x" for task in tasks_of(dossiers)], note="cả lô")
    assert "Hoàn thành bước “Bước THU_LY” của 3 hồ sơ" in text_of(page)
    assert "2 hồ sơ sẽ hoàn thành" in text_of(page)
    assert "Người làm: Cán bộ ban." in text_of(page)
    assert "cả lô" in page.text
    done = confirm(officer, page, note="cả lô này")
    assert done.status_code == 303
    again = confirm(officer, page, note="cả lô này")  # a second click
    assert again.location == done.location
    result = officer.get(done.location)
    assert "Kết quả: xong 2, không xong 1" in text_of(result)
    assert "Ghi chú: cả lô này" in text_of(result)
    assert 'href="/viec?x=1"' in result.text

    retried = officer.get(send(officer, result, "/thu-lai").location)
    assert "Kết quả: xong 0, không xong 1" in text_of(retried)
    assert officer.get(done.location, headers={"HX-Request": "true"}).text.lstrip().startswith('<div id="batch"')
    undone = officer.get(send(officer, result, "/hoan-tac").location)
    assert "Đã hoàn tác 2 hồ sơ, giữ nguyên 0" in text_of(undone)
    refused = officer.get(send(officer, result, "/hoan-tac").location)
    assert "không hoàn tác được nữa" in refused.text or "Đã hoàn tác 2" in text_of(refused)
    assert signed_in(site, "ban").get(done.location).status_code == 404
    supervisor = signed_in(site, "supervisor").get(done.location)
    assert supervisor.status_code == 200
    assert "/hoan-tac" not in supervisor.text
    assert "/thu-lai" not in supervisor.text


def test_a_mixed_selection_offers_each_step_by_itself(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    first, second = (b.a_received_dossier(sqlite_ctx, office) for _ in range(2))
    second = b.do_next_step(sqlite_ctx, office, second)
    officer = signed_in(site, "officer")
    page = choose(officer, tasks_of([first, second]), note="ghi")
    assert page.status_code == 422
    assert "ở 2 bước khác nhau" in text_of(page)
    form = next(each for each in html.fromstring(page.text).forms if each.action == "/viec/hoan-thanh")
    narrowed = officer.post(form.action, data=dict(form.form_values()))
    assert "Hoàn thành bước “Bước THU_LY” của 1 hồ sơ" in text_of(narrowed)
    assert "ghi" in narrowed.text
    assert "Kết quả" not in text_of(officer.get("/viec"))  # nothing was done


def test_bad_selections_come_back_to_the_list(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    officer = signed_in(site, "officer")
    for tasks in ([], ["x"], ["\0"]):
        answer = choose(officer, tasks)
        assert answer.status_code in (303, 422, 400)
    assert officer.get("/viec/lo/x").status_code == 404
    assert officer.get("/viec/lo/00000000-0000-0000-0000-000000000001").status_code == 404
    token = csrf_of(officer.get("/viec"))
    data = {"csrf_token": token}
    assert officer.post("/viec/lo/x/hoan-tac", data=data).status_code == 404
    assert officer.post("/viec/lo/x/thu-lai", data=data).status_code == 404
    dossier = b.a_received_dossier(sqlite_ctx, office)
    page = choose(officer, tasks_of([dossier]), confirmed="1", outcome="khac", note="giữ lại")
    assert page.status_code == 422
    assert "giữ lại" in page.text


def test_the_decision_of_many_is_said_to_be_for_good(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    dossier = b.a_received_dossier(sqlite_ctx, office)
    for _ in range(2):
        dossier = b.do_next_step(sqlite_ctx, office, dossier)
    approver = signed_in(site, "approver")
    page = choose(approver, tasks_of([dossier]))
    assert "không hoàn tác được" in text_of(page)
    result = approver.get(confirm(approver, page).location)
    undone = approver.get(send(approver, result, "/hoan-tac").location)
    assert "giữ nguyên 1" in text_of(undone)
    assert "hệ quả không đảo ngược được" in text_of(undone)


def test_a_long_batch_shows_its_progress(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    dossiers = [b.a_received_dossier(sqlite_ctx, office) for _ in range(3)]
    made = task_batches.run(sqlite_ctx, by=office.officer, task_ids=tasks_of(dossiers), at_once=1)
    officer = signed_in(site, "officer")
    page = officer.get(f"/viec/lo/{made['id']}")
    assert "Đang làm: còn 2 trong 3 hồ sơ" in text_of(page)
    assert 'hx-trigger="every 1s"' in page.text
    task_batches.carry_on_all(sqlite_ctx, most=50)
    assert "hx-trigger" not in officer.get(f"/viec/lo/{made['id']}").text.partition("<main")[2]
    clock = sqlite_ctx.clock
    assert isinstance(clock, TurnedClock)
    clock.advance(timedelta(minutes=11))
    assert "/hoan-tac" not in officer.get(f"/viec/lo/{made['id']}").text


def test_a_step_is_taken_back_and_sent_back_from_the_dossier(
    sqlite_ctx: Context, site: Flask, office: b.Office
) -> None:
    dossier = b.do_next_step(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))
    officer = signed_in(site, "officer")
    place = f"/ho-so/{dossier['code']}"
    empty = send(officer, officer.get(place), "/send-back", reason=" ")
    assert empty.status_code == 422
    assert "Phải nêu lý do" in text_of(empty)
    taken = send(officer, officer.get(place), "/take-back")
    assert "Đã thu hồi" in text_of(officer.get(taken.location))
    assert [task["name"] for task in _open(sqlite_ctx, office, dossier)] == ["Bước THU_LY"]
    b.do_next_step(sqlite_ctx, office, {"open_tasks": _open(sqlite_ctx, office, dossier)})
    stale = officer.get(place)
    sent = send(officer, stale, "/send-back", reason="Thiếu ý kiến")
    assert "Đã trả lại bước trước" in text_of(officer.get(sent.location))
    late = send(officer, stale, "/take-back")
    assert late.status_code in (409, 412)
    assert [task["name"] for task in _open(sqlite_ctx, office, dossier)] == ["Bước THU_LY"]


def _open(ctx: Context, office: b.Office, dossier: b.Dossier) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = reading.detail(ctx, by=office.officer, dossier=dossier["id"])["open_tasks"]
    return shown


def test_the_api_previews_does_tells_and_undoes(sqlite_ctx: Context, site: Flask, office: b.Office) -> None:
    dossiers = [b.a_received_dossier(sqlite_ctx, office) for _ in range(2)]
    client, headers = site.test_client(), bearer(sqlite_ctx, "officer")

    def call(method: str, path: str, body: Any = None) -> TestResponse:
        return client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    tasks = tasks_of(dossiers)
    seen = call("POST", "/task-batches/preview", {"tasks": tasks}).json
    assert (seen["able"], seen["unable"], seen["outcome"]) == (2, 0, "done")
    made = call("POST", "/task-batches", {"tasks": [*tasks, "x"], "note": "lô"}).json
    assert [each["done"] for each in made["verdicts"]] == [True, True, False]
    assert call("GET", f"/task-batches/{made['id']}").json["done"] == 2
    undone = call("POST", f"/task-batches/{made['id']}/undo", {}).json
    assert (undone["state"], undone["undone"]) == ("undone", 2)
    again = call("POST", f"/task-batches/{made['id']}/undo", {})
    assert (again.status_code, again.json["code"]) == (409, "task-batch-not-undoable")
    missing = call("GET", "/task-batches/x")
    assert (missing.status_code, missing.json["code"]) == (404, "task-batch-not-found")
    assert call("POST", "/task-batches", {"tasks": []}).status_code == 422
    assert call("POST", "/task-batches", {"tasks": tasks, "outcome": "khac"}).json["code"] == "invalid-outcome"
    assert call("POST", f"/tasks/{tasks[0]}/completion", {}).status_code == 200
    mixed = call("POST", "/task-batches", {"tasks": [_open(sqlite_ctx, office, dossiers[0])[0]["id"], tasks[1]]})
    assert (mixed.status_code, mixed.json["code"]) == (422, "mixed-steps")
    assert call("DELETE", f"/tasks/{tasks[0]}/completion").json["open_tasks"][0]["id"] == tasks[0]
    state = call("POST", f"/tasks/{tasks[0]}/completion", {}).json
    back = call("POST", f"/tasks/{state['open_tasks'][0]['id']}/return", {"reason": "Thiếu"})
    assert back.json["open_tasks"][0]["assignee"] == "officer"
    refused = call("POST", f"/tasks/{back.json['open_tasks'][0]['id']}/return", {"reason": "Nữa"})
    assert (refused.status_code, refused.json["code"]) == (409, "no-step-before")
