"""``motcua bench``: one figure beside its floor in the same run (contract §2)."""

from __future__ import annotations

import json
from typing import Any

import click

from bench import calendar_change, due_dates, steps, version_move

BENCHES = {
    "calendar-change": calendar_change.measure,
    "due-dates": due_dates.measure,
    "steps": steps.measure,
    "version-move": version_move.measure,
}


@click.command()
@click.argument("name", type=click.Choice(sorted(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--database", metavar="URL", help="An empty PostgreSQL database for calendar-change, thrown away after.")
def bench(name: str, as_json: bool, database: str | None) -> None:
    """Measure NAME beside its floor; only the ratio travels between machines."""
    if database is not None and name != "calendar-change":
        raise click.UsageError(f"{name} uses no database of yours: leave --database out")
    found = (BENCHES[name]() if database is None else calendar_change.measure(database_url=database)).as_json()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for part in found.get("parts", [found]):
        click.echo(_line(part))
        click.echo(part["what"])


def _line(found: dict[str, Any]) -> str:
    goal = f" (at most {found['at_most']})" if "at_most" in found else ""
    return f"{found['name']}: {found['value']} {found['unit']}; floor {found['floor']}; ratio {found['ratio']}{goal}"
