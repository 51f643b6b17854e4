"""The receipt of a dossier as PDF (form 01; domain.md §2.3).

What was issued is printed from what was kept at its issue. A receipt of before papers were kept is printed from the
dossier: without a number, and what it says follows from the history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.documents import words
from engine.documents.receipts import beside, receipt_pdf
from engine.documents.values import Authoriser, Book, Certification, PaperLine, ReceiptValues, Reissue, ReplacedValues
from engine.domain.actors import Actor
from engine.domain.dossier import ResultChannel
from engine.domain.events import EventKind
from engine.domain.official_forms import FormKind, OfficialForm
from engine.domain.paper_numbers import year_of
from engine.domain.papers import PaperOrigin
from engine.domain.result_return import tracking_url
from engine.errors import ConflictError, NotFoundError
from engine.services import appointments, steps
from engine.services.case import Case, case_of, check_ours, find
from engine.services.issuing import ValuesOf
from engine.services.paper_prints import content_of
from engine.store.dossiers import Paper, Party
from engine.store.events import Event
from engine.store.papers import IssuedPaper
from engine.store.receipt_issues import ReceiptIssue

RESULT_PLACES = {
    ResultChannel.DESK: "Bộ phận Một cửa",
    ResultChannel.POSTAL: "Qua dịch vụ bưu chính công ích",
    ResultChannel.ONLINE: "Trực tuyến, Cổng Dịch vụ công quốc gia",
}
CERTIFIED = ("page_count", "copy_count")  #: questions of the form of a certification (bpmn/models/2.000815)


class NotReceivedError(ConflictError):
    """A dossier without receipt date has no receipt."""

    code = "not-received"


class ReceiptIssueNotFoundError(NotFoundError):
    """The receipt was not issued that often."""

    code = "receipt-issue-not-found"


def pdf(ctx: Context, *, by: Actor, dossier: str, issue: int | None = None) -> bytes:
    """Return the receipt; it prints promise and papers as they were at receipt, whatever was moved or brought since.

    Args:
        issue: number of the issue; None: the one in force. What was replaced comes as it was handed out, with a page
            before it that says by which issue it was replaced, and why.

    Raises:
        DossierNotFoundError, NotReceivedError, ReceiptIssueNotFoundError: see the message.
        FileMissingError: the store lost a replaced receipt.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        case = case_of(ctx, uow, by=by, dossier=find(uow, by=by, reference=dossier))
        issues = uow.receipt_issues.of(case.dossier.id)
        wanted = next((row for row in issues if row.no == issue), None)
        if wanted is not None and wanted.file_sha256 is not None:
            return beside(ctx.files.get(wanted.file_sha256), _replaced(case, wanted))
        if issue not in (None, issues[-1].no if issues else 1):
            raise ReceiptIssueNotFoundError(f"the receipt of this dossier has no issue {issue}", no=issue)
        return printed(case, issues)


def first_values(case: Case, promised: Mapping[str, Any]) -> ValuesOf:
    """Return what makes the values of the first issue, while the dossier is being received.

    Args:
        promised: ``limit``, ``due_at`` and ``provisional`` of the promise, and ``fee_vnd`` where one is known.
    """

    def values(form: OfficialForm, number: str | None, symbol: str) -> ReceiptValues:
        papers = case.uow.dossiers.papers(case.dossier.id)
        known = _values(
            case,
            promised,
            papers=tuple(_printed_line(paper) for paper in papers if not is_further_page(paper)),
            receiver=case.by.name if case.by.id is not None else "",
        )
        year = year_of(case.now, known.zone)
        return replace(known, form=form, number=number, symbol=symbol, book=_book(year, number))

    return values


def next_values(case: Case, first: IssuedPaper | None) -> ValuesOf:
    """Return what makes the values of the issue that a correction brings, which is written already.

    Args:
        first: the issue whose number it prints again, see ``first_issued``.
    """

    def values(form: OfficialForm, number: str | None, symbol: str) -> ReceiptValues:
        case.uow.flush()
        known = _printed_values(case, case.uow.receipt_issues.of(case.dossier.id))
        year = year_of(case.now, known.zone) if first is None else first.year
        return replace(known, form=form, number=number, symbol=symbol, book=_book(year, number))

    return values


def first_issued(case: Case) -> IssuedPaper | None:
    """Return the first issue of a receipt that was kept, whose number the next ones print; None: there was none."""
    papers = case.uow.papers.of(case.dossier.id)
    return next((paper for paper in papers if paper.kind == FormKind.RECEIPT.value), None)


def printed(case: Case, issues: Sequence[ReceiptIssue]) -> bytes:
    """Return the receipt in force: the bytes that were issued.

    Raises:
        NotReceivedError: the dossier is not received.
    """
    number = issues[-1].no if issues else 1
    issued = case.uow.papers.in_force(case.dossier.id, FormKind.RECEIPT, subject_no=number)
    return receipt_pdf(_printed_values(case, issues)) if issued is None else content_of(case.ctx, issued)


def _book(year: int, number: str | None) -> Book | None:
    """Return where the dossier stands in the ledger of its year, which has the numbers of the receipts (§2.8)."""
    return None if number is None else Book(volume=str(year), entry=number.partition("/")[0])


def _printed_values(case: Case, issues: Sequence[ReceiptIssue]) -> ReceiptValues:
    uow, row = case.uow, case.dossier
    check_ours(row)
    history = uow.events.of(row.id)
    receipt = next((event for event in history if event.kind == EventKind.RECEIVED), None)
    if receipt is None or row.received_at is None or row.due_at is None or row.code is None:
        raise NotReceivedError("the dossier is not received, so it has no receipt", status=row.status)
    corrections = [event for event in history if event.kind == EventKind.CORRECTED]
    promised: dict[str, Any] = corrections[-1].payload["printed"] if corrections else receipt.payload
    issuer = corrections[-1] if corrections else receipt
    promised = {"fee_vnd": issuer.payload.get("fee_vnd"), **promised}
    papers = _papers_at(case, history[: receipt.seq], corrections)
    receiver = uow.people.get(issuer.actor_id).name if issuer.actor_id else ""
    return replace(_values(case, promised, papers=papers, receiver=receiver), reissue=_reissue(issues))


def _values(case: Case, promised: Mapping[str, Any], *, papers: tuple[PaperLine, ...], receiver: str) -> ReceiptValues:
    uow, row = case.uow, case.dossier
    assert row.received_at is not None  # noqa: S101 - nothing was promised before
    agency = uow.agencies.get(row.receiving_agency_id)
    people = uow.dossiers.parties(row.id)
    applicant = people["applicant"]
    return ReceiptValues(
        superior_body=agency.name,
        unit_name=steps.one_stop_unit(case, agency.id).name,
        place=agency.place,
        number=None,
        code=row.code or "",
        applicant_name=applicant.name,
        identity_number=applicant.identity_number,
        address=applicant.address,
        phone=applicant.phone,
        email=applicant.email,
        authoriser=_authoriser(case, people),
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        papers=papers,
        dossier_count=1,
        limit_text=words.limit(promised["limit"]),
        second_limit_text=_second_limit(case),
        received_at=row.received_at,
        due_at=case.calendar.local(datetime.fromisoformat(promised["due_at"])),
        provisional=promised["provisional"],
        result_place=RESULT_PLACES[row.result_channel],
        book=None,
        receiver_name=receiver,
        tracking_url=tracking_url(case.ctx.settings.public_url, row.code or ""),
        channel=row.channel.value,
        zone=agency.zone,
        fee_text=_fee_text(promised.get("fee_vnd")),
        certification=_certification(row.facts),
    )


def _certification(facts: Mapping[str, Any]) -> Certification | None:
    """Return what is certified, where the procedure's form asks for it (domain.md §2.3, local additions)."""
    pages, copies = (facts.get(name) for name in CERTIFIED)
    if not isinstance(pages, int) or not isinstance(copies, int):
        return None
    return Certification(pages=pages, copies=copies, electronic=False)


def _fee_text(amount: int | None) -> str | None:
    """Return what the citizen was told that it costs; None: nobody says, as where the tax office decides."""
    if amount is None:
        return None
    return "không thu" if amount == 0 else words.money(amount)


def _reissue(issues: Sequence[ReceiptIssue]) -> Reissue | None:
    if len(issues) < 2:
        return None
    return Reissue(no=issues[-1].no, issued_at=issues[-1].issued_at, replaces_at=issues[-2].issued_at)


def _replaced(case: Case, row: ReceiptIssue) -> ReplacedValues:
    agency = case.uow.agencies.get(case.dossier.receiving_agency_id)
    assert row.replaced_at is not None  # noqa: S101 - it has a file because it was replaced
    return ReplacedValues(
        agency_name=agency.name,
        code=case.dossier.code or "",
        no=row.no,
        issued_at=row.issued_at,
        replaced_at=row.replaced_at,
        reason=row.reason or "",
        zone=agency.zone,
    )


def _authoriser(case: Case, people: Mapping[str, Party]) -> Authoriser | None:
    """Return for whom the applicant files, where a paper authorises them (domain.md §2.3, field 5)."""
    owner, paper = people.get("authoriser") or people.get("owner"), case.dossier.authorisation
    if owner is None or not paper:
        return None
    return Authoriser(
        name=owner.name, address=owner.address, identity_number=owner.identity_number, phone=owner.phone,
        email=owner.email, paper=paper,
    )  # fmt: skip


def _second_limit(case: Case) -> str | None:
    """Return the limit after payment in words, where the procedure has two appointments (domain.md §1.8)."""
    second = appointments.limits(case.version)[1:]
    return words.limit(str(second[0])) if second else None


def _papers_at(case: Case, history: Sequence[Event], corrections: Sequence[Event]) -> tuple[PaperLine, ...]:
    """Return the papers that the dossier had after these events, which name them by number, and as corrected since."""
    brought = set()
    for event in history:
        if event.kind == EventKind.PAPER_ADDED:
            brought.add(event.payload["no"])
        brought.update(paper["no"] for paper in event.payload.get("papers", ()))
    gone: set[int] = set()
    for event in corrections:
        brought.update(paper["no"] for paper in event.payload.get("papers", ()))
        back = gone & {paper["no"] for paper in event.payload.get("rewritten", ())}  # struck out by mistake
        gone = (gone - back) | (brought & set(event.payload.get("struck", ())))
        brought = (brought | back) - gone
    papers = case.uow.dossiers.papers(case.dossier.id)
    return tuple(_printed_line(paper) for paper in papers if paper.no in brought and not is_further_page(paper))


def _printed_line(paper: Paper) -> PaperLine:
    """Return a line of field 9; of what the office had already nothing was handed in (domain.md §1.15, invariant 8)."""
    name = f"{paper.name} (đã có trong dữ liệu)" if paper.source == PaperOrigin.REUSED else paper.name
    return PaperLine(name, paper.originals, paper.copies)


def is_further_page(paper: Paper) -> bool:
    """Whether a paper is only the second or a further file of one that is listed already."""
    counted = paper.originals or paper.copies
    return paper.source == PaperOrigin.FILED and paper.file_sha256 is not None and not counted
