"""``motcua verify``: recompute everything from the events and list each difference (contract §2)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from engine import bootstrap
from engine.verification.verify import examine
from web.cli.main import FOUND

LONGEST_VALUE = 120  # characters of a value in a line for people; --json has all of it


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def verify(command: click.Context, as_json: bool) -> None:
    """Fold every dossier's events again and compare state, tasks, dates, letters, counters and the chain of events.

    Exit status 1 when something differs. A clock process that is behind is told, but it is no difference.
    """
    ctx = bootstrap.from_environment()
    try:
        with _progress() as progress:
            document = examine(ctx, progress=progress).as_json()
    finally:
        ctx.database.close()
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else "\n".join(_lines(document)))
    command.exit(0 if document["clean"] else FOUND)


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """Give a callback that draws a bar on a terminal, None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label="verifying", file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            if done > bar.pos:
                bar.update(done - bar.pos)

        yield show


def _lines(document: dict[str, Any]) -> Iterator[str]:
    for found in document["differences"]:
        expected, value = _short(found["expected"]), _short(found["found"])
        place = f"{found['table']} [{found['key']}] {found['field']}"
        yield f"{place}: expected {expected}, found {value}: {found['message']}"
    behind = document["behind"]
    if behind:
        first = min(behind, key=lambda each: str(each["wake_at"]))
        yield (
            f"clock-behind: {len(behind)} limits wait for the clock process, the oldest since {first['wake_at']} "
            f"({first['wake_for']}, {first['key']}); start it with motcua dev or the worker"
        )
    yield from document["notes"]
    counts = ", ".join(f"{n} {what.replace('_', ' ')}" for what, n in document["checked"].items())
    found = len(document["differences"])
    verdict = "nothing differs" if document["clean"] else f"{found} difference{'s' * (found > 1)}"
    yield f"{verdict}; checked {counts}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
