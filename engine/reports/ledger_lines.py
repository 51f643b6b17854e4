"""The lines of the ledger: what stands in the book of a receipt, and what its history says beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.documents.ledgers import LedgerLine, LedgerRemark, RemarkKind
from engine.domain.dossier import Decision
from engine.domain.events import EventKind
from engine.domain.ids import DossierId
from engine.store.events import Event
from engine.store.papers import IssuedPaper
from engine.store.receipt_issues import ReservedNumber
from engine.store.unit_of_work import UnitOfWork

_TOLD = (
    EventKind.RECEIVED,
    EventKind.CORRECTED,
    EventKind.EXTENDED,
    EventKind.FINISHED,
    EventKind.RETURNED,
    EventKind.WITHDRAWN,
    EventKind.STOPPED,
)
_REASONS = {
    EventKind.CORRECTED: RemarkKind.CORRECTED,
    EventKind.WITHDRAWN: RemarkKind.WITHDRAWN,
    EventKind.STOPPED: RemarkKind.STOPPED,
}


@dataclass(frozen=True, slots=True)
class Beside:
    """The histories of some dossiers, and the pads that they were entered from."""

    _uow: UnitOfWork
    _pads: dict[DossierId, ReservedNumber]

    @classmethod
    def read(cls, uow: UnitOfWork, dossiers: Sequence[DossierId]) -> Beside:
        """Read what is told of up to 500 dossiers, in two statements."""
        uow.events.read(dossiers, _TOLD)
        query = select(ReservedNumber).where(ReservedNumber.dossier_id.in_(dossiers))
        return cls(uow, {row.dossier_id: row for row in uow.session.scalars(query) if row.dossier_id is not None})

    def line(self, row: Any, paper: IssuedPaper | None) -> LedgerLine:
        """Return the line of a receipt; ``paper`` is the one that took the running number, if there were any then."""
        dossier = row.Dossier
        events = self._uow.events.of_kinds(dossier.id, _TOLD)
        return LedgerLine(
            entry=None if paper is None else paper.counter,
            year=None if paper is None else paper.year,
            entered_at=dossier.received_at if paper is None else paper.issued_at,
            code=dossier.code or "",
            procedure_code=row.procedure_code,
            procedure_name=row.procedure_name,
            applicant_name=row.person,
            address=row.address,
            phone=row.phone,
            resolving_name=row.resolving,
            received_at=dossier.received_at,
            due_at=dossier.due_at,
            returned_at=_returned(events),
            result_channel=dossier.result_channel.value,
            receiver_name=row.receiver,
            remarks=tuple(self._remarks(dossier, events, paper)),
        )

    def _remarks(self, dossier: Any, events: Iterable[Event], paper: IssuedPaper | None) -> Iterable[LedgerRemark]:
        pad = self._pads.get(dossier.id)
        if pad is not None and pad.used_at is not None:
            yield LedgerRemark(kind=RemarkKind.RESERVED, at=pad.used_at, text=pad.counter)
        elif dossier.received_late and paper is not None:
            yield LedgerRemark(kind=RemarkKind.LATE_ENTRY, at=paper.issued_at)
        for event in events:
            kind = EventKind(event.kind)
            if kind in _REASONS:
                yield LedgerRemark(kind=_REASONS[kind], at=event.at, text=event.payload.get("reason"))
            elif kind is EventKind.FINISHED and event.payload["decision"] == Decision.REFUSED:
                yield LedgerRemark(kind=RemarkKind.REFUSED, at=event.at, text=event.payload["reason"])
            elif kind is EventKind.EXTENDED and event.payload.get("new_due_at"):
                yield LedgerRemark(kind=RemarkKind.EXTENDED, at=datetime.fromisoformat(event.payload["new_due_at"]))
        if paper is not None and paper.voided_at is not None and not _was_replaced(events):
            yield LedgerRemark(kind=RemarkKind.RECEIPT_VOID, at=paper.voided_at, text=paper.void_reason)


def of_void(row: ReservedNumber) -> LedgerLine:
    """Return the line of a reserved number that was voided."""
    assert row.voided_at is not None  # noqa: S101 - the query asks for it
    remark = LedgerRemark(kind=RemarkKind.NUMBER_VOID, at=row.voided_at, text=f"{row.counter}; {row.void_reason}")
    return LedgerLine(entry=None, entered_at=row.voided_at, code=row.code, remarks=(remark,))


def _was_replaced(events: Iterable[Event]) -> bool:
    """Whether a correction voided the first issue: then its remark says so already, and the number holds on."""
    return any(event.kind == EventKind.CORRECTED for event in events)


def _returned(events: Iterable[Event]) -> datetime | None:
    said = next((event.payload for event in events if event.kind == EventKind.RETURNED), None)
    if said is None:
        return None
    return datetime.fromisoformat(said.get("handed_over_at") or said["ended_at"])
