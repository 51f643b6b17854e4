"""Runs of the history import: what came from which file of which system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base


class HistoryImport(Base):
    """One run: the hashes of file and mapping, and what became of the rows."""

    __tablename__ = "history_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    source: Mapped[str] = mapped_column(String(40))  # name of the other system
    file_sha256: Mapped[str] = mapped_column(String(64))
    mapping_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]  # counts: rows, dossiers added, known before, refused
    made_by: Mapped[OfficerId | None]
    made_at: Mapped[datetime]


class HistoryImportStore:
    """Queries over imports."""

    def __init__(self, session: Session) -> None:
        self._session = session
