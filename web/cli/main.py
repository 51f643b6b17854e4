"""The console script ``motcua``: finds a command, runs it, turns what went wrong into one line and a status."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from typing import TextIO

import click
import structlog
from click.exceptions import NoArgsIsHelpError

from bpmn.errors import BpmnError
from engine.errors import EngineError

DONE, FOUND, WRONG, INTERRUPTED = 0, 1, 2, 130  # contract §2; 130 is what a shell expects after Ctrl-C
UNDEFINED_TABLE = "42P01"  # SQLSTATE


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command is defined, and its line in the list of commands."""

    target: str
    summary: str

    @property
    def module(self) -> str:
        """Name of the module that defines the command."""
        return self.target.partition(":")[0]

    def load(self) -> click.Command:
        """Import the module and return the command."""
        command = getattr(importlib.import_module(self.module), self.target.partition(":")[2])
        if not isinstance(command, click.Command):
            raise TypeError(f"{self.target} is no click command")
        return command


COMMANDS = {
    "dev": Entry("web.cli.run:dev", "Run everything in one process tree, with a demo on first start."),
    "migrate": Entry("web.cli.run:migrate", "Bring the database to the schema of this version."),
    "demo": Entry("web.cli.demo:demo", "Load demonstration data."),
    "doctor": Entry("web.cli.doctor:doctor", "Check settings, database, queue, clock, disk and calendar."),
    "calendar": Entry("web.cli.calendar:calendar", "Compute due dates; import, preview and show days off."),
    "procedures": Entry("web.cli.procedures:procedures", "Import, lint, list, show procedures; move open dossiers."),
    "history": Entry("web.cli.history:history", "Take over dossiers of another system."),
    "simulate": Entry("web.cli.simulate:simulate", "Drive the services on a simulated clock."),
    "report": Entry("web.cli.report:report", "Compute reports; write the ledger of dossiers."),
    "targets": Entry("web.cli.report_targets:targets", "Set the targets of a plan from a file."),
    "figures": Entry("web.cli.report_targets:figures", "Enter figures that no dossier tells from a file."),
    "export": Entry("web.cli.export:export", "Write dossiers, or one that is closed with its papers, to a file."),
    "forms": Entry("web.cli.forms:forms", "List official forms; check an office's own templates."),
    "letters": Entry("web.cli.letters:letters", "List and render letters of apology; check signatures."),
    "outbox": Entry("web.cli.outbox:outbox", "List messages that were given up, and try them again."),
    "keys": Entry("web.cli.keys:keys", "Manage signing keys."),
    "agencies": Entry("web.cli.agencies:agencies", "List agencies and change their settings."),
    "users": Entry("web.cli.people:users", "Manage the people who sign in."),
    "tokens": Entry("web.cli.people:tokens", "Make and revoke bearer tokens for the API."),
    "statistics": Entry("web.cli.statistics:statistics", "Check and rebuild what statistics are counted from."),
    "verify": Entry("web.cli.verify:verify", "Recompute everything from the events and list differences."),
    "bench": Entry("web.cli.bench:bench", "Measure one thing beside its floor."),
}


class Commands(click.Group):
    """A group that imports a command only when it is run, so that help is quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click calls it so
        """Return the names of the commands whose module is there."""
        return [name for name, entry in COMMANDS.items() if find_spec(entry.module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, None when there is none of that name."""
        return COMMANDS[cmd_name].load() if cmd_name in self.list_commands(ctx) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].summary) for name in self.list_commands(ctx)])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(version("motcua"), prog_name="motcua", message="%(prog)s %(version)s")
def cli() -> None:
    """Workflow engine for Vietnamese one-stop shops (một cửa).

    Exit status: 0 done; 1 done, and something was found; 2 wrong usage or unreadable input.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process with its status (contract §2)."""
    for stream in (sys.stdout, sys.stderr):
        _speak_utf8(stream)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for what was asked
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its status; what was anticipated becomes one line on stderr."""
    try:
        result = cli.main(args=arguments, prog_name="motcua", standalone_mode=False)
        sys.stdout.flush()  # a full disk shows here, not after everything has been said to be done
    except (click.Abort, KeyboardInterrupt):
        return _tell("interrupted", INTERRUPTED)
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        return _tell(sentence, WRONG)
    return result if isinstance(result, int) and not isinstance(result, bool) else DONE


def explain(error: Exception) -> str | None:
    """Return the sentence for something anticipated, None for a bug."""
    sentence = _of_database(error) or _of_system(error)
    if sentence:
        return sentence
    match error:
        case NoArgsIsHelpError():
            return f"{error.ctx.command_path if error.ctx else 'motcua'} needs a subcommand or arguments; see --help"
        case click.UsageError(ctx=click.Context() as ctx):
            return f"{ctx.command_path}: {error.format_message()}"
        case click.ClickException():
            return error.format_message()
        case EngineError() | BpmnError():
            return str(error)
    return None


def _of_system(error: Exception) -> str:
    match error:
        case UnicodeDecodeError():
            return f"the input is not UTF-8 text (byte {error.start})"
        case UnicodeEncodeError():
            return "an argument is not UTF-8 text"
        case OSError(filename=name, strerror=str(reason)):
            return f"{name}: {reason}" if name is not None else f"the output cannot be written: {reason}"
    return ""


def _of_database(error: Exception) -> str:
    # Told by names and words: neither SQLAlchemy nor Alembic is imported here.
    cause = getattr(error, "orig", None)
    if getattr(cause, "sqlstate", None) == UNDEFINED_TABLE or "no such table" in str(error):
        return f"the database lacks a table; run: motcua migrate ({cause or error})"
    if "file is not a database" in str(cause):
        return "the file of the embedded database is not a SQLite database"
    if type(error).__module__.startswith("alembic."):
        return f"the database was made by another version of motcua: {error}"
    return ""


def _tell(sentence: str, status: int) -> int:
    line = " ".join(sentence.split())
    click.echo(line if line.startswith(("motcua ", "motcua:")) else f"motcua: {line}", err=True)
    return status


def _reader_left() -> int:
    # ``motcua … | head`` is no failure of ours; Python would complain when it flushes at exit.
    with contextlib.suppress(OSError):
        sys.stdout.close()
    return DONE


def _speak_utf8(stream: TextIO) -> None:
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(encoding="utf-8", errors="backslashreplace")  # an argument may hold bytes that are no text
