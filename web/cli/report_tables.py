"""``motcua report table-06``, ``table-07``, ``late`` and ``quality``: the official tables of a period (contract §2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from web.cli.report_periods import chosen, period_options

if TYPE_CHECKING:
    from engine.context import Context
    from engine.reports.scope import Asked

FORMATS = ("json", "csv", "xlsx")
_Command = TypeVar("_Command", bound=Callable[..., Any])


def table_options(command: _Command) -> _Command:
    """Give a command its period, whose dossiers count, and where the file goes."""
    for option in (
        click.option(
            "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write here."
        ),
        click.option("--format", "wanted", type=click.Choice(FORMATS), help="json, or what the name of the file says."),
        click.option(
            "--dimension",
            type=click.Choice(["receiving", "resolving", "returning"]),
            default="resolving",
            show_default=True,
            help="Which of a dossier's agencies counts.",
        ),
        click.option("--agency", metavar="CODE", help="Only dossiers of this agency."),
    ):
        command = option(command)
    return period_options(command)


@click.command("table-06")
@click.option(
    "--per",
    type=click.Choice(["centre", "unit"]),
    default="centre",
    show_default=True,
    help="One table, or one for each unit besides.",
)
@table_options
def table_06_command(per: str, **asked: Any) -> None:
    """Form II.06: how dossiers were settled, by level and field."""
    from engine.domain.actors import SYSTEM
    from engine.reports.render import table_06_xlsx, table_files
    from engine.reports.table_06 import Split, table_06

    render = {"json": table_files.as_json, "csv": table_files.table_06_csv, "xlsx": table_06_xlsx.as_xlsx}

    def make(wanted: str, ctx: Context, of: Asked) -> str | bytes:
        table = table_06(
            ctx, by=SYSTEM, period=of.period, agency=of.agency, per=Split(per), dimension=of.dimension
        )  # fmt: skip
        return render[wanted](table)

    write(make, **asked)


@click.command("table-07")
@table_options
def table_07_command(**asked: Any) -> None:
    """Form II.07: why dossiers are late, by level and field, with the dossiers."""
    from engine.domain.actors import SYSTEM
    from engine.reports.render import table_07_xlsx, table_files
    from engine.reports.table_07 import table_07

    render = {"json": table_files.as_json, "csv": table_files.table_07_csv, "xlsx": table_07_xlsx.as_xlsx}
    write(lambda wanted, ctx, of: render[wanted](table_07(ctx, by=SYSTEM, asked=of)), **asked)


@click.command("late")
@table_options
def late_command(**asked: Any) -> None:
    """The late dossiers: by how much office time, through whom, and why."""
    from engine.domain.actors import SYSTEM
    from engine.reports.late_dossiers import late_dossiers
    from engine.reports.render import late_files

    render = {"json": late_files.as_json, "csv": late_files.as_csv, "xlsx": late_files.as_xlsx}
    write(lambda wanted, ctx, of: render[wanted](late_dossiers(ctx, by=SYSTEM, asked=of)), **asked)


@click.command("quality")
@table_options
def quality_command(**asked: Any) -> None:
    """What is wrong with the data of a period, before it is reported."""
    from engine.domain.actors import SYSTEM
    from engine.reports.quality import quality
    from engine.reports.render import quality_files

    render = {"json": quality_files.as_json, "csv": quality_files.as_csv, "xlsx": quality_files.as_xlsx}
    write(lambda wanted, ctx, of: render[wanted](quality(ctx, by=SYSTEM, asked=of)), **asked)


COMMANDS = (table_06_command, table_07_command, late_command, quality_command)


def write(
    make: Callable[[str, Context, Asked], str | bytes],
    *,
    name: str | None,
    from_at: datetime | None,
    to_at: datetime | None,
    live: bool,
    agency: str | None,
    dimension: str,
    wanted: str | None,
    output: Path | None,
) -> None:
    """Make a report of what ``table_options`` asked for, and write it to the file or to the terminal.

    Args:
        make: returns the content, of the format, the context and what is asked.
    """
    from engine import bootstrap
    from engine.reports.on_time_values import Dimension
    from engine.reports.scope import Asked

    wanted = format_of(wanted, output)
    ctx = bootstrap.from_environment()
    try:
        with chosen(ctx, name=name, from_at=from_at, to_at=to_at, agency=agency, live=live) as (of, period, closed):
            whose = closed.agency if closed else agency
            content = make(wanted, of, Asked(period, whose, Dimension(dimension)))
    finally:
        ctx.database.close()
    put_out(content, output)


def format_of(wanted: str | None, output: Path | None) -> str:
    """Return the format that is asked for, or that the name of the file says; JSON where neither does.

    Raises:
        UsageError: a workbook is no text for a terminal.
    """
    suffix = output.suffix.lower().removeprefix(".") if output else ""
    wanted = wanted or (suffix if suffix in FORMATS else "json")
    if wanted == "xlsx" and output is None:
        raise click.UsageError("a workbook needs -o FILE.xlsx")
    return wanted


def put_out(content: str | bytes, output: Path | None) -> None:
    """Write a report to its file, or to the terminal."""
    if output is None:
        click.echo(content, nl=False)
    else:
        output.write_bytes(content if isinstance(content, bytes) else content.encode())
