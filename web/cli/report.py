"""``motcua report``: numbers with their denominators (contract §2)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from web.cli import report_periods, report_tables, report_targets, report_time

if TYPE_CHECKING:
    from engine.context import Context

BOOKS = ("pdf", "xlsx", "csv")
_DATE = click.DateTime(formats=["%Y-%m-%d"])


class NotYet(click.ClickException):
    """A command of the contract that this version does not have."""

    exit_code = 2


@click.group()
def report() -> None:
    """Compute reports; write the ledger of dossiers."""


@report.command("ledger")
@click.option("--from", "from_at", metavar="DATE", type=_DATE, required=True, help="First local date, as 2026-01-31.")
@click.option("--to", "to_at", metavar="DATE", type=_DATE, required=True, help="Last local date.")
@click.option("--agency", metavar="CODE", help="Whose ledger; the default agency without it.")
@click.option("--field", metavar="NAME", help="Only procedures of this field.")
@click.option("--format", "wanted", type=click.Choice(BOOKS), help="What the name of the file says, otherwise.")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write here."
)
def ledger_command(
    from_at: datetime, to_at: datetime, agency: str | None, field: str | None, wanted: str | None, output: Path
) -> None:
    """The ledger of dossiers (form 07): every receipt of a centre in the order of its running number.

    A long ledger makes several PDFs: FILE-1.pdf, FILE-2.pdf …
    """
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.reports.ledger import Question
    from engine.reports.render import ledger_files

    wanted = wanted or output.suffix.lower().removeprefix(".")
    if wanted not in BOOKS:
        raise click.UsageError("name the file .pdf, .xlsx or .csv, or choose with --format")
    ctx = bootstrap.from_environment()
    try:
        question = Question(from_at.date(), to_at.date(), agency or _default_agency(ctx), field)
        for path in ledger_files.save(ctx, by=SYSTEM, question=question, to=output, wanted=wanted):
            click.echo(path)
    finally:
        ctx.database.close()


def _default_agency(ctx: Context) -> str:
    from engine.domain.actors import SYSTEM
    from engine.reports import ledger

    return ledger.agencies(ctx, by=SYSTEM)[0]["code"]


def not_yet(name: str) -> click.Command:
    """Return a hidden command that says it is not there yet."""

    def tell() -> None:
        raise NotYet(f"{name} is not in this version yet")

    settings = {"ignore_unknown_options": True, "allow_extra_args": True}
    return click.Command(name.split()[-1], callback=tell, hidden=True, context_settings=settings)


report.add_command(report_periods.close_command)
report.add_command(report_periods.periods_command)
for _command in (*report_time.COMMANDS, *report_tables.COMMANDS, *report_targets.COMMANDS):
    report.add_command(_command)
