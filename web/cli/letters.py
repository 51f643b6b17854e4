"""``motcua letters``: the apologies, and their paper (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import LetterState
from engine.services import apologies, office_documents, signature_verification
from web.cli.main import DONE, FOUND, WRONG

KINDS = ("apology",)
RENDERINGS: dict[str, Callable[..., bytes]] = {".pdf": apologies.pdf, ".docx": office_documents.of_letter}


class BadFile(click.ClickException):
    """A file that cannot be written: one line on stderr, exit status 2."""

    exit_code = WRONG


@click.group()
def letters() -> None:
    """List and render letters of apology; check signatures."""


@letters.command("list")
@click.option("--state", type=click.Choice([state.value for state in LetterState]), help="Only letters in this state.")
@click.option("--kind", type=click.Choice(KINDS), help="Only letters of this kind.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(state: str | None, kind: str | None, as_json: bool) -> None:
    """List the letters, oldest order first."""
    with _context() as ctx:
        listed = apologies.listed(ctx, by=SYSTEM, kind=kind, state=LetterState(state) if state else None)
    if as_json:
        click.echo(json.dumps({"letters": listed}, ensure_ascii=False))
        return
    for letter in listed:
        number = letter["number"] or "-"
        click.echo(f"{letter['id']}  {letter['state']:9} {number:12} {letter['dossier_code']}  {letter['ordered_at']}")
    click.echo(f"{len(listed)} letters")


@letters.command("render")
@click.argument("letter", metavar="ID")
@click.option("-o", "--output", "file", required=True, metavar="FILE.pdf|.docx", type=click.Path(path_type=Path))
def render_command(letter: str, file: Path) -> None:
    """Write a letter as PDF: the very bytes that were sent, or a marked draft; or as .docx, to work with."""
    if file.suffix.lower() not in RENDERINGS:
        raise BadFile(f"{file}: the name must end with .pdf or .docx")
    with _context() as ctx:
        paper = RENDERINGS[file.suffix.lower()](ctx, by=SYSTEM, letter_id=letter)
    try:
        file.write_bytes(paper)
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror}") from error
    click.echo(f"{file} ({len(paper)} bytes)")


@letters.command("verify")
@click.argument("file", metavar="FILE.pdf", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def verify_command(file: Path, as_json: bool) -> int:
    """Say what the signatures of a PDF are worth; exit status 1 when one does not hold, or there is none.

    Believed are the authorities of MOTCUA_TRUST_FILE.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFile(f"{file}: {error.strerror}") from error
    with _context() as ctx:
        found = signature_verification.verify(ctx, content=content)
    holds = bool(found) and all(each["holds"] for each in found)
    if as_json:
        click.echo(json.dumps({"holds": holds, "signatures": found}, ensure_ascii=False))
    else:
        for each in found:
            click.echo(_verdict(each))
        said = "all hold" if holds else "not all hold" if found else "nothing is signed"
        click.echo(f"{len(found)} signatures; {said}")
    return DONE if holds else FOUND


def _verdict(found: dict[str, Any]) -> str:
    parts = [
        "intact" if found["intact"] else "BROKEN",
        {"nothing": "nothing changed after it", "fields": "only fields filled in after it"}.get(
            found["changed_after"], "TEXT CHANGED AFTER IT"
        ),
        "trusted" if found["trusted"] else f"NOT TRUSTED ({found['problem'] or 'broken'})",
    ]
    return f"{found['field']}: {found['name']}, {found['signed_at'] or 'no time'}: {', '.join(parts)}"


@contextmanager
def _context() -> Iterator[Context]:
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
