"""Each kind of error as HTTP: status, problem, page, and nothing that should stay inside."""

from __future__ import annotations

import json

import marshmallow as ma
import pytest
from flask import Flask
from flask.views import MethodView

from engine.context import Context
from engine.domain.actors import Role
from engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from tests.support.site import an_account, an_agency, bearer, make_site, sign_in
from web.api.base import (
    InvalidHeaderError,
    PreconditionRequiredError,
    api_blueprint,
    etag,
    idempotency_key,
    if_match_version,
    init_api,
)
from web.errors import status_of


class VersionMismatchError(ConflictError):
    code = "version-mismatch"


KINDS = [
    (InvalidInputError, 422),
    (NotFoundError, 404),
    (ForbiddenError, 403),
    (ConflictError, 409),
    (UnavailableError, 503),
    (VersionMismatchError, 412),
    (PreconditionRequiredError, 428),
    (EngineError, 500),
]


class ThingSchema(ma.Schema):
    name = ma.fields.String(required=True)
    copies = ma.fields.Integer(strict=True)


@pytest.fixture
def site(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch) -> Flask:
    things = api_blueprint("things", "things for tests")

    @things.route("/things")
    class Things(MethodView):
        @things.arguments(ThingSchema)
        @things.response(201, ThingSchema)
        def post(self, thing: dict) -> dict:
            return thing

    monkeypatch.setattr("web.app.API", (things,))
    an_agency(sqlite_ctx)
    an_account(sqlite_ctx, "desk", Role.DESK)
    site = make_site(sqlite_ctx)

    @site.get("/raise/<int:number>", endpoint="page_that_raises")
    @site.get("/api/v1/raise/<int:number>", endpoint="call_that_raises")
    def raises(number: int) -> str:
        if number < len(KINDS):
            raise KINDS[number][0]("one sentence", dossier="H01-1", who="Cán bộ desk")
        raise ValueError("Nguyễn Văn A, 0912345678")

    return site


@pytest.mark.parametrize(("error", "status"), KINDS)
def test_each_kind_has_one_status(error: type[EngineError], status: int):
    assert status_of(error("x")) == status


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_programs_get_a_problem(sqlite_ctx: Context, site: Flask, number: int):
    error, status = KINDS[number]
    answer = site.test_client().get(f"/api/v1/raise/{number}", headers=bearer(sqlite_ctx))
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    problem = answer.get_json()
    assert set(problem) == {"type", "title", "status", "code", "detail", "details", "request_id"}
    assert (problem["code"], problem["detail"]) == (error.code, "one sentence")
    assert problem["details"] == {"dossier": "H01-1", "who": "Cán bộ desk"}
    assert answer.headers.get("Retry-After") == ("5" if status == 503 else None)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_people_get_a_page_that_says_what_to_do(site: Flask, number: int):
    client = site.test_client()
    sign_in(client)
    page = client.get(f"/raise/{number}")
    assert (page.status_code, page.content_type) == (KINDS[number][1], "text/html; charset=utf-8")
    assert KINDS[number][0].code in page.text
    assert page.headers["X-Request-Id"] in page.text
    assert "one sentence" not in page.text


def test_what_nobody_foresaw_tells_nothing_and_is_logged_once(
    sqlite_ctx: Context, site: Flask, capsys: pytest.CaptureFixture[str]
):
    answer = site.test_client().get("/api/v1/raise/99", headers=bearer(sqlite_ctx))
    assert (answer.status_code, answer.get_json()["code"]) == (500, "internal-error")
    assert "0912345678" not in answer.text
    written = "".join(capsys.readouterr())
    assert written.count("unanticipated") == 1
    assert "ValueError" in written
    assert "0912345678" not in written


def test_wrong_fields_are_named(sqlite_ctx: Context, site: Flask):
    client, headers = site.test_client(), bearer(sqlite_ctx)
    refused = client.post("/api/v1/things", json={"copies": "two", "status": "done"}, headers=headers)
    assert (refused.status_code, refused.content_type) == (422, "application/problem+json")
    problem = refused.get_json()
    assert problem["code"] == "invalid-input"
    assert sorted(problem["details"]["fields"]) == ["copies", "name", "status"]
    assert client.post("/api/v1/things", json={"name": "a"}, headers=headers).status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "changes", "status", "code"),
    [
        ("GET", "/api/v1/khong-co", {}, 404, "no-such-address"),
        ("DELETE", "/api/v1/things", {}, 405, "method-not-allowed"),
        ("POST", "/api/v1/things", {"data": "{", "content_type": "application/json"}, 400, "bad-request"),
        ("POST", "/api/v1/things", {"data": b"\xff", "content_type": "application/json"}, 400, "bad-request"),
        ("POST", "/api/v1/things", {"data": '{"name": "a"}', "content_type": "text/plain"}, 422, "invalid-input"),
    ],
)
def test_http_errors_are_problems_too(sqlite_ctx: Context, site: Flask, method, path, changes, status, code):
    answer = site.test_client().open(path, method=method, headers=bearer(sqlite_ctx), **changes)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.get_json()["code"] == code
    if status == 405:
        assert set(answer.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_an_oversized_body_is_refused(sqlite_ctx: Context, site: Flask):
    site.config["MAX_CONTENT_LENGTH"] = 1000
    big = json.dumps({"name": "a" * 2000})
    answer = site.test_client().post(
        "/api/v1/things", data=big, content_type="application/json", headers=bearer(sqlite_ctx)
    )
    assert (answer.status_code, answer.get_json()["code"]) == (413, "request-too-large")


def test_an_oversized_form_is_refused_before_it_is_read(site: Flask):
    answer = site.test_client().post("/dang-nhap", data={"username": "a" * (2 * 1024 * 1024)})
    assert (answer.status_code, "request-too-large" in answer.text) == (413, True)


def test_openapi_describes_problems_and_bearer_tokens(site: Flask):
    spec = site.test_client().get("/api/v1/openapi.json").get_json()
    assert spec["openapi"] == "3.1.0"
    assert spec["components"]["securitySchemes"] == {"bearer": {"scheme": "bearer", "type": "http"}}
    refusal = spec["components"]["responses"]["UNPROCESSABLE_ENTITY"]["content"]
    assert list(refusal) == ["application/problem+json"]
    assert list(spec["paths"]) == ["/api/v1/things"]


@pytest.mark.parametrize(("header", "version"), [('"7"', 7), ('W/"12"', 12), (' "0" ', 0)])
def test_if_match_names_a_version(header: str, version: int):
    with Flask("bare").test_request_context(headers={"If-Match": header}):
        assert if_match_version() == version


@pytest.mark.parametrize("header", ["", "7", "*", '"x"', '"-1"', '"1", "2"', '"9999999999999999999"'])
def test_if_match_is_required_in_our_form(header: str):
    with Flask("bare").test_request_context(headers={"If-Match": header}), pytest.raises(PreconditionRequiredError):
        if_match_version()


def test_etag_is_read_back():
    with Flask("bare").test_request_context(headers={"If-Match": etag(41)}):
        assert if_match_version() == 41


def test_idempotency_key_is_optional_and_checked():
    bare = Flask("bare")
    with bare.test_request_context():
        assert idempotency_key() is None
    with bare.test_request_context(headers={"Idempotency-Key": "a-1"}):
        assert idempotency_key() == "a-1"
    for wrong in ("", "a b", "a" * 201):
        with bare.test_request_context(headers={"Idempotency-Key": wrong}), pytest.raises(InvalidHeaderError):
            idempotency_key()


def test_the_frame_can_be_built_twice():
    for _ in range(2):
        init_api(Flask("bare"), ())
