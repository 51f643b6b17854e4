"""``motcua simulate``: drive the real services on a simulated clock (contract §2)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.dossier import LABELS, Status
from engine.services import clock_health
from engine.services.heartbeats import SILENT
from engine.simulation.simulate import simulate as run_simulation
from web.cli.main import WRONG

DATE = click.DateTime(formats=["%Y-%m-%d"])


class ClockRunsError(click.ClickException):
    """The clock process works on this database: one line on stderr, exit status 2."""

    exit_code = WRONG


@click.command()
@click.option("--from", "from_at", type=DATE, required=True, metavar="YYYY-MM-DD", help="The first date.")
@click.option("--to", "to_at", type=DATE, required=True, metavar="YYYY-MM-DD", help="The last date, to its closing.")
@click.option("--dossiers", type=int, required=True, metavar="N", help="How many are filed in that time.")
@click.option("--procedures", metavar="CODE,…", help="Only these; all published ones when left out.")
@click.option("--late-share", type=float, metavar="X", help="Part that is finished late, 0 to 1; 0.08 when left out.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same course.")
@click.option("--agency", metavar="CODE", help="Who receives and resolves; the default agency when left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def simulate(
    from_at: datetime,
    to_at: datetime,
    dossiers: int,
    procedures: str | None,
    late_share: float | None,
    seed: int,
    agency: str | None,
    as_json: bool,
) -> None:
    """Live months of an agency's work in minutes, in the database at hand.

    Made-up citizens file dossiers, officers of different speed work on them, some are late and get their apology.
    Units that have nobody get officers of the simulation. Stop the clock process of this database first: it goes by
    the real time.
    """
    ctx = bootstrap.from_environment()
    try:
        _refuse_beside_a_running_clock(ctx)
        with _progress() as progress:
            result = run_simulation(
                ctx,
                from_on=from_at.date(),
                to_on=to_at.date(),
                dossiers=dossiers,
                procedures=_codes(procedures),
                late_share=late_share,
                seed=seed,
                agency=agency,
                progress=progress,
            ).as_json()
    finally:
        ctx.database.close()
    click.echo(json.dumps(result, ensure_ascii=False) if as_json else _text(result))


def _refuse_beside_a_running_clock(ctx: Context) -> None:
    """Refuse while the clock process gives signs of life: by its real time all of the simulated past is overdue."""
    live = clock_health.running(ctx)
    if live:
        raise ClockRunsError(
            f"the clock process was at work at {live[0].last_round_at:%H:%M:%S %Z}; stop it, then simulate (after "
            f"{SILENT.seconds} seconds, if it was killed)"
        )


def _codes(text: str | None) -> list[str] | None:
    if text is None:
        return None
    codes = [code.strip() for code in text.split(",") if code.strip()]
    if not codes:
        raise click.UsageError("--procedures names no code")
    return codes


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback that draws a bar on a terminal, None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="simulating", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            if done > bar.pos:
                bar.update(done - bar.pos)

        yield show


def _text(result: dict[str, Any]) -> str:
    lines = [
        f"{result['filed']} filed, {result['received']} received, {result['closed']} closed, {result['open']} open",
        f"{result['late']} late ({result['late_open']} of them open), {result['refused']} refused, "
        f"{result['withdrawn']} withdrawn, {result['stopped']} stopped, {result['not_received']} not received",
        f"{result['handovers']} hand-overs; {result['across_three_units']} dossiers went through 3 units or more",
    ]
    lines += [f"  status {int(no):2} {LABELS[Status(int(no))]:40} {n:6}" for no, n in result["by_status"].items()]
    for name in ("letters", "pauses", "supplements", "obligations", "by_channel"):
        counts = ", ".join(f"{key} {n}" for key, n in result[name].items())
        lines.append(f"{name.replace('by_', '')}: {counts or 'none'}")
    without = result["procedures_without_closed"]
    lines.append(f"{len(result['procedures'])} procedures; without a closed dossier: {', '.join(without) or 'none'}")
    return "\n".join(lines)
