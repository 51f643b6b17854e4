"""``motcua export open-data``: what may be published of the numbers, with its description (contract §2)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

_DATE = click.DateTime(formats=["%Y-%m-%d"])


@click.command("open-data")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Ends in .csv; its description is written beside it as .jsonld.",
)
@click.option("--from", "from_at", metavar="DATE", type=_DATE, required=True, help="First local date, as 2026-01-01.")
@click.option("--to", "to_at", metavar="DATE", type=_DATE, required=True, help="Last local date.")
@click.option(
    "--licence",
    metavar="URL",
    default="https://creativecommons.org/licenses/by/4.0/",
    show_default=True,
    help="Under which it is published.",
)
def open_data_command(output: Path, from_at: datetime, to_at: datetime, licence: str) -> None:
    """Write received and finished dossiers by month, agency, procedure and channel as CSV with DCAT-AP metadata.

    Whole months that are past; counts from 1 to 4, and those that would tell them, are hidden.
    """
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.reports import open_data
    from engine.reports.on_time_values import Period

    if output.suffix.lower() != ".csv":
        raise click.BadParameter("the file must end in .csv", param_hint="-o")
    period = Period(from_at.date(), to_at.date())
    ctx = bootstrap.from_environment()
    try:
        made = open_data.save(ctx, by=SYSTEM, to=output, period=period, licence=licence)
    finally:
        ctx.database.close()
    click.echo(f"{made.rows} rows written to {made.data}, {made.suppressed} of them with hidden counts;", err=True)
    click.echo(f"described in {made.description}, licence {licence}", err=True)
