"""Write the reference pages that are made from code: ``python docs/generate.py [--check]``.

With ``--check`` nothing is written; stale pages are named and the exit status is 1. ``PAGES`` is what the test reads.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import bench
import bpmn
import engine
import web
import workers
from bpmn.errors import BpmnError
from engine import bootstrap
from engine.domain.dossier import ENDED, LABELS, RUNNING, TRANSITIONS, WAITING, Status
from engine.domain.events import EventKind
from engine.errors import EngineError
from engine.settings import from_env
from web.app import create_app
from web.cli.main import COMMANDS, cli
from web.errors import HTTP_CODES, status_of

DOCS = Path(__file__).parent
REFERENCE = DOCS / "reference"
MADE = "<!-- Made by docs/generate.py. Change the code and run it again. -->"
PACKAGES = (bpmn, engine, web, workers, bench)
HELP_WIDTH = 100  # characters; not the terminal's, so that everybody gets the same page


# --- statuses -----------------------------------------------------------------------------------------------------


def states_page() -> str:
    """Return the statuses of a dossier as a drawing and a table."""
    arrows = [f"    {source.name} --> {target.name}" for source in Status for target in sorted(TRANSITIONS[source])]
    ends = [f"    {status.name} --> [*]" for status in sorted(ENDED)]
    names = [f"    {status.name}: {status.value} {LABELS[status]}" for status in Status]
    by_status = _events_by_status()
    rows = [
        f"| {status.value} | `{status.name}` | {LABELS[status]} | {_clock_of(status)} "
        f"| {_codes(by_status.get(status.value, []))} | {_targets(status)} |"
        for status in Status
    ]
    return _page(
        "Statuses of a dossier",
        "Source: `engine/domain/dossier.py`, table `TRANSITIONS`. The number is the code of the national portal",
        "(DVCQG). A move that the table does not have is refused (`invalid-transition`).",
        "",
        "```mermaid",
        "stateDiagram-v2",
        *names,
        "    [*] --> SUBMITTED",
        *arrows,
        *ends,
        "```",
        "",
        "| code | name | on screens | the office's clock | events that lead here | next |",
        "|---|---|---|---|---|---|",
        *rows,
        "",
        "A dossier received at the counter passes 1 and 2 in one transaction. From 2 it always passes 4 before 9:",
        "what is decided has been processed. A step of the procedure that pauses the clock (such as the tax notice)",
        "puts the dossier into 6 while its steps go on. A supplement asked at reception leads back to 1: nothing is",
        "promised yet.",
    )


def _clock_of(status: Status) -> str:
    if status in RUNNING:
        return "runs"
    if status in WAITING:
        return "stands"
    return "no promise yet" if status is Status.SUBMITTED else "has ended"


def _targets(status: Status) -> str:
    return ", ".join(str(target.value) for target in sorted(TRANSITIONS[status])) or "the end"


def _events_by_status() -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for kind, facts in event_facts().items():
        for status in facts.get("status", ()):
            found.setdefault(status, []).append(kind)
    return found


# --- events -------------------------------------------------------------------------------------------------------


def event_facts() -> dict[str, dict[str, Any]]:
    """Return meaning, statuses and payload of each kind of event, as ``docs/events.toml`` says."""
    return tomllib.loads((DOCS / "events.toml").read_text(encoding="utf-8"))


def events_page() -> str:
    """Return the kinds of events with what they carry."""
    facts = event_facts()
    sections: list[str] = []
    for kind in EventKind:
        sections += _event_section(kind, facts[kind.value])
    return _page(
        "Events of a dossier",
        "Source: `EventKind` in `engine/domain/events.py`, and `docs/events.toml`. Every change of a dossier is one of",
        "these, appended in the same commit as the rows that follow from it (decision 0008).",
        "",
        "An event has `dossier_id`, `seq` (1, 2, 3 … without gaps), `kind`, `at`, `actor_id` (null: no person did it),",
        "`payload` and `hash`. Instants in a payload are ISO 8601 in UTC; ids of agencies, units, officers and",
        "procedures are integers. Three keys may stand in any payload:",
        "",
        "- `status`: the dossier has this status from here on.",
        "- `process`: sha256 of the state of the process instance after its latest move.",
        "- `for`: id of the absent officer in whose name the actor, their cover, did this.",
        *sections,
    )


def _event_section(kind: EventKind, facts: dict[str, Any]) -> list[str]:
    lines = ["", f"## `{kind.value}`", "", facts["meaning"]]
    if "status" in facts:
        names = [f"{code} `{Status(code).name}`" for code in facts["status"]]
        lines[-1] += f" Status: {' or '.join(names)}."
    if "payload" not in facts:
        return [*lines, "", "No payload of its own."]
    rows = [f"| `{key.rstrip('?')}` | {meaning} |" for key, meaning in facts["payload"].items()]
    return [*lines, "", "| key | meaning |", "|---|---|", *rows]


# --- errors -------------------------------------------------------------------------------------------------------


def errors() -> list[type[EngineError] | type[BpmnError]]:
    """Return every class of anticipated error, by code."""
    _import_everything()
    found = {*_below(EngineError), *_below(BpmnError)}
    return sorted(found, key=lambda kind: (kind.code, kind.__qualname__))


def errors_page() -> str:
    """Return the table of error codes."""
    anticipated = [kind for kind in errors() if issubclass(kind, EngineError)]
    of_models = [kind for kind in errors() if not issubclass(kind, EngineError)]
    return _page(
        "Error codes",
        "Sources: the subclasses of `EngineError` and `BpmnError`; HTTP statuses from `web/errors.py`. Clients match",
        "`code`; texts may change. Over HTTP an error is `application/problem+json` with `code`, `detail` and",
        "`details`. On the command line it is one line on stderr and exit status 2.",
        "",
        "| code | HTTP | meaning | defined in |",
        "|---|---|---|---|",
        *(f"| `{kind.code}` | {_status(kind)} | {_meaning(kind)} | `{_path(kind)}` |" for kind in anticipated),
        "",
        "## Errors of models and running processes",
        "",
        "The linter and the services keep these from callers. One that reaches HTTP all the same is a defect and",
        "answers 500 with `internal-error`.",
        "",
        "| code | meaning | defined in |",
        "|---|---|---|",
        *(f"| `{kind.code}` | {_meaning(kind)} | `{_path(kind)}` |" for kind in of_models),
        "",
        "## Codes of HTTP itself",
        "",
        "| code | HTTP |",
        "|---|---|",
        *(f"| `{code}` | {status} |" for status, code in sorted(HTTP_CODES.items())),
        "| `internal-error` | 500 |",
    )


def _import_everything() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for child in kind.__subclasses__():
        if child.__module__.partition(".")[0] in {package.__name__ for package in PACKAGES}:
            yield child
            yield from _below(child)


def _status(kind: type[EngineError]) -> int:
    return status_of(kind.__new__(kind))  # status_of looks at class and code only


def _meaning(kind: type[Exception]) -> str:
    return " ".join((kind.__doc__ or "").strip().split("\n\n")[0].split())


def _path(kind: type[Exception]) -> str:
    return kind.__module__.replace(".", "/") + ".py"


# --- commands and HTTP ---------------------------------------------------------------------------------------------


def commands_page() -> str:
    """Return the help of every command."""
    lines: list[str] = []
    with click.Context(cli, info_name="motcua") as root:
        for name in cli.list_commands(root):
            lines += _help(COMMANDS[name].load(), root, name)
    return _page("Commands", "Source: `web/cli`. What `motcua COMMAND --help` prints.", *lines)


def _help(command: click.Command, parent: click.Context, name: str) -> list[str]:
    with click.Context(command, info_name=name, parent=parent, terminal_width=HELP_WIDTH) as ctx:
        lines = ["", f"## {ctx.command_path}", "", "```text", command.get_help(ctx).strip(), "```"]
        if isinstance(command, click.Group):
            for below in sorted(command.commands):
                lines += _help(command.commands[below], ctx, below)
    return lines


def openapi_document() -> str:
    """Return the OpenAPI document of the HTTP API; no database is asked for it."""
    with tempfile.TemporaryDirectory() as folder:
        settings = from_env({"MOTCUA_DATA": folder})
        ctx = bootstrap.build(settings)
        document = create_app(ctx).extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()
        ctx.database.close()
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _page(title: str, *lines: str) -> str:
    return "\n".join([f"# {title}", "", MADE, "", *lines]) + "\n"


def _codes(texts: list[str]) -> str:
    return ", ".join(f"`{text}`" for text in texts)


PAGES = {
    "dossier-states.md": states_page,
    "events.md": events_page,
    "errors.md": errors_page,
    "commands.md": commands_page,
    "openapi.json": openapi_document,
}


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` name those that are stale."""
    if arguments not in ([], ["--check"]):
        print("usage: python docs/generate.py [--check]", file=sys.stderr)
        return 2
    stale = []
    for name, make in PAGES.items():
        path, text = REFERENCE / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not arguments:
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/reference/{name} {'is stale' if arguments else 'written'}")
    return 1 if stale and arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
