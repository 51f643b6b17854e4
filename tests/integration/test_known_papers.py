"""Papers at the counter: with files, taken over from earlier dossiers of the same person, and filed for another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.ids import DossierId
from engine.domain.papers import KnownPaper, PaperLine
from engine.domain.permissions import NotAllowedError
from engine.errors import InvalidInputError
from engine.services import attachments, intake, known_papers, reading, receipts
from engine.services.case import find
from engine.services.filed_papers import PaperNotReusableError
from engine.verification.verify import verify
from tests.support.builders import (
    NO_EMAIL,
    Dossier,
    Office,
    a_received_dossier,
    a_submitted_dossier,
    an_office,
    turn_clock_to,
    withdraw,
)
from tests.unit.documents.sample_papers import text

NUMBER = "031090000001"
OTHER = intake.Person(name="Trần Thị Khác", identity_number="031190000002")
ASKED = [{"name": "TỜ KHAI", "code": ""}, {"name": "Ảnh 3x4", "code": "A1"}]
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def office(ctx: Context) -> Office:
    return an_office(ctx)


def offers(ctx: Context, office: Office, number: str = NUMBER) -> list[list[tuple[str, int]]]:
    """Return code of the dossier and number of the paper that are offered for each that is asked."""
    found = known_papers.offered(ctx, by=office.desk, identity_number=number, papers=ASKED)
    return [[(each["code"], each["no"]) for each in line] for line in found]


def taking(dossier: Dossier, no: int = 1, name: str = "Tờ khai", **facts: Any) -> PaperLine:
    """Return a line that takes over a paper of a dossier."""
    return PaperLine(name=name, known=KnownPaper(DossierId(UUID(dossier["id"])), no), **facts)


def test_papers_of_earlier_dossiers_are_offered_by_code_or_name_latest_first(ctx: Context, office: Office) -> None:
    assert offers(ctx, office) == [[], []]
    first = a_received_dossier(ctx, office, papers=(PaperLine("Tờ khai"), PaperLine("Ảnh chân dung", "A1")))
    turn_clock_to(ctx, "2026-03-02T09:00")
    second = a_received_dossier(ctx, office, papers=(PaperLine("Ảnh 3x4", "B2"), PaperLine("to khai")))

    assert offers(ctx, office) == [[(second["code"], 2), (first["code"], 1)], [(first["code"], 2)]]
    (told, _), _photo = known_papers.offered(ctx, by=office.desk, identity_number=NUMBER, papers=ASKED)
    assert (told["received_at"], told["has_file"]) == ("2026-03-02T09:00:00+07:00", False)
    with pytest.raises(NotAllowedError):
        known_papers.offered(ctx, by=office.officer, identity_number=NUMBER, papers=ASKED)


def test_papers_belong_to_the_owner_and_not_to_who_carries_them(ctx: Context, office: Office) -> None:
    dossier = a_received_dossier(ctx, office, owner=OTHER)
    assert offers(ctx, office) == [[], []]
    assert offers(ctx, office, "031190000002") == [[(dossier["code"], 1)], []]
    assert offers(ctx, office, "") == [[], []]


def test_what_was_given_back_or_lies_elsewhere_is_not_offered(ctx: Context, office: Office) -> None:
    dossier = withdraw(ctx, office, a_received_dossier(ctx, office))
    there = an_office(ctx, code="H01")
    elsewhere = a_received_dossier(ctx, there)
    assert offers(ctx, office) == [[], []]
    assert offers(ctx, there) == [[(elsewhere["code"], 1)], []]
    for line in (taking(dossier), taking(elsewhere)):
        with pytest.raises(PaperNotReusableError):
            a_received_dossier(ctx, office, papers=(line,))


def test_paper_that_is_taken_over_keeps_file_and_source_and_no_copy_is_asked(ctx: Context, office: Office) -> None:
    file = attachments.store(ctx, file_name="to-khai.pdf", content=PDF)
    first = a_received_dossier(ctx, office, papers=(PaperLine("Tờ khai", files=(file,)),))
    second = a_received_dossier(ctx, office, papers=(taking(first, originals=4), PaperLine("Ảnh 3x4")))

    with ctx.unit_of_work(read_only=True) as uow:
        row = find(uow, by=office.desk, reference=second["id"])
        paper, photo = uow.dossiers.papers(row.id)
        event = uow.events.of(row.id)[0]
    assert (paper.source, str(paper.source_dossier_id), paper.source_no) == ("reused", first["id"], 1)
    assert (paper.originals, paper.copies, paper.file_sha256) == (0, 0, file.sha256)
    assert (photo.source, photo.source_dossier_id, photo.added_by) == ("filed", None, office.desk.id)
    assert event.payload["papers"][0]["source_dossier_id"] == first["id"]
    assert event.payload["papers"][0]["source_no"] == 1
    assert attachments.read_paper(ctx, by=office.desk, dossier=second["id"], no=1)[2] == PDF
    assert verify(ctx) == []
    # it is offered once, from where it was handed in
    assert offers(ctx, office) == [[(first["code"], 1)], [(second["code"], 2)]]


def test_only_the_same_paper_of_the_same_person_is_taken_over(ctx: Context, office: Office) -> None:
    first = a_received_dossier(ctx, office)
    waiting = a_submitted_dossier(ctx, office, applicant=OTHER)
    wrong: list[tuple[PaperLine, intake.Person]] = [
        (taking(first, 2), NO_EMAIL),
        (taking(first, name="Ảnh"), NO_EMAIL),
        (taking(first, code="A1", name="Khác"), NO_EMAIL),
        (taking(first), OTHER),
        (taking(first), replace(NO_EMAIL, identity_number=None)),
        (taking(waiting), NO_EMAIL),
        (taking({"id": "00000000-0000-0000-0000-000000000001"}), NO_EMAIL),
    ]
    for line, person in wrong:
        with pytest.raises(PaperNotReusableError):
            a_received_dossier(ctx, office, papers=(line,), applicant=person)
    with pytest.raises(PaperNotReusableError):  # the first one's papers, for somebody else
        a_received_dossier(ctx, office, papers=(taking(first),), owner=OTHER)
    received = a_received_dossier(ctx, office, papers=(taking(first),))
    assert received["code"] == "H00-260302-0002"


def test_line_with_several_files_becomes_a_paper_and_its_further_pages(ctx: Context, office: Office) -> None:
    files = tuple(
        attachments.store(ctx, file_name=f"trang{no}.pdf", content=PDF + str(no).encode()) for no in (1, 2, 3)
    )
    dossier = a_received_dossier(ctx, office, papers=(PaperLine("Hộ khẩu", copies=1, files=files), PaperLine("Ảnh")))
    papers = reading.detail(ctx, by=office.desk, dossier=dossier["id"])["components"]
    assert [(each["name"], each["originals"], each["copies"], each["file_name"]) for each in papers] == [
        ("Hộ khẩu", 1, 1, "trang1.pdf"),
        ("Hộ khẩu (tệp 2)", 0, 0, "trang2.pdf"),
        ("Hộ khẩu (tệp 3)", 0, 0, "trang3.pdf"),
        ("Ảnh", 1, 0, None),
    ]
    assert verify(ctx) == []


def test_authorisation_is_kept_beside_the_owner_and_only_as_digest_in_the_history(ctx: Context, office: Office) -> None:
    paper = "Giấy ủy quyền số 12 ngày 01/03/2026 của Trần Thị Khác"
    dossier = a_received_dossier(ctx, office, owner=OTHER, authorisation=f" {paper} ")
    with ctx.unit_of_work(read_only=True) as uow:
        row = find(uow, by=office.desk, reference=dossier["id"])
        event = uow.events.of(row.id)[0]
    assert row.authorisation == paper
    assert "Trần" not in str(event.payload)
    assert verify(ctx) == []

    with ctx.unit_of_work() as uow:
        find(uow, by=office.desk, reference=dossier["id"]).authorisation = "Giấy khác"
    assert [(each.table, each.field) for each in verify(ctx)] == [("dossier", "authorisation")]


def test_authorisation_without_owner_is_refused(ctx: Context, office: Office) -> None:
    with pytest.raises(InvalidInputError) as refused:
        a_received_dossier(ctx, office, authorisation="Giấy ủy quyền số 12")
    assert refused.value.details["field"] == "owner_name"


def test_receipt_says_what_is_there_already_and_lists_no_further_page(ctx: Context, office: Office) -> None:
    file = attachments.store(ctx, file_name="trang.pdf", content=PDF)
    first = a_received_dossier(ctx, office, papers=(PaperLine("Hộ khẩu", files=(file, file)), PaperLine("Tờ khai")))
    second = a_received_dossier(ctx, office, papers=(taking(first, 3), PaperLine("Ảnh 3x4")))
    said = text(receipts.pdf(ctx, by=office.desk, dossier=first["id"]))
    assert "Hộ khẩu" in said
    assert "tệp 2" not in said
    assert "Tờ khai (đã có trong dữ liệu)" in text(receipts.pdf(ctx, by=office.desk, dossier=second["id"]))
