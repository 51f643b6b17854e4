"""Who is away and who does their work meanwhile (issue 5)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base


class Absence(Base):
    """An officer is away from one instant to another; ``cover_id`` does their tasks on their behalf meanwhile."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_cover", "cover_id", "starts_at", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), index=True)
    cover_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]  # exclusive; moved forward when the officer is back earlier
    reason: Mapped[str] = mapped_column(String(300), default="")
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    ended_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))  # who ended it before its time


class AbsenceStore:
    """Queries over absences."""

    def __init__(self, session: Session) -> None:
        self._session = session
