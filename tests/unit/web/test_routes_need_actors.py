"""Every route needs an actor, or is on the short public list with its reason."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, Rule

from engine.context import Context
from tests.support.site import make_site
from web.auth import PUBLIC


@pytest.fixture
def site(sqlite_ctx: Context) -> Flask:
    return make_site(sqlite_ctx)


def path_of(rule: Rule) -> str:
    """Return a path that the rule matches."""
    values = {name: "00000000-0000-0000-0000-000000000000" for name in rule.arguments}
    for name, converter in rule._converters.items():
        if type(converter).__name__ == "IntegerConverter":
            values[name] = "1"
        if isinstance(converter, AnyConverter):
            values[name] = min(converter.items)
    parts = rule.build(values, append_unknown=False)
    assert parts is not None, rule.rule
    return parts[1]


def test_public_routes_exist_and_say_why(site: Flask):
    assert set(PUBLIC) <= {rule.endpoint for rule in site.url_map.iter_rules()}
    assert all(len(reason) > 10 for reason in PUBLIC.values())


def test_every_other_route_refuses_strangers_by_every_method(site: Flask):
    client = site.test_client()
    reached = []
    for rule in site.url_map.iter_rules():
        if rule.endpoint in PUBLIC:
            continue
        for method in rule.methods or ():
            answer = client.open(path_of(rule), method=method)
            led = answer.status_code == 302 and answer.location.startswith("/dang-nhap")
            if answer.status_code != 401 and not led:
                reached.append((method, rule.rule, answer.status_code))
    assert reached == []


def test_nothing_of_development_is_served(site: Flask):
    client = site.test_client()
    for path in ("/.git/config", "/console", "/admin", "/debug", "/setup", "/backup", "/static/../app.py", "/.env"):
        assert client.get(path).status_code == 404


def test_every_page_carries_the_headers(site: Flask):
    client = site.test_client()
    for path in ("/", "/dang-nhap", "/khong-co", "/api/v1/openapi.json", "/api/v1/khong-co", "/healthz"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "object-src 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"
        assert "Strict-Transport-Security" not in headers
    with client.get("/static/motcua.css") as style:
        assert style.headers["Cache-Control"] != "no-store"
