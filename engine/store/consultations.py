"""What officers ask each other about a dossier beside its process: opinions, suggested refusals, notes (issue 5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId, UnitId
from engine.store.base import Base


class Opinion(Base):
    """An opinion asked of a unit while the step goes on; it moves no limit."""

    __tablename__ = "opinion"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))  # the agency that is asked
    unit_id: Mapped[UnitId] = mapped_column(ForeignKey("unit.id"), index=True)
    question: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    stance: Mapped[str | None] = mapped_column(String(12))  # agree | disagree | remark
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    answered_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class RefusalSuggestion(Base):
    """An officer's draft of a refusal, for the approver to decide (domain.md §1.6)."""

    __tablename__ = "refusal_suggestion"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    reason: Mapped[str] = mapped_column(Text)
    suggested_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    suggested_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(String(12))  # accepted | declined
    answer: Mapped[str | None] = mapped_column(Text)
    decided_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    decided_at: Mapped[datetime | None]


class Note(Base):
    """A note of an officer on a dossier, for colleagues; the history keeps its digest."""

    __tablename__ = "dossier_note"

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    text: Mapped[str] = mapped_column(Text)
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class ConsultationStore:
    """Queries over opinions, suggested refusals and notes."""

    def __init__(self, session: Session) -> None:
        self._session = session
