"""``motcua calendar due`` without a procedure: what it names as sources, what it advises, which files it reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from web.cli.main import run

LIMIT = ["--limit", "3 working_day"]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No database: the national calendar counts."""
    monkeypatch.setenv("MOTCUA_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("received", "more", "source"),
    [
        ("2026-03-02T09:00", [], "as asked"),
        ("2026-03-02T16:00", ["--cutoff", "15:00"], "as asked"),
        ("2026-03-02T06:00", [], "office hours"),
        ("2026-03-02T12:00", [], "office hours"),
        ("2026-03-01T09:00", [], "Nghị định 297/2025/NĐ-CP"),
    ],
)
def test_start_names_no_procedure_where_none_is_given(
    capsys: pytest.CaptureFixture[str], received: str, more: list[str], source: str
) -> None:
    assert run(["calendar", "due", "--received", received, *LIMIT, *more, "--json"]) == 0
    (start,) = [line for line in json.loads(capsys.readouterr().out)["explanation"] if line["kind"] == "start"]
    assert start["source"] == source


@pytest.mark.parametrize(
    ("received", "limit", "said"),
    [
        ("2026-03-02T09:00", "9999 calendar_day", "--limit: the working calendar covers 2023–2028, not 2053: 2053 is"),
        ("9998-03-02T09:00", "1 working_day", "--received: the working calendar covers 2023–2028, not 9998: 9998 is"),
    ],
)
def test_date_beyond_every_import_is_not_advised_to_be_imported(
    capsys: pytest.CaptureFixture[str], received: str, limit: str, said: str
) -> None:
    assert run(["calendar", "due", "--received", received, "--limit", limit]) == 2
    message = capsys.readouterr().err
    assert said in message
    assert message.endswith("further away than a calendar may be extended to; correct the date or the limit\n")


def test_date_that_an_import_reaches_is_advised_to_be_imported(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["calendar", "due", "--received", "2038-03-02T09:00", *LIMIT]) == 2
    assert "not 2038: add the days of 2038 (motcua calendar import)" in capsys.readouterr().err


@pytest.mark.parametrize("mark", [",", ";"])
def test_batch_reads_both_separators(capsys: pytest.CaptureFixture[str], tmp_path: Path, mark: str) -> None:
    file = tmp_path / "b.csv"
    rows = [["received_at", "limit", "cutoff"], ["2026-02-12T09:00", "3 working_day", ""], ["x", "3 working_day", ""]]
    file.write_text("\ufeff" + "".join(f"{mark.join(row)}\r\n" for row in rows), encoding="utf-8")
    assert run(["calendar", "due", "--batch", str(file)]) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["row"], first["due_at"]) == (2, "2026-02-24T09:00+07:00")
    assert (second["row"], second["error"]["field"]) == (3, "received_at")
