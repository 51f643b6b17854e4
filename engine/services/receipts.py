"""The receipt of a dossier as PDF (form 01; domain.md §2.3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from engine.context import Context
from engine.documents import words
from engine.documents.receipts import receipt_pdf
from engine.documents.values import PaperLine, ReceiptValues
from engine.domain.actors import Actor
from engine.domain.dossier import ResultChannel
from engine.domain.events import EventKind
from engine.errors import ConflictError
from engine.services import appointments, steps
from engine.services.case import Case, case_of, find
from engine.store.events import Event

RESULT_PLACES = {
    ResultChannel.DESK: "Bộ phận Một cửa",
    ResultChannel.POSTAL: "Qua dịch vụ bưu chính công ích",
    ResultChannel.ONLINE: "Trực tuyến, Cổng Dịch vụ công quốc gia",
}


class NotReceivedError(ConflictError):
    """A dossier without receipt date has no receipt."""

    code = "not-received"


def pdf(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the receipt; it prints promise and papers as they were at receipt, whatever was moved or brought since.

    Raises:
        DossierNotFoundError, NotReceivedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        case = case_of(ctx, uow, by=by, dossier=find(uow, by=by, reference=dossier))
        return receipt_pdf(_values(case))


def _values(case: Case) -> ReceiptValues:
    uow, row = case.uow, case.dossier
    history = uow.events.of(row.id)
    receipt = next((event for event in history if event.kind == EventKind.RECEIVED), None)
    if receipt is None or row.received_at is None or row.due_at is None or row.code is None:
        raise NotReceivedError("the dossier is not received, so it has no receipt", status=row.status)
    promised_at = case.calendar.local(datetime.fromisoformat(receipt.payload["due_at"]))
    agency = uow.agencies.get(row.receiving_agency_id)
    applicant = uow.dossiers.parties(row.id)["applicant"]
    return ReceiptValues(
        superior_body=agency.name,
        unit_name=steps.one_stop_unit(case, agency.id).name,
        place=agency.place,
        number=None,
        code=row.code,
        applicant_name=applicant.name,
        identity_number=applicant.identity_number,
        address=applicant.address,
        phone=applicant.phone,
        email=applicant.email,
        authoriser=None,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        papers=_papers_at(case, history[: receipt.seq]),
        dossier_count=1,
        limit_text=words.limit(receipt.payload["limit"]),
        second_limit_text=_second_limit(case),
        received_at=row.received_at,
        due_at=promised_at,
        provisional=receipt.payload["provisional"],
        result_place=RESULT_PLACES[row.result_channel],
        book=None,
        receiver_name=uow.people.get(receipt.actor_id).name if receipt.actor_id else "",
        tracking_url=f"{case.ctx.settings.public_url}/tra-cuu/{row.code}",
        channel=row.channel.value,
        zone=agency.zone,
    )


def _second_limit(case: Case) -> str | None:
    """Return the limit after payment in words, where the procedure has two appointments (domain.md §1.8)."""
    second = appointments.limits(case.version)[1:]
    return words.limit(str(second[0])) if second else None


def _papers_at(case: Case, history: Sequence[Event]) -> tuple[PaperLine, ...]:
    """Return the papers that the dossier had after these events; the events name them by number."""
    brought = set()
    for event in history:
        if event.kind == EventKind.PAPER_ADDED:
            brought.add(event.payload["no"])
        brought.update(paper["no"] for paper in event.payload.get("papers", ()))
    papers = case.uow.dossiers.papers(case.dossier.id)
    return tuple(PaperLine(paper.name, paper.originals, paper.copies) for paper in papers if paper.no in brought)
