"""``motcua report on-time`` and ``report time``: how promises were kept, and the time that was used (contract §2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from web.cli.report_tables import table_options, write

if TYPE_CHECKING:
    from engine.context import Context
    from engine.reports.scope import Asked


@click.command("on-time")
@click.option(
    "--by",
    type=click.Choice(["agency", "procedure", "field", "channel", "unit", "officer", "month"]),
    default="agency",
    show_default=True,
    help="What a row stands for.",
)
@table_options
def on_time_command(by: str, **asked: Any) -> None:
    """Rates of dossiers finished on time, with both denominators."""
    from engine.domain.actors import SYSTEM
    from engine.reports.on_time import Question, on_time
    from engine.reports.on_time_values import Per
    from engine.reports.render import on_time_files

    render = {"json": on_time_files.as_json, "csv": on_time_files.as_csv, "xlsx": on_time_files.as_xlsx}

    def make(wanted: str, ctx: Context, of: Asked) -> str | bytes:
        question = Question(of.period, Per(by), of.dimension, of.agency)
        return render[wanted](on_time(ctx, by=SYSTEM, question=question))

    write(make, **asked)


@click.command("time")
@click.option(
    "--by",
    type=click.Choice(["agency", "procedure"]),
    default="agency",
    show_default=True,
    help="What a row stands for.",
)
@click.option("--base-year", type=int, metavar="YEAR", help="Compare with this year, as 2025.")
@table_options
def time_command(by: str, base_year: int | None, **asked: Any) -> None:
    """Office time that closed dossiers used: of their limit, against the law, against a base year."""
    from engine.domain.actors import SYSTEM
    from engine.reports.on_time_values import Dimension, Per
    from engine.reports.render import time_files
    from engine.reports.time_used import time_used

    render = {"json": time_files.as_json, "csv": time_files.as_csv, "xlsx": time_files.as_xlsx}

    def make(wanted: str, ctx: Context, of: Asked) -> str | bytes:
        if of.dimension is not Dimension.RESOLVING:
            raise click.UsageError("time is that of the resolving agency: leave --dimension out")
        report = time_used(ctx, by=SYSTEM, period=of.period, per=Per(by), agency=of.agency, base_year=base_year)
        return render[wanted](report)

    write(make, **asked)


COMMANDS = (on_time_command, time_command)
