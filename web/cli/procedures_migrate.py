"""``motcua procedures migrate``: take open dossiers to another version, see before what becomes of each, undo it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import click

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.ids import DossierId
from engine.domain.version_moves import Dates
from engine.services import version_moves, version_previews, version_verdicts
from web.cli.main import FOUND

Told = dict[str, Any]
Show = Callable[[int, int], None]


@click.command("migrate")
@click.argument("code")
@click.option("--to", "to_version", metavar="VERSION", type=click.IntRange(1, 100_000), help="Number of the version.")
@click.option("--dry-run", is_flag=True, help="Show what becomes of each open dossier and change nothing.")
@click.option("--map", "mapped", metavar="OLD=NEW", multiple=True, help="Who stands at step OLD goes to step NEW.")
@click.option("--leave", "left", metavar="OLD", multiple=True, help="Who stands at step OLD stays on its version.")
@click.option(
    "--dates", type=click.Choice([each.value for each in Dates]), default=Dates.FOLLOW.value, show_default=True,
    help="follow: the limit of the version counts from the start of each promise; keep: what was promised stays.",
)  # fmt: skip
@click.option("--ground", metavar="TEXT", help="The decision that says so; it stands in the history of each dossier.")
@click.option("--undo", "undone", metavar="MOVE", type=click.IntRange(1, 2**31 - 1), help="Take move MOVE back.")
@click.option("--agency", metavar="CODE", help="The agency of the procedure; the first that has it when left out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def migrate_command(
    command: click.Context,
    code: str,
    to_version: int | None,
    dry_run: bool,
    mapped: tuple[str, ...],
    left: tuple[str, ...],
    dates: str,
    ground: str | None,
    undone: int | None,
    agency: str | None,
    as_json: bool,
) -> None:
    """Take the open dossiers of procedure CODE to another version.

    Each is judged by itself: it moves, moves with another date, is blocked because the step at which it stands is gone,
    or is left where it is. Steps are named by their node, as --dry-run shows them. Stopped in the middle, the same
    command goes on and ends the same. Exit status 1 when a dossier is blocked, or is not taken back.
    """
    _check_options(to_version, ground, undone, dry_run=dry_run)
    mapping = _mapping(mapped, left)
    with _opened() as ctx:
        if undone is not None:
            told, lines, found = _undo(ctx, code, undone, agency)
        elif dry_run:
            told = version_previews.preview(
                ctx,
                by=SYSTEM,
                code=code,
                to_version=to_version or 0,
                mapping=mapping,
                dates=Dates(dates),
                agency=agency,
                most=None,
            )
            lines, found = _seen_lines(told), bool(told["counts"]["blocked"])
        else:
            told, lines, found = _move(ctx, code, to_version or 0, mapping, Dates(dates), ground or "", agency)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(lines))
    command.exit(FOUND if found else 0)


def _check_options(to_version: int | None, ground: str | None, undone: int | None, *, dry_run: bool) -> None:
    if undone is not None:
        if to_version is not None or dry_run:
            raise click.UsageError("--undo stands alone: leave --to and --dry-run out")
        return
    if to_version is None:
        raise click.UsageError("name the version: --to VERSION")
    if not dry_run and not (ground or "").strip():
        raise click.UsageError("name the ground: --ground TEXT stands in the history of each dossier")


def _mapping(mapped: Sequence[str], left: Sequence[str]) -> dict[str, str | None]:
    mapping: dict[str, str | None] = dict.fromkeys(left)
    for pair in mapped:
        old, sign, new = (part.strip() for part in pair.partition("="))
        if not (old and sign and new):
            raise click.UsageError(f'--map "{pair}": write OLD=NEW, two steps by their node')
        if old in mapping:
            raise click.UsageError(f"step {old} is named twice: map it once, or leave it")
        mapping[old] = new
    return mapping


def _move(
    ctx: Context, code: str, to: int, mapping: dict[str, str | None], dates: Dates, ground: str, agency: str | None
) -> tuple[Told, list[str], bool]:
    with _progress("moving") as progress:
        made = version_moves.apply(
            ctx, by=SYSTEM, code=code, to_version=to, ground=ground, mapping=mapping, dates=dates, agency=agency,
            progress=progress,
        )  # fmt: skip
    told = made | {"dossiers": _all(ctx, code, made["id"], agency)}
    lines = [f"move {made['id']} of {code} to version {made['to']} is {made['state']}: {made['ground']}"]
    lines += [*map(_line, told["dossiers"]), _counts(made)]
    if made["counts"]["moves"] or made["counts"]["moves_date"]:
        lines.append(f"to take it back: motcua procedures migrate {code} --undo {made['id']}")
    return told, lines, bool(made["counts"]["blocked"])


def _undo(ctx: Context, code: str, move_id: int, agency: str | None) -> tuple[Told, list[str], bool]:
    with _progress("taking back") as progress:
        made = version_moves.undo(ctx, by=SYSTEM, code=code, move_id=move_id, agency=agency, progress=progress)
    told = made | {"dossiers": _all(ctx, code, made["id"], agency)}
    kept = made["counts"]["moves"] + made["counts"]["moves_date"]
    lines = [f"move {move_id} of {code} is {made['state']}"]
    lines += [*map(_line, told["dossiers"]), f"{made['counts']['undone']} taken back, {kept} went on since and stay"]
    return told, lines, bool(kept)


def _all(ctx: Context, code: str, move_id: int, agency: str | None) -> list[Told]:
    found: list[Told] = []
    after: str | None = None
    while True:
        page = version_verdicts.show(ctx, by=SYSTEM, code=code, move_id=move_id, agency=agency, after=_id(after))
        found += page["dossiers"]
        after = page["next"]
        if after is None:
            return found


def _id(text: str | None) -> DossierId | None:
    return version_verdicts.dossier_id(text)


def _seen_lines(seen: Told) -> list[str]:
    lines = [f"{seen['open']} open dossiers of {seen['procedure']} are not on version {seen['to']['version']}"]
    lines += map(_line, seen["dossiers"])
    for step in seen["gone"]:
        goes = step["to"] or ("left" if step["decided"] else "")
        likely = ", ".join(f"--map {step['node']}={each['node']} ({each['name']})" for each in step["suggested"])
        advice = goes or f"decide: {likely}{' or ' if likely else ''}--leave {step['node']}"
        lines.append(f"{step['dossiers']} at {step['node']} ({step['name']}), which is gone: {advice}")
    return [*lines, f"{_counts(seen)}; nothing is changed yet"]


def _line(row: Told) -> str:
    line = f"{row['code'] or row['id']}  {row['verdict'].replace('_', ' with its ')}, from version {row['from']}"
    if row["due_before"] != row["due_after"]:
        line += f": {_clock(row['due_before'])} -> {_clock(row['due_after'])}"
    why = "; ".join(
        " ".join(str(part) for part in (each["reason"], each.get("node"), each.get("text")) if part)
        for each in row["why"]
    )
    return f"{line} ({why})" if why else line


def _counts(told: Told) -> str:
    counts = told["counts"]
    return (
        f"{counts['moves']} move, {counts['moves_date']} move with another date, {counts['blocked']} blocked, "
        f"{counts['left']} left"
    )


def _clock(text: str | None) -> str:
    return "-" if text is None else f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


@contextmanager
def _progress(label: str) -> Iterator[Show | None]:
    """Give a callback that draws a bar on a terminal, None where there is none."""
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def show(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield show


@contextmanager
def _opened() -> Iterator[Context]:
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
