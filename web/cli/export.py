"""``motcua export``: dossiers as a file, and a closed one with its papers (contract §2)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from web.cli.event_logs import ocel_command, xes_command
from web.cli.open_data import open_data_command

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_QUEUES = ("due_soon", "will_be_late", "overdue", "paused", "to_return", "done", "all")


@click.group()
def export() -> None:
    """Write dossiers, or one that is closed with its papers, to a file."""


@export.command("dossiers")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Ends in .csv, .xlsx, .json or .jsonl.",
)
@click.option("--status", type=click.IntRange(1, 10), help="Number of the national list.")
@click.option("--queue", type=click.Choice(_QUEUES), default="all", show_default=True, help="Only this worklist.")
@click.option("--from", "from_at", metavar="DATE", type=_DATE, help="First local date of receipt, as 2026-01-31.")
@click.option("--to", "to_at", metavar="DATE", type=_DATE, help="Last local date of receipt.")
@click.option("--agency", metavar="CODE", help="Only dossiers in which this agency takes part.")
@click.option("--procedure", metavar="CODE", help="Only dossiers of this procedure.")
@click.option("--with-people", is_flag=True, help="Add name, identity number, phone, e-mail and address.")
def dossiers_command(
    output: Path,
    status: int | None,
    queue: str,
    from_at: datetime | None,
    to_at: datetime | None,
    agency: str | None,
    procedure: str | None,
    with_people: bool,
) -> None:
    """Write one row a dossier, without personal data unless asked."""
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.reports.export import Selection, export_dossiers
    from engine.reports.filters import Filters, Queue

    filters = Filters(
        agency=agency,
        procedure=procedure,
        status=status,
        received_from=from_at.date() if from_at else None,
        received_to=to_at.date() if to_at else None,
    )
    selection = Selection(filters=filters, queue=Queue(queue), with_people=with_people)
    ctx = bootstrap.from_environment()
    try:
        count = export_dossiers(ctx, by=SYSTEM, to=output, selection=selection)
    finally:
        ctx.database.close()
    click.echo(f"{count} dossiers written to {output}", err=True)


@export.command("dossier")
@click.argument("code")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Ends in .pdf.",
)
def dossier_command(code: str, output: Path) -> None:
    """Write a dossier that has ended as one PDF/A-3b, with its papers attached unchanged and a manifest."""
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.services import dossier_export

    if output.suffix.lower() != ".pdf":
        raise click.BadParameter("the file must end in .pdf", param_hint="-o")
    ctx = bootstrap.from_environment()
    try:
        output.write_bytes(dossier_export.pdf(ctx, by=SYSTEM, dossier=code))
    finally:
        ctx.database.close()
    click.echo(f"dossier {code} written to {output}", err=True)


export.add_command(xes_command)
export.add_command(ocel_command)
export.add_command(open_data_command)
