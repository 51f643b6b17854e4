"""``motcua history``: take over the closed and open dossiers of another system (contract §2)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.main import FOUND, WRONG

if TYPE_CHECKING:
    from engine.context import Context
    from engine.services.history_imports import HistoryReport

LARGEST_MAPPING = 1024 * 1024  #: bytes


class UnreadableInput(click.ClickException):
    """A file that cannot be used: one line on stderr, exit status 2."""

    exit_code = WRONG


@click.group()
def history() -> None:
    """Take over dossiers of another system; list what was taken over."""


@history.command("import")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--mapping", metavar="FILE.toml", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What its columns and codes mean (docs/howto/history-import.md).",
)  # fmt: skip
@click.option("--agency", metavar="CODE", help="Whose dossiers these are; the default agency when left out.")
@click.option("--dry-run", is_flag=True, help="Read the whole file and say what would happen; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def import_command(
    command: click.Context, file: Path, mapping: Path, agency: str | None, dry_run: bool, as_json: bool
) -> None:
    """Import dossiers from a .csv, .csv.gz or .xlsx file; done again, it adds what is new.

    Exit status 1 when rows were refused; each is named with the reason and the remedy.
    """
    from engine.domain.actors import SYSTEM
    from engine.services import history_imports
    from engine.services.history_rows import HistoryFile

    text = _mapping(mapping)
    source = HistoryFile(str(file), lambda: file.open("rb"))
    asked: dict[str, Any] = {"by": SYSTEM, "file": source, "mapping": text, "agency": agency}
    with _context() as ctx, _named(file, mapping):
        looked = history_imports.preview(ctx, **asked)
        report = looked
        if not dry_run:
            with _progress(looked.counts.dossiers) as progress:
                report = history_imports.run(ctx, **asked, progress=progress)
    shown = report.as_json() | {"file": str(file), "mapping": str(mapping), "dry_run": dry_run}
    click.echo(json.dumps(shown, ensure_ascii=False) if as_json else _told(report, dry_run=dry_run))
    command.exit(FOUND if report.refused_rows else 0)


@history.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(as_json: bool) -> None:
    """List the latest imports."""
    from engine.domain.actors import SYSTEM
    from engine.services import history_imports

    with _context() as ctx:
        runs = history_imports.listing(ctx, by=SYSTEM)
    if as_json:
        click.echo(json.dumps({"imports": runs}, ensure_ascii=False))
        return
    for run in runs:
        counts = run["counts"]
        click.echo(
            f"{run['id']:4}  {run['at'][:19]}  {run['agency']:12} {run['source']:24} "
            f"{counts['new']} new, {counts['continued']} continued, {counts['refused']} refused"
        )


@contextmanager
def _named(file: Path, mapping: Path) -> Iterator[None]:
    """Name the file in what is said of it."""
    from engine.domain.history_mapping import InvalidMappingError
    from engine.services.history_rows import UnreadableHistoryError

    try:
        yield
    except InvalidMappingError as error:
        raise UnreadableInput(f"{mapping}: {error.message}") from error
    except UnreadableHistoryError as error:
        raise UnreadableInput(f"{file}: {error.message}") from error


def _mapping(path: Path) -> str:
    if path.stat().st_size > LARGEST_MAPPING:
        raise UnreadableInput(f"{path}: a mapping has at most {LARGEST_MAPPING // 2**20} MB")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableInput(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def _told(report: HistoryReport, *, dry_run: bool) -> str:
    counts = report.counts
    lines = [
        f"{counts.rows} rows, {counts.dossiers} dossiers of {report.source} for {report.agency}"
        f"{' (nothing is written)' if dry_run else ''}",
        f"  new {counts.new}, continued {counts.continued}, known {counts.known}, refused {counts.refused}",
        f"  open {counts.open}, steps {counts.steps}",
    ]
    lines += [
        f"  procedure {each['code']} of {each['agency']}: {'made, closed' if each['new'] else 'is there'}"
        for each in report.procedures.values()
    ]
    for refusal in report.refusals:
        named = f" ({refusal.key})" if refusal.key else ""
        lines.append(f"row {refusal.row}{named}, {refusal.column or 'row'}: {refusal.message}")
    hidden = report.refused_rows - len(report.refusals)
    return "\n".join([*lines, *([f"… and {hidden} more refused rows"] if hidden else [])])


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None] | None]:
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=max(total, 1), label="importing", file=sys.stderr) as bar:
        yield lambda done: bar.update(done - bar.pos)


@contextmanager
def _context() -> Iterator[Context]:
    from engine import bootstrap

    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
