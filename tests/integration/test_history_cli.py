"""``motcua history``: exit status, what is printed, and one line for what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.context import Context
from engine.seeds import base
from tests.support.histories import HEAD, MAPPING, ROWS
from web.cli.main import run


@pytest.fixture
def asked(tmp_path: Path, sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The arguments of an import of three dossiers into a database of this test."""
    base.ensure(sqlite_ctx)
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    (tmp_path / "old.csv").write_text("\n".join((HEAD, *ROWS)), encoding="utf-8")
    (tmp_path / "m.toml").write_text(MAPPING, encoding="utf-8")
    return ["history", "import", str(tmp_path / "old.csv"), "--mapping", str(tmp_path / "m.toml")]


def test_an_import_is_looked_at_done_and_known(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*asked, "--dry-run", "--json"]) == 0
    looked = json.loads(capsys.readouterr().out)
    assert (looked["dry_run"], looked["import"], looked["counts"]["new"]) == (True, None, 3)
    assert run(["history", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"imports": []}

    assert run(asked) == 0
    assert "new 3, continued 0, known 0, refused 0" in capsys.readouterr().out
    assert run([*asked, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["counts"]["known"] == 3
    assert run(["history", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert run(["verify"]) == 0


def test_refused_rows_are_named_and_end_with_1(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "old.csv").open("a", encoding="utf-8") as file:
        file.write("\nA-4,never,,,web,Nguyễn Văn Kín,")

    assert run(asked) == 1
    told = capsys.readouterr().out
    assert "row 5 (A-4), received: 'never' is no date" in told
    assert "Kín" not in told
    assert "new 3" in told


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("old.csv", b"a,b\n1,2", "old.csv: the file has no column"),
        ("old.csv", b"\xff\xfe\xfa", "old.csv: "),
        ("m.toml", b"rows = ", "m.toml: the mapping is no TOML"),
        ("m.toml", b"\xff", "m.toml: not UTF-8"),
        ("m.toml", MAPPING.replace('"instant"', '"week"').encode(), "m.toml: mapping, late_rule: give one of day"),
    ],
)
def test_what_cannot_be_read_is_one_line_and_2(
    asked: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, content: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(content)

    assert run(asked) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_an_unknown_agency_or_file_is_wrong_usage(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*asked, "--agency", "H99"]) == 2
    assert run(["history", "import", "nowhere.csv", *asked[3:]]) == 2
    assert run(asked[:3]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3
