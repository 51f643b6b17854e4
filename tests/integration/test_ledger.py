"""The ledger of a centre: every receipt of a period by its running number, with nothing missing (domain.md §2.8)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import delete

from engine.context import Context
from engine.documents.ledgers import LedgerLine, RemarkKind
from engine.domain.actors import SYSTEM, Actor
from engine.domain.dossier import Status
from engine.errors import EngineError
from engine.reports import ledger
from engine.reports.ledger import Question
from engine.reports.render import ledger_files
from engine.services import corrections, intake, reserved_numbers
from engine.services.corrections import Correction
from engine.store.papers import IssuedPaper
from tests.support import builders as b
from tests.unit.documents.sample_papers import text
from web.cli import main

MARCH = Question(date(2026, 3, 1), date(2026, 3, 31), "H00")
HOSTILE = '=HYPERLINK("http://x";"y") #panic("z")'


def all_lines(ctx: Context, by: Actor, question: Question = MARCH) -> list[LedgerLine]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(ledger.stream(uow, by=by, question=question))


def remarks(line: LedgerLine) -> list[RemarkKind]:
    return [remark.kind for remark in line.remarks]


def a_month(ctx: Context) -> tuple[b.Office, dict[str, b.Dossier]]:
    """Receive dossiers with every fate: returned, withdrawn, stopped, refused, corrected, from a pad; void a number."""
    office = b.an_office(ctx)
    names = ("returned", "withdrawn", "stopped", "refused", "named")
    made = {name: b.a_received_dossier(ctx, office) for name in names}
    pad = reserved_numbers.reserve(ctx, by=office.desk, counter="Quầy 3", count=2)["codes"]
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    filing = b.a_filing(office, slip=pad[0], received_at=b.local("2026-03-02T09:00"))
    made["pad"] = intake.receive(ctx, by=office.desk, filing=filing)
    reserved_numbers.void(ctx, by=office.desk, codes=[pad[1]], reason="Tờ bị rách")
    b.advance_to(ctx, office, made["returned"], Status.RETURNED)
    b.withdraw(ctx, office, made["withdrawn"])
    b.stop(ctx, office, made["stopped"])
    b.refuse(ctx, office, made["refused"])
    named = replace(b.NO_EMAIL, name="Nguyễn Văn Đúng")
    corrections.correct(
        ctx, by=office.desk, dossier=made["named"]["code"], correction=Correction(reason="Sai họ tên", applicant=named)
    )
    b.a_submitted_dossier(ctx, office)  # has no receipt yet
    return office, made | {"void": {"code": pad[1]}}


def test_every_receipt_is_there_in_the_order_of_its_number(ctx: Context) -> None:
    office, made = a_month(ctx)

    lines = all_lines(ctx, office.desk)

    assert [line.entry for line in lines] == [1, 2, 3, 4, 5, 6, None]
    assert [line.code for line in lines] == [made[name]["code"] for name in made]
    assert {line.year for line in lines[:-1]} == {2026}
    said = dict(zip(made, lines, strict=True))
    assert said["returned"].returned_at is not None
    assert said["returned"].receiver_name
    assert remarks(said["withdrawn"]) == [RemarkKind.WITHDRAWN]
    assert remarks(said["stopped"]) == [RemarkKind.STOPPED]
    assert remarks(said["refused"]) == [RemarkKind.REFUSED]
    assert remarks(said["named"]) == [RemarkKind.CORRECTED]
    assert said["named"].applicant_name == "Nguyễn Văn Đúng"
    assert remarks(said["pad"]) == [RemarkKind.RESERVED]
    assert said["pad"].received_at == b.local("2026-03-02T09:00")
    assert remarks(said["void"]) == [RemarkKind.NUMBER_VOID]
    assert said["void"].remarks[0].text == "Quầy 3; Tờ bị rách"


def test_pages_are_the_stream_whatever_their_size(ctx: Context) -> None:
    office, _made = a_month(ctx)
    with ctx.unit_of_work() as uow:  # as if two were received before receipts had numbers
        uow.session.execute(delete(IssuedPaper).where(IssuedPaper.counter <= 2))
    whole = [line.code for line in all_lines(ctx, office.desk)]

    assert len(whole) == 7
    assert [line.entry for line in all_lines(ctx, office.desk)] == [None, None, 3, 4, 5, 6, None]
    for size in (1, 2, 3, 100):
        found: list[str] = []
        cursor: str | None = None
        while True:
            page = ledger.page(ctx, by=office.desk, question=MARCH, cursor=cursor, limit=size)
            assert page.total == 7
            found += [line.code for line in page.lines]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert found == whole


def test_parts_of_a_long_ledger_hold_each_line_once(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    office, made = a_month(ctx)
    monkeypatch.setattr(ledger, "PART", 3)
    monkeypatch.setattr(ledger, "AT_ONCE", 2)

    parts = [ledger.pdf(ctx, by=office.desk, question=MARCH, part=no) for no in (1, 2, 3)]

    assert {count for _, count in parts} == {3}
    said = [text(content) for content, _ in parts]
    for dossier in made.values():
        assert sum(dossier["code"] in each for each in said) == 1
    with pytest.raises(ledger.NoSuchPartError):
        ledger.pdf(ctx, by=office.desk, question=MARCH, part=4)


def test_a_period_and_a_field_narrow_the_book(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx, policy={"field": "Hộ tịch"})
    first = b.a_received_dossier(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2026-04-01T08:00")
    second = b.a_received_dossier(sqlite_ctx, office)

    def codes(**changes: object) -> list[str]:
        return [line.code for line in all_lines(sqlite_ctx, office.desk, replace(MARCH, **changes))]

    assert codes() == [first["code"]]
    assert codes(last_on=date(2026, 4, 1)) == [first["code"], second["code"]]
    assert codes(first_on=date(2026, 4, 1), last_on=date(2026, 4, 1)) == [second["code"]]
    assert codes(field="Hộ tịch") == [first["code"]]
    assert codes(field="Đất đai") == []
    assert ledger.fields(sqlite_ctx) == ["Hộ tịch"]


def test_workbook_has_dates_and_no_formulas(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, office, applicant=replace(b.NO_EMAIL, name=HOSTILE, address="+84"))
    book, table = io.BytesIO(), io.BytesIO()

    ledger_files.write(sqlite_ctx, by=office.desk, question=MARCH, to=book, wanted="xlsx")
    ledger_files.write(sqlite_ctx, by=office.desk, question=MARCH, to=table, wanted="csv")

    sheet = openpyxl.load_workbook(book).active
    row = dict(zip(ledger_files.HEADER, sheet[2], strict=True))
    assert [cell.value for cell in sheet[1]] == list(ledger_files.HEADER)
    assert row["STT"].value == 1
    assert row["Nhận hồ sơ"].value == datetime.fromisoformat("2026-03-02T08:00")
    assert row["Nhận hồ sơ"].is_date
    assert (row["Tên tổ chức, cá nhân"].value, row["Tên tổ chức, cá nhân"].data_type) == (HOSTILE, "s")
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "d"}
    (_, line) = csv.reader(io.StringIO(table.getvalue().decode("utf-8-sig")))
    assert line[ledger_files.HEADER.index("Tên tổ chức, cá nhân")] == "'" + HOSTILE
    assert line[ledger_files.HEADER.index("Địa chỉ")] == "'+84"


def test_a_ledger_is_of_those_who_keep_or_check_it(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    other = b.an_office(sqlite_ctx, code="H77", procedure="TP77")
    b.a_received_dossier(sqlite_ctx, office)

    for who in (office.desk, office.approver, office.supervisor, office.auditor, SYSTEM):
        assert len(all_lines(sqlite_ctx, who)) == 1
    for who, code in (
        (office.officer, "not-allowed"), (office.admin, "not-allowed"),
        (other.desk, "agency-not-found"), (other.auditor, "agency-not-found"),
    ):  # fmt: skip
        with pytest.raises(EngineError) as error:
            all_lines(sqlite_ctx, who)
        assert error.value.code == code
    assert all_lines(sqlite_ctx, other.desk, replace(MARCH, agency=None)) == []


@pytest.mark.parametrize("cursor", ["x", "WzksIiIsIiJd", "WzAsIjIwMjYiLCJ4Il0", "WzEsIngiLCJ5Il0"])
def test_a_cursor_of_another_list_is_refused(sqlite_ctx: Context, cursor: str) -> None:
    office = b.an_office(sqlite_ctx)

    with pytest.raises(EngineError) as error:
        ledger.page(sqlite_ctx, by=office.desk, question=MARCH, cursor=cursor)
    assert error.value.code == "invalid-cursor"


def test_a_period_that_ends_before_it_begins_is_refused(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)

    with pytest.raises(EngineError) as error:
        all_lines(sqlite_ctx, office.desk, replace(MARCH, last_on=date(2026, 2, 1)))
    assert error.value.code == "invalid-date"
    with pytest.raises(EngineError) as error:
        ledger_files.write(sqlite_ctx, by=office.desk, question=MARCH, to=io.BytesIO(), wanted="odt")
    assert error.value.code == "unknown-book-format"


def test_files_are_whole_or_not_there(sqlite_ctx: Context, tmp_path: Path) -> None:
    office = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, office)
    for kind in ("pdf", "xlsx", "csv"):
        made = ledger_files.save(sqlite_ctx, by=SYSTEM, question=MARCH, to=tmp_path / f"so.{kind}", wanted=kind)
        assert [path.stat().st_size > 500 or kind == "csv" for path in made] == [True]
    wrong = replace(MARCH, agency="H99")
    with pytest.raises(EngineError):
        ledger_files.save(sqlite_ctx, by=SYSTEM, question=wrong, to=tmp_path / "x.xlsx", wanted="xlsx")
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(("so", "x", "."))) == [
        "so.csv", "so.pdf", "so.xlsx",
    ]  # fmt: skip


def test_command_writes_the_ledger(sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = b.a_received_dossier(sqlite_ctx, b.an_office(sqlite_ctx))["code"]
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    asked = ["report", "ledger", "--from", "2026-03-01", "--to", "2026-03-31", "-o"]

    assert main.run([*asked, str(tmp_path / "so.pdf")]) == 0
    assert main.run([*asked, str(tmp_path / "so.txt"), "--format", "csv"]) == 0
    assert code in text((tmp_path / "so.pdf").read_bytes())
    assert code in (tmp_path / "so.txt").read_text("utf-8-sig")
    assert main.run([*asked, str(tmp_path / "so.odt")]) == 2
    assert main.run([*asked, str(tmp_path / "so.csv"), "--agency", "H99"]) == 2
