"""The API's frame: OpenAPI 3.1 by flask-smorest, preconditions, idempotency keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import marshmallow as ma
from flask import Flask, request
from flask_smorest import Api, Blueprint
from flask_smorest.utils import prepare_response

from engine.errors import InvalidInputError

PREFIX = "/api/v1"
DESCRIPTION = """One-stop shop dossiers: reception, processing, deadlines, apologies, figures.

Send `Authorization: Bearer <token>` (`motcua tokens create USER`). Errors are `application/problem+json`; match `code`,
never the text. Send `Idempotency-Key` with each POST: the same key twice has one effect and the same answer. Send
`If-Match` with the `ETag` of what you read when you change a dossier. Instants are RFC 3339 with offset.
"""

_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_VERSION = re.compile(r'(?:W/)?"(\d{1,18})"')


class PreconditionRequiredError(InvalidInputError):
    """The request must say which version it changes."""

    code = "precondition-required"


class InvalidHeaderError(InvalidInputError):
    """A header has a form that is not allowed."""

    code = "invalid-header"


class ProblemSchema(ma.Schema):
    """What every error answers (RFC 9457), for the documentation."""

    type = ma.fields.String(metadata={"description": "always about:blank; code tells the case"})
    title = ma.fields.String(metadata={"description": "phrase of the status"})
    status = ma.fields.Integer()
    code = ma.fields.String(metadata={"description": "stable, kebab-case"})
    detail = ma.fields.String(metadata={"description": "one sentence for people"})
    details = ma.fields.Dict(metadata={"description": "facts: fields, ids, who did what"})
    request_id = ma.fields.String()


class ProblemApi(Api):  # type: ignore[misc]
    """flask-smorest with our errors instead of its own."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Register none: web/errors.py answers all errors."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            self._register_problem(status.name, status.phrase, with_body=status >= 400)
        self._register_problem("DEFAULT_ERROR", "Problem", with_body=True)

    def _register_problem(self, name: str, description: str, *, with_body: bool) -> None:
        response: dict[str, Any] = {"description": description}
        if with_body:
            response["schema"] = self.ERROR_SCHEMA
        prepare_response(response, self.spec, "application/problem+json")
        self.spec.components.response(name, response, lazy=True)


def api_blueprint(name: str, description: str) -> Blueprint:
    """Return a blueprint under ``/api/v1``; routes name the rest of their path."""
    return Blueprint(name, name, url_prefix=PREFIX, description=description)


def init_api(app: Flask, blueprints: Iterable[Blueprint]) -> ProblemApi:
    """Wire the API, its OpenAPI document and its pages into the app."""
    app.config.update(
        API_TITLE="motcua",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX=PREFIX,
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_SWAGGER_UI_PATH="/docs",
        OPENAPI_SWAGGER_UI_URL="/static/vendor/swagger-ui/",
        API_SPEC_OPTIONS={
            "info": {"description": DESCRIPTION},
            "security": [{"bearer": []}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        },
    )
    api = ProblemApi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    return api


def if_match_version() -> int:
    """Return the version in ``If-Match: "<version>"``.

    Raises:
        PreconditionRequiredError: the header is missing, or is not the ETag of a dossier.
    """
    match = _VERSION.fullmatch(request.headers.get("If-Match", "").strip())
    if match is None:
        raise PreconditionRequiredError('send If-Match with the ETag of the dossier you read, such as "7"')
    return int(match[1])


def etag(version: int) -> str:
    """Return the ETag header value of a version."""
    return f'"{version}"'


def idempotency_key() -> str | None:
    """Return the ``Idempotency-Key`` header, None when there is none.

    Raises:
        InvalidHeaderError: it is empty, over 200 characters, or not printable ASCII.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise InvalidHeaderError("Idempotency-Key has 1 to 200 printable ASCII characters", header="Idempotency-Key")
    return key
