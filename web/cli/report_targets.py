"""``motcua report index-766``, ``report targets``; ``motcua targets``, ``motcua figures``: plans and their numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from web.cli.report_tables import FORMATS, format_of, put_out, table_options, write

if TYPE_CHECKING:
    from engine.context import Context

TEMPLATE = "plan_targets_vn.csv"  #: of engine.seeds: the targets of five real plans
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("index-766")
@click.option("--by", "split", type=click.Choice(["agency", "unit"]), help="Also each agency, or each unit.")
@table_options
def index_command(split: str | None, **asked: Any) -> None:
    """The index of Decision 766: points, and how many are not known."""
    from engine.domain.actors import SYSTEM
    from engine.reports.index_766 import index_766
    from engine.reports.indicator_values import Split
    from engine.reports.render import index_files

    render: dict[str, Callable[[Any], str | bytes]] = {
        "json": index_files.as_json, "csv": index_files.index_csv, "xlsx": index_files.index_xlsx,
    }  # fmt: skip
    by = None if split is None else Split(split)
    write(lambda wanted, ctx, of: render[wanted](index_766(ctx, by=SYSTEM, asked=of, split=by)), **asked)


@click.command("targets")
@table_options
def targets_command(**asked: Any) -> None:
    """The targets of plans that touch a period: live value, gap, months, forecast."""
    from engine.domain.actors import SYSTEM
    from engine.reports.render import index_files
    from engine.reports.targets import targets as measure

    render: dict[str, Callable[[Any], str | bytes]] = {
        "json": index_files.as_json, "csv": index_files.targets_csv, "xlsx": index_files.targets_xlsx,
    }  # fmt: skip
    write(lambda wanted, ctx, of: render[wanted](measure(ctx, by=SYSTEM, asked=of)), **asked)


@click.command("tasks")
@click.option("--year", type=click.IntRange(2000, 2099), help="The present one without it.")
@click.option("--agency", metavar="CODE", help="Only tasks of this agency.")
@click.option("--format", "wanted", type=click.Choice(FORMATS), help="json, or what the name of the file says.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write here.")
def tasks_command(year: int | None, agency: str | None, wanted: str | None, output: Path | None) -> None:
    """The tasks of a year's plan: lead, due date, product, how each stands, and how many were done on time."""
    from engine import bootstrap
    from engine.domain.actors import SYSTEM
    from engine.reports import plan_lists
    from engine.reports.render import task_files

    wanted = format_of(wanted, output)
    ctx = bootstrap.from_environment()
    try:
        now = ctx.clock.now()
        found = plan_lists.tasks(ctx, by=SYSTEM, year=year, agency=agency)
    finally:
        ctx.database.close()
    render: dict[str, Callable[[Any], str | bytes]] = {
        "json": task_files.tasks_json, "csv": task_files.tasks_csv,
        "xlsx": lambda told: task_files.tasks_xlsx(told, at=now),
    }  # fmt: skip
    put_out(render[wanted](found), output)


COMMANDS = (index_command, targets_command, tasks_command)


@click.group()
def targets() -> None:
    """Set the targets of a plan from a file."""


@targets.command("import")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--agency", metavar="CODE", help="Whose plan; the default agency without it.")
@click.option("--plan", metavar="NAME", help="Only rows of this plan, of a file that has several.")
def import_targets(file: Path, agency: str | None, plan: str | None) -> None:
    """Set the targets of a CSV file, all or none; the same file again changes nothing."""
    from engine.domain.actors import SYSTEM
    from engine.services import plan_targets

    def work(ctx: Context, code: str) -> int:
        content = file.read_bytes()
        return plan_targets.import_file(ctx, by=SYSTEM, agency=code, content=content, name=file.name, plan=plan)

    _import(work, agency, "targets")


@targets.command("template")
@click.option(
    "-o", "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Write here."
)
def template_command(output: Path) -> None:
    """Write the targets of real plans as a file to choose from and change."""
    from importlib.resources import files

    output.write_bytes(files("engine.seeds").joinpath(TEMPLATE).read_bytes())
    click.echo(output)


@click.group()
def figures() -> None:
    """Enter figures that no dossier tells from a file."""


@figures.command("import")
@click.argument("file", metavar="FILE", type=_FILE)
@click.option("--agency", metavar="CODE", help="Whose figures; the default agency without it.")
def import_figures(file: Path, agency: str | None) -> None:
    """Enter the figures of a CSV file, all or none; each with its source."""
    from engine.domain.actors import SYSTEM
    from engine.services import figures as service

    def work(ctx: Context, code: str) -> int:
        return service.import_file(ctx, by=SYSTEM, agency=code, content=file.read_bytes(), name=file.name)

    _import(work, agency, "figures")


def _import(work: Callable[[Context, str], int], agency: str | None, what: str) -> None:
    from engine import bootstrap
    from engine.services.plan_files import PlanFileError

    ctx = bootstrap.from_environment()
    try:
        count = work(ctx, agency or _default_agency(ctx))
    except PlanFileError as error:
        for problem in error.details["problems"]:
            place = f"row {problem['row']}" + (f", {problem['field']}" if problem["field"] else "")
            click.echo(f"{place}: {problem['message']}", err=True)
        raise
    finally:
        ctx.database.close()
    click.echo(f"{count} {what}")


def _default_agency(ctx: Context) -> str:
    from engine.domain.actors import SYSTEM
    from engine.services import agency_settings

    code: str = agency_settings.show(ctx, by=SYSTEM)["code"]
    return code
