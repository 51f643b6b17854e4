"""``motcua bench``: one figure beside its floor in the same run (contract §2)."""

from __future__ import annotations

import json

import click

from bench import steps

BENCHES = {"steps": steps.measure}


@click.command()
@click.argument("name", type=click.Choice(sorted(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def bench(name: str, as_json: bool) -> None:
    """Measure NAME beside its floor; only the ratio travels between machines."""
    found = BENCHES[name]().as_json()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
    else:
        click.echo(f"{found['name']}: {found['value']} {found['unit']}; floor {found['floor']}; ratio {found['ratio']}")
        click.echo(found["what"])
