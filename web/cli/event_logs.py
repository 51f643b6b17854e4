"""``motcua export xes`` and ``motcua export ocel``: the history of dossiers as event logs (contract §2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from engine.reports.event_log import Log

_DATE = click.DateTime(formats=["%Y-%m-%d"])


def asking(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options by which dossiers and details of a log are chosen."""
    options = (
        click.option("--from", "from_at", metavar="DATE", type=_DATE, help="First local date of receipt."),
        click.option("--to", "to_at", metavar="DATE", type=_DATE, help="Last local date of receipt."),
        click.option("--agency", metavar="CODE", help="Only dossiers in which this agency takes part."),
        click.option("--procedure", metavar="CODE", help="Only dossiers of this procedure."),
        click.option(
            "--detail",
            type=click.Choice(["acts", "all"]),
            default="acts",
            show_default=True,
            help="acts: steps that were done and acts that count; all: every entry of the history.",
        ),
        click.option(
            "--officers",
            type=click.Choice(["pseudonym", "username", "none"]),
            default="pseudonym",
            show_default=True,
            help="How those who did something are named.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _output(help_text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    kind = click.Path(dir_okay=False, path_type=Path)
    return click.option("-o", "--output", metavar="FILE", type=kind, required=True, help=help_text)


@click.command("xes")
@_output("Write here.")
@asking
def xes_command(output: Path, **asked: Any) -> None:
    """Write the history as an XES event log (IEEE 1849-2016), one case a dossier, without personal data."""
    from engine.reports import xes

    _save(xes.save, output, asked)


@click.command("ocel")
@_output("Ends in .json (.jsonocel) or .xml (.xmlocel).")
@asking
def ocel_command(output: Path, **asked: Any) -> None:
    """Write the history as an OCEL 2.0 log: dossiers, steps, papers, letters, agencies, officers."""
    from engine.reports import ocel

    _save(ocel.save, output, asked)


def _save(save: Callable[..., tuple[int, int]], output: Path, asked: dict[str, Any]) -> None:
    from engine import bootstrap
    from engine.domain.actors import SYSTEM

    log = _log(**asked)
    ctx = bootstrap.from_environment()
    try:
        dossiers, events = save(ctx, by=SYSTEM, to=output, log=log)
    finally:
        ctx.database.close()
    click.echo(f"{dossiers} dossiers with {events} events written to {output}", err=True)


def _log(
    from_at: datetime | None,
    to_at: datetime | None,
    agency: str | None,
    procedure: str | None,
    detail: str,
    officers: str,
) -> Log:
    from engine.reports.event_log import Detail, Log, Officers
    from engine.reports.export import Selection
    from engine.reports.filters import Filters

    filters = Filters(
        agency=agency,
        procedure=procedure,
        received_from=from_at.date() if from_at else None,
        received_to=to_at.date() if to_at else None,
    )
    return Log(Selection(filters=filters), Detail(detail), Officers(officers))
