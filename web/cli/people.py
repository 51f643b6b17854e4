"""``motcua users`` and ``motcua tokens``: who signs in, and bearer tokens for programs (contract §2)."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import people
from engine.services.people import OfficerFacts


@click.group()
def users() -> None:
    """Manage the people who sign in."""


@users.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Full name, as on papers.")
@click.option("--agency", metavar="CODE", help="The agency they work in; the default agency when it is left out.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([role.value for role in Role]))
@click.option("--unit", "units", multiple=True, metavar="CODE", help="A unit of the agency; may be given again.")
@click.option("--title", default="", help="Position, as on papers.")
@click.option("--email", help="Where notices go.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--no-password", is_flag=True, help="Nobody signs in as them; for tokens only.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def add(
    username: str,
    name: str,
    agency: str | None,
    roles: tuple[str, ...],
    units: tuple[str, ...],
    title: str,
    email: str | None,
    password_stdin: bool,
    no_password: bool,
    as_json: bool,
) -> None:
    """Add an officer with their roles and units.

    The password is asked for on a terminal; without one, and without --password-stdin, one is made and printed.
    """
    if password_stdin and no_password:
        raise click.UsageError("--password-stdin and --no-password exclude each other")
    password, made = (None, False) if no_password else _password(from_stdin=password_stdin)
    with _context() as ctx:
        facts = people.add_officer(
            ctx,
            by=SYSTEM,
            username=username,
            name=name,
            agency_code=agency,
            roles=[Role(role) for role in roles],
            unit_codes=units,
            password=password,
            title=title,
            email=email,
        )
    if as_json:
        shown = _as_json(facts) | ({"password": password} if made else {})
        click.echo(json.dumps(shown, ensure_ascii=False))
        return
    click.echo(f"{facts.username} added to {facts.agency_code} ({facts.agency_name})")
    if made:
        click.echo(f"password: {password}   (shown this once)")


@users.command("list")
@click.option("--agency", metavar="CODE", help="Only the officers of this agency.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(agency: str | None, as_json: bool) -> None:
    """List the officers with their roles."""
    with _context() as ctx:
        officers = people.list_officers(ctx, by=SYSTEM, agency_code=agency)
    if as_json:
        click.echo(json.dumps({"officers": [_as_json(facts) for facts in officers]}, ensure_ascii=False))
        return
    for facts in officers:
        state = "" if facts.is_active else "  (disabled)"
        click.echo(f"{facts.username:24} {facts.agency_code:16} {','.join(_roles(facts)):32} {facts.name}{state}")


@users.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Disable an account: its sessions and tokens end at their next request."""
    with _context() as ctx:
        people.disable(ctx, by=SYSTEM, username=username)
    click.echo(f"{username} disabled")


@users.command("password")
@click.argument("username")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def set_password(username: str, password_stdin: bool) -> None:
    """Set a password and end the account's sessions."""
    password, made = _password(from_stdin=password_stdin)
    with _context() as ctx:
        people.set_password(ctx, by=SYSTEM, username=username, password=password)
    click.echo(f"password of {username} set" + (f": {password}   (shown this once)" if made else ""))


@click.group()
def tokens() -> None:
    """Make and revoke bearer tokens for the API."""


@tokens.command("create")
@click.argument("username", metavar="USER")
@click.option("--label", default="", help="What the token is for.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def create(username: str, label: str, as_json: bool) -> None:
    """Print a new bearer token of USER; it is shown this once."""
    with _context() as ctx:
        token = people.create_token(ctx, by=SYSTEM, username=username, label=label)
    click.echo(json.dumps({"username": username, "token": token}) if as_json else token)


@tokens.command("revoke")
@click.argument("username", metavar="USER")
def revoke(username: str) -> None:
    """Revoke all bearer tokens of USER: they end at their next request. The account stays; make new ones as needed."""
    with _context() as ctx:
        count = people.revoke_tokens(ctx, by=SYSTEM, username=username)
    click.echo(f"{count} tokens of {username} revoked")


def _password(*, from_stdin: bool) -> tuple[str, bool]:
    """Return a password and whether it was made here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return click.prompt("Password", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(12), True


def _roles(facts: OfficerFacts) -> list[str]:
    return sorted({role.value for _agency, role in facts.actor.grants})


def _as_json(facts: OfficerFacts) -> dict[str, object]:
    return {
        "username": facts.username,
        "name": facts.name,
        "title": facts.title,
        "email": facts.email,
        "agency": facts.agency_code,
        "roles": _roles(facts),
        "is_active": facts.is_active,
    }


@contextmanager
def _context() -> Iterator[Context]:
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
