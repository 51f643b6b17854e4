"""Receipts as they were handed out, and receipt numbers set aside for a power cut (issue 5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
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
