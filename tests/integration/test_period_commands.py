"""Periods from the command line: closing them, reports of a closed one, corrections."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine.context import Context
from tests.integration.test_frozen_context import a_fact
from tests.support.builders import an_office
from web.cli.main import run

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``motcua`` over the database of this test; return status, output and what was said beside it."""
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))
    capsys.readouterr()

    def act(*arguments: str) -> tuple[int, str, str]:
        status = run(arguments)
        told = capsys.readouterr()
        return status, told.out, told.err

    return act


def test_a_closed_period_is_reported_as_it_was(sqlite_ctx: Context, command: Command, tmp_path: Path) -> None:
    office = an_office(sqlite_ctx)
    for day in range(5):
        a_fact(sqlite_ctx, office, date(2025, 11, 3) + timedelta(days=day), date(2025, 11, 20), code=f"OLD-{day}")
    status, told, _ = command("report", "close", "2025-Q4")
    assert (status, "closed 2025-Q4 of H00: sha256 " in told) == (0, True)
    asked = ("report", "table-06", "--period", "2025-Q4", "-o")
    assert command(*asked, str(tmp_path / "before.xlsx"))[0] == 0

    a_fact(sqlite_ctx, office, date(2025, 11, 3), date(2025, 11, 4), code="NEW-1")

    assert command(*asked, str(tmp_path / "after.xlsx"))[0] == 0
    assert (tmp_path / "after.xlsx").read_bytes() == (tmp_path / "before.xlsx").read_bytes()
    status, told, _ = command("report", "periods", "--corrections", "2025-Q4")
    assert status == 1
    assert "NEW-1: none -> received_in_period early received_on_time" in told
    assert "corrections since 2025-Q4 of H00 was closed: 1" in told
    assert json.loads(command("report", "periods", "--corrections", "2025-Q4", "--json")[1])["count"] == 1
    (row,) = json.loads(command("report", "periods", "--json", "--agency", "H00")[1])
    assert (row["period"], row["state"]) == ("2025-Q4", "closed")
    assert "2025-Q4" in command("report", "periods")[1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("close", "Q4"), "names no period"),
        (("close", "2099-Q4"), "close it after that"),
        (("close", "2025-Q4", "--agency", "H99"), "there is no agency with code 'H99'"),
        (("periods", "--corrections", "2025-Q4"), "the agency has no period 2025-Q4"),
        (("table-07",), "--period NAME, or --from DATE and --to DATE"),
        (("table-07", "--period", "2025", "--from", "2025-01-01", "--to", "2025-01-02"), "--period NAME, or"),
        (("table-07", "--from", "2025-01-01"), "--period NAME, or"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(
    sqlite_ctx: Context, command: Command, arguments: tuple[str, ...], says: str
) -> None:
    an_office(sqlite_ctx)

    status, told, said = command("report", *arguments)

    assert (status, told) == (2, "")
    assert says in said


def test_a_period_that_is_not_over_is_closed_when_that_is_said(sqlite_ctx: Context, command: Command) -> None:
    an_office(sqlite_ctx)

    assert command("report", "close", "2099", "--early")[0] == 0
    status, _, said = command("report", "close", "2099", "--early")

    assert status == 2
    assert "was closed at" in said
