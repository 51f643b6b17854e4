"""Templates that an office owns: .docx layouts of its forms, each checked before it can be used."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base


class FormTemplate(Base):
    """A version of an office's own layout of a form."""

    __tablename__ = "form_template"
    __table_args__ = (UniqueConstraint("owner_agency_id", "kind", "form_set", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[str] = mapped_column(String(24))  # engine.domain.official_forms.FormKind
    form_set: Mapped[str] = mapped_column(String(20))
    version: Mapped[int]
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(12))  # checked | refused | active | retired
    findings: Mapped[list[Any]]  # what the check said: rule, severity, message
    uploaded_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    uploaded_at: Mapped[datetime]
    active_from: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


class FormTemplateStore:
    """Queries over templates of offices."""

    def __init__(self, session: Session) -> None:
        self._session = session
