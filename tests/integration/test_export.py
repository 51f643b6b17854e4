"""The export of dossiers on both databases: content, formats, and text that spreadsheets must not compute."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.errors import InvalidInputError
from engine.reports import export
from engine.reports.export import COLUMNS, PEOPLE, Format, Selection, export_dossiers, write_dossiers
from engine.reports.filters import Filters, Queue
from engine.reports.render import workbooks
from engine.reports.render.cells import csv_text, guarded, unguarded
from tests.support.builders import (
    NO_EMAIL,
    a_received_dossier,
    a_submitted_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    publish,
    turn_clock_to,
    withdraw,
)
from tests.support.csv_files import read_csv
from web.cli import main

INSTANTS = [name for name in COLUMNS if name.endswith("_at") or name == "late_after"]
DANGEROUS = (
    "=1+1",
    "+84912",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    ";=1+1",
    '"=1+1',
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://example.test","x")',
    " =1",
    "\u00a0=1",
    "'=1",
)


def exported(ctx: Context, folder: Path, selection: Selection | None = None) -> list[dict[str, str]]:
    count = export_dossiers(ctx, by=SYSTEM, to=folder / "dossiers.csv", selection=selection)
    rows = read_csv(folder / "dossiers.csv")
    assert count == len(rows)
    return rows


def test_export_tells_the_facts_of_a_dossier(ctx: Context, tmp_path: Path) -> None:
    office = an_office(ctx, policy={"field": "Hộ tịch"})
    an_office(ctx, code="H01")
    dossier = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-03T08:00")
    bring_supplement(ctx, office, dossier)
    apologise(ctx, office, dossier, new_due="2026-03-12T09:00")
    turn_clock_to(ctx, "2026-03-10T08:00")
    advance_to(ctx, office, bring_to_date(ctx, dossier["code"]), Status.RETURNED)
    (row,) = exported(ctx, tmp_path)

    assert row == {
        "code": "H00-260302-0001",
        "procedure_code": "TP99",
        "procedure_name": "Thủ tục thử",
        "field": "Hộ tịch",
        "channel": "direct",
        "receiving_agency": "H00",
        "resolving_agency": "H00",
        "returning_agency": "H00",
        "status": "10",
        "decision": "granted",
        "submitted_at": "2026-03-02T08:00:00+07:00",
        "received_at": "2026-03-02T08:00:00+07:00",
        "due_at": "2026-03-09T08:00:00+07:00",
        "late_after": "2026-03-09T23:59:59.999999+07:00",
        "extended_due_at": "2026-03-12T09:00:00+07:00",
        "finished_at": "2026-03-10T08:00:00+07:00",
        "ended_at": "2026-03-10T08:00:00+07:00",
        "standing": "late",
        "late": "1",
        "paused": "0",
        "pause_count": "1",
        "supplement_count": "1",
        "extension_count": "1",
        "letter_state": "sent",
        "letter_number": "01/PXL",
        "source": "",
    }


def bring_to_date(ctx: Context, code: str) -> dict[str, object]:
    """Return what ``advance_to`` needs of a dossier that moved on meanwhile."""
    with ctx.unit_of_work(read_only=True) as uow:
        dossier = uow.dossiers.by_code(code)
        tasks = [
            {"id": str(task.id), "name": task.name, "unit": uow.agencies.unit(task.unit_id).code}
            for task in uow.tasks.open_of(dossier.id)
        ]
        return {"id": str(dossier.id), "status": dossier.status, "open_tasks": tasks}


def test_export_keeps_people_out_unless_asked(ctx: Context, tmp_path: Path) -> None:
    office = an_office(ctx)
    a_received_dossier(ctx, office)
    (without,) = exported(ctx, tmp_path)
    text = (tmp_path / "dossiers.csv").read_text(encoding="utf-8")
    (with_people,) = exported(ctx, tmp_path, Selection(with_people=True))

    assert tuple(without) == COLUMNS
    assert [found for found in (NO_EMAIL.name, NO_EMAIL.identity_number, NO_EMAIL.phone) if found in text] == []  # type: ignore[operator]
    assert tuple(with_people) == COLUMNS + PEOPLE
    assert [with_people[name] for name in PEOPLE] == ["Nguyễn Văn Thử", "031090000001", "0912000001", "", ""]


def test_export_writes_the_filtered_list(ctx: Context, tmp_path: Path) -> None:
    office = an_office(ctx)
    publish(ctx, code=office.code, procedure="TP98")
    first = a_received_dossier(ctx, office)
    other = a_received_dossier(ctx, office, procedure_code="TP98")
    withdrawn = withdraw(ctx, office, a_received_dossier(ctx, office))
    filed = a_submitted_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-09T08:00")
    latest = a_received_dossier(ctx, office)

    def codes(filters: Filters | None = None, queue: Queue = Queue.ALL) -> list[str]:
        return sorted(
            row["code"] for row in exported(ctx, tmp_path, Selection(filters=filters or Filters(), queue=queue))
        )

    assert filed["code"] is None
    assert codes() == sorted(["", *(each["code"] for each in (first, other, withdrawn, latest))])
    assert codes(Filters(procedure="TP98")) == [other["code"]]
    assert codes(Filters(status=7)) == [withdrawn["code"]]
    assert codes(Filters(received_from=date(2026, 3, 3))) == [latest["code"]]
    assert codes(queue=Queue.OVERDUE) == sorted([first["code"], other["code"]])
    assert codes(Filters(agency="H77")) == []


def test_export_shows_each_actor_only_what_they_may_read(ctx: Context) -> None:
    here, there = an_office(ctx), an_office(ctx, code="H01")
    a_received_dossier(ctx, here)
    theirs = a_received_dossier(ctx, there)
    written = {}
    for actor in (there.auditor, there.admin):
        file = BytesIO()
        written[actor.name] = write_dossiers(ctx, by=actor, to=file, wanted=Format.JSONL), file.getvalue()

    assert written["Cán bộ admin.h01"] == (0, b"")
    count, content = written["Cán bộ auditor.h01"]
    assert (count, json.loads(content)["code"]) == (1, theirs["code"])


def test_export_says_the_same_in_every_format(ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "AT_ONCE", 2)  # more than one fetch
    office = an_office(ctx)
    for _ in range(5):
        a_received_dossier(ctx, office)
    for suffix in ("csv", "xlsx", "json", "jsonl"):
        assert export_dossiers(ctx, by=SYSTEM, to=tmp_path / f"d.{suffix}") == 5
    lines = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text(encoding="utf-8").splitlines()]
    header, *table = load_workbook(tmp_path / "d.xlsx")["Hồ sơ"].values

    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8")) == lines
    assert header == COLUMNS
    assert [dict(zip(COLUMNS, row, strict=True)) for row in table] == [_of_a_sheet(line) for line in lines]
    assert read_csv(tmp_path / "d.csv") == [
        {name: "" if value is None else str(value) for name, value in line.items()} for line in lines
    ]


def _of_a_sheet(line: dict[str, object]) -> dict[str, object]:
    """Return what a sheet says of a row: instants are its dates, by the clock on the wall, without parts of seconds."""
    told = {name: line[name] for name in INSTANTS if line[name] is not None}
    return line | {
        name: datetime.fromisoformat(str(at)).replace(tzinfo=None, microsecond=0) for name, at in told.items()
    }


def test_export_of_nothing_is_a_whole_file(sqlite_ctx: Context, tmp_path: Path) -> None:
    an_office(sqlite_ctx)
    for suffix in ("csv", "xlsx", "json", "jsonl"):
        export_dossiers(sqlite_ctx, by=SYSTEM, to=tmp_path / f"d.{suffix}")

    assert read_csv(tmp_path / "d.csv") == []
    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8")) == []
    assert (tmp_path / "d.jsonl").read_bytes() == b""
    assert list(load_workbook(tmp_path / "d.xlsx")["Hồ sơ"].values) == [COLUMNS]


def test_export_leaves_the_old_file_when_it_fails(sqlite_ctx: Context, tmp_path: Path) -> None:
    a_received_dossier(sqlite_ctx, an_office(sqlite_ctx))
    (tmp_path / "d.csv").write_text("old", encoding="utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(InvalidInputError):
        export_dossiers(
            sqlite_ctx, by=SYSTEM, to=tmp_path / "d.csv", selection=Selection(filters=Filters(channel="pigeon"))
        )

    assert (tmp_path / "d.csv").read_text(encoding="utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_export_goes_on_in_another_sheet_when_one_is_full(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "SHEET_ROWS", 3)
    office = an_office(sqlite_ctx)
    codes = [a_received_dossier(sqlite_ctx, office)["code"] for _ in range(3)]

    assert export_dossiers(sqlite_ctx, by=SYSTEM, to=tmp_path / "d.xlsx") == 3
    sheets = {sheet.title: list(sheet.values) for sheet in load_workbook(tmp_path / "d.xlsx").worksheets}
    assert {name: len(rows) for name, rows in sheets.items()} == {"Hồ sơ": 3, "Hồ sơ (2)": 2}
    assert sorted(row[0] for rows in sheets.values() for row in rows[1:]) == codes


def test_export_has_the_same_bytes_again(sqlite_ctx: Context, tmp_path: Path) -> None:
    a_received_dossier(sqlite_ctx, an_office(sqlite_ctx))
    for name in ("a.xlsx", "b.xlsx"):
        export_dossiers(sqlite_ctx, by=SYSTEM, to=tmp_path / name)

    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


# --- text that could begin a formula (attack S15) --------------------------------------------------------------------


def test_export_writes_dangerous_names_as_text(ctx: Context, tmp_path: Path) -> None:
    office = an_office(ctx)
    for name in DANGEROUS:
        a_received_dossier(ctx, office, applicant=replace(NO_EMAIL, name=name, address=name))
    people = Selection(with_people=True)
    rows = exported(ctx, tmp_path, people)
    export_dossiers(ctx, by=SYSTEM, to=tmp_path / "d.xlsx", selection=people)
    sheet = load_workbook(tmp_path / "d.xlsx")["Hồ sơ"]
    at = COLUMNS.index("extension_count") + 1
    names = [sheet.cell(row, len(COLUMNS) + 1) for row in range(2, len(DANGEROUS) + 2)]

    assert sorted(unguarded(row["applicant_name"]) for row in rows) == sorted(DANGEROUS)
    assert [row["applicant_name"] for row in rows if not row["applicant_name"].startswith("'")] == []
    assert {cell.data_type for cell in names} <= {"s", "inlineStr"}
    assert sorted(unescape(str(cell.value)) for cell in names) == sorted(DANGEROUS)
    assert {sheet.cell(row, at).data_type for row in range(2, len(DANGEROUS) + 2)} == {"n"}


@pytest.mark.parametrize(
    "text", ["", "Nguyễn Văn A", "12/3", "a=b", "1-2", "H00-260302-0001", "x;=1", "<b>", "{{7*7}}"]
)
def test_guarded_leaves_ordinary_text_alone(text: str) -> None:
    assert guarded(text) == text


@given(st.text())
def test_unguarded_gives_back_what_was_guarded(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
def test_csv_text_is_read_back_whole(texts: list[str]) -> None:
    header = [f"c{at}" for at in range(len(texts))]
    (row,) = read_csv(StringIO("".join(csv_text(header, [texts])), newline=""))

    assert [unguarded(row[name]) for name in header] == texts


def test_csv_text_keeps_numbers_numbers() -> None:
    written = "".join(csv_text(["=a", "b", "c", "d", "e"], [[-5, -0.5, None, True, "-5"]]))

    assert written == "\ufeff'=a,b,c,d,e\r\n-5,-0.5,,1,'-5\r\n"


# --- the command ------------------------------------------------------------------------------------------------------


def invoke(ctx: Context, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("MOTCUA_DATA", str(ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", ctx.settings.database_url)
    return main.run(["export", *arguments])


def test_command_writes_the_file_and_says_how_many(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(sqlite_ctx)
    a_received_dossier(sqlite_ctx, office)
    withdraw(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office))
    file = str(tmp_path / "d.csv")
    dates = ("--from", "2026-03-02", "--to", "2026-03-02")

    assert invoke(sqlite_ctx, monkeypatch, "dossiers", "-o", file, "--status", "7", *dates) == 0
    assert capsys.readouterr() == ("", f"1 dossiers written to {file}\n")
    assert [row["standing"] for row in read_csv(tmp_path / "d.csv")] == ["withdrawn"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("dossiers",), "Missing option '-o'"),
        (("dossiers", "-o", "d.txt"), "d.txt: the name must end in .csv, .xlsx, .json or .jsonl"),
        (("dossiers", "-o", "no/such/folder/d.csv"), "no/such/folder/d.csv: No such file or directory"),
        (("dossiers", "-o", "d.csv", "--status", "11"), "11 is not in the range 1<=x<=10"),
        (("dossiers", "-o", "d.csv", "--from", "0001-01-01"), "the year 1 is not between"),
        (("ocel", "-o", "d.csv"), "d.csv: the name must end in .json, .jsonocel, .xml or .xmlocel"),
    ],
)
def test_command_refuses_an_export_in_one_line(
    sqlite_ctx: Context,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    arguments: tuple[str, ...],
    line: str,
) -> None:
    an_office(sqlite_ctx)
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    status = invoke(sqlite_ctx, monkeypatch, *arguments)
    told = capsys.readouterr()

    assert (status, told.out, told.err.count("\n")) == (2, "", 1)
    assert line in told.err
    assert list(Path().iterdir()) == []
