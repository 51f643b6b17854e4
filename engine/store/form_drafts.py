"""What an officer typed into a form and has not sent yet, so that a closed tab loses nothing (issue 5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base


class FormDraft(Base):
    """The fields of one form of one officer: personal data, gone when the form is sent, or after a week."""

    __tablename__ = "form_draft"

    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(160), primary_key=True)  # which form: counter/<code>, dossier/<id>/<act>
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    fields: Mapped[dict[str, Any]]
    based_on: Mapped[int | None]  # row version of the dossier that the form was opened on
    saved_at: Mapped[datetime] = mapped_column(index=True)


class FormDraftStore:
    """Queries over drafts of forms."""

    def __init__(self, session: Session) -> None:
        self._session = session
