"""``motcua procedures``: import, lint, list, show, close and open procedures; the library; moves (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from bpmn import references
from bpmn.errors import BpmnError
from bpmn.findings import Finding, Severity, has_errors
from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import imports, procedure_contents, procedure_library
from engine.services import procedures as services
from engine.services.procedure_contents import Heading, Reading
from web.cli.main import FOUND, WRONG
from web.cli.procedure_library import library
from web.cli.procedures_migrate import migrate_command

TABLE, MODEL, SHEETS = ".json", ".bpmn", (".csv", ".xlsx")
MODEL_TOO = ".xml"  # as some editors save drawings
REFERENCE = "process.bpmn"  # a folder with this file is a whole procedure (docs/howto/add-a-procedure.md)
FILES = click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
ITSELF = "ITSELF"  # stands for the agency that will publish a folder: files are linted without one
AGENCY = click.option("--agency", metavar="CODE", help="The agency that has it; the default agency when left out.")
CODE = click.option("--code", help="Code of the procedure, for one drawing that does not say it.")
NAME = click.option("--name", help="Its name, likewise.")
LIMIT = click.option("--limit", help='Its limit, likewise: "15 working_day".')
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")

LARGEST_FILE = 20 * 1024 * 1024  #: bytes; the readers have closer bounds of their own


class BadInput(click.ClickException):
    """A file that cannot be used: one line on stderr, exit status 2."""

    exit_code = WRONG


@click.group()
def procedures() -> None:
    """Import, lint, list, show procedures; move open dossiers."""


procedures.add_command(migrate_command)
procedures.add_command(library)


@procedures.command("import")
@FILES
@AGENCY
@CODE
@NAME
@LIMIT
@AS_JSON
@click.pass_context
def import_command(
    command: click.Context, files: tuple[Path, ...], agency: str | None, as_json: bool, **said: str | None
) -> None:
    """Publish step tables (.json, .csv, .xlsx), models (.bpmn, .xml) and folders with a whole procedure.

    Each is built, linted and published by itself. Exit status 1 when one was refused; warnings alone exit 0.
    """
    heading = _heading(files, said)
    contents = [_read(file) for file in files]  # all of them before the first is published
    outcome = imports.Import(published=[], refused=[])
    with _context() as ctx:
        for file, content in zip(files, contents, strict=True):
            done = _import_one(ctx, file, content, agency, heading)
            outcome.published.extend(done.published)
            outcome.refused.extend(done.refused)
    click.echo(_document(outcome.as_json()) if as_json else _import_text(outcome))
    command.exit(FOUND if outcome.refused else 0)


@procedures.command("lint")
@FILES
@click.option("--second-engine", is_flag=True, help="Run the shortest ways in SpiffWorkflow, too, and compare.")
@CODE
@NAME
@LIMIT
@AS_JSON
@click.pass_context
def lint_command(
    command: click.Context, files: tuple[Path, ...], second_engine: bool, as_json: bool, **said: str | None
) -> None:
    """List what is wrong with files, without a database. Exit status 1 when there is an error."""
    heading = _heading(files, said)
    reports = []
    for file in files:
        readings = _readings(file, _read(file), heading)
        findings = [found for reading in readings for found in reading.findings]
        if second_engine:
            from bpmn.second_engine import second_engine_findings as compared

            findings += [found for each in readings if each.is_publishable for found in compared(each.xml)]
        listed = [finding.as_json() for finding in findings]
        reports.append({"file": str(file), "ok": not has_errors(findings), "findings": listed})
    click.echo(_document({"files": reports}) if as_json else "\n".join(_lint_lines(reports)))
    command.exit(0 if all(report["ok"] for report in reports) else FOUND)


@procedures.command("list")
@click.option("--agency", metavar="CODE", help="Only the procedures of this agency.")
@AS_JSON
def list_command(agency: str | None, as_json: bool) -> None:
    """List the published procedures."""
    with _context() as ctx:
        listed = services.catalogue(ctx, agency=agency)
    if as_json:
        click.echo(_document({"procedures": listed}))
        return
    for row in listed:
        state = "" if row["open"] else "  (closed)"
        version = f"v{row['version']}"
        click.echo(f"{row['agency']:14} {row['code']:12} {version:4} {row['limit'] or '':18} {row['name']}{state}")


@procedures.command("show")
@click.argument("code")
@AGENCY
@click.option("--version", "number", type=click.IntRange(1, 100_000), help="An earlier version than the current one.")
@click.option("--bpmn", "as_bpmn", is_flag=True, help="Print the model itself (BPMN 2.0).")
@AS_JSON
def show_command(code: str, agency: str | None, number: int | None, as_bpmn: bool, as_json: bool) -> None:
    """Show a procedure with its steps, or its model."""
    if as_bpmn and as_json:
        raise click.UsageError("--bpmn and --json exclude each other")
    with _context() as ctx:
        shown = services.show(ctx, code=code, agency=agency, number=number)
    if as_bpmn:
        click.echo(shown["model"], nl=not shown["model"].endswith("\n"))
    else:
        click.echo(_document(shown) if as_json else _show_text(shown))


@procedures.command("close")
@click.argument("code")
@AGENCY
def close_command(code: str, agency: str | None) -> None:
    """Receive no new dossiers of a procedure; those under way go on."""
    with _context() as ctx:
        services.set_open(ctx, by=SYSTEM, code=code, is_open=False, agency=agency)
    click.echo(f"{code} is closed")


@procedures.command("open")
@click.argument("code")
@AGENCY
def open_command(code: str, agency: str | None) -> None:
    """Receive dossiers of a closed procedure again."""
    with _context() as ctx:
        services.set_open(ctx, by=SYSTEM, code=code, is_open=True, agency=agency)
    click.echo(f"{code} is open")


def _heading(files: tuple[Path, ...], said: dict[str, str | None]) -> Heading:
    if any(said.values()) and (len(files) != 1 or _kind(files[0]) != MODEL):
        raise click.UsageError("--code, --name and --limit are for one drawing (.bpmn or .xml)")
    return Heading(**said)


def _import_one(
    ctx: Context, file: Path, content: bytes, agency: str | None, heading: Heading
) -> imports.Import:  # fmt: skip
    kind = _kind(file)
    if kind == TABLE:
        return imports.import_tables(ctx, by=SYSTEM, data=_decode(file, content), agency=agency)
    if kind in SHEETS:
        return imports.import_sheet(ctx, by=SYSTEM, content=content, kind=kind[1:], agency=agency)
    if kind == REFERENCE:
        return procedure_library.add_folder(ctx, by=SYSTEM, found=_reference(file), agency=agency)
    return imports.import_model(ctx, by=SYSTEM, xml=_text(file, content), agency=agency, heading=heading)


def _readings(file: Path, content: bytes, heading: Heading) -> list[Reading]:
    kind = _kind(file)
    if kind == MODEL:
        return [procedure_contents.read_model(content, heading)]
    if kind == REFERENCE:
        return [procedure_contents.read_content(procedure_library.own_content(_reference(file), ITSELF))]
    if kind in SHEETS:
        return list(procedure_contents.read_sheet(content, kind[1:]))
    return list(procedure_contents.read_tables(_decode(file, content))) or [_nothing(file)]


def _nothing(file: Path) -> Reading:
    message = "The file holds no procedure: add at least one step table to the list."
    return Reading("", (Finding("procedure-missing", Severity.ERROR, file.name, message),), "", {})


def _kind(file: Path) -> str:
    if file.is_dir():
        if not (file / REFERENCE).is_file():
            raise BadInput(f"{file}: a folder of a procedure holds {REFERENCE}; this one does not")
        return REFERENCE
    kind = file.suffix.lower().replace(MODEL_TOO, MODEL)
    if kind not in (TABLE, MODEL, *SHEETS):
        raise BadInput(
            f"{file}: is none of {TABLE}, {', '.join(SHEETS)}, {MODEL}, {MODEL_TOO} and a folder with {REFERENCE}"
        )
    return kind


def _reference(folder: Path) -> references.Reference:
    try:
        return references.read_folder(folder)
    except BpmnError as problem:
        raise BadInput(f"{folder}: {problem}") from problem


def _read(file: Path) -> bytes:
    if _kind(file) == REFERENCE:
        return b""
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadInput(f"{file}: {error.strerror}") from error
    if len(content) > LARGEST_FILE:
        raise BadInput(f"{file}: is larger than {LARGEST_FILE // 1024 // 1024} MB, more than any procedure needs")
    return content


def _text(file: Path, content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(f"{file}: is neither UTF-8 nor UTF-16 text (byte {error.start})") from error


def _decode(file: Path, content: bytes) -> list[Any]:
    try:
        data = json.loads(_text(file, content))
    except json.JSONDecodeError as error:
        raise BadInput(f"{file}: row {error.lineno}, column {error.colno}: is not JSON: {error.msg}") from error
    except RecursionError as error:
        raise BadInput(f"{file}: is not usable JSON: nested too deeply") from error
    if not isinstance(data, list):
        raise BadInput(f"{file}: must hold a list of procedures")
    return data


def _import_text(outcome: imports.Import) -> str:
    lines = []
    if outcome.published:
        lines.append(f"{'code':12} {'version':>7} {'steps':>5} {'warnings':>8}")
    for row in outcome.published:
        lines.append(f"{row['code']:12} {row['version']:>7} {row['steps']:>5} {len(row['findings']):>8}")
    for row in outcome.refused:
        lines.append(f"refused {row['code'] or '(no code)'}")
        lines += [f"  {_finding_text(found)}" for found in row["findings"] if found["severity"] == "error"]
    lines.append(f"{len(outcome.published)} published, {len(outcome.refused)} refused")
    return "\n".join(lines)


def _lint_lines(reports: Sequence[dict[str, Any]]) -> Iterator[str]:
    for report in reports:
        count = len(report["findings"])
        yield f"{report['file']}: {'ok' if report['ok'] else 'has errors'}" + (f", {count} findings" if count else "")
        for found in report["findings"]:
            yield f"  {found['severity']:7} {_finding_text(found)}"


def _finding_text(found: dict[str, str]) -> str:
    return f"{found['rule']} ({found['where']}): {found['message']}"


def _show_text(shown: dict[str, Any]) -> str:
    fee = "unknown" if shown["fee_vnd"] is None else f"{shown['fee_vnd']} đ"
    state = "open" if shown["open"] else "closed"
    lines = [
        f"{shown['code']}  {shown['name']}",
        f"agency {shown['agency']}, version {shown['version']} ({shown['content_hash'][:12]}), {state}",
        f"limit {shown['limit']}, fee {fee}",
    ]
    for no, step in enumerate(shown["steps"], start=1):
        marks = {"pauses_clock": "pauses", "resumes_clock": "resumes", "ends_processing": "ends processing"}
        effects = ", ".join(word for name, word in marks.items() if step[name])
        tail = f"  [{effects}]" if effects else ""
        lines.append(f"{no:3} {step['unit']:32} {step['stage']:>2} {step['stage_limit']:18} {step['name']}{tail}")
    lines += [f"  {found['severity']:7} {_finding_text(found)}" for found in shown["findings"]]
    return "\n".join(lines)


def _document(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def _context() -> Iterator[Context]:
    ctx = bootstrap.from_environment()
    try:
        yield ctx
    finally:
        ctx.database.close()
