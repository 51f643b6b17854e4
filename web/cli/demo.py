"""``motcua demo``: demonstration data for a first look (contract §2)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from engine import bootstrap
from engine.seeds import base
from engine.seeds import demo as seeds


@click.group()
def demo() -> None:
    """Load demonstration data."""


@demo.command("load")
def load_command() -> None:
    """Fill an empty database with three agencies, twelve procedures, people and some hundred dossiers of today.

    Refused when the database has dossiers already.
    """
    ctx = bootstrap.from_environment()
    try:
        base.ensure(ctx)
        seeds.check_is_empty(ctx)
        with _progress() as progress:
            facts = seeds.load(ctx, progress=progress)
    finally:
        ctx.database.close()
    click.echo(f"{facts.agencies} agencies, {facts.procedures} procedures, {facts.dossiers} dossiers")
    for username, password, role in facts.sign_ins:
        click.echo(f"  sign in as {username} with password {password} ({role})")


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback that draws a bar on a terminal, None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="loading", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            if done > bar.pos:
                bar.update(done - bar.pos)

        yield show
