"""``motcua procedures library``: the reference processes that come with the software, and publishing one of them."""

from __future__ import annotations

import json
from typing import Any

import click

from engine import bootstrap
from engine.domain.actors import SYSTEM
from engine.services import procedure_library as services
from web.cli.main import FOUND

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def library() -> None:
    """List the reference processes, or publish one."""


@library.command("list")
@AS_JSON
def library_list(as_json: bool) -> None:
    """List the reference processes; with --json also where each figure is from."""
    listed = services.listing()
    if as_json:
        click.echo(json.dumps({"library": listed}, ensure_ascii=False))
        return
    for row in listed:
        click.echo(f"{row['code']:10} {row['limit']:16} {row['name']}")
        for role, name in row["partners"].items():
            click.echo(f"{'':10} {'partner':16} {role} ({name})")


@library.command("add")
@click.argument("code")
@click.option("--agency", metavar="CODE", help="The agency that gets it; the default agency when left out.")
@click.option(
    "--partner", "partners", metavar="ROLE=AGENCY", multiple=True,
    help="The agency that does the part of a partner; a partner that is not named is a unit of the agency itself.",
)  # fmt: skip
@AS_JSON
@click.pass_context
def library_add(
    command: click.Context, code: str, agency: str | None, partners: tuple[str, ...], as_json: bool
) -> None:
    """Publish the reference process CODE with decisions, form, policy and test runs."""
    named = dict(_pair(each) for each in partners)
    ctx = bootstrap.from_environment()
    try:
        outcome = services.add(ctx, by=SYSTEM, code=code, agency=agency, partners=named).as_json()
    finally:
        ctx.database.close()
    click.echo(json.dumps(outcome, ensure_ascii=False) if as_json else "\n".join(_lines(outcome)))
    command.exit(FOUND if outcome["refused"] else 0)


def _lines(outcome: dict[str, Any]) -> list[str]:
    """Return one line for what was published, or each error for what was refused."""
    lines = [f"{row['code']}: version {row['version']}, {row['steps']} steps" for row in outcome["published"]]
    for row in outcome["refused"]:
        errors = [found for found in row["findings"] if found["severity"] == "error"]
        lines += [
            f"refused {row['code']}",
            *(f"  {each['rule']} ({each['where']}): {each['message']}" for each in errors),
        ]
    return lines


def _pair(text: str) -> tuple[str, str]:
    role, mark, agency = text.partition("=")
    if not (mark and role.strip() and agency.strip()):
        raise click.UsageError(f"--partner {text[:60]!r} must be ROLE=AGENCY")
    return role.strip(), agency.strip()
