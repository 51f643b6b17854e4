"""Open data on both databases: the numbers, what is hidden of them, and the description that goes with the file."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.errors import EngineError
from engine.reports import open_data
from engine.reports.on_time_values import Period
from tests.support.builders import NO_EMAIL, Office, a_received_dossier, advance_to, an_office, publish, turn_clock_to
from tests.support.csv_files import read_csv
from web.cli import main

QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))


def some_months(ctx: Context) -> tuple[Office, Office]:
    """March: 7 dossiers of TP99 (6 finished in time, 1 late), 6 of TP98, all in time; elsewhere a few; then April."""
    office, there = an_office(ctx), an_office(ctx, code="H01")
    publish(ctx, code=office.code, procedure="TP98")
    late = a_received_dossier(ctx, office)
    for _ in range(6):
        advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)
        advance_to(ctx, office, a_received_dossier(ctx, office, procedure_code="TP98"), Status.RETURNED)
    a_received_dossier(ctx, there)
    turn_clock_to(ctx, "2026-03-20T08:00")
    advance_to(ctx, office, late, Status.RETURNED)
    turn_clock_to(ctx, "2026-04-02T08:00")
    a_received_dossier(ctx, office)
    return office, there


def written(ctx: Context, folder: Path, period: Period = QUARTER) -> list[dict[str, str]]:
    made = open_data.save(ctx, by=SYSTEM, to=folder / "mo.csv", period=period)
    rows = read_csv(made.data)
    assert (made.rows, made.suppressed) == (len(rows), sum(row["suppressed"] == "1" for row in rows))
    return rows


def test_months_are_counted_and_small_counts_are_hidden(ctx: Context, tmp_path: Path) -> None:
    some_months(ctx)
    rows = written(ctx, tmp_path)
    told = [tuple(row[name] for name in open_data.HEADER) for row in rows]

    assert told == [
        ("2026-03", "H00", told[0][2], "TP98", "Thủ tục thử", "direct", "6", "6", "6", "0", "0"),
        ("2026-03", "H00", told[0][2], "TP99", "Thủ tục thử", "direct", "7", "7", "", "", "1"),
        ("2026-03", "H00", told[0][2], "*", "", "*", "13", "13", "", "", "1"),
        ("2026-03", "H01", told[3][2], "TP99", "Thủ tục thử", "direct", "", "0", "0", "0", "1"),
        ("2026-03", "H01", told[3][2], "*", "", "*", "", "0", "0", "0", "1"),
    ]


def test_the_file_is_described_and_its_bytes_are_the_same_again(sqlite_ctx: Context, tmp_path: Path) -> None:
    office, _ = some_months(sqlite_ctx)
    written(sqlite_ctx, tmp_path)
    content, told = (tmp_path / "mo.csv").read_bytes(), json.loads((tmp_path / "mo.jsonld").read_text(encoding="utf-8"))
    written(sqlite_ctx, tmp_path)
    shared = told["dcat:distribution"]

    assert (tmp_path / "mo.csv").read_bytes() == content
    assert content.startswith(b"\xef\xbb\xbfmonth,agency,")
    assert told["@type"] == "dcat:Dataset"
    assert told["dct:temporal"]["dcat:startDate"]["@value"] == "2026-01-01"
    assert told["dct:temporal"]["dcat:endDate"]["@value"] == "2026-03-31"
    assert told["dct:license"] == shared["dct:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert told["dct:publisher"]["dct:identifier"] == office.code
    assert shared["dcat:byteSize"]["@value"] == str(len(content))
    assert shared["spdx:checksum"]["spdx:checksumValue"] == hashlib.sha256(content).hexdigest()
    text = content.decode() + json.dumps(told, ensure_ascii=False)
    assert [secret for secret in (NO_EMAIL.name, "031090000001", "H00-26", "officer") if secret in text] == []


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 3, 1), date(2026, 4, 30), {"2026-03"}),  # April still changes
        (date(2026, 2, 15), date(2026, 3, 31), {"2026-03"}),
        (date(2026, 3, 1), date(2026, 3, 30), None),  # no whole month
        (date(2026, 3, 2), date(2026, 3, 31), None),
        (date(2026, 4, 1), date(2026, 4, 30), None),
        (date(2027, 1, 1), date(2027, 1, 31), None),
    ],
)
def test_only_whole_months_that_are_past_are_published(
    sqlite_ctx: Context, tmp_path: Path, first: date, last: date, months: set[str] | None
) -> None:
    a_received_dossier(sqlite_ctx, an_office(sqlite_ctx))
    turn_clock_to(sqlite_ctx, "2026-04-02T08:00")
    if months is None:
        with pytest.raises(EngineError) as caught:
            written(sqlite_ctx, tmp_path, Period(first, last))
        assert caught.value.code == "no-month-past"
        assert not (tmp_path / "mo.csv").exists()
    else:
        assert {row["month"] for row in written(sqlite_ctx, tmp_path, Period(first, last))} == months


def test_each_publishes_what_they_may_report(sqlite_ctx: Context, tmp_path: Path) -> None:
    office, there = some_months(sqlite_ctx)
    open_data.save(sqlite_ctx, by=there.supervisor, to=tmp_path / "mo.csv", period=QUARTER)

    assert {row["agency"] for row in read_csv(tmp_path / "mo.csv")} == {"H01"}
    with pytest.raises(EngineError):
        open_data.save(sqlite_ctx, by=office.desk, to=tmp_path / "no.csv", period=QUARTER)


def invoke(ctx: Context, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("MOTCUA_DATA", str(ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", ctx.settings.database_url)
    return main.run(["export", "open-data", *arguments])


@pytest.mark.parametrize(
    ("name", "more", "line"),
    [
        ("mo.txt", (), "the file must end in .csv"),
        ("mo.csv", ("--licence", "free"), "is no address of a licence"),
        ("mo.csv", ("--to", "2025-12-31"), "before it begins"),
    ],
)
def test_command_refuses_in_one_line(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    name: str, more: tuple[str, ...], line: str,
) -> None:  # fmt: skip
    an_office(sqlite_ctx)
    period = ("--from", "2026-01-01", "--to", "2026-03-31")
    status = invoke(sqlite_ctx, monkeypatch, "-o", str(tmp_path / name), *period, *more)
    told: Any = capsys.readouterr()

    assert (status, told.out, told.err.count("\n")) == (2, "", 1)
    assert line in told.err
    assert not (tmp_path / name).exists()


def test_command_writes_both_files(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    an_office(sqlite_ctx)
    file = str(tmp_path / "mo.csv")

    assert invoke(sqlite_ctx, monkeypatch, "-o", file, "--from", "2024-01-01", "--to", "2024-12-31") == 0
    assert f"0 rows written to {file}, 0 of them with hidden counts" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.glob("mo.*")) == ["mo.csv", "mo.jsonld"]
