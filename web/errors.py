"""Errors as HTTP: the only table of status codes; problem+json for programs, a page or fragment for people."""

from __future__ import annotations

import traceback
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, jsonify, make_response, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from jinja2 import TemplateError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import (
    ConflictError,
    EngineError,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    UnavailableError,
)
from web.auth import API, NotSignedInError, safe_next
from web.book_refusals import BOOKS
from web.error_texts import texts_for
from web.request_log import request_id

STATUS: dict[type[EngineError], int] = {
    InvalidInputError: 422,
    NotFoundError: 404,
    ForbiddenError: 403,
    ConflictError: 409,
    UnavailableError: 503,
}
# Where HTTP has a status of its own for a case of one of the kinds.
CODE_STATUS = {
    "not-signed-in": 401,
    "version-mismatch": 412,
    "draft-changed": 412,
    "precondition-required": 428,
}
HTTP_CODES = {
    400: "bad-request",
    404: "no-such-address",
    405: "method-not-allowed",
    413: "request-too-large",
    415: "unsupported-media-type",
    422: "invalid-input",
    429: "too-many-requests",
}
PROBLEM = "application/problem+json"

# Messages of these name code, not people; of others (a database driver's, say) only the type goes into the log.
_TELLING = (TypeError, AttributeError, LookupError, NameError, ImportError, NotImplementedError, TemplateError)


def init_errors(app: Flask) -> None:
    """Answer every error in one shape."""
    app.register_error_handler(EngineError, _engine_error)
    app.register_error_handler(NotSignedInError, _not_signed_in)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(RecursionError, _too_deep)
    app.register_error_handler(Exception, _unanticipated)


def status_of(error: EngineError) -> int:
    """Return the HTTP status of an anticipated error; 500 for one that is of no kind."""
    if error.code in CODE_STATUS:
        return CODE_STATUS[error.code]
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def is_htmx() -> bool:
    """Whether htmx asks, for a fragment."""
    return "HX-Request" in request.headers


def _engine_error(error: EngineError) -> Response:
    status = status_of(error)
    if isinstance(error, ForbiddenError):
        structlog.get_logger().warning("refused", code=error.code, route=_route())  # ASVS 5.0 §16.3.2
    if status >= 500:
        structlog.get_logger().error("unavailable", code=error.code, route=_route())
    response = _answer(status, code=error.code, detail=error.message, details=error.details)
    if status == 503:
        response.headers["Retry-After"] = "5"
    return response


def _not_signed_in(error: NotSignedInError) -> BaseResponse:
    if _is_for_programs():
        response = _engine_error(error)
        response.headers["WWW-Authenticate"] = 'Bearer realm="motcua"'
        return response
    if request.method not in ("GET", "HEAD") or "X-Stay" in request.headers:
        return _engine_error(error)  # what was typed stays on the page; the text says how to go on
    if is_htmx():
        return _hx_redirect()
    target = request.full_path.rstrip("?")
    return redirect(url_for("session.sign_in", next=target if target != "/" else None))


def _hx_redirect() -> Response:
    response = make_response("", 401)
    page = urlsplit(request.headers.get("HX-Current-URL", "/"))
    here = f"{page.path}?{page.query}" if page.query else page.path
    response.headers["HX-Redirect"] = url_for("session.sign_in", next=safe_next(here))
    return response


def _too_deep(_error: RecursionError) -> Response:
    # Of all that a request makes us do only reading its JSON goes as deep as the client wants.
    return _answer(422, code="too-deeply-nested", detail="the body is nested too deeply", details={})


def _http_error(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400:
        return error.get_response()  # a redirect of the router
    if isinstance(error, RateLimitExceeded) and error.response is not None:
        return error.response  # the route made its own page, with what was typed
    data: dict[str, Any] = getattr(error, "data", None) or {}
    fields = data.get("messages") or data.get("errors")
    detail = error.description or error.name
    if fields:
        detail = "some fields are missing or malformed; see details.fields"
    code = HTTP_CODES.get(error.code) or _kebab(error.name)
    response = _answer(error.code, code=code, detail=detail, details={"fields": _flat(fields)} if fields else {})
    _copy_headers(error, data, response)
    return response


def _copy_headers(error: HTTPException, data: dict[str, Any], response: Response) -> None:
    if isinstance(error, RateLimitExceeded):
        response.headers["Retry-After"] = "60"
    for name, value in (*error.get_headers(), *(data.get("headers") or {}).items()):
        if name in ("Allow", "Retry-After", "ETag"):
            response.headers[name] = str(value)


def _unanticipated(error: Exception) -> Response:
    structlog.get_logger().error(
        "unanticipated",
        route=_route(),
        error=type(error).__qualname__,
        message=str(error)[:300] if isinstance(error, _TELLING) else None,
        frames=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)],
    )
    return _answer(500, code="internal-error", detail="something went wrong that nobody foresaw", details={})


def _answer(status: int, *, code: str, detail: str, details: dict[str, Any]) -> Response:
    if _is_for_programs():
        return _problem(status, code=code, detail=detail, details=details)
    texts = BOOKS.get(code) or texts_for(code, status)  # a paper that cannot be printed has no form to tell it beside
    template = "error_fragment.html" if is_htmx() else "error.html"
    page = render_template(
        template, status=status, code=code, texts=texts, details=details, request_id=request_id(), back=_came_from()
    )
    response = make_response(page, status)
    if is_htmx() and "X-Stay" in request.headers:
        response.headers["HX-Reswap"] = "none"  # the page asked by itself: no message takes the focus from who types
    elif is_htmx():
        # Into the message region, so that the form with what was typed stays as it is.
        response.headers["HX-Retarget"] = "#messages"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def _came_from() -> str | None:
    """Return the page of ours that sent the request: signing in leads back to its form and what was kept of it."""
    page = urlsplit(request.referrer or "")
    if page.netloc != request.host:
        return None
    return safe_next(f"{page.path}?{page.query}" if page.query else page.path)


def _problem(status: int, *, code: str, detail: str, details: dict[str, Any]) -> Response:
    """Return an RFC 9457 problem; ``code`` is what clients match."""
    response = jsonify(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "code": code,
            "detail": detail,
            "details": details,
            "request_id": request_id(),
        }
    )
    response.status_code = status
    response.mimetype = PROBLEM
    return response


def _is_for_programs() -> bool:
    return request.path.startswith(API) or request.blueprint == "health"


def _route() -> str | None:
    return request.url_rule.rule if request.url_rule else None


def _kebab(name: str) -> str:
    return name.lower().replace(" ", "-").replace("'", "")


def _flat(messages: Any) -> Any:
    """Drop webargs' level that names the place (json, query), when there is only one."""
    if isinstance(messages, dict) and len(messages) == 1:
        ((place, inner),) = messages.items()
        if place in ("json", "query", "form", "headers", "files", "json_or_form"):
            return inner
    return messages
