"""Every route is guarded: a stranger is turned away before anything is looked up."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, Rule

from engine.context import Context
from web.app import create_app
from web.auth import PUBLIC

SAMPLES = {"UUIDConverter": UUID(int=1), "IntegerConverter": 1, "PathConverter": "a/b"}
TURNED_AWAY = {302, 303, 401, 403}


@pytest.fixture
def app(sqlite_ctx: Context) -> Flask:
    return create_app(sqlite_ctx)


def _sample(kind: BaseConverter) -> object:
    if isinstance(kind, AnyConverter):
        return min(kind.items)
    return SAMPLES.get(type(kind).__name__, "x")


def _path(rule: Rule, app: Flask) -> str:
    values = {name: _sample(kind) for name, kind in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)


def test_a_stranger_is_turned_away_from_every_route_that_is_not_public(app: Flask) -> None:
    client = app.test_client()
    let_in = {}
    for rule in app.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        for method in sorted(rule.methods - {"OPTIONS", "HEAD"}):
            status = client.open(_path(rule, app), method=method).status_code
            if status not in TURNED_AWAY:
                let_in[f"{method} {rule.rule}"] = status

    assert let_in == {}


def test_every_public_route_exists_and_has_a_reason(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}

    assert set(PUBLIC) - endpoints == set()
    assert all(PUBLIC.values())


def test_routes_that_change_something_are_no_get(app: Flask) -> None:
    changing = ("create", "add", "delete", "complete", "approve", "send", "claim")
    wrong = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and rule.endpoint.rpartition(".")[2].startswith(changing)
    ]

    assert wrong == []
