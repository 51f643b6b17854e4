"""One JSON line a request on stderr, with a request id; no names, bodies or query strings (ASVS 5.0 §16.2)."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any, cast

import structlog
from flask import Flask, Response, g, has_request_context, request

_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SILENT = ("static", "health.healthz", "health.readyz", "health.metrics")


def configure_logging() -> None:
    """Make structlog write JSON lines to stderr."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=_stderr,
        cache_logger_on_first_use=False,
    )


def init_request_log(app: Flask, *, statements_sent: Callable[[], int]) -> None:
    """Give each request an id, and write a line when it ends.

    Args:
        statements_sent: how many statements this thread has sent to databases so far.
    """

    def begin() -> None:
        _begin()
        g.statements_before = statements_sent()

    def end(response: Response) -> Response:
        return _end(response, statements_sent() - g.get("statements_before", statements_sent()))

    app.before_request(begin)
    app.after_request(end)


def request_id() -> str:
    """Return the id of this request; it is in its log lines, its errors and its ``X-Request-Id`` header."""
    return cast(str, g.get("request_id", "-")) if has_request_context() else "-"


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if _ID.fullmatch(given) else token_hex(8)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response, statements: int) -> Response:
    response.headers.setdefault("X-Request-Id", request_id())
    if request.endpoint not in _SILENT:
        structlog.get_logger().info(
            "request",
            method=request.method,
            route=request.url_rule.rule if request.url_rule else None,  # the rule, not the path: codes stay out
            status=response.status_code,
            statements=statements,
            ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        )
    return response


def _stderr(*_args: Any) -> structlog.PrintLogger:
    return structlog.PrintLogger(sys.stderr)
