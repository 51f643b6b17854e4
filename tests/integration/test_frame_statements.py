"""The frame of a page (who asks, navigation with counts, calendar warnings) needs at most three statements."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from engine.context import Context
from engine.domain.actors import Role
from engine.seeds import base
from engine.services import calendars, people
from tests.support.site import an_account, bearer, make_site, sign_in
from tests.support.statements import count_statements


def signed_in(ctx: Context, *roles: Role) -> FlaskClient:
    """Return a client in which somebody with these roles has signed in."""
    base.ensure(ctx)
    calendars.of_agency(ctx, code=None)  # a process reads the content of a calendar once, whoever asks first
    an_account(ctx, "someone", *roles, agency=base.DEFAULT_CODE)
    client = make_site(ctx).test_client()
    sign_in(client, "someone")
    return client


@pytest.mark.parametrize("roles", [(Role.DESK,), tuple(Role)], ids=["desk", "everything"])
def test_frame_takes_three_statements_once_a_minute_and_one_between(ctx: Context, roles: tuple[Role, ...]) -> None:
    """The start page is the frame alone; the second time warnings and counts are known."""
    client = signed_in(ctx, *roles)
    for most in (3, 1):
        with count_statements(ctx) as sent:
            assert client.get("/").status_code == 200
        sent.hold(most)


def test_program_is_known_by_one_statement(ctx: Context) -> None:
    """A bearer token and its officer are looked up together."""
    base.ensure(ctx)
    facts = an_account(ctx, "program", Role.OFFICER, agency=base.DEFAULT_CODE)
    token = bearer(ctx, "program")["Authorization"].removeprefix("Bearer ")
    with count_statements(ctx) as sent:
        assert people.facts_for_token(ctx, token=token) == facts
    sent.hold(1)
