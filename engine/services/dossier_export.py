"""A closed dossier as one file for the archive: its papers, its letters, what the citizen brought, and its course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from engine.context import Context
from engine.documents.dossier_export import ArchivedValues, Attached, archived_pdf
from engine.domain.actors import Actor
from engine.domain.dossier import ENDED, Status
from engine.domain.official_forms import FormKind
from engine.errors import ConflictError
from engine.services import attachments, courses, dossier_file, paper_prints, receipts
from engine.services.case import Case
from engine.store.papers import IssuedPaper

PDF = "application/pdf"
STATES = {
    Status.NOT_RECEIVED: "Không được tiếp nhận",
    Status.WITHDRAWN: "Công dân yêu cầu rút hồ sơ",
    Status.STOPPED: "Dừng xử lý",
    Status.RETURNED: "Đã trả kết quả",
}
NAMES = {  #: of issued papers, as their forms are titled (domain.md §2)
    FormKind.RECEIPT: "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
    FormKind.SUPPLEMENT: "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
    FormKind.REFUSAL: "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
    FormKind.APOLOGY: "Phiếu xin lỗi và đề nghị gia hạn thời gian giải quyết",
    FormKind.STOP: "Thông báo dừng giải quyết hồ sơ",
    FormKind.OBLIGATION: "Thông báo nghĩa vụ tài chính",
}


class DossierOpenError(ConflictError):
    """Only a dossier that has ended goes to the archive."""

    code = "dossier-open"


def pdf(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return a dossier that has ended as PDF/A-3b with everything attached; the same history gives the same bytes.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        DossierOpenError: it has not ended.
        FileMissingError: the store lost a file of it.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        if case.status not in ENDED:
            raise DossierOpenError("a dossier is exported when it has ended", status=case.dossier.status)
        attached = [*_issued(case), *_receipts(case), *_letters(case), *_brought(case), *_proofs(case)]
        return archived_pdf(_values(case), attached)


def _values(case: Case) -> ArchivedValues:
    row = case.dossier
    assert row.ended_at is not None  # noqa: S101 - it has ended
    return ArchivedValues(
        superior_body=case.uow.agencies.get(row.resolving_agency_id).superior_name,
        receiving_name=case.uow.agencies.get(row.receiving_agency_id).name,
        state=STATES[case.status],
        ended_at=row.ended_at,
        chain=row.event_hash,
        events=row.event_seq,
        course=courses.values(case),
    )


def _issued(case: Case) -> Iterator[Attached]:
    for paper in case.uow.papers.of(case.dossier.id):
        kind = FormKind(paper.kind)
        again = f", lần {paper.subject_no}" if paper.subject_no > 1 else ""
        yield Attached(
            kind="issued",
            name=f"{NAMES.get(kind, kind.value)}{again}",
            number=paper.number,
            at=paper.issued_at,
            media_type=PDF,
            content=paper_prints.content_of(case.ctx, paper),
            void=paper.void_reason,
        )


def _receipts(case: Case) -> Iterator[Attached]:
    """Yield receipts of before papers were kept: those that were replaced, and the one in force as it prints."""
    if case.dossier.received_at is None:
        return
    kept = {paper.subject_no for paper in _of_kind(case, FormKind.RECEIPT)}
    issues = case.uow.receipt_issues.of(case.dossier.id)
    for issue in issues:
        if issue.no not in kept and issue.file_sha256 is not None:
            name = f"{NAMES[FormKind.RECEIPT]}, lần {issue.no}"
            yield _file(case, "replaced-receipt", name, issue.issued_at, issue.file_sha256, PDF)
    if not kept:
        content = receipts.printed(case, issues)
        at = case.dossier.received_at
        name = NAMES[FormKind.RECEIPT]
        yield Attached(kind="issued", name=name, number=None, at=at, media_type=PDF, content=content)


def _letters(case: Case) -> Iterator[Attached]:
    """Yield letters that were sent before papers were kept, and proofs that printed ones were handed over."""
    for letter in case.uow.letters.of_dossier(case.dossier.id):
        if letter.paper_id is None and letter.file_sha256 is not None:
            made = _file(case, "letter", NAMES[FormKind.APOLOGY], letter.sent_at, letter.file_sha256, PDF)
            yield replace(made, number=letter.number)
        if letter.proof_sha256 is not None:
            yield _file(case, "proof", "Bằng chứng giao thư xin lỗi", letter.delivered_at, letter.proof_sha256)


def _brought(case: Case) -> Iterator[Attached]:
    for paper in case.uow.dossiers.papers(case.dossier.id):
        if paper.file_sha256 is not None:
            yield _file(case, "brought", paper.name, paper.added_at, paper.file_sha256, paper.media_type)


def _proofs(case: Case) -> Iterator[Attached]:
    """Yield the slip of the post and the signature of who took the result."""
    row = case.uow.results.find(case.dossier.id)
    if row is None:
        return
    if row.proof_sha256 is not None:
        yield _file(case, "proof", "Phiếu của bưu chính", row.posted_at, row.proof_sha256, row.proof_media_type)
    if row.signature_sha256 is not None:
        name = "Chữ ký của người nhận kết quả"
        yield _file(case, "proof", name, row.handed_over_at, row.signature_sha256)


def _file(
    case: Case, kind: str, name: str, at: datetime | None, sha256: str, media_type: str | None = None
) -> Attached:
    """Return a stored file; what it is, is told by its first bytes where nobody wrote it down."""
    content = case.ctx.files.get(sha256)
    known = media_type or attachments.guessed_type(content)
    return Attached(kind=kind, name=name, number=None, at=at, media_type=known, content=content)


def _of_kind(case: Case, kind: FormKind) -> list[IssuedPaper]:
    return [paper for paper in case.uow.papers.of(case.dossier.id) if paper.kind == kind.value]
