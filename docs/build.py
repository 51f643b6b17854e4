"""Write the reference pages that are made from code: error codes, commands (``make docs``)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import click

import engine
import web
from engine.errors import EngineError
from web.cli.main import COMMANDS, cli

REFERENCE = Path(__file__).parent / "reference"
MADE = "<!-- made by `make docs`; change the code instead -->"


def error_page() -> str:
    """Return the table of error codes."""
    for package in (engine, web):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    rows = sorted((kind.code, _kind(kind), _first_line(kind)) for kind in _below(EngineError))
    lines = [f"| `{code}` | {kind} | {meaning} |" for code, kind, meaning in rows]
    return "\n".join(
        [
            "# Error codes",
            MADE,
            "",
            "Clients match `code`; texts may change. The kind decides the HTTP status (`web/errors.py`).",
            "",
            "| code | kind | meaning |",
            "|---|---|---|",
            *lines,
            "",
        ]
    )


def command_page() -> str:
    """Return the help of every command."""
    lines = ["# Commands", MADE, ""]
    with click.Context(cli, info_name="motcua") as root:
        for name in sorted(cli.list_commands(root)):
            lines += _help(COMMANDS[name].load(), root, name)
    return "\n".join(lines)


def _help(command: click.Command, parent: click.Context, name: str) -> list[str]:
    with click.Context(command, info_name=name, parent=parent) as ctx:
        lines = [f"## {ctx.command_path}", "", "```text", command.get_help(ctx), "```", ""]
        if isinstance(command, click.Group):
            for below in sorted(command.commands):
                lines += _help(command.commands[below], ctx, below)
    return lines


def _below(kind: type[EngineError]) -> Iterator[type[EngineError]]:
    for below in kind.__subclasses__():
        yield below
        yield from _below(below)


def _kind(error: type[EngineError]) -> str:
    return next(kind.__name__ for kind in reversed(error.__mro__) if kind.__base__ is EngineError)


def _first_line(error: type[EngineError]) -> str:
    return (error.__doc__ or "").strip().splitlines()[0]


def main() -> None:
    """Write the pages."""
    (REFERENCE / "errors.md").write_text(error_page(), encoding="utf-8")
    (REFERENCE / "commands.md").write_text(command_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
