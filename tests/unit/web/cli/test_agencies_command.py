"""``motcua agencies``: settings of agencies from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine import bootstrap
from tests.support.builders import a_received_dossier, an_office
from tests.support.contexts import make_context
from web.cli import main


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one agency and a dossier, named by the environment."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    ctx = make_context(tmp_path, sqlite_url)
    a_received_dossier(ctx, an_office(ctx))
    ctx.database.close()
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out


def test_agencies_are_listed_with_their_settings(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main.run(["agencies", "list"]) == 0
    assert said(capsys).split()[:7] == ["H00", "late", "by", "day", "near", "from", "80"]
    assert main.run(["agencies", "list", "--json"]) == 0
    (agency,) = json.loads(said(capsys))["agencies"]
    assert (agency["code"], agency["late_rule"], agency["nearing_percent"]) == ("H00", "day", 80)


def test_settings_are_changed_and_running_dossiers_follow(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main.run(["agencies", "set", "H00", "--nearing", "50", "--late-rule", "instant", "--json"]) == 0
    answer = json.loads(said(capsys).splitlines()[-1])  # after the log line
    assert (answer["late_rule"], answer["nearing_percent"]) == ("instant", 50)
    ctx = bootstrap.from_environment()
    with ctx.unit_of_work(read_only=True) as uow:
        near = uow.dossiers.by_code("H00-260302-0001").nears_at
    ctx.database.close()
    assert near is not None
    assert near.isoformat() == "2026-03-04T01:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["H00"], "--late-rule, --nearing or both"),
        (["H00", "--nearing", "0"], "from 1 to 100"),
        (["H00", "--nearing", "80.5"], "not a valid integer"),
        (["H00", "--late-rule", "week"], "'week' is not one of"),
        (["H98", "--nearing", "50"], "no agency with code 'H98'"),
    ],
)
def test_a_setting_that_cannot_be_is_one_line_on_stderr(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
):
    assert main.run(["agencies", "set", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_history_of_the_calendar_tells_what_was_set_and_by_which_decision(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main.run(["agencies", "set", "H00", "--nearing", "50", "--ground", "15/QĐ-UBND"])
    said(capsys)
    assert main.run(["calendar", "history"]) == 0
    line = said(capsys)
    assert "late by day, near from 80 % -> late by day, near from 50 %" in line
    assert line.rstrip().endswith("15/QĐ-UBND")
