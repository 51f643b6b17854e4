"""``motcua statistics``: whether facts and roll-ups say what the dossiers say, and making them anew."""

from __future__ import annotations

import json
from typing import Any

import click

from engine import bootstrap
from engine.services import facts, rollups
from web.cli.main import FOUND


@click.group()
def statistics() -> None:
    """Check and rebuild what statistics are counted from."""


@statistics.command("check")
@click.option("--facts", "with_facts", is_flag=True, help="Compute the fact of every dossier again, and compare.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def check_command(command: click.Context, with_facts: bool, as_json: bool) -> None:
    """Compare the roll-ups, with their journal, with the facts added up; nothing is written.

    Exit status 1 when something differs; ``motcua statistics rebuild`` puts it right, ``motcua verify`` tells whether
    the facts follow from the events. With --facts the minutes and who is charged are compared, too, which verify only
    holds against each other.
    """
    ctx = bootstrap.from_environment()
    try:
        found = [*rollups.differences(ctx), *(facts.differences(ctx) if with_facts else ())]
    finally:
        ctx.database.close()
    click.echo(json.dumps({"clean": not found, "differences": found}, default=str) if as_json else _told(found))
    command.exit(FOUND if found else 0)


@statistics.command("rebuild")
@click.option("--facts", "with_facts", is_flag=True, help="Compute the fact of every dossier again, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def rebuild_command(with_facts: bool, as_json: bool) -> None:
    """Make the roll-ups anew from the facts; others can work meanwhile.

    Facts that are missing are made in any case. With --facts all are computed again, in batches of 200 dossiers.
    """
    ctx = bootstrap.from_environment()
    try:
        changed = facts.project_all(ctx) if with_facts else facts.fill(ctx)
        rollups.rebuild(ctx)
    finally:
        ctx.database.close()
    text = json.dumps({"facts_changed": changed}) if as_json else f"roll-ups made anew; facts that changed: {changed}"
    click.echo(text)


def _told(found: list[dict[str, Any]]) -> str:
    if not found:
        return "roll-ups and journal are the facts added up"
    lines = [" ".join(f"{name}={value}" for name, value in each.items()) for each in found]
    return "\n".join([*lines, f"{len(found)} differ; put it right with motcua statistics rebuild"])
