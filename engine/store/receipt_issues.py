"""Receipts as they were handed out, and receipt numbers set aside for a power cut (issue 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.store.base import Base


class ReceiptIssue(Base):
    """One issue of the receipt (form 01); a correction marks it replaced and issues the next (domain.md §2.3)."""

    __tablename__ = "receipt_issue"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)  # from 1; the number of issue that is printed
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    issued_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    issued_at: Mapped[datetime]
    event_seq: Mapped[int]  # the history up to here is what this issue says
    file_sha256: Mapped[str | None] = mapped_column(String(64))  # the PDF as it was handed out, once it is replaced
    replaced_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)  # why it was replaced


class ReservedNumber(Base):
    """A number of dossiers that a counter keeps on paper for when there is no power; used once or voided."""

    __tablename__ = "reserved_number"
    __table_args__ = (Index("ix_reserved_number_open", "owner_agency_id", "counter", "used_at", "voided_at"),)

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    code: Mapped[str] = mapped_column(String(60), primary_key=True)  # the dossier code that is printed on the pad
    counter: Mapped[str] = mapped_column(String(40))  # the counter that keeps it
    reserved_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    reserved_at: Mapped[datetime]
    dossier_id: Mapped[DossierId | None] = mapped_column(ForeignKey("dossier.id"))
    used_at: Mapped[datetime | None]
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    void_reason: Mapped[str | None] = mapped_column(Text)


class ReceiptIssueStore:
    """Queries over issues of receipts and reserved numbers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: ReceiptIssue | ReservedNumber) -> None:
        """Add a row; it is written with the transaction."""
        self._session.add(row)

    def of(self, dossier_id: DossierId) -> list[ReceiptIssue]:
        """Return the issues of a dossier's receipt in order; none for one of before there were issues."""
        self._session.flush()
        query = select(ReceiptIssue).where(ReceiptIssue.dossier_id == dossier_id).order_by(ReceiptIssue.no)
        return list(self._session.scalars(query))

    def reserved(self, code: str, *, lock: bool = False) -> ReservedNumber | None:
        """Return the reserved number with this code, if there is one.

        Args:
            lock: other writers wait until the transaction ends (PostgreSQL): of two who enter a slip one is second.
        """
        query = select(ReservedNumber).where(ReservedNumber.code == code)
        if lock:
            query = query.with_for_update().execution_options(populate_existing=True)
        return self._session.scalar(query)

    def reserved_of(
        self, agencies: Collection[AgencyId], *, state: str | None, counter: str | None, after: str | None, limit: int
    ) -> list[ReservedNumber]:
        """Return reserved numbers of agencies, the latest code first: for those who check them.

        Args:
            state: ``open``, ``used`` or ``void``; None: all.
            after: a code; only those that come after it in this order.
        """
        query = select(ReservedNumber).where(ReservedNumber.owner_agency_id.in_(agencies))
        if state is not None:
            query = query.where(_STATES[state])
        if counter is not None:
            query = query.where(ReservedNumber.counter == counter)
        if after is not None:
            query = query.where(ReservedNumber.code < after)
        return list(self._session.scalars(query.order_by(ReservedNumber.code.desc()).limit(limit)))

    def reserved_counts(self, agencies: Collection[AgencyId]) -> dict[str, int]:
        """Return how many reserved numbers of agencies are open, used and void."""
        table = ReservedNumber
        row = self._session.execute(
            select(*(func.count().filter(_STATES[state]) for state in _STATES))
            .select_from(table)
            .where(table.owner_agency_id.in_(agencies))
        ).one()
        return dict(zip(_STATES, row, strict=True))

    def pad(self, agency_id: AgencyId, counter: str, reserved_at: datetime) -> list[ReservedNumber]:
        """Return the numbers that were reserved together, in order."""
        query = (
            select(ReservedNumber)
            .where(
                ReservedNumber.owner_agency_id == agency_id,
                ReservedNumber.counter == counter,
                ReservedNumber.reserved_at == reserved_at,
            )
            .order_by(ReservedNumber.code)
        )
        return list(self._session.scalars(query))


_STATES = {
    "open": and_(ReservedNumber.used_at.is_(None), ReservedNumber.voided_at.is_(None)),
    "used": ReservedNumber.used_at.is_not(None),
    "void": ReservedNumber.voided_at.is_not(None),
}
