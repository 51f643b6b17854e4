"""``motcua agencies``: when dossiers of an agency are late and when they are near their date (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.deadlines import LateRule
from engine.services import agency_settings


@click.group()
def agencies() -> None:
    """List agencies and change their settings."""


@agencies.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(as_json: bool) -> None:
    """List the agencies with their late rule and the share of the limit from which a dossier is near."""
    with _context() as ctx:
        found = agency_settings.listed(ctx, by=SYSTEM)
    if as_json:
        click.echo(json.dumps({"agencies": found}, ensure_ascii=False))
        return
    for each in found:
        click.echo(_line(each))


@agencies.command("set")
@click.argument("code")
@click.option(
    "--late-rule",
    type=click.Choice([rule.value for rule in LateRule]),
    help="Late after the due day, or after the due instant; promises that run keep theirs.",
)
@click.option("--nearing", type=int, metavar="N", help="Near its date from N percent of the limit on, 1 to 100.")
@click.option("--ground", metavar="TEXT", default="", help="The decision that says so; calendar history shows it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def set_command(code: str, late_rule: str | None, nearing: int | None, ground: str, as_json: bool) -> None:
    """Change settings of the agency CODE."""
    if late_rule is None and nearing is None:
        raise click.UsageError("name what to set: --late-rule, --nearing or both")
    with _context() as ctx:
        found = agency_settings.change(
            ctx, by=SYSTEM, agency=code, late_rule=late_rule, nearing_percent=nearing, ground=ground
        )
    click.echo(json.dumps(found, ensure_ascii=False) if as_json else _line(found))


def _line(facts: dict[str, Any]) -> str:
    return f"{facts['code']:16} late by {facts['late_rule']:8} near from {facts['nearing_percent']} %  {facts['name']}"


@contextmanager
def _context() -> Iterator[Context]:
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
