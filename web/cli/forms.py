"""``motcua forms``: the official forms and slips, and templates of an office before they are uploaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from engine.domain.official_forms import CURRENT, FORMS, OfficialForm
from engine.services import form_templates
from web.cli.main import DONE, FOUND

FILE = click.Path(path_type=Path)


@click.group()
def forms() -> None:
    """List the official forms; check an office's own .docx template of one."""


@forms.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(as_json: bool) -> None:
    """List the forms by set, with those that can be printed as .docx."""
    with_docx = form_templates.forms()
    found = [
        {"form_set": form.form_set, "key": form.key, "kind": form.kind.value, "version": form.version,
         "docx": form in with_docx}
        for form in FORMS
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps({"forms": found}, ensure_ascii=False))
        return
    for each in found:
        name = each["key"] or "-"
        click.echo(f"{each['form_set']:10} {name:5} {each['kind']:16} {'docx' if each['docx'] else ''}".rstrip())


@forms.command("check")
@click.argument("file", type=FILE)
@click.option("--kind", required=True, help="Kind of the form, as in 'motcua forms list'.")
@click.option("--set", "form_set", default=CURRENT, show_default=True, help="Set of the form.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def check_command(file: Path, kind: str, form_set: str, as_json: bool) -> int:
    """Check a template as an upload is checked; exit status 1 when it cannot be used."""
    form = _form(form_set, kind)
    with file.open("rb") as opened:
        content = opened.read(form_templates.LARGEST_FILE + 1)
    found = form_templates.check(form, content)
    usable = not any(each["severity"] == "error" for each in found)
    if as_json:
        click.echo(json.dumps({"usable": usable, "findings": found}, ensure_ascii=False))
    else:
        for each in found:
            click.echo(f"{each['severity']}: {each['message']}")
        click.echo(f"{file}: {'can be used' if usable else 'cannot be used'}")
    return DONE if usable else FOUND


@forms.command("template")
@click.option("--kind", required=True, help="Kind of the form, as in 'motcua forms list'.")
@click.option("--set", "form_set", default=CURRENT, show_default=True, help="Set of the form.")
@click.option("-o", "--output", "file", required=True, metavar="FILE.docx", type=FILE)
def template_command(kind: str, form_set: str, file: Path) -> None:
    """Write our own template of a form, to begin with."""
    content = form_templates.ours(_form(form_set, kind))
    file.write_bytes(content)
    click.echo(f"{file} ({len(content)} bytes)")


@forms.command("placeholders")
@click.option("--kind", required=True, help="Kind of the form, as in 'motcua forms list'.")
@click.option("--set", "form_set", default=CURRENT, show_default=True, help="Set of the form.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def placeholders_command(kind: str, form_set: str, as_json: bool) -> None:
    """List what a template of a form may print, each with an example."""
    found = form_templates.placeholders(_form(form_set, kind))
    if as_json:
        click.echo(json.dumps({"placeholders": found}, ensure_ascii=False))
        return
    for each in found:
        click.echo(_line(each))


def _line(each: dict[str, Any]) -> str:
    inside = f" (for {each['repeats']})" if each["repeats"] else ""
    return f"{each['name']}{inside}{' *' if each['required'] else ''}: {' '.join(each['sample'].split())}"


def _form(form_set: str, kind: str) -> OfficialForm:
    """Return a form; the slips, which belong to no set, are found by their kind alone."""
    own = next((form for form in form_templates.forms() if form.kind == kind and not form.key), None)
    return own or form_templates.form_named(form_set, kind)
