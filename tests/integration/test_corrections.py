"""Correct and reissue: what a receipt says wrongly is put right, dates follow, and the replaced paper is kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.context import Context
from engine.domain.dossier import Channel, Status
from engine.domain.events import EventKind
from engine.domain.ids import DossierId
from engine.domain.papers import KnownPaper
from engine.domain.permissions import NotAllowedError
from engine.services import (
    apologies,
    correction_form,
    corrections,
    explaining,
    intake,
    known_papers,
    reading,
    receipt_issues,
    receipts,
    time_used,
)
from engine.services.case import VersionMismatchError
from engine.services.corrected_dates import CorrectionBlockedError
from engine.services.corrected_parts import PaperChange, PaperUnknownError
from engine.services.corrections import Correction, CorrectionReasonError, NotCorrectableError, NothingCorrectedError
from engine.services.filed_papers import PaperNotReusableError
from engine.verification.verify import verify
from tests.support import builders as b
from tests.unit.documents.sample_papers import text

RIGHT = intake.Person(
    name="Nguyễn Văn Đúng", identity_number="031090000001", phone="0912000009", email="d@example.test"
)


def _correct(ctx: Context, office: b.Office, dossier: b.Dossier, **wish: Any) -> b.Dossier:
    wanted = Correction(**{"reason": "gõ nhầm", **wish})
    return corrections.correct(ctx, by=office.desk, dossier=dossier["code"], correction=wanted)


def _last(ctx: Context, dossier: b.Dossier, kind: EventKind = EventKind.CORRECTED) -> dict[str, Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(dossier["code"])
        return uow.events.of_kind(row.id, kind)[-1].payload


def test_a_wrong_name_is_corrected_and_the_receipt_issued_again(ctx: Context) -> None:
    office = b.an_office(ctx)
    received = b.a_received_dossier(ctx, office)
    first = receipts.pdf(ctx, by=office.desk, dossier=received["code"])
    corrected = _correct(ctx, office, received, applicant=RIGHT)
    assert corrected["due_at"] == received["due_at"]
    issues = receipt_issues.listed(ctx, by=office.desk, dossier=received["code"])
    assert [(each["no"], each["replaced_by"], each["reason"]) for each in issues] == [
        (1, 2, "gõ nhầm"),
        (2, None, None),
    ]
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(received["code"])
        kept = uow.receipt_issues.of(row.id)[0].file_sha256
        assert "nguyen van dung" in row.search
    assert kept is not None
    assert ctx.files.get(kept) == first
    said = _last(ctx, received)
    assert said["changed"] == ["applicant.name", "applicant.phone", "applicant.email"]
    assert "Đúng" not in str(said)
    assert "0912000009" not in str(said)
    assert receipts.pdf(ctx, by=office.desk, dossier=received["code"]) != first
    assert receipts.pdf(ctx, by=office.desk, dossier=received["code"], issue=1) != first  # marked, the bytes stay
    with pytest.raises(receipts.ReceiptIssueNotFoundError):
        receipts.pdf(ctx, by=office.desk, dossier=received["code"], issue=3)
    assert verify(ctx) == []


def test_an_owner_comes_and_goes(ctx: Context) -> None:
    office = b.an_office(ctx)
    received = b.a_received_dossier(ctx, office)
    _correct(ctx, office, received, owner=RIGHT)
    assert reading.detail(ctx, by=office.desk, dossier=received["code"])["owner"]["name"] == RIGHT.name
    assert verify(ctx) == []
    _correct(ctx, office, received, no_owner=True)
    assert reading.detail(ctx, by=office.desk, dossier=received["code"])["owner"] is None
    assert [each["no"] for each in receipt_issues.listed(ctx, by=office.desk, dossier=received["code"])] == [1, 2, 3]
    assert verify(ctx) == []


def test_papers_are_renamed_struck_out_and_added(ctx: Context) -> None:
    office = b.an_office(ctx)
    papers = (intake.PaperLine("Tờ khai"), intake.PaperLine("Căn cước", originals=0, copies=1))
    received = b.a_received_dossier(ctx, office, papers=papers)
    changes = (
        PaperChange(1, "Tờ khai mẫu 02", 2, 1),
        PaperChange(2, "Căn cước", struck=True),
        PaperChange(None, "Ảnh"),
    )
    _correct(ctx, office, received, papers=changes)
    shown = reading.detail(ctx, by=office.desk, dossier=received["code"])["components"]
    found = [(paper["no"], paper["name"], paper["originals"], paper["copies"]) for paper in shown]
    assert found == [(1, "Tờ khai mẫu 02", 2, 1), (2, "Căn cước", 0, 0), (3, "Ảnh", 1, 0)]
    assert verify(ctx) == []
    with pytest.raises(PaperUnknownError):
        _correct(ctx, office, received, papers=(PaperChange(9, "Không có"),))


def test_a_paper_that_was_taken_over_wrongly_is_struck_out(ctx: Context) -> None:
    office = b.an_office(ctx)
    first = b.a_received_dossier(ctx, office, papers=(intake.PaperLine("Tờ khai"),))
    known = KnownPaper(DossierId(UUID(first["id"])), 1)
    received = b.a_received_dossier(ctx, office, papers=(intake.PaperLine("Tờ khai", known=known),))
    form = correction_form.form(ctx, by=office.desk, dossier=received["code"])
    assert [(paper["no"], paper["struck"]) for paper in form["papers"]] == [(1, False)]

    _correct(ctx, office, received, papers=(PaperChange(1, "Tờ khai", struck=True),))

    assert "Tờ khai" not in text(receipts.pdf(ctx, by=office.desk, dossier=received["code"]))
    form = correction_form.form(ctx, by=office.desk, dossier=received["code"])
    assert [(paper["no"], paper["struck"]) for paper in form["papers"]] == [(1, True)]
    with pytest.raises(NothingCorrectedError):
        _correct(ctx, office, received, papers=(PaperChange(1, "Tờ khai", struck=True),))
    assert verify(ctx) == []


def test_a_paper_struck_out_by_mistake_is_on_the_receipt_again(ctx: Context) -> None:
    office = b.an_office(ctx)
    received = b.a_received_dossier(ctx, office, papers=(intake.PaperLine("Tờ khai"),))
    asked = [{"name": "Tờ khai", "code": ""}]
    _correct(ctx, office, received, papers=(PaperChange(1, "Tờ khai", struck=True),))
    assert "Tờ khai" not in text(receipts.pdf(ctx, by=office.desk, dossier=received["code"]))
    assert known_papers.offered(ctx, by=office.desk, identity_number="031090000001", papers=asked) == [[]]
    known = KnownPaper(DossierId(UUID(received["id"])), 1)
    with pytest.raises(PaperNotReusableError):
        b.a_received_dossier(ctx, office, papers=(intake.PaperLine("Tờ khai", known=known),))

    _correct(ctx, office, received, papers=(PaperChange(1, " Tờ khai "),))

    assert "Tờ khai" in text(receipts.pdf(ctx, by=office.desk, dossier=received["code"]))
    with pytest.raises(NothingCorrectedError):
        _correct(ctx, office, received, papers=(PaperChange(1, " Tờ khai "),))
    with pytest.raises(PaperUnknownError, match="named twice"):
        _correct(ctx, office, received, papers=(PaperChange(1, "x", struck=True), PaperChange(1, "Tờ khai", 2)))
    assert verify(ctx) == []


def test_the_receiving_time_moves_the_promise(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    received = b.a_received_dossier(ctx, office)
    wish = Correction(reason="ghi nhầm ngày", received_at=b.local("2026-03-03T09:00"))
    shown = corrections.preview(ctx, by=office.desk, dossier=received["code"], correction=wish)
    assert [each["what"] for each in shown["differences"]] == ["received_at"]
    corrected = corrections.correct(ctx, by=office.supervisor, dossier=received["code"], correction=wish)
    assert corrected["due_at"] == shown["due_at"] == "2026-03-09T09:00:00+07:00"
    assert corrected["received_at"] == "2026-03-03T09:00:00+07:00"
    assert corrected["version"] > received["version"]
    why = explaining.why_these_dates(ctx, by=office.desk, dossier=received["code"])
    assert "corrected" in [line["kind"] for line in why["promise"]["account"]]
    used = time_used.time_used(ctx, by=office.desk, dossier=received["code"])
    assert used["counted_from"] == "2026-03-03T09:00:00+07:00"
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    assert verify(ctx) == []


def test_another_procedure_begins_anew(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.publish(ctx, code=office.code, procedure="TP98", total_days="10")
    received = b.a_received_dossier(ctx, office)
    wish = Correction(reason="nhầm thủ tục", procedure_code="TP98", applicant=RIGHT)
    shown = corrections.preview(ctx, by=office.desk, dossier=received["code"], correction=wish)
    assert shown["cancels"]
    assert shown["opens"]
    assert verify(ctx) == []  # the preview left nothing
    corrected = corrections.correct(ctx, by=office.desk, dossier=received["code"], correction=wish)
    assert corrected["code"] == received["code"]
    assert corrected["procedure_code"] == "TP98"
    assert (received["due_at"], corrected["due_at"]) == ("2026-03-06T08:00:00+07:00", "2026-03-16T08:00:00+07:00")
    assert len(corrected["open_tasks"]) == 1
    assert corrected["open_tasks"][0]["id"] != received["open_tasks"][0]["id"]
    explaining.why_these_dates(ctx, by=office.desk, dossier=received["code"])
    time_used.time_used(ctx, by=office.desk, dossier=received["code"])
    assert verify(ctx) == []
    finished = b.advance_to(ctx, office, corrected, Status.FINISHED)
    assert finished["status"] == Status.FINISHED
    time_used.time_used(ctx, by=office.desk, dossier=received["code"])
    assert verify(ctx) == []


def test_another_procedure_is_too_late_once_a_step_is_done(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.publish(ctx, code=office.code, procedure="TP98")
    done = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    with pytest.raises(CorrectionBlockedError, match="stop this dossier and receive it anew"):
        _correct(ctx, office, done, procedure_code="TP98")
    asked = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    with pytest.raises(CorrectionBlockedError, match="clock stands still"):
        _correct(ctx, office, asked, procedure_code="TP98")
    assert verify(ctx) == []


def test_pauses_stay_when_the_receipt_moves(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    b.turn_clock_to(ctx, "2026-03-03T09:00")
    received = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T09:00")
    asked = b.ask_supplement(ctx, office, received)
    moved = _correct(ctx, office, asked, received_at=b.local("2026-03-02T09:00"))
    assert moved["paused"]
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-06T09:00")
    back = b.bring_supplement(ctx, office, moved)
    assert back["due_at"] == "2026-03-10T09:00:00+07:00"  # 2 of 4 days were used before the pause
    again = _correct(ctx, office, back, received_at=b.local("2026-03-03T09:00"))
    assert again["due_at"] == "2026-03-11T09:00:00+07:00"
    assert verify(ctx) == []


def test_a_letter_about_the_old_date_is_taken_back_and_comes_again(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.publish(ctx, code=office.code, procedure="TP98", total_days="10")
    received = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-09T09:00")  # the promise of the wrong procedure is broken
    assert [each["state"] for each in apologies.listed(ctx, by=office.supervisor)] == ["draft"]
    corrected = _correct(ctx, office, received, procedure_code="TP98")
    assert not corrected["late"]
    assert [each["state"] for each in apologies.listed(ctx, by=office.supervisor)] == ["withdrawn"]
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    assert [each["state"] for each in apologies.listed(ctx, by=office.supervisor)] == ["draft"]
    assert verify(ctx) == []


def test_an_earlier_receipt_may_make_the_dossier_late(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.turn_clock_to(ctx, "2026-03-20T09:00")
    received = b.a_received_dossier(ctx, office)
    corrected = _correct(ctx, office, received, received_at=b.local("2026-03-02T09:00"))
    assert corrected["late"]
    b.turn_clock_to(ctx, "2026-03-20T10:00")
    assert [each["state"] for each in apologies.listed(ctx, by=office.supervisor)] == ["draft"]
    assert verify(ctx) == []


def test_corrections_that_cannot_be(ctx: Context) -> None:
    office = b.an_office(ctx)
    received = b.a_received_dossier(ctx, office)
    with pytest.raises(CorrectionReasonError):
        _correct(ctx, office, received, reason=" ", applicant=RIGHT)
    with pytest.raises(NothingCorrectedError):
        _correct(ctx, office, received, channel=Channel.DIRECT)
    with pytest.raises(intake.DateInFutureError):
        _correct(ctx, office, received, received_at=b.local("2026-03-02T08:01"))
    with pytest.raises(intake.DateInFutureError):
        _correct(ctx, office, received, received_at=b.local("2026-01-02T08:01"))
    with pytest.raises(intake.ApplicantMissingError):
        _correct(ctx, office, received, applicant=intake.Person(name=" "))
    wish = Correction(reason="gõ nhầm", applicant=RIGHT)
    with pytest.raises(NotAllowedError):
        corrections.correct(ctx, by=office.officer, dossier=received["code"], correction=wish)
    with pytest.raises(VersionMismatchError):
        corrections.correct(ctx, by=office.desk, dossier=received["code"], correction=wish, expected=99)
    submitted = b.a_submitted_dossier(ctx, office)
    with pytest.raises(NotCorrectableError):
        corrections.correct(ctx, by=office.desk, dossier=submitted["id"], correction=wish)
    finished = b.advance_to(ctx, office, received, Status.FINISHED)
    with pytest.raises(NotCorrectableError):
        _correct(ctx, office, finished, applicant=RIGHT)
    assert verify(ctx) == []


def test_what_an_event_of_a_correction_says_is_counted_again(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    received = b.a_received_dossier(ctx, office)
    _correct(ctx, office, received, applicant=RIGHT, received_at=b.local("2026-03-03T09:00"))
    with ctx.unit_of_work() as uow:
        row = uow.dossiers.by_code(received["code"])
        uow.dossiers.parties(row.id)["applicant"].phone = "0999"
        uow.receipt_issues.of(row.id)[0].reason = "khác"
        row.received_at = b.local("2026-03-04T09:00")
        promise = uow.deadlines.promise(row.id)
        assert promise is not None
        promise.due_at = b.local("2026-03-11T09:00")
    found = {(each.table, each.field) for each in verify(ctx)}
    assert {
        ("party", "digest"),
        ("receipt_issue", "reason"),
        ("dossier", "received_at"),
        ("deadline", "due_at"),
    } <= found


def test_a_preview_of_what_is_not_received_is_refused_as_the_act_is(ctx: Context) -> None:
    office = b.an_office(ctx)
    filed = b.a_submitted_dossier(ctx, office)
    with pytest.raises(NotCorrectableError):
        corrections.preview(
            ctx, by=office.desk, dossier=filed["id"], correction=Correction(reason="gõ nhầm", applicant=RIGHT)
        )
    with pytest.raises(NotAllowedError):
        corrections.preview(
            ctx, by=office.auditor, dossier=filed["id"], correction=Correction(reason="gõ nhầm", applicant=RIGHT)
        )
