"""Drafts over HTTP: made, saved with If-Match, linted, tried, published; procedures from sheets and drawings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import Role
from engine.seeds import base
from tests.support.sheets import as_csv, as_xlsx, change, rows
from tests.support.site import an_account, bearer, make_site
from tests.support.step_tables import a_model_xml, an_entry

Call = Callable[..., TestResponse]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SCENARIO = {
    "name": "Thông thường",
    "received_at": "2026-03-02T08:00:00+07:00",
    "acts": [{"do": "receive"}],
    "expect": {"status": 4},
}


@pytest.fixture
def call(sqlite_ctx: Context) -> Call:
    """Calls the API as an administrator of the default agency."""
    base.ensure(sqlite_ctx)
    an_account(sqlite_ctx, "admin", Role.ADMIN, agency="H00")
    client: FlaskClient = make_site(sqlite_ctx).test_client()
    token = bearer(sqlite_ctx, "admin")

    def send(method: str, path: str, json: Any = None, headers: dict[str, str] | None = None, **more: Any) -> Any:
        return client.open(f"/api/v1{path}", method=method, json=json, headers=token | (headers or {}), **more)

    return send


def a_draft(call: Call) -> dict[str, Any]:
    """Make a draft of the small table and read it."""
    made = call("POST", "/drafts", {"tables": [an_entry()]})
    assert made.status_code == 201
    draft: dict[str, Any] = call("GET", f"/drafts/{made.json['drafts'][0]['id']}").json
    return draft


def test_draft_goes_all_the_way(call: Call) -> None:
    draft = a_draft(call)
    path = f"/drafts/{draft['id']}"
    saved = call("PATCH", path, {"scenarios": [SCENARIO]}, {"If-Match": f'"{draft["version"]}"'})

    assert saved.headers["ETag"] == f'"{draft["version"] + 1}"'
    assert call("PATCH", path, {"scenarios": []}, {"If-Match": f'"{draft["version"]}"'}).status_code == 412
    assert call("POST", f"{path}/lint").json == {"findings": []}
    assert [each["passed"] for each in call("POST", f"{path}/rehearsals", {}).json["rehearsals"]] == [True]
    published = call("POST", f"{path}/publication", {"starts": "2026-03-10T00:00:00+07:00"})
    assert (published.status_code, published.json["version"]) == (201, 1)
    assert published.json["effective_from"] == "2026-03-09T17:00:00+00:00"
    assert [row["published_as"] for row in call("GET", "/drafts").json["items"]] == [1]
    assert call("DELETE", path).status_code == 204
    assert call("GET", path).status_code == 404


def test_failing_scenario_is_a_problem_that_says_what_came(call: Call) -> None:
    draft = a_draft(call)
    call("PATCH", f"/drafts/{draft['id']}", {"scenarios": [SCENARIO | {"expect": {"status": 9}}]})

    refused = call("POST", f"/drafts/{draft['id']}/publication", {})

    assert (refused.status_code, refused.json["code"]) == (409, "scenario-failed")
    (failed,) = refused.json["details"]["scenarios"]
    assert failed["differences"] == [{"what": "status", "expected": 9, "found": 4}]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"reference": "1.001193"}, 201),
        ({"code": "9.1", "name": "Mới"}, 201),
        ({"bpmn": a_model_xml(code="TP50")}, 201),
        ({"bpmn": "<x/>"}, 409),
        ({"reference": "none"}, 404),
        ({"version_of": "none", "agency": "H00"}, 404),
        ({"version_of": "none"}, 422),
        ({}, 422),
        ({"code": "1", "reference": "1.001193"}, 422),
        ({"code": "", "name": ""}, 422),
    ],
)
def test_new_draft_begins_with_one_thing(call: Call, body: dict[str, Any], status: int) -> None:
    assert call("POST", "/drafts", body).status_code == status


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (as_csv(rows()), "text/csv", 201),
        (as_xlsx(rows()), XLSX, 201),
        (as_csv(rows(steps=change(1, 3, "lâu"))), "text/csv", 422),
        (b"", "text/csv", 422),
        (a_model_xml(code="TP50").encode(), "application/xml", 201),
        (b"<x/>", "application/xml", 422),
        (b"{}", "application/json", 422),
        (b"x", "text/plain", 422),
    ],
)
def test_procedures_are_published_from_every_kind_of_file(call: Call, content: bytes, kind: str, status: int) -> None:
    answer = call("POST", "/procedures", data=content, content_type=kind)

    assert answer.status_code == status


def test_strangers_see_no_draft(call: Call, sqlite_ctx: Context) -> None:
    draft = a_draft(call)
    an_account(sqlite_ctx, "desk", Role.DESK, agency="H00")

    for path in ("", "/lint", "/rehearsals", "/publication"):
        method = "POST" if path else "GET"
        headers = bearer(sqlite_ctx, "desk")
        assert call(method, f"/drafts/{draft['id']}{path}", {} if path else None, headers).status_code == 404
