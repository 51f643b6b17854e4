"""Alive, ready, and Prometheus metrics; outside ``/api/v1`` (contract §3)."""

from __future__ import annotations

import time
from typing import cast

from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from engine.context import Context
from web.auth import current_context, require_metrics_reader
from web.clock_metrics import register_clock

blueprint = Blueprint("health", __name__)

_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}  # others are made up: one series for them all


def init_metrics(app: Flask, ctx: Context) -> None:
    """Count requests by route and status, measure how long they take, and tell how the clock is."""
    registry = CollectorRegistry()
    requests = Counter("motcua_http_requests", "HTTP requests", ["method", "route", "status"], registry=registry)
    seconds = Histogram("motcua_http_request_seconds", "Time to answer, in seconds", ["route"], registry=registry)
    register_clock(registry, ctx)
    app.extensions["motcua.metrics"] = registry

    @app.after_request
    def measure(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        requests.labels(method, route, str(response.status_code)).inc()
        if "began" in g:
            seconds.labels(route).observe(time.perf_counter() - g.began)
        return response


def metrics_registry() -> CollectorRegistry:
    """Return the registry that ``/metrics`` shows; more collectors may be added to it."""
    return cast(CollectorRegistry, current_app.extensions["motcua.metrics"])


@blueprint.get("/healthz")
def healthz() -> Response:
    """Say that this process answers."""
    return jsonify({"status": "alive"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Say that the database answers; 503 with a problem when it does not.

    A clock that stands does not count: pages and promises stay right without it, and taking the web away as well would
    help nobody. ``/metrics`` tells of it.
    """
    current_context().database.ping()
    return jsonify({"status": "ready"})


@blueprint.get("/metrics")
def metrics() -> Response:
    """Show metrics to this machine, auditors and administrators."""
    require_metrics_reader()
    return Response(generate_latest(metrics_registry()), content_type=CONTENT_TYPE_LATEST)
