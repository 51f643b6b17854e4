"""``motcua procedures`` and ``motcua letters``: what they print, and their exit status (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bpmn import references
from engine.context import Context
from engine.seeds import base
from tests.support.sheets import STEPS, TITLES, as_csv, as_xlsx, rows
from tests.support.step_tables import a_model_xml, an_entry
from web.cli.main import run

Motcua = Callable[..., tuple[int, str, str]]


@pytest.fixture
def motcua(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Motcua:
    """Runs a command in a migrated database; returns exit status, stdout and stderr."""
    base.ensure(sqlite_ctx)
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))

    def command(*arguments: object) -> tuple[int, str, str]:
        status = run([str(argument) for argument in arguments])
        return (status, *capsys.readouterr())

    return command


@pytest.fixture
def tables(tmp_path: Path) -> Callable[..., Path]:
    """Writes step tables into a file."""

    def write(*entries: dict[str, Any], name: str = "tables.json") -> Path:
        file = tmp_path / name
        file.write_text(json.dumps(entries), encoding="utf-8")
        return file

    return write


def test_import_publishes_what_passes_and_reports_what_is_refused(
    motcua: Motcua, tables: Callable[..., Path]
) -> None:  # fmt: skip
    file = tables(an_entry(code="TP01"), an_entry(code="TP02", steps=[]))

    status, out, err = motcua("procedures", "import", file, "--json")
    document = json.loads(out)

    assert (status, err) == (1, "")
    assert document["published"] == [{"code": "TP01", "version": 1, "steps": 5, "findings": []}]
    assert [(row["code"], row["findings"][0]["rule"]) for row in document["refused"]] == [("TP02", "steps-missing")]


def test_import_with_warnings_alone_exits_0(motcua: Motcua, tables: Callable[..., Path]) -> None:
    status, out, err = motcua("procedures", "import", tables(an_entry(total_days="-1")))

    assert (status, err) == (0, "")
    assert out.splitlines() == [
        "code         version steps warnings",
        "TP99               1     5        1",
        "1 published, 0 refused",
    ]


def test_import_takes_several_files_and_models(motcua: Motcua, tables: Callable[..., Path], tmp_path: Path) -> None:
    model = tmp_path / "model.bpmn"
    model.write_text(a_model_xml(code="TP50"), encoding="utf-8")

    status, out, _ = motcua("procedures", "import", tables(an_entry()), model, "--json")

    assert status == 0
    assert [row["code"] for row in json.loads(out)["published"]] == ["TP99", "TP50"]


@pytest.mark.parametrize(("name", "make"), [("bang.csv", as_csv), ("BANG.XLSX", as_xlsx)])
def test_import_takes_spreadsheets(motcua: Motcua, tmp_path: Path, name: str, make: Callable[..., bytes]) -> None:
    (tmp_path / name).write_bytes(make(rows()))

    assert motcua("procedures", "lint", tmp_path / name)[0] == 0
    status, out, _ = motcua("procedures", "import", tmp_path / name, "--json")

    (published,) = json.loads(out)["published"]
    assert (status, published["code"], published["steps"]) == (0, "9.000009", 5)


def test_finding_of_a_spreadsheet_names_its_row(motcua: Motcua, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(as_csv(rows(titles=(*TITLES, "Tạm dừng"), steps=[(*s, "x") for s in STEPS])))

    out = motcua("procedures", "lint", tmp_path / "a.csv")[1]

    assert "ends-pauses (9.000009, step 9.000009::KY_GIAY (row 6))" in out


def test_import_takes_a_folder_of_a_whole_procedure(motcua: Motcua, tmp_path: Path) -> None:
    status, out, err = motcua("procedures", "import", references.FOLDER / "1.001193", "--json")

    assert (status, err) == (0, "")
    assert [row["code"] for row in json.loads(out)["published"]] == ["1.001193"]
    assert motcua("procedures", "import", tmp_path)[0] == 2


def test_folder_with_partners_is_linted_and_imported_as_the_library_adds_it(motcua: Motcua) -> None:
    folder = references.FOLDER / "3.000722"

    assert motcua("procedures", "lint", folder)[:2] == (0, f"{folder}: ok\n")
    assert json.loads(motcua("procedures", "import", folder, "--json")[1])["refused"] == []
    shown = json.loads(motcua("procedures", "show", "3.000722", "--json")[1])
    assert set(shown["policy"]["partners"].values()) == {shown["agency"]}


def test_drawing_in_a_file_of_xml_is_read_as_one(motcua: Motcua, tmp_path: Path) -> None:
    (tmp_path / "drawn.XML").write_text(a_model_xml(), encoding="utf-8")

    assert motcua("procedures", "lint", tmp_path / "drawn.XML")[0] == 0
    assert motcua("procedures", "import", tmp_path / "drawn.XML")[0] == 0


def test_drawing_of_others_gets_code_name_and_limit_from_the_command(motcua: Motcua) -> None:
    file = Path(__file__).parents[1] / "unit" / "bpmn" / "foreign" / "bizagi-plain-tasks.bpmn"
    said = ("--code", "9.000012", "--name", "Vẽ ở nơi khác", "--limit", "5 working_day")

    assert motcua("procedures", "lint", file)[0] == 1
    status, printed, _ = motcua("procedures", "import", file, *said, "--json")
    assert (status, [row["code"] for row in json.loads(printed)["published"]]) == (0, ["9.000012"])
    shown = json.loads(motcua("procedures", "show", "9.000012", "--json")[1])
    assert (shown["name"], shown["limit"]) == ("Vẽ ở nơi khác", "5 working_day")


def test_code_of_a_command_is_for_one_drawing(motcua: Motcua, tables: Callable[..., Path]) -> None:
    status, _, refused = motcua("procedures", "import", tables(an_entry(code="TP01")), "--code", "TP02")
    assert (status, "for one drawing" in refused) == (2, True)


def test_file_without_any_procedure_is_said_to_have_none(motcua: Motcua, tables: Callable[..., Path]) -> None:
    status, out, _ = motcua("procedures", "lint", tables())

    assert status == 1
    assert "error   procedure-missing (tables.json): The file holds no procedure" in out


def test_import_takes_the_policy_of_a_table(motcua: Motcua, tables: Callable[..., Path]) -> None:
    policy = {"cutoff": "15:00", "papers": ["Tờ khai"]}
    motcua("procedures", "import", tables(an_entry() | {"policy": policy}))

    shown = json.loads(motcua("procedures", "show", "TP99", "--json")[1])

    assert (shown["policy"]["cutoff"], shown["policy"]["papers"]) == ("15:00", ["Tờ khai"])


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        pytest.param("no.json", None, "No such file or directory", id="missing"),
        pytest.param("bad.json", b'[{"code": ]', 'row 1, column 11: is not JSON: Expecting value', id="no-json"),
        pytest.param("bad.json", b"{}", "must hold a list of procedures", id="no-list"),
        pytest.param("bad.json", b'["\xff\xfe"]', "is neither UTF-8 nor UTF-16 text (byte 2)", id="no-text"),
        pytest.param(
            "a.txt", b"", "is none of .json, .csv, .xlsx, .bpmn, .xml and a folder with process.bpmn", id="other"
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["import", "lint"])
def test_unreadable_file_is_one_line_that_names_it(
    motcua: Motcua, tmp_path: Path, command: str, name: str, content: bytes | None, line: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)

    assert motcua("procedures", command, tmp_path / name) == (2, "", f"motcua: {tmp_path / name}: {line}\n")


def test_nothing_is_published_when_a_later_file_cannot_be_read(motcua: Motcua, tables: Callable[..., Path]) -> None:
    assert motcua("procedures", "import", tables(an_entry()), "no.json")[0] == 2
    assert json.loads(motcua("procedures", "list", "--json")[1]) == {"procedures": []}


def test_lint_reports_each_file(motcua: Motcua, tables: Callable[..., Path], tmp_path: Path) -> None:
    good, bad = tables(an_entry() | {"policy": {}}), tmp_path / "bad.bpmn"
    bad.write_text("<x/>", encoding="utf-8")

    status, out, _ = motcua("procedures", "lint", good, bad, "--json")
    files = json.loads(out)["files"]

    assert status == 1
    assert files[0] == {"file": str(good), "ok": True, "findings": []}
    assert (files[1]["ok"], [found["rule"] for found in files[1]["findings"]]) == (False, ["not-bpmn"])


def test_lint_compares_with_a_second_engine_when_asked(motcua: Motcua, tmp_path: Path) -> None:
    conformance = Path(__file__).parents[1] / "conformance" / "models" / "catch_twice.bpmn"

    alone = motcua("procedures", "lint", conformance)
    status, out, err = motcua("procedures", "lint", "--second-engine", conformance)

    assert "second-engine-differs" not in alone[1]
    assert (status, err) == (0, "")
    assert "warning second-engine-differs (case_T): SpiffWorkflow stops on the way" in out


def test_lint_reports_a_malformed_policy(motcua: Motcua, tables: Callable[..., Path]) -> None:
    status, out, err = motcua("procedures", "lint", tables(an_entry() | {"policy": {"cutoff": 15}}))

    assert (status, err) == (1, "")
    assert "policy-invalid (TP99): cutoff must be a text such as 15:00 or last-hour, or null" in out


def test_lint_of_a_warning_exits_0(motcua: Motcua, tables: Callable[..., Path]) -> None:
    status, out, _ = motcua("procedures", "lint", tables(an_entry(total_days="9")))

    assert status == 0
    assert "warning total-differs (TP99)" in out


def test_show_prints_the_model_that_can_be_imported_again(
    motcua: Motcua, tables: Callable[..., Path], tmp_path: Path
) -> None:
    motcua("procedures", "import", tables(an_entry()))
    model = tmp_path / "model.bpmn"
    model.write_text(motcua("procedures", "show", "TP99", "--bpmn")[1], encoding="utf-8")

    again = json.loads(motcua("procedures", "import", model, "--json")[1])

    assert again["published"] == [{"code": "TP99", "version": 1, "steps": 5, "findings": []}]


def test_closed_procedure_is_listed_as_closed(motcua: Motcua, tables: Callable[..., Path]) -> None:
    motcua("procedures", "import", tables(an_entry()))

    assert motcua("procedures", "close", "TP99") == (0, "TP99 is closed\n", "")
    assert motcua("procedures", "list")[1].rstrip().endswith("(closed)")
    assert motcua("procedures", "open", "TP99") == (0, "TP99 is open\n", "")
    assert motcua("procedures", "close", "NO")[0] == 2


def test_letters_are_listed_and_refused_in_one_line(motcua: Motcua, tmp_path: Path) -> None:
    paper, other = tmp_path / "a.odt", tmp_path / "a.docx"

    assert motcua("letters", "list", "--json") == (0, '{"letters": []}\n', "")
    assert motcua("letters", "render", "x", "-o", paper) == (
        2, "", f"motcua: {paper}: the name must end with .pdf or .docx\n"
    )  # fmt: skip
    assert motcua("letters", "render", "x", "-o", other) == (2, "", "motcua: 'x' is no letter id\n")
