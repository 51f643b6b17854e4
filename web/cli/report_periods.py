"""``motcua report close`` and ``report periods``; and how commands take a period by name or by dates (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from engine.context import Context
    from web.report_periods import Asked

_DATE = click.DateTime(formats=["%Y-%m-%d"])
_Command = TypeVar("_Command", bound=Callable[..., Any])


def period_options(command: _Command) -> _Command:
    """Give a command ``--period NAME``, ``--from DATE``, ``--to DATE`` and ``--live``, for ``chosen``."""
    for option in (
        click.option("--live", is_flag=True, help="Today's data, even when the period is closed."),
        click.option("--to", "to_at", metavar="DATE", type=_DATE, help="Last local date."),
        click.option("--from", "from_at", metavar="DATE", type=_DATE, help="First local date, as 2026-01-31."),
        click.option(
            "--period", "name", metavar="NAME", help="2026-03, 2026-Q1, 2026-H1, 2026; with -15 from the 15th."
        ),
    ):
        command = option(command)
    return command


@contextmanager
def chosen(
    ctx: Context, *, name: str | None, from_at: datetime | None, to_at: datetime | None, agency: str | None,
    live: bool = False,
) -> Iterator[Asked]:  # fmt: skip
    """Give ``(ctx, period, closed)``: the data to ask, the dates, and the close when the agency has closed it.

    A closed period is answered from what was frozen; the report then asks for ``closed.agency``.

    Raises:
        click.UsageError: neither a name nor both dates are given, or both are.
        InvalidPeriodNameError, InvalidDateError, AgencyNotFoundError; what reading frozen data raises.
    """
    from engine.reports.on_time_values import Period
    from web.report_periods import Asked, of_name

    if (name is None) == (from_at is None) or (from_at is None) != (to_at is None):
        raise click.UsageError("give a period: --period NAME, or --from DATE and --to DATE")
    if name is not None:
        with of_name(ctx, name=name, agency=agency, live=live) as asked:
            yield asked
        return
    assert from_at is not None  # noqa: S101 - checked above
    assert to_at is not None  # noqa: S101 - checked above
    yield Asked(ctx, Period(from_at.date(), to_at.date()), None)


@click.command("close")
@click.argument("name", metavar="PERIOD")
@click.option("--agency", metavar="CODE", help="Whose period; the default agency without it.")
@click.option("--early", is_flag=True, help="Close it although it is not over: it is cut off now.")
def close_command(name: str, agency: str | None, early: bool) -> None:
    """Freeze the data of a period under its hash; reports of it give the same bytes from then on.

    PERIOD is 2026-03, 2026-Q1, 2026-H1 or 2026; with -15 behind, from the 15th to the 14th.
    """
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.reports import standard_reports
    from engine.services import closing

    ctx = bootstrap.from_environment()
    try:
        closed = closing.close(
            ctx, by=SYSTEM, agency=agency or _default_agency(ctx), name=name, early=early,
            reports=standard_reports.summary,
        )  # fmt: skip
        click.echo(f"closed {closed.name} of {closed.agency}: sha256 {closed.sha256}")
    finally:
        ctx.database.close()


@click.command("periods")
@click.option("--agency", metavar="CODE", help="Only periods of this agency.")
@click.option("--corrections", "name", metavar="PERIOD", help="What was corrected in a closed period since its close.")
@click.option("--json", "as_json", is_flag=True, help="All facts as JSON.")
@click.pass_context
def periods_command(click_ctx: click.Context, agency: str | None, name: str | None, as_json: bool) -> None:
    """List reporting periods; with --corrections, the dossiers that count otherwise since a close.

    Exit status 1 when something was corrected.
    """
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.services import periods

    ctx = bootstrap.from_environment()
    try:
        if name is not None:
            click_ctx.exit(_tell_corrections(ctx, agency or _default_agency(ctx), name, as_json=as_json))
        found = periods.listed(ctx, by=SYSTEM)["periods"]
    finally:
        ctx.database.close()
    rows = [row for row in found if agency in (None, row["agency"])]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        line = f"{row['agency']}  {row['period']:<11}  {row['from']} – {row['to']}  send before {row['send_before']}"
        click.echo(f"{line}  {row['state']}{'  ' + row['sha256'] if row['sha256'] else ''}")


def _tell_corrections(ctx: Context, agency: str, name: str, *, as_json: bool) -> int:
    from engine.domain.actors import SYSTEM
    from engine.domain.report_periods import named
    from engine.reports.on_time_values import Period
    from engine.reports.period_corrections import corrections
    from engine.services.closed_periods import context_of

    period = named(name)
    with context_of(ctx, by=SYSTEM, agency=agency, name=name) as then:
        found = corrections(ctx, then, by=SYSTEM, agency=agency, period=Period(period.from_on, period.to_on))
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=2))
        return int(found.count > 0)
    for each in found.as_json()["dossiers"]:
        before, after = (" ".join(each[side]) or "none" for side in ("before", "after"))
        changed = f"  ({', '.join(each['changed'])})" if each["changed"] else ""
        click.echo(f"{each['dossier']}: {before} -> {after}{changed}")
    click.echo(f"corrections since {name} of {agency} was closed: {found.count}")
    return int(found.count > 0)


def _default_agency(ctx: Context) -> str:
    from engine.domain.actors import SYSTEM
    from engine.reports import ledger

    return ledger.agencies(ctx, by=SYSTEM)[0]["code"]
