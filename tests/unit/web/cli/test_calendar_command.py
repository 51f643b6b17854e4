"""``motcua calendar``: what it prints, and how it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from web.cli.calendar import calendar


@pytest.fixture(autouse=True)
def nothing_there_yet(tmp_path, monkeypatch):
    """No database: the national calendar counts."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path / "data"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(calendar, arguments)


def test_due_prints_one_json_document():
    result = run("due", "--received", "2026-02-12T09:00", "--limit", "3 working_day", "--json")
    answer = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert answer["received_at"] == "2026-02-12T09:00+07:00"
    assert answer["counted_from"] == "2026-02-12T09:00+07:00"
    assert answer["due_at"] == "2026-02-24T09:00+07:00"
    assert answer["late_after"] == "2026-02-24T23:59:59.999999+07:00"
    assert answer["provisional"] is False
    assert [line["kind"] for line in answer["explanation"]] == ["start", "days", *["day_off"] * 5, "days", "due"]


@pytest.mark.parametrize("received", ["2026-02-12T02:00Z", "2026-02-12T02:00+00:00", "2026-02-12 09:00:00"])
def test_due_reads_zones_and_takes_none_as_local(received):
    answer = json.loads(run("due", "--received", received, "--limit", "3 working_day", "--json").stdout)
    assert answer["due_at"] == "2026-02-24T09:00+07:00"


def test_due_explains_in_sentences_when_asked():
    arguments = ("due", "--received", "2026-04-24T15:20", "--limit", "0 working_day", "--cutoff", "15:00")
    plain, explained = run(*arguments).stdout.splitlines(), run(*arguments, "--explain").stdout.splitlines()
    assert plain == ["due 2026-04-28T17:00+07:00", "late after 2026-04-28T23:59:59.999999+07:00"]
    assert explained[:2] == plain
    assert "after the cut-off (15:00)" in explained[2]


def test_due_says_that_a_date_is_provisional():
    result = run("due", "--received", "2026-12-31T09:00", "--limit", "2 working_day")
    assert result.stdout.startswith("due 2027-01-05T09:00+07:00 (provisional)")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--received", "soon", "--limit", "3 working_day"), '--received: "soon"'),
        (("--received", "2026-02-12", "--limit", "3 working_day"), '--received: "2026-02-12"'),
        (("--received", "2026-02-30T09:00", "--limit", "3 working_day"), "--received:"),
        (("--received", "2031-02-12T09:00", "--limit", "3 working_day"), "--received: the working calendar covers"),
        (
            ("--received", "9999-12-31T23:59+00:00", "--limit", "3 working_day"),
            "--received: the working calendar covers",
        ),
        (("--received", "0001-01-01T00:00", "--limit", "3 working_day"), "--received:"),
        (("--received", "2028-12-01T09:00", "--limit", "90 working_day"), "--limit: the working calendar covers"),
        (("--received", "2026-02-12T09:00", "--limit", "1,5 ngày"), '--limit: "1,5 ngày" (column 1)'),
        (("--received", "2026-02-12T09:00", "--limit", "1 working_day", "--cutoff", "3pm"), '--cutoff: "3pm"'),
        (("--received", "2026-02-12T09:00"), "--limit"),
        (("--limit", "1 working_day", "--batch", "rows.csv"), "--batch"),
    ],
)
def test_due_refuses_bad_input_with_status_2_and_the_field(arguments, words):
    result = run("due", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert "Traceback" not in result.stderr


def test_batch_answers_each_row_and_ends_with_1_when_one_was_refused(tmp_path: Path):
    file = tmp_path / "rows.csv"
    file.write_text(
        "received_at,limit,cutoff\n"
        "2026-02-12T09:00,3 working_day,\n"
        '2026-02-12T09:00,"1,5 ngày",\n'
        "2026-04-24T15:20,0 working_day,15:00\n"
        "2026-04-24T15:20,0 working_day,25:00\n"
        "2026-04-24T15:20\n",
        encoding="utf-8-sig",
    )
    result = run("due", "--batch", str(file))
    documents = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.exit_code == 1
    assert [document.get("due_at") for document in documents] == [
        "2026-02-24T09:00+07:00",
        None,
        "2026-04-28T17:00+07:00",
        None,
        None,
    ]
    refused = [document["error"] for document in documents if "error" in document]
    assert [(error["file"], error["row"], error["field"], error["code"]) for error in refused] == [
        (str(file), 3, "limit", "invalid-limit"),
        (str(file), 5, "cutoff", "invalid-cutoff"),
        (str(file), 6, "limit", "invalid-limit"),
    ]
    assert result.stderr.splitlines()[0].startswith(f'{file}: row 3: limit: "1,5 ngày"')


def test_batch_without_refusals_ends_with_0(tmp_path: Path):
    file = tmp_path / "rows.csv"
    file.write_text("limit,received_at\n3 working_day,2026-02-12T09:00\n", encoding="utf-8")
    result = run("due", "--batch", str(file), "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["due_at"] == "2026-02-24T09:00+07:00"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"", "column received_at"),
        (b"received_at|limit\n", "column received_at"),
    ],
)
def test_batch_refuses_a_file_that_is_none(tmp_path: Path, content, words):
    file = tmp_path / "rows.csv"
    file.write_bytes(content)
    result = run("due", "--batch", str(file))
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_batch_refuses_a_file_that_is_missing(tmp_path: Path):
    result = run("due", "--batch", str(tmp_path / "none.csv"))
    assert result.exit_code == 2
    assert "none.csv: No such file" in result.stderr


def test_show_lists_declared_days_and_counts_working_days():
    summary = json.loads(run("show", "2026", "--json").stdout)
    assert summary["working_days"] == [21, 15, 22, 20, 20, 22, 23, 21, 20, 22, 21, 23]
    assert (summary["total"], summary["provisional"]) == (250, False)
    assert {"2026-01-02": "off", "2026-01-10": "work"}.items() <= {
        d["date"]: d["kind"] for d in summary["days"]
    }.items()
    text = run("show", "2026").stdout
    assert "Sat 2026-01-10  works  Làm bù cho thứ Sáu 02/01 (12729/VPCP-KGVX (25/12/2025))" in text
    assert text.endswith("= 250\n")


def test_show_marks_a_year_without_decision():
    assert "provisional: no decision yet" in run("show", "2027").stdout


@pytest.mark.parametrize("year", ["2031", "99999", "0", "MMXXVI"])
def test_show_refuses_a_year_that_it_does_not_have(year):
    assert run("show", year).exit_code == 2
