"""The web application for tests: an app over a context, people who can sign in, forms that carry their token."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import people
from engine.services.people import OfficerFacts
from engine.store.agencies import Agency, Unit
from tests.support.quickly import CompiledTemplates
from web.app import create_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import Headers

PASSWORD = "mật khẩu để thử"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class _Client(FlaskClient):
    """Closes what it has sent: a body of more than 500 kB lies in a file, which another test would find open."""

    def run_wsgi_app(
        self, environ: WSGIEnvironment, buffered: bool = False
    ) -> tuple[Iterable[bytes], str, Headers]:  # fmt: skip
        """Ask the application; it has read the body when it answers."""
        try:
            return super().run_wsgi_app(environ, buffered)
        finally:
            environ["wsgi.input"].close()


def make_site(ctx: Context, *, redis_url: str = "memory://", public_url: str = "http://127.0.0.1:8000") -> Flask:
    """Return the application over the context; sign-in limits are counted in memory."""
    app = create_app(replace(ctx, settings=replace(ctx.settings, redis_url=redis_url, public_url=public_url)))
    app.test_client_class = _Client
    app.jinja_env.bytecode_cache = CompiledTemplates()
    return app


def an_agency(ctx: Context, code: str = "H01", *, units: Iterable[str] = ()) -> None:
    """Make an agency with units."""
    with ctx.unit_of_work() as uow:
        agency = uow.agencies.add(Agency(code=code, name=f"Ủy ban nhân dân {code}"))
        for unit in units:
            uow.agencies.add_unit(Unit(owner_agency_id=agency.id, code=unit, name=f"Phòng {unit}"))


def an_account(
    ctx: Context, username: str = "desk", *roles: Role, agency: str = "H01", password: str | None = PASSWORD
) -> OfficerFacts:
    """Add an officer of the agency who can sign in with PASSWORD; a desk officer unless roles are named."""
    return people.add_officer(
        ctx,
        by=SYSTEM,
        username=username,
        name=f"Cán bộ {username}",
        agency_code=agency,
        roles=roles or (Role.DESK,),
        password=password,
    )


def csrf_of(page: TestResponse) -> str:
    """Return the CSRF token of a page."""
    match = TOKEN.search(page.text)
    assert match is not None
    return match[1]


def sign_in(client: FlaskClient, username: str = "desk", password: str = PASSWORD, **fields: str) -> TestResponse:
    """Send the sign-in form and return the answer."""
    token = csrf_of(client.get("/dang-nhap"))
    return client.post("/dang-nhap", data={"csrf_token": token, "username": username, "password": password, **fields})


def bearer(ctx: Context, username: str = "desk") -> dict[str, str]:
    """Return the headers of a program that acts for the officer."""
    return {"Authorization": f"Bearer {people.create_token(ctx, by=SYSTEM, username=username)}"}
