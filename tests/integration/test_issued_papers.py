"""Issued papers: numbers of agency, kind and year without gap or double, what was said stays said, void with reason."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from engine.context import Context
from engine.documents.frozen import freeze
from engine.domain.actors import SYSTEM, Actor
from engine.domain.dossier import Channel
from engine.domain.events import EventKind, digest
from engine.domain.official_forms import FormKind
from engine.domain.permissions import NotAllowedError
from engine.services import (
    corrections,
    endings,
    fees,
    intake,
    issued_papers,
    paper_prints,
    receipt_issues,
    receipts,
    result_slips,
    transactions,
    waiting,
)
from engine.services.case import open_case
from engine.services.corrections import Correction
from engine.services.issued_papers import PaperInForceError, PaperNotVoidError, PaperVoidError, VoidReasonError
from engine.services.issuing import RENDER
from engine.store.base import Base
from engine.store.papers import IssuedPaper, IssuedPaperNotFoundError
from engine.store.unit_of_work import UnitOfWork
from engine.verification.verify import examine, verify
from tests.support import builders as b
from tests.support import processes
from tests.support.outbox import carry_out, orders
from tests.unit.documents.sample_papers import text

THREADS, EACH = 8, 10
RIGHT = replace(b.NO_EMAIL, name="Trần Thị Đúng")


def papers_of(ctx: Context, office: b.Office, dossier: b.Dossier, kind: FormKind | None = None) -> list[dict[str, Any]]:
    found = issued_papers.listed(ctx, by=office.supervisor, dossier=dossier["id"])
    return [each for each in found if kind is None or each["kind"] == kind.value]


def numbers(ctx: Context, kind: FormKind) -> list[tuple[int, int | None]]:
    """Return year and running number of all papers of a kind, in order."""
    with ctx.unit_of_work(read_only=True) as uow:
        query = select(IssuedPaper.year, IssuedPaper.counter).where(IssuedPaper.kind == kind.value)
        return sorted((row[0], row[1]) for row in uow.session.execute(query))


def a_supplement(ctx: Context, office: b.Office, **changes: Any) -> tuple[b.Dossier, dict[str, Any]]:
    """Receive a dossier and ask for more; return it with the request that was issued."""
    dossier = b.a_received_dossier(ctx, office, **changes)
    waiting.request_supplement(ctx, by=office.officer, dossier=dossier["id"], items=["Bản vẽ"], reason="Thiếu bản vẽ")
    return dossier, papers_of(ctx, office, dossier, FormKind.SUPPLEMENT)[-1]


def test_numbers_have_no_gap_and_no_double_however_many_issue_at_once(ctx: Context) -> None:
    office = b.an_office(ctx)

    def receive(_: int) -> None:
        for _again in range(EACH):
            b.a_received_dossier(ctx, office)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(receive, range(THREADS)))

    assert numbers(ctx, FormKind.RECEIPT) == [(2026, number) for number in range(1, THREADS * EACH + 1)]
    assert verify(ctx) == []


def test_what_is_rolled_back_took_no_number(ctx: Context) -> None:
    office = b.an_office(ctx)

    def receive_and_fail() -> None:
        def work(uow: UnitOfWork) -> dict[str, Any]:
            intake.file_following(
                ctx, uow, by=office.desk, filing=b.a_filing(office, agency=office.code), receives=True
            )
            raise RuntimeError("the power went out")

        transactions.transact(ctx, by=office.desk, request=None, work=work)

    b.a_received_dossier(ctx, office)
    with pytest.raises(RuntimeError):
        receive_and_fail()
    b.a_received_dossier(ctx, office)

    assert numbers(ctx, FormKind.RECEIPT) == [(2026, 1), (2026, 2)]
    assert verify(ctx) == []


def test_numbers_start_anew_with_the_year_of_the_agency(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    b.turn_clock_to(sqlite_ctx, "2026-12-31T23:59")  # 16:59 in UTC, the same day
    old, _ = a_supplement(sqlite_ctx, office)
    b.turn_clock_to(sqlite_ctx, "2027-01-01T00:01")  # 17:01 in UTC on the day before
    new, paper = a_supplement(sqlite_ctx, office)

    assert numbers(sqlite_ctx, FormKind.RECEIPT) == [(2026, 1), (2027, 1)]
    assert paper["number"] == "01/PBS-TTPVHCC"
    assert "Quyển số: 2026" in receipt_text(sqlite_ctx, office, old)
    assert "Quyển số: 2027" in receipt_text(sqlite_ctx, office, new)
    assert verify(sqlite_ctx) == []


def receipt_text(ctx: Context, office: b.Office, dossier: b.Dossier) -> str:
    return text(receipts.pdf(ctx, by=office.desk, dossier=dossier["code"]))


def test_each_kind_and_each_agency_counts_for_itself(sqlite_ctx: Context) -> None:
    office, other = b.an_office(sqlite_ctx), b.an_office(sqlite_ctx, code="H01")
    a_supplement(sqlite_ctx, office)
    _, here = a_supplement(sqlite_ctx, office)
    elsewhere, there = a_supplement(sqlite_ctx, other)
    endings.withdraw(sqlite_ctx, by=other.desk, dossier=elsewhere["id"])

    assert (here["number"], there["number"]) == ("02/PBS-TTPVHCC", "01/PBS-TTPVHCC")
    found = [(each["kind"], each["number"]) for each in papers_of(sqlite_ctx, other, elsewhere)]
    assert sorted(found) == [
        ("receipt", "01/TTPVHCC"), ("stop", "01/TBD-TTPVHCC"), ("supplement", "01/PBS-TTPVHCC"),
    ]  # fmt: skip
    assert verify(sqlite_ctx) == []


def test_an_issued_paper_keeps_saying_what_it_said(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier, paper = a_supplement(ctx, office)
    receipt = receipts.pdf(ctx, by=office.desk, dossier=dossier["code"])
    before = issued_papers.content(ctx, office.officer, paper["id"])

    corrections.correct(
        ctx, by=office.desk, dossier=dossier["id"], correction=Correction(reason="gõ nhầm", applicant=RIGHT)
    )

    assert issued_papers.content(ctx, office.officer, paper["id"]) == before
    assert b.NO_EMAIL.name in text(before)
    first, second = papers_of(ctx, office, dossier, FormKind.RECEIPT)
    assert (first["number"], second["number"], first["replaced"], second["replaced"]) == (
        "01/TTPVHCC", "01/TTPVHCC", True, False,
    )  # fmt: skip
    assert issued_papers.content(ctx, office.desk, first["id"]) == receipt
    again = receipts.pdf(ctx, by=office.desk, dossier=dossier["code"])
    assert again == issued_papers.content(ctx, office.desk, second["id"])
    assert RIGHT.name in text(again)
    following = b.a_received_dossier(ctx, office)
    assert papers_of(ctx, office, following)[0]["number"] == "02/TTPVHCC"  # the second issue took none
    assert verify(ctx) == []


def test_receipt_and_result_say_the_fee_of_their_channel(ctx: Context) -> None:
    """The list of the agency comes before what the procedure says, on the receipt as on the paper of the result."""
    office = b.an_office(ctx)
    order = {"agency": office.code, "procedure": "TP99", "valid_from": date(2026, 3, 2), "decision": "07/NQ-HĐND"}
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=20_000, **order)
    fees.set_fee(ctx, by=SYSTEM, amount_vnd=0, channel="online", **order)

    dossier, online = (b.a_received_dossier(ctx, office, channel=each) for each in (Channel.DIRECT, Channel.ONLINE))
    corrections.correct(
        ctx, by=office.desk, dossier=dossier["id"], correction=Correction(reason="gõ nhầm", applicant=RIGHT)
    )
    b.refuse(ctx, office, dossier)

    first, second = papers_of(ctx, office, dossier, FormKind.RECEIPT)
    for paper in (first, second):
        assert "Phí, lệ phí: 20.000 đồng" in text(issued_papers.content(ctx, office.desk, paper["id"]))
    free = papers_of(ctx, office, online)[0]
    assert "Phí, lệ phí: không thu" in text(issued_papers.content(ctx, office.desk, free["id"]))
    assert "20.000 đồng" in text(result_slips.receipt(ctx, by=office.desk, dossier=dossier["id"]))
    assert verify(ctx) == []


def test_the_receipt_of_a_certification_says_pages_and_copies(sqlite_ctx: Context) -> None:
    office = processes.a_reference(sqlite_ctx, "2.000815")
    dossier = processes.receive(sqlite_ctx, office, facts={"page_count": 12, "copy_count": 3})

    words = text(receipts.pdf(sqlite_ctx, by=office.everybody, dossier=dossier["id"]))

    assert "Chứng thực: 12 trang; 03 bản giấy" in words
    assert "Phí, lệ phí: " in words


def test_the_worker_keeps_the_very_bytes_and_once(ctx: Context) -> None:
    office = b.an_office(ctx)
    _, paper = a_supplement(ctx, office)
    printed = issued_papers.content(ctx, office.officer, paper["id"])

    assert carry_out(ctx, RENDER) == 2  # receipt and request
    kept = issued_papers.read(ctx, office.officer, paper["id"]).file_sha256
    issued_papers.keep(ctx, paper["id"])

    assert kept is not None
    assert ctx.files.get(kept) == printed == issued_papers.content(ctx, office.officer, paper["id"])
    assert issued_papers.read(ctx, office.officer, paper["id"]).file_sha256 == kept
    findings = examine(ctx)
    assert (findings.differences, findings.counts["papers"], findings.counts["papers_printed_again"]) == ([], 2, 2)


def test_a_void_number_keeps_its_reason_and_is_not_used_again(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier, paper = a_supplement(ctx, office)
    events = len(history(ctx, dossier))

    done = issued_papers.void(ctx, office.approver, paper["id"], " ghi sai giấy tờ ")

    assert (done["paper"]["void_reason"], done["dossier"]["id"]) == ("ghi sai giấy tờ", dossier["id"])
    (void,) = papers_of(ctx, office, dossier, FormKind.SUPPLEMENT)
    assert (void["void_reason"], void["voided_by"], void["voidable"]) == ("ghi sai giấy tờ", "Cán bộ approver", False)
    assert history(ctx, dossier)[events:] == [EventKind.PAPER_VOIDED]
    assert issued_papers.content(ctx, office.officer, paper["id"]).startswith(b"%PDF")
    _, following = a_supplement(ctx, office)
    assert following["number"] == "02/PBS-TTPVHCC"
    with pytest.raises(PaperVoidError, match="ghi sai"):
        issued_papers.void(ctx, office.approver, paper["id"], "lần nữa")
    assert verify(ctx) == []


def history(ctx: Context, dossier: b.Dossier) -> list[EventKind]:
    with ctx.unit_of_work(read_only=True) as uow:
        return [event.kind for event in uow.events.of(uow.dossiers.by_code(dossier["code"]).id)]


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_a_void_needs_a_reason_of_bounded_length(sqlite_ctx: Context, reason: str) -> None:
    office = b.an_office(sqlite_ctx)
    _, paper = a_supplement(sqlite_ctx, office)
    with pytest.raises(VoidReasonError):
        issued_papers.void(sqlite_ctx, office.approver, paper["id"], reason)


def test_who_may_not_void_is_told_and_strangers_learn_nothing(sqlite_ctx: Context) -> None:
    office, other = b.an_office(sqlite_ctx), b.an_office(sqlite_ctx, code="H01")
    dossier, paper = a_supplement(sqlite_ctx, office)
    receipt = papers_of(sqlite_ctx, office, dossier, FormKind.RECEIPT)[0]

    with pytest.raises(NotAllowedError):
        issued_papers.void(sqlite_ctx, office.officer, paper["id"], "sai")
    with pytest.raises(PaperInForceError):
        issued_papers.void(sqlite_ctx, office.supervisor, receipt["id"], "sai")
    asking: tuple[Callable[[Actor, str], Any], ...] = (
        lambda by, paper_id: issued_papers.content(sqlite_ctx, by, paper_id),
        lambda by, paper_id: issued_papers.void(sqlite_ctx, by, paper_id, "sai"),
        lambda by, paper_id: issued_papers.told(sqlite_ctx, by=by, paper_id=paper_id),
    )
    for ask in asking:
        for known in (paper["id"], "no-uuid", dossier["id"]):
            with pytest.raises(IssuedPaperNotFoundError):
                ask(other.supervisor, known)


def test_a_receipt_of_before_papers_were_kept_prints_as_it_did(sqlite_ctx: Context) -> None:
    """Without a number; its next issue is the first that has one."""
    office = b.an_office(sqlite_ctx)
    dossier = b.a_received_dossier(sqlite_ctx, office)
    counter = Base.metadata.tables["counter"]
    with sqlite_ctx.unit_of_work() as uow:  # as the version before left it
        uow.session.execute(delete(Base.metadata.tables["issued_paper"]))
        uow.session.execute(delete(counter).where(counter.c.kind == "paper-receipt"))

    printed = receipt_text(sqlite_ctx, office, dossier)
    assert ("01/TTPVHCC" in printed, "Quyển số: 2026" in printed, b.NO_EMAIL.name in printed) == (False, False, True)
    corrections.correct(
        sqlite_ctx, by=office.desk, dossier=dossier["id"], correction=Correction(reason="gõ nhầm", applicant=RIGHT)
    )

    assert [issue["no"] for issue in receipt_issues.listed(sqlite_ctx, by=office.desk, dossier=dossier["id"])] == [1, 2]
    (issued,) = papers_of(sqlite_ctx, office, dossier, FormKind.RECEIPT)
    assert (issued["number"], issued["subject"]) == ("01/TTPVHCC", 2)


def test_a_paper_is_issued_once_until_it_is_void(ctx: Context) -> None:
    """Two at once are told apart by the database."""
    office = b.an_office(ctx)
    dossier, paper = a_supplement(ctx, office)
    with ctx.unit_of_work() as uow:
        case = open_case(ctx, uow, by=office.officer, reference=dossier["id"])
        row = uow.papers.in_force(case.dossier.id, FormKind.SUPPLEMENT)
        assert row is not None
        assert (str(row.id), row.made_from_sha256) == (paper["id"], digest(row.made_from))
        assert freeze(paper_prints.values_of_paper(row)) == row.made_from["values"]
        said = uow.events.of_kind(case.dossier.id, EventKind.PAPER_ISSUED)[-1].payload
    assert b.NO_EMAIL.name not in str(said)
    assert said["made_from"] == row.made_from_sha256
    assert len(orders(ctx, RENDER)) == 2


def test_a_void_notice_is_issued_anew_once_with_the_next_number(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier, paper = a_supplement(ctx, office)
    with pytest.raises(PaperNotVoidError):
        issued_papers.issue_again(ctx, office.supervisor, paper["id"])
    corrections.correct(
        ctx, by=office.desk, dossier=dossier["id"], correction=Correction(reason="gõ nhầm", applicant=RIGHT)
    )
    issued_papers.void(ctx, office.supervisor, paper["id"], "ghi sai tên")
    with pytest.raises(NotAllowedError):
        issued_papers.issue_again(ctx, office.officer, paper["id"])

    at_once = in_parallel(
        lambda: issued_papers.issue_again(ctx, office.supervisor, paper["id"]),
        lambda: issued_papers.issue_again(ctx, office.supervisor, paper["id"]),
        lambda: b.a_received_dossier(ctx, office),
    )

    assert sum(isinstance(each, PaperNotVoidError) for each in at_once) == 1
    first, second = papers_of(ctx, office, dossier, FormKind.SUPPLEMENT)
    assert (first["number"], second["number"]) == ("01/PBS-TTPVHCC", "02/PBS-TTPVHCC")
    assert (first["reissuable"], second["reissuable"], second["voidable"]) == (False, False, True)
    words = text(issued_papers.content(ctx, office.officer, second["id"]))
    assert "Số: 02/PBS-TTPVHCC" in words
    assert (RIGHT.name in words, "Bản vẽ" in words) == (True, True)
    assert verify(ctx) == []


def in_parallel(*acts: Callable[[], Any]) -> list[Any]:
    """Return what each of the acts returned or raised, all begun at once."""
    with ThreadPoolExecutor(len(acts)) as threads:
        begun = [threads.submit(act) for act in acts]
    return [each.exception() or each.result() for each in begun]


def test_void_correction_and_receipt_at_once_leave_every_number_accounted_for(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier, paper = a_supplement(ctx, office)
    right = Correction(reason="gõ nhầm", applicant=RIGHT)

    done = in_parallel(
        lambda: issued_papers.void(ctx, office.supervisor, paper["id"], "ghi sai"),
        lambda: issued_papers.void(ctx, office.approver, paper["id"], "ghi nhầm"),
        lambda: corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=right),
        lambda: b.a_received_dossier(ctx, office),
    )

    assert [type(each) for each in done if isinstance(each, Exception)] == [PaperVoidError]
    assert [each["number"] for each in papers_of(ctx, office, dossier, FormKind.RECEIPT)] == ["01/TTPVHCC"] * 2
    assert verify(ctx) == []


SPOILED = {
    "made_from": ("made_from", lambda row: {"made_from": row["made_from"] | {"salt": "0"}}),
    "number": ("number", lambda _: {"number": "99/PBS-TTPVHCC"}),
    "lost": ("file_sha256", lambda _: {"file_sha256": "0" * 64}),
    "year": ("year", lambda row: {"year": row["year"] + 1}),
}


@pytest.mark.parametrize("what", SPOILED)
def test_verify_names_what_was_changed_in_the_archive(sqlite_ctx: Context, what: str) -> None:
    office = b.an_office(sqlite_ctx)
    _, paper = a_supplement(sqlite_ctx, office)
    carry_out(sqlite_ctx, RENDER)
    field, change = SPOILED[what]
    table = Base.metadata.tables["issued_paper"]
    with sqlite_ctx.unit_of_work() as uow:
        row = uow.session.execute(select(table).where(table.c.kind == "supplement")).mappings().one()
        uow.session.execute(update(table).where(table.c.id == row["id"]).values(change(row)))

    found = [each for each in verify(sqlite_ctx) if each.table == "issued_paper"]

    assert field in {each.field for each in found}
    assert all(paper["id"] in each.key for each in found)
    assert b.NO_EMAIL.name not in str(found)


def test_verify_sees_that_a_kept_file_is_another_paper(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    _, paper = a_supplement(sqlite_ctx, office)
    carry_out(sqlite_ctx, RENDER)
    other = sqlite_ctx.files.put(b"%PDF-1.7 another")
    table = Base.metadata.tables["issued_paper"]
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(update(table).where(table.c.kind == "supplement").values(file_sha256=other))

    (found,) = verify(sqlite_ctx)

    assert (found.table, found.field, found.expected) == ("issued_paper", "file_sha256", other)
    assert paper["id"] in found.key


def test_verify_sees_a_number_that_was_taken_away(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    for _ in range(3):
        b.a_received_dossier(sqlite_ctx, office)
    table = Base.metadata.tables["counter"]
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(update(table).where(table.c.kind == "paper-receipt").values(value=5))

    assert [(each.table, each.field, each.expected, each.found) for each in verify(sqlite_ctx)] == [
        ("counter", "value", 3, 5)
    ]
