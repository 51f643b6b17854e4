"""``motcua bench``: one figure beside its floor in the same run (contract §2)."""

from __future__ import annotations

import json
from typing import Any

import click

from bench import calendar_change, due_dates, exports, letters, pages, statistics, steps, version_move

BENCHES = {
    "calendar-change": calendar_change.measure,
    "due-dates": due_dates.measure,
    "exports": exports.measure,
    "letters": letters.measure,
    "pages": pages.measure,
    "statistics": statistics.measure,
    "steps": steps.measure,
    "version-move": version_move.measure,
}
FILLED = ("exports", "pages", "statistics")  # that fill a database of the caller's


@click.command()
@click.argument("name", type=click.Choice(sorted(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--database",
    metavar="URL",
    help="An empty PostgreSQL database, thrown away after: pages, exports, statistics; calendar-change if you like.",
)
@click.option(
    "--dossiers",
    "--rows",
    "dossiers",
    type=click.IntRange(1),
    help="How many pages or exports are of (1,000,000), or statistics (200,000).",
)
def bench(name: str, as_json: bool, database: str | None, dossiers: int | None) -> None:
    """Measure NAME beside its floor; only the ratio travels between machines."""
    found = BENCHES[name](**_wishes(name, database, dossiers)).as_json()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    for part in found.get("parts", [found]):
        click.echo(_line(part))
        click.echo(part["what"])


def _wishes(name: str, database: str | None, dossiers: int | None) -> dict[str, Any]:
    if database is not None and name not in ("calendar-change", *FILLED):
        raise click.UsageError(f"{name} uses no database of yours: leave --database out")
    if database is None and name in FILLED:
        raise click.UsageError(
            f"{name} needs --database with the URL of an empty PostgreSQL database, thrown away after"
        )
    if dossiers is not None and name not in FILLED:
        raise click.UsageError(f"{name} has its own number of dossiers: leave --dossiers out")
    given = {"database_url": database, "dossiers": dossiers}
    return {key: value for key, value in given.items() if value is not None}


def _line(found: dict[str, Any]) -> str:
    goal = f" (at most {found['at_most']})" if "at_most" in found else ""
    goal = f" (at least {found['at_least']})" if "at_least" in found else goal
    if found.get("of_few") is not None:
        goal += f"; {found['of_few']} × the same with few dossiers"
    return f"{found['name']}: {found['value']} {found['unit']}; floor {found['floor']}; ratio {found['ratio']}{goal}"
