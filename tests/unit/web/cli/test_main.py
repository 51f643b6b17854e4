"""The console script: lists what is there, one line and a status for what is anticipated."""

from __future__ import annotations

import sys
import types

import click
import pytest

from bpmn.errors import InvalidModelError
from engine.errors import ConflictError, InvalidInputError
from web.cli import main
from web.cli.main import COMMANDS, Entry, run


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module with a command ``probe`` whose body is the module's ``act``."""
    module = types.ModuleType("web.cli.probe")

    @click.command()
    @click.option("--days", type=int, default=1)
    def probe(days: int) -> None:
        module.act(days)

    module.probe = probe
    monkeypatch.setitem(sys.modules, "web.cli.probe", module)
    monkeypatch.setattr(module, "__spec__", object())
    monkeypatch.setitem(COMMANDS, "probe", Entry("web.cli.probe:probe", "Probe."))
    return module


def _raiser(error: BaseException) -> object:
    def act(_days: int) -> None:
        raise error

    return act


@pytest.mark.parametrize(
    ("error", "line"),
    [
        pytest.param(InvalidInputError("file.csv, row 3, date: no date"), "file.csv, row 3, date: no date", id="input"),
        pytest.param(ConflictError("two\nlines"), "two lines", id="one-line-always"),
        pytest.param(InvalidModelError("no start event"), "no start event", id="bpmn"),
        pytest.param(click.ClickException("refused"), "refused", id="click"),
        pytest.param(FileNotFoundError(2, "No such file", "x.csv"), "x.csv: No such file", id="file"),
        pytest.param(
            UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "the input is not UTF-8 text (byte 0)", id="utf8"
        ),
    ],
)
def test_anticipated_error_is_one_line_and_status_2(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str], error: Exception, line: str
) -> None:
    command.act = _raiser(error)

    assert run(["probe"]) == 2
    assert capsys.readouterr() == ("", f"motcua: {line}\n")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["probe", "--days", "many"], "motcua probe: Invalid value for '--days': 'many' is not a valid integer."),
        (["probe", "--nights"], "motcua probe: No such option '--nights'."),
        (["nonsense"], "motcua: No such command 'nonsense'."),
        ([], "motcua needs a subcommand or arguments; see --help"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    command: types.ModuleType, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr() == ("", f"{line}\n")


def test_exit_of_the_command_is_the_status(command: types.ModuleType) -> None:
    command.act = lambda _days: click.get_current_context().exit(1)

    assert run(["probe"]) == 1


def test_command_that_ends_well_has_status_0(command: types.ModuleType) -> None:
    command.act = lambda _days: None

    assert run(["probe"]) == 0


class MissingRelationError(Exception):
    """As PostgreSQL's driver raises it."""

    sqlstate = "42P01"


def test_missing_tables_name_the_remedy(command: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    error = RuntimeError("relation does not exist")
    error.orig = MissingRelationError("no relation x")
    command.act = _raiser(error)

    assert run(["probe"]) == 2
    assert capsys.readouterr().err == "motcua: the database lacks a table; run: motcua migrate (no relation x)\n"


def test_bug_keeps_its_traceback(command: types.ModuleType) -> None:
    command.act = _raiser(ZeroDivisionError("bug"))

    with pytest.raises(ZeroDivisionError):
        run(["probe"])


def test_interrupt_has_the_status_that_shells_expect(command: types.ModuleType) -> None:
    command.act = _raiser(KeyboardInterrupt())

    assert run(["probe"]) == 130


def test_command_without_module_is_not_listed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(COMMANDS, "later", Entry("web.cli.not_written_yet:later", "Not written yet."))

    assert run(["--help"]) == 0
    assert "later" not in capsys.readouterr().out
    assert run(["later"]) == 2


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("motcua 0.")


def test_help_imports_no_command(command: types.ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    del command.probe

    assert run(["--help"]) == 0
    assert "Probe." in capsys.readouterr().out
    assert main.cli.name == "cli"
