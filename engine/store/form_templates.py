"""Templates that an office owns: .docx layouts of its forms, each checked before it can be used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.errors import NotFoundError
from engine.store.base import Base

ACTIVE = "active"


class FormTemplateNotFoundError(NotFoundError):
    """There is no such template, or it is not the actor's to know."""

    code = "form-template-not-found"


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

    def add(self, row: FormTemplate) -> None:
        """Add a version and give it its id; another one of the same number violates its unique key."""
        self._session.add(row)
        self._session.flush()

    def get(self, template_id: int) -> FormTemplate:
        """Return the version with that id.

        Raises:
            FormTemplateNotFoundError: there is none.
        """
        row = self._session.get(FormTemplate, template_id)
        if row is None:
            raise FormTemplateNotFoundError(f"there is no template {template_id}")
        return row

    def listed(self, agencies: Collection[AgencyId]) -> list[FormTemplate]:
        """Return the versions of these agencies, newest first."""
        query = select(FormTemplate).where(FormTemplate.owner_agency_id.in_(agencies))
        return list(self._session.scalars(query.order_by(FormTemplate.id.desc())))

    def next_version(self, agency: AgencyId, kind: str, form_set: str) -> int:
        """Return the number that the next version of a form gets."""
        query = select(func.max(FormTemplate.version)).where(*_of(agency, kind, form_set))
        return (self._session.scalar(query) or 0) + 1

    def active(self, agency: AgencyId, kind: str, form_set: str) -> FormTemplate | None:
        """Return the version in use, if the agency uses one of its own."""
        query = select(FormTemplate).where(*_of(agency, kind, form_set), FormTemplate.state == ACTIVE)
        return self._session.scalar(query.order_by(FormTemplate.id.desc()).limit(1))

    def versions_locked(self, agency: AgencyId, kind: str, form_set: str) -> list[FormTemplate]:
        """Return all versions of a form by number; who else wants to change one waits until this transaction ends."""
        query = select(FormTemplate).where(*_of(agency, kind, form_set)).order_by(FormTemplate.id)
        return list(self._session.scalars(query.with_for_update().execution_options(populate_existing=True)))


def _of(agency: AgencyId, kind: str, form_set: str) -> tuple[Any, ...]:
    return (FormTemplate.owner_agency_id == agency, FormTemplate.kind == kind, FormTemplate.form_set == form_set)
