"""``motcua keys``: keys with which officers sign and agencies seal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import signing_keys
from engine.services.signing_keys import Owner
from web.cli.main import WRONG


class BadFile(click.ClickException):
    """A file that cannot be read: one line on stderr, exit status 2."""

    exit_code = WRONG


@click.group()
def keys() -> None:
    """Manage signing keys."""


@keys.command("add")
@click.argument("agency", metavar="AGENCY")
@click.option("--user", "username", metavar="NAME", help="Whose key it is; left out: the seal of the agency.")
@click.option("--file", "file", type=click.Path(path_type=Path), metavar="FILE.p12", help="A PKCS#12 file.")
@click.option("--credential", metavar="NAME", help="Its name at the signing service of MOTCUA_SIGNER_URL.")
@click.option("--label", default="", help="What people call it; the certificate's name when it is left out.")
@click.option("--pin-stdin", is_flag=True, help="Read the PIN of the file from standard input.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def add(
    agency: str,
    username: str | None,
    file: Path | None,
    credential: str | None,
    label: str,
    pin_stdin: bool,
    as_json: bool,
) -> None:
    """Add a key: of a PKCS#12 file, or at the signing service.

    The PIN of a file is asked for to see that it opens it, and is kept nowhere.
    """
    if (file is None) == (credential is None):
        raise click.UsageError("name either --file or --credential")
    owner = Owner(agency, username)
    with _context() as ctx:
        if file is not None:
            content, pin = _read(file), _pin(from_stdin=pin_stdin)
            key = signing_keys.add_pkcs12(ctx, by=SYSTEM, owner=owner, label=label, content=content, pin=pin)
        else:
            key = signing_keys.add_remote(ctx, by=SYSTEM, owner=owner, label=label, credential=credential or "")
    click.echo(json.dumps(key, ensure_ascii=False) if as_json else _line(key))


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(as_json: bool) -> None:
    """List the keys, the newest first; those out of use, too."""
    with _context() as ctx:
        found = signing_keys.listed(ctx, by=SYSTEM)
    if as_json:
        click.echo(json.dumps({"keys": found}, ensure_ascii=False))
        return
    for key in found:
        click.echo(_line(key))
    click.echo(f"{len(found)} keys")


@keys.command("retire")
@click.argument("number", type=int, metavar="NUMBER")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def retire(number: int, as_json: bool) -> None:
    """Put a key out of use for good; what was signed with it stays signed."""
    with _context() as ctx:
        key = signing_keys.retire(ctx, by=SYSTEM, key_id=number)
    click.echo(json.dumps(key, ensure_ascii=False) if as_json else _line(key))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror}") from error


def _pin(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise click.UsageError("there is no terminal to ask for the PIN on; use --pin-stdin")
    return str(click.prompt("PIN", hide_input=True, err=True))


def _line(key: dict[str, Any]) -> str:
    whose = "seal" if key["is_seal"] else key["officer"]
    state = "usable" if key["usable"] else "retired" if key["retired_at"] else "out of term"
    term = f"until {key['valid_to'][:10]}"
    return f"{key['id']:4}  {key['agency']:12} {state:11} {key['kind']:7} {term}  {whose}: {key['label']}"


@contextmanager
def _context() -> Iterator[Context]:
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
