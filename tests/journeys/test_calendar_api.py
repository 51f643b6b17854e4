"""Calendars over the API: a year, a change seen, made once and taken back, and each refusal with its code."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.verification.verify import verify
from tests.support.builders import Office, a_received_dossier, an_office
from tests.support.calendar_acts import USUAL, below, calendar_of, days, dump, make, now_of
from tests.support.site import bearer, make_site

CHANGES = "/api/v1/calendar-changes"
PRINTED, MOVED = "2026-03-06T08:00:00+07:00", "2026-03-09T07:00:00+07:00"
WEEK = [USUAL] * 4 + ["", "", ""]


def a_day(on: str = "2026-03-06", kind: str = "off", **more: Any) -> dict[str, Any]:
    return {"date": on, "kind": kind, "decision": "12/QĐ"} | more


def off(*on: str, **more: Any) -> dict[str, Any]:
    """Return the body of a change that declares days off."""
    return {"days": [a_day(each) for each in on or ("2026-03-06",)]} | more


def hours(**more: Any) -> dict[str, Any]:
    """Return the body of a change to weekly hours."""
    return {"hours": {"from": "2026-03-09", "week": WEEK, "decision": "15/QĐ"}} | more


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    """The office of the default agency, and a ward below it."""
    made = an_office(sqlite_ctx)
    below(sqlite_ctx, made.code, "H01")
    return made


@pytest.fixture
def client(sqlite_ctx: Context, office: Office) -> FlaskClient:
    return make_site(sqlite_ctx).test_client()


@pytest.fixture
def admin(sqlite_ctx: Context, office: Office) -> dict[str, str]:
    """The headers of the administrator's program."""
    return bearer(sqlite_ctx, "admin")


def said(response: TestResponse) -> tuple[int, str | None]:
    """Return status and, of a problem, its code."""
    if response.status_code < 400:
        return response.status_code, None
    assert response.mimetype == "application/problem+json"
    return response.status_code, response.json["code"]


def test_change_is_seen_made_listed_and_taken_back(
    sqlite_ctx: Context, client: FlaskClient, office: Office, admin: dict[str, str]
) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)

    seen = client.post(f"{CHANGES}/preview", json=off(), headers=admin)
    assert said(seen) == (200, None)
    assert (seen.json["id"], seen.json["open"], seen.json["moved"]) == (None, 1, 1)
    (move,) = seen.json["moves"]
    assert (move["code"], move["what"], move["no"]) == (dossier["code"], "promise", 1)
    assert (move["due_before"], move["due_after"]) == (PRINTED, MOVED)
    assert now_of(sqlite_ctx, dossier)["due_at"] == PRINTED

    made = client.post(CHANGES, json=off(expected=seen.json["token"]), headers=admin)
    assert said(made) == (201, None)
    assert made.json | {"id": None} == seen.json
    assert now_of(sqlite_ctx, dossier)["due_at"] == MOVED

    (listed,) = client.get(CHANGES, headers=admin).json["items"]
    assert (listed["id"], listed["made_by"], listed["can_undo"]) == (made.json["id"], "Cán bộ admin", True)
    year = client.get("/api/v1/calendars/H00?year=2026", headers=admin).json
    (day,) = [each for each in year["days"] if each["date"] == "2026-03-06"]
    assert (day["kind"], day["owner"], day["entered_by"], day["change"]) == ("off", "H00", "Cán bộ admin", listed["id"])
    assert year["months"][2]["days"][5] == "off"

    told = client.get(f"{CHANGES}/{listed['id']}/undo", headers=admin)
    undone = client.post(f"{CHANGES}/{listed['id']}/undo", json={"expected": told.json["token"]}, headers=admin)
    assert said(undone) == (200, None)
    assert undone.json["calendar"]["after"] == seen.json["calendar"]["before"]
    assert now_of(sqlite_ctx, dossier)["due_at"] == PRINTED
    assert [each["can_undo"] for each in client.get(CHANGES, headers=admin).json["items"]] == [False, False]
    assert verify(sqlite_ctx) == []


def test_hours_and_reception_hours_are_changed(
    sqlite_ctx: Context, client: FlaskClient, office: Office, admin: dict[str, str]
) -> None:
    dossier = a_received_dossier(sqlite_ctx, office)
    assert said(client.post(CHANGES, json=hours(desk="BP_MOT_CUA"), headers=admin)) == (201, None)
    assert now_of(sqlite_ctx, dossier)["due_at"] == PRINTED
    made = client.post(CHANGES, json=hours(), headers=admin)
    assert (made.json["kind"], made.json["declared"][0]["week"][0]) == ("hours", ["07:00-11:30", "13:30-17:00"])

    year = client.get("/api/v1/calendars/H00?year=2026", headers=admin).json

    assert [each["from"] for each in year["hours"]] == [None, "2026-03-09"]
    assert [(each["unit"], each["own"]) for each in year["desks"]] == [("BP_MOT_CUA", True)]
    assert verify(sqlite_ctx) == []


@pytest.mark.parametrize("path", ["", "/preview"])
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        pytest.param({}, 422, "invalid-input", id="neither"),
        pytest.param(off() | hours(), 422, "invalid-input", id="both"),
        pytest.param({"days": []}, 422, "invalid-input", id="no-day"),
        pytest.param({"days": [a_day()] * 401}, 422, "invalid-input", id="too-many-days"),
        pytest.param(off(desk="BP_MOT_CUA"), 422, "invalid-input", id="days-of-a-desk"),
        pytest.param({"days": [a_day(on="2026-02-30")]}, 422, "invalid-input", id="no-date"),
        pytest.param({"days": [a_day(on="6/3/2026")]}, 422, "invalid-input", id="date-not-iso"),
        pytest.param({"days": [a_day(kind="nghỉ")]}, 422, "invalid-input", id="kind"),
        pytest.param({"days": [a_day(decision="")]}, 422, "invalid-calendar", id="no-decision"),
        pytest.param({"days": [a_day(decision="x" * 201)]}, 422, "invalid-input", id="decision-too-long"),
        pytest.param({"days": [a_day(colour="red")]}, 422, "invalid-input", id="unknown-field"),
        pytest.param({"days": [a_day(kind="work", shifts="11-7")]}, 422, "invalid-calendar", id="no-shifts"),
        pytest.param({"days": [a_day(shifts="07:00-11:30")]}, 422, "invalid-calendar", id="off-with-shifts"),
        pytest.param({"days": [a_day(), a_day(kind="work")]}, 422, "invalid-calendar", id="off-and-make-up"),
        pytest.param(off("2099-03-06"), 422, "invalid-calendar", id="far-ahead"),
        pytest.param(off("0001-03-06"), 422, "invalid-calendar", id="far-back"),
        pytest.param({"hours": hours()["hours"] | {"week": [""] * 7}}, 422, "invalid-calendar", id="no-shift-at-all"),
        pytest.param({"hours": hours()["hours"] | {"week": WEEK[:6]}}, 422, "invalid-input", id="six-days"),
        pytest.param(hours(desk="PHONG_X"), 404, "unit-not-found", id="desk-unknown"),
        pytest.param(off(agency="H99"), 404, "agency-not-found", id="agency-unknown"),
        pytest.param(off("2026-03-04"), 409, "calendar-decision-known", id="known"),
    ],
)
def test_bad_change_is_a_problem_with_its_code_and_nothing_is_saved(
    sqlite_ctx: Context,
    client: FlaskClient,
    admin: dict[str, str],
    path: str,
    body: dict[str, Any],
    status: int,
    code: str,
) -> None:
    make(sqlite_ctx, days(4))
    before = dump(sqlite_ctx)
    assert said(client.post(CHANGES + path, json=body, headers=admin)) == (status, code)
    assert dump(sqlite_ctx) == before


def test_body_that_is_no_json_is_refused(client: FlaskClient, admin: dict[str, str]) -> None:
    answer = client.post(CHANGES, data="days=1", headers=admin, content_type="application/json")
    assert said(answer)[0] in (400, 422)


def test_stale_token_is_a_conflict_and_names_the_new_one(
    sqlite_ctx: Context, client: FlaskClient, admin: dict[str, str]
) -> None:
    token = client.post(f"{CHANGES}/preview", json=off(), headers=admin).json["token"]
    make(sqlite_ctx, days(9))
    before = dump(sqlite_ctx)

    refused = client.post(CHANGES, json=off(expected=token), headers=admin)

    assert said(refused) == (409, "calendar-changed")
    assert dump(sqlite_ctx) == before
    fresh = client.post(f"{CHANGES}/preview", json=off(), headers=admin).json["token"]
    assert refused.json["details"]["token"] == fresh != token
    assert said(client.post(CHANGES, json=off(expected=fresh), headers=admin)) == (201, None)
    assert said(client.post(f"{CHANGES}/1/undo", json={"expected": token}, headers=admin)) == (409, "calendar-changed")


def test_key_makes_a_change_once_and_its_undo_once(
    sqlite_ctx: Context, client: FlaskClient, admin: dict[str, str]
) -> None:
    keyed = admin | {"Idempotency-Key": "one"}
    first, again = (client.post(CHANGES, json=off(), headers=keyed) for _ in range(2))
    assert (first.status_code, again.status_code, first.json) == (201, 201, again.json)
    assert said(client.post(CHANGES, json=off("2026-03-10"), headers=keyed)) == (409, "idempotency-key-reused")

    url, other = f"{CHANGES}/{first.json['id']}/undo", admin | {"Idempotency-Key": "two"}
    undone, again = (client.post(url, json={}, headers=other) for _ in range(2))
    assert (undone.status_code, undone.json) == (200, again.json)
    assert said(client.post(url, json={}, headers=admin)) == (409, "calendar-change-superseded")
    assert len(dump(sqlite_ctx, "calendar_change")["calendar_change"]) == 2


def test_change_that_is_not_there_is_not_found(client: FlaskClient, admin: dict[str, str]) -> None:
    for answer in (
        client.get(f"{CHANGES}/7/undo", headers=admin),
        client.post(f"{CHANGES}/7/undo", json={}, headers=admin),
    ):
        assert said(answer) == (404, "calendar-change-not-found")
    assert said(client.get("/api/v1/calendars/H99?year=2026", headers=admin)) == (404, "agency-not-found")
    assert said(client.get("/api/v1/calendars/H00", headers=admin)) == (422, "invalid-input")
    assert said(client.get("/api/v1/calendars/H00?year=2040", headers=admin))[1] == "calendar-gap"


@pytest.mark.parametrize("who", ["supervisor", "auditor", "desk", "officer", "approver"])
def test_others_read_and_change_nothing(sqlite_ctx: Context, client: FlaskClient, who: str) -> None:
    make(sqlite_ctx, days(4))
    before, headers = dump(sqlite_ctx), bearer(sqlite_ctx, who)
    assert client.get("/api/v1/calendars/H00?year=2026", headers=headers).json["agency"] == "H00"
    assert [each["id"] for each in client.get(CHANGES, headers=headers).json["items"]] == [1]
    for refused in (
        client.post(f"{CHANGES}/preview", json=off(), headers=headers),
        client.post(CHANGES, json=off(), headers=headers),
        client.post(CHANGES, json=hours(desk="BP_MOT_CUA"), headers=headers),
        client.get(f"{CHANGES}/1/undo", headers=headers),
        client.post(f"{CHANGES}/1/undo", json={}, headers=headers),
        client.get("/api/v1/calendars/H01?year=2026", headers=headers),
        client.get(f"{CHANGES}?agency=H01", headers=headers),
    ):
        assert said(refused) == (403, "not-allowed")
    rows = dump(sqlite_ctx)
    assert rows == before


def test_ward_administrator_changes_the_ward_alone(sqlite_ctx: Context, client: FlaskClient, office: Office) -> None:
    headers = bearer(sqlite_ctx, "admin.h01")
    for body in (off(), off(agency="H00")):
        assert said(client.post(CHANGES, json=body, headers=headers)) == (403, "not-allowed")
    made = client.post(CHANGES, json=off(agency="H01"), headers=headers)
    assert (made.status_code, made.json["agency"]) == (201, "H01")
    assert calendar_of(sqlite_ctx).is_working_day(days(6).rules[0].on)
    assert not calendar_of(sqlite_ctx, "H01").is_working_day(days(6).rules[0].on)


def test_nobody_without_a_token(sqlite_ctx: Context, client: FlaskClient) -> None:
    for answer in (client.get(CHANGES), client.post(CHANGES, json=off()), client.post(f"{CHANGES}/1/undo", json={})):
        assert said(answer) == (401, "not-signed-in")
    assert dump(sqlite_ctx, "calendar_change") == {"calendar_change": []}
