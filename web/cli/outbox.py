"""``motcua outbox``: what has to leave the database and was given up, and trying it again."""

from __future__ import annotations

import json

import click

from engine import bootstrap
from engine.domain.actors import SYSTEM
from engine.errors import EngineError
from engine.reports import message_desk as report
from engine.services import message_desk
from web.cli.main import DONE, FOUND, WRONG

MOST = 10_000  #: rows of one call


class NothingNamed(click.ClickException):
    """Which messages are meant is not said: one line on stderr, exit status 2."""

    exit_code = WRONG


@click.group()
def outbox() -> None:
    """List messages that were given up, and try them again."""


@outbox.command("list")
@click.option("--waiting", is_flag=True, help="Also those that wait and will be tried by themselves.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(waiting: bool, as_json: bool) -> None:
    """List what was given up, oldest first: id, topic, tries, when, and why."""
    ctx = bootstrap.from_environment()
    try:
        rows = report.outbox(ctx, by=SYSTEM, waiting=waiting, limit=MOST)
    finally:
        ctx.database.close()
    if as_json:
        named = [{key: each.isoformat() if hasattr(each, "isoformat") else each for key, each in row.items()}
                 for row in rows]  # fmt: skip
        click.echo(json.dumps({"messages": named}, ensure_ascii=False))
        return
    for row in rows:
        state = "dead" if row["dead_at"] else "waits"
        why = row["reason"] or row["reason_text"] or "-"
        at = row["dead_at"] or row["not_before"]
        tries = f"{row['attempts']:>2} tries"
        click.echo(f"{row['outbox_id']:>8}  {state:5} {row['topic']:14} {tries}  {at:%Y-%m-%d %H:%M} UTC  {why}")
    click.echo(f"{len(rows)} messages")


@outbox.command("retry")
@click.argument("ids", metavar="[ID]...", nargs=-1, type=click.IntRange(min=1, max=2**31 - 1))
@click.option("--all", "every", is_flag=True, help="All that were given up.")
def retry_command(ids: tuple[int, ...], every: bool) -> int:
    """Put messages that were given up back into the queue; exit status 1 when one could not be."""
    if bool(ids) == every:
        raise NothingNamed("name the ids that `motcua outbox list` shows, or --all")
    ctx = bootstrap.from_environment()
    failed = 0
    try:
        wanted = [row["outbox_id"] for row in report.outbox(ctx, by=SYSTEM, limit=MOST)] if every else list(ids)
        for outbox_id in dict.fromkeys(wanted):
            try:
                message_desk.resend(ctx, by=SYSTEM, outbox_id=outbox_id)
            except EngineError as error:
                failed += 1
                click.echo(f"{outbox_id}: {error.code}: {error.message}", err=True)
    finally:
        ctx.database.close()
    click.echo(f"{len(dict.fromkeys(wanted)) - failed} messages put back, {failed} not")
    return FOUND if failed else DONE
