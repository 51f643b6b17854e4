"""Issues of a receipt: the first at the receipt, the next with each correction; what was replaced is kept as it was.

A dossier of before there were issues has no row; its first issue follows from the event of its receipt.
"""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.events import EventKind
from engine.domain.official_forms import FormKind
from engine.services import dossier_file, issuing, receipts
from engine.services.case import Case
from engine.services.officer_names import OfficerNames
from engine.store.events import Event
from engine.store.receipt_issues import ReceiptIssue


def issue_first(case: Case, receipt: Event) -> None:
    """Keep issue 1, which the event of the receipt names, with its number: the next of the agency's year."""
    case.uow.receipt_issues.add(_first(case, receipt))
    values = receipts.first_values(case, receipt.payload)
    issuing.issue(case, FormKind.RECEIPT, values, agency=case.dossier.receiving_agency_id)


def listed(ctx: Context, *, by: Actor, dossier: str) -> list[dict[str, Any]]:
    """Return the issues of a receipt in order, each with ``no``, who issued it and when, and why it was replaced.

    ``replaced_by`` is the number of the issue that counts in its place, None for the one in force. Empty before the
    receipt.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        names = OfficerNames(case.uow)
        return [
            {
                "no": row.no,
                "issued_at": case.calendar.local(row.issued_at).isoformat(),
                "issued_by": names.of(row.issued_by),
                "replaced_at": None if row.replaced_at is None else case.calendar.local(row.replaced_at).isoformat(),
                "replaced_by": None if row.replaced_at is None else row.no + 1,
                "reason": row.reason,
            }
            for row in of(case)
        ]


def of(case: Case) -> list[ReceiptIssue]:
    """Return the issues of a case's receipt in order; the first is derived where no row tells of it."""
    rows = case.uow.receipt_issues.of(case.dossier.id)
    if rows:
        return rows
    return [_first(case, event) for event in case.uow.events.of_kind(case.dossier.id, EventKind.RECEIVED)[:1]]


def replace(case: Case, *, reason: str) -> ReceiptIssue:
    """Mark the issue in force as replaced, with its PDF as it was, and return it; ``issue_next`` follows.

    Called before anything that the paper says is changed. The bytes are stored before the row names them.

    Raises:
        NotReceivedError: the dossier has no receipt.
    """
    content = receipts.printed(case, of(case))
    last = of(case)[-1]
    if not case.uow.receipt_issues.of(case.dossier.id):
        case.uow.receipt_issues.add(last)
    last.file_sha256 = case.ctx.files.put(content)
    last.replaced_at, last.reason = case.now, reason
    return last


def issue_next(case: Case, event: Event, *, no: int) -> None:
    """Keep the issue that an event of a correction names; it prints the number of the first one again."""
    case.uow.receipt_issues.add(_issue(case, event, no))
    first = receipts.first_issued(case)
    issuing.issue(
        case,
        FormKind.RECEIPT,
        receipts.next_values(case, first),
        subject_no=no,
        agency=case.dossier.receiving_agency_id,
        number_as=first,
    )


def _first(case: Case, receipt: Event) -> ReceiptIssue:
    return _issue(case, receipt, 1)


def _issue(case: Case, event: Event, no: int) -> ReceiptIssue:
    return ReceiptIssue(
        dossier_id=case.dossier.id,
        no=no,
        owner_agency_id=case.dossier.owner_agency_id,
        issued_by=event.actor_id,
        issued_at=event.at,
        event_seq=event.seq,
        file_sha256=None,
        replaced_at=None,
        reason=None,
    )
