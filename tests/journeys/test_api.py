"""A dossier's life over HTTP, and what a client is told when it cannot go on."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import people, procedures
from tests.support.builders import Office, an_office, turn_clock_to
from tests.support.site import make_site

BODY = {
    "procedure_code": "TP99",
    "channel": "direct",
    "applicant": {"name": "Nguyễn Văn Thử", "identity_number": "031090000001", "email": "thu@example.test"},
    "components": [{"code": "TK", "name": "Tờ khai", "originals": 1, "copies": 2}],
}


class Api:
    """A client that speaks for one officer."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._client.open(f"/api/v1{path}", method=method, json=body, headers=self._headers | named)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("POST", path, body if body is not None else {}, **headers)


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx)


@pytest.fixture
def client(ctx: Context, office: Office) -> FlaskClient:
    return make_site(ctx).test_client()


@pytest.fixture
def desk(ctx: Context, client: FlaskClient) -> Api:
    return api_of(ctx, client, "desk")


def api_of(ctx: Context, client: FlaskClient, username: str) -> Api:
    return Api(client, people.create_token(ctx, by=SYSTEM, username=username, label="test"))


def problem(response: Any) -> tuple[int, str]:
    assert response.mimetype == "application/problem+json"
    return response.status_code, response.json["code"]


def test_dossier_goes_from_the_counter_to_the_citizen(ctx: Context, client: FlaskClient, desk: Api) -> None:
    officer, approver = api_of(ctx, client, "officer"), api_of(ctx, client, "approver")

    received = desk.post("/dossiers", BODY, Idempotency_Key="r1")
    assert received.status_code == 201
    assert received.json["code"] == "H00-260302-0001"
    assert received.json["due_at"] == "2026-03-06T08:00:00+07:00"
    assert received.headers["ETag"] == f'"{received.json["version"]}"'

    state = received.json
    who = {"PHONG_TU_PHAP": officer, "LANH_DAO": approver, "BP_MOT_CUA": desk}
    statuses = [state["status"]]
    while state["status"] != 9:
        [task] = state["open_tasks"]
        done = who[task["unit"]].post(f"/tasks/{task['id']}/completion", {"note": "xong"})
        assert done.status_code == 200, done.json
        state = done.json
        statuses.append(state["status"])
    while len(state["open_tasks"]) == 1 and state["open_tasks"][0]["name"] != "Bước TRA":
        state = desk.post(f"/tasks/{state['open_tasks'][0]['id']}/completion").json
    handed = desk.post(f"/dossiers/{state['code']}/handover", {"name": "Nguyễn Văn Thử"})

    assert handed.json["status"] == 10
    assert handed.json["open_tasks"] == []
    assert statuses == sorted(statuses)
    history = desk.get(f"/dossiers/{state['code']}/timeline").json["items"]
    assert [entry["seq"] for entry in history] == list(range(1, len(history) + 1))
    assert history[-1]["kind"] == "dossier.returned"


def test_page_of_a_dossier_explains_its_date(desk: Api) -> None:
    code = desk.post("/dossiers", BODY).json["code"]

    why = desk.get(f"/dossiers/{code}/deadline").json

    assert (why["counted_from"], why["due_at"]) == ("2026-03-02T08:00:00+07:00", "2026-03-06T08:00:00+07:00")
    assert why["late_after"] == "2026-03-06T23:59:59.999999+07:00"
    assert why["explanation"][0]["kind"] == "start"
    assert desk.get(f"/dossiers/{code}/papers").json["items"][0]["copies"] == 2
    assert desk.get(f"/dossiers/{code}/receipt.pdf").data[:5] == b"%PDF-"


def test_same_key_twice_has_one_effect_and_the_same_answer(desk: Api) -> None:
    first = desk.post("/dossiers", BODY, Idempotency_Key="twice")
    again = desk.post("/dossiers", BODY, Idempotency_Key="twice")

    assert (again.status_code, again.json) == (201, first.json)
    assert desk.post("/dossiers", BODY, Idempotency_Key="other").json["code"] == "H00-260302-0002"


def test_same_key_for_another_request_is_refused(desk: Api) -> None:
    desk.post("/dossiers", BODY, Idempotency_Key="twice")

    other = desk.post("/dossiers", BODY | {"channel": "postal"}, Idempotency_Key="twice")

    assert problem(other) == (409, "idempotency-key-reused")


def test_old_version_is_refused_with_the_present_one(ctx: Context, client: FlaskClient, desk: Api) -> None:
    state = desk.post("/dossiers", BODY).json
    officer = api_of(ctx, client, "officer")
    task = state["open_tasks"][0]["id"]

    stale = officer.post(f"/tasks/{task}/completion", If_Match='"1"')
    fresh = officer.post(f"/tasks/{task}/completion", If_Match=f'"{state["version"]}"')

    assert problem(stale) == (412, "version-mismatch")
    assert stale.json["details"]["version"] == state["version"]
    assert fresh.status_code == 200


def test_second_completion_is_told_who_was_faster(ctx: Context, client: FlaskClient, desk: Api) -> None:
    task = desk.post("/dossiers", BODY).json["open_tasks"][0]["id"]
    officer = api_of(ctx, client, "officer")
    officer.post(f"/tasks/{task}/completion")

    second = officer.post(f"/tasks/{task}/completion")

    assert problem(second) == (409, "task-gone")
    assert second.json["details"]["by"] == "Cán bộ officer"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        pytest.param({"procedure_code": "KHONG"}, 404, "procedure-not-found", id="unknown-procedure"),
        pytest.param({"received_at": "2026-03-03T08:00:00+07:00"}, 422, "date-in-future", id="future-receipt"),
        pytest.param({"received_at": "2025-03-03T08:00:00+07:00"}, 422, "date-in-future", id="ancient-receipt"),
        pytest.param({"applicant": {"name": "  "}}, 422, "applicant-missing", id="blank-name"),
        pytest.param({"channel": "pigeon"}, 422, "invalid-input", id="unknown-channel"),
        pytest.param({"status": 10}, 422, "invalid-input", id="mass-assignment"),
        pytest.param({"agency": "X99"}, 404, "agency-not-found", id="unknown-agency"),
        pytest.param({"case": "a\x00b"}, 422, "invalid-character", id="nul-character"),
        pytest.param({"components": [{"originals": -1}]}, 422, "invalid-input", id="negative-count"),
    ],
)  # fmt: skip
def test_impossible_filing_is_refused_and_takes_no_number(
    desk: Api, change: dict[str, Any], status: int, code: str
) -> None:
    refused = desk.post("/dossiers", BODY | change)

    assert problem(refused) == (status, code)
    assert desk.post("/dossiers", BODY).json["code"] == "H00-260302-0001"


def test_nul_character_in_an_address_is_refused(desk: Api) -> None:
    assert problem(desk.get("/dossiers/a%00b")) == (422, "invalid-character")
    assert problem(desk.get("/dossiers?q=%00")) == (422, "invalid-character")


def test_body_that_is_nested_too_deeply_is_refused(desk: Api, client: FlaskClient) -> None:
    refused = client.post(
        "/api/v1/dossiers", data="[" * 50_000, headers=desk._headers | {"Content-Type": "application/json"}
    )

    assert problem(refused) == (422, "too-deeply-nested")


def test_any_version_will_do_for_a_star(desk: Api) -> None:
    code = desk.post("/dossiers", BODY).json["code"]

    assert desk.post(f"/dossiers/{code}/withdrawal", If_Match="*").json["status"] == 7


def test_desk_records_a_payment_while_the_office_works(ctx: Context, client: FlaskClient, desk: Api) -> None:
    code = desk.post("/dossiers", BODY).json["code"]
    officer = api_of(ctx, client, "officer")
    owed = officer.post(f"/dossiers/{code}/financial-obligations", {"amount_vnd": 50_000, "notice": "TB 12"})

    assert (owed.status_code, owed.json["status"], owed.json["paused"]) == (201, 6, True)
    assert problem(officer.post(f"/tasks/{owed.json['open_tasks'][0]['id']}/completion")) == (409, "dossier-waits")
    assert desk.post(f"/dossiers/{code}/payments", {"reference": "BL 1"}).json["status"] == 4


@pytest.mark.parametrize("number", ["0", "99", "99999999999999999999999"])
def test_version_that_is_not_there_is_not_found(desk: Api, number: str) -> None:
    assert desk.get(f"/procedures/TP99/versions/{number}/bpmn").status_code == 404
    assert desk.get("/procedures/TP99/versions/1/bpmn").mimetype == "application/xml"


def test_closed_procedure_receives_nothing(ctx: Context, office: Office, desk: Api) -> None:
    procedures.set_open(ctx, by=SYSTEM, code=office.procedure, is_open=False)

    assert problem(desk.post("/dossiers", BODY)) == (409, "procedure-closed")


def test_task_of_another_unit_is_refused(ctx: Context, client: FlaskClient, desk: Api) -> None:
    task = desk.post("/dossiers", BODY).json["open_tasks"][0]["id"]

    assert problem(api_of(ctx, client, "approver").post(f"/tasks/{task}/completion")) == (403, "task-not-yours")
    assert problem(desk.post("/tasks/not-a-task/completion")) == (404, "task-not-found")


def test_other_agency_and_administrator_do_not_know_of_the_dossier(
    ctx: Context, client: FlaskClient, desk: Api
) -> None:
    state = desk.post("/dossiers", BODY).json
    an_office(ctx, code="H01")

    for username in ("officer.h01", "admin"):
        stranger = api_of(ctx, client, username)
        for path in ("", "/timeline", "/deadline", "/papers", "/receipt.pdf"):
            assert problem(stranger.get(f"/dossiers/{state['id']}{path}")) == (404, "dossier-not-found")
        assert problem(stranger.post(f"/dossiers/{state['id']}/withdrawal")) == (404, "dossier-not-found")


def test_file_that_is_not_what_it_says_is_refused(desk: Api, client: FlaskClient) -> None:
    code = desk.post("/dossiers", BODY).json["code"]

    def upload(name: str, content: bytes) -> Any:
        return client.post(
            f"/api/v1/dossiers/{code}/papers",
            data={"file": (BytesIO(content), name), "name": "Đơn"},
            headers=desk._headers,
        )

    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)
    assert problem(upload("a.pdf", b"<html>")) == (422, "file-not-allowed")
    assert problem(upload("a.html", b"<html>")) == (422, "file-not-allowed")
    assert problem(upload("a.png", b"")) == (422, "file-not-allowed")
    assert problem(upload("a.pdf", png)) == (422, "file-not-allowed")
    assert upload("../../x/a.png", png).status_code == 201
    papers = desk.get(f"/dossiers/{code}/papers").json["items"]
    kept = {"no": 2, "code": "", "name": "Đơn", "originals": 0, "copies": 1, "file_name": "a.png", "source": "added"}
    assert {key: papers[-1][key] for key in kept} == kept
    read = desk.get(f"/dossiers/{code}/papers/2")
    assert (read.data, read.headers["Content-Disposition"]) == (png, "attachment; filename=a.png")


def test_late_dossier_gets_one_letter_and_one_extension(ctx: Context, client: FlaskClient, desk: Api) -> None:
    code = desk.post("/dossiers", BODY).json["code"]
    approver = api_of(ctx, client, "approver")
    turn_clock_to(ctx, "2026-03-09T09:00")
    [letter] = approver.get("/letters?state=draft").json["items"]
    draft = {"cause": "staff", "reason": "Cán bộ thụ lý nghỉ ốm", "new_due_at": "2026-03-12T09:00:00+07:00"}

    assert letter["dossier_code"] == code
    assert problem(approver.post(f"/letters/{letter['id']}/approval")) == (422, "letter-incomplete")
    weekend = draft | {"new_due_at": "2026-03-14T09:00:00+07:00"}
    assert problem(approver.call("PUT", f"/letters/{letter['id']}", weekend)) == (422, "new-date-invalid")
    early = draft | {"new_due_at": "2026-03-05T09:00:00+07:00"}
    assert problem(approver.call("PUT", f"/letters/{letter['id']}", early)) == (422, "new-date-invalid")
    assert approver.call("PUT", f"/letters/{letter['id']}", draft).status_code == 200
    assert problem(desk.post(f"/letters/{letter['id']}/approval")) == (403, "not-allowed")
    assert approver.post(f"/letters/{letter['id']}/approval").json["letter"]["state"] == "approved"
    sent = approver.post(f"/letters/{letter['id']}/dispatch").json
    assert (sent["letter"]["number"], sent["letter"]["sent_how"]) == ("01/PXL", "email")
    assert sent["dossier"]["extended_due_at"] == "2026-03-12T09:00:00+07:00"
    assert sent["dossier"]["due_at"] == "2026-03-06T08:00:00+07:00"
    assert sent["dossier"]["late"] is True
    assert problem(approver.post(f"/letters/{letter['id']}/dispatch")) == (409, "letter-state")
    assert problem(approver.post(f"/dossiers/{code}/extensions", draft)) == (409, "extension-used")
    assert approver.get(f"/letters/{letter['id']}.pdf").data[:5] == b"%PDF-"


def test_batch_has_a_verdict_for_each_task(ctx: Context, client: FlaskClient, desk: Api) -> None:
    tasks = [desk.post("/dossiers", BODY).json["open_tasks"][0]["id"] for _ in range(2)]
    officer = api_of(ctx, client, "officer")
    officer.post(f"/tasks/{tasks[0]}/completion")

    answer = officer.post("/task-batches", {"tasks": [*tasks, "x"]}).json

    assert [verdict.get("code") for verdict in answer["verdicts"]] == ["task-gone", None, "task-not-found"]
    assert answer["done"] == 1


def test_filed_dossier_is_supplemented_received_or_refused(ctx: Context, desk: Api) -> None:
    first, second = (desk.post("/submissions", BODY | {"channel": "online"}).json for _ in range(2))
    assert (first["status"], first["code"], first["due_at"]) == (1, None, None)

    asked = desk.post(f"/dossiers/{first['id']}/supplement-requests", {"items": ["Bản sao"], "reason": "thiếu"})
    assert (asked.status_code, asked.json["status"]) == (201, 5)
    answered = desk.post(f"/dossiers/{first['id']}/supplements", {"components": [{"name": "Bản sao"}]})
    assert answered.json["status"] == 1
    again = desk.post(f"/dossiers/{first['id']}/supplement-requests", {"items": ["Nữa"], "reason": "thiếu"})
    assert problem(again) == (409, "supplement-used-up")
    assert desk.post(f"/dossiers/{first['id']}/receipt").json["code"] == "H00-260302-0001"

    assert problem(desk.post(f"/dossiers/{second['id']}/refusal", {"reason": " "})) == (422, "reason-missing")
    assert desk.post(f"/dossiers/{second['id']}/refusal", {"reason": "Sai thẩm quyền"}).json["status"] == 3
    assert problem(desk.post(f"/dossiers/{second['id']}/receipt")) == (409, "not-at-reception")


def test_worklists_count_what_they_list(ctx: Context, client: FlaskClient, desk: Api) -> None:
    codes = [desk.post("/dossiers", BODY).json["code"] for _ in range(3)]
    supervisor = api_of(ctx, client, "supervisor")

    first = supervisor.get("/dossiers?queue=all&limit=2").json
    rest = supervisor.get(f"/dossiers?queue=all&limit=2&cursor={first['next_cursor']}").json

    assert sorted(item["code"] for item in first["items"] + rest["items"]) == codes
    assert (first["counts"]["all"], rest["next_cursor"]) == (3, None)
    assert supervisor.get("/dossiers?q=thu&received_from=2026-03-02").json["counts"]["all"] == 3
    assert problem(supervisor.get("/dossiers?queue=everything")) == (422, "invalid-input")
    turn_clock_to(ctx, "2026-03-09T09:00", ticker=False)  # with all workers dead
    assert sorted(item["code"] for item in supervisor.get("/dossiers?queue=overdue").json["items"]) == codes


def test_numbers_of_the_report_name_their_dossiers(ctx: Context, client: FlaskClient, desk: Api) -> None:
    code = desk.post("/dossiers", BODY).json["code"]
    officer, approver = api_of(ctx, client, "officer"), api_of(ctx, client, "approver")
    task = desk.get(f"/dossiers/{code}").json["open_tasks"][0]["id"]
    officer.post(f"/tasks/{task}/completion")
    assert problem(approver.post(f"/dossiers/{code}/result", {"number": " "})) == (422, "invalid-input")
    assert approver.post(f"/dossiers/{code}/result", {"number": "12/GP"}).json["status"] == 9
    assert problem(approver.post(f"/dossiers/{code}/result", {"number": "12/GP"})) == (409, "not-finished")

    report = approver.get("/reports/on-time?from=2026-03-01&to=2026-03-31&by=procedure").json
    behind = approver.get("/reports/on-time/dossiers?from=2026-03-01&to=2026-03-31&column=early").json

    assert report["rows"][0]["early"] == 1
    assert behind == {"items": [code], "count": 1}
    assert problem(desk.get("/reports/on-time?from=2026-03-01&to=2026-03-31")) == (403, "not-allowed")
