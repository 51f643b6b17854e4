"""Drafts of procedures: what an administrator works on before it is published."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId, VersionId
from engine.errors import NotFoundError
from engine.store.base import Base


class DraftNotFoundError(NotFoundError):
    """There is no such draft, or it belongs to an agency that the actor does not administer."""

    code = "draft-not-found"


class ProcedureDraft(Base):
    """A procedure as it is being edited; it becomes a version when it is published and stays until it is deleted."""

    __tablename__ = "procedure_draft"
    # SQLite too never gives a number twice: a page of a deleted draft must not save over another one.
    __table_args__ = (Index("ix_procedure_draft_owner", "owner_agency_id", "code"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)  # BPMN 2.0 XML as drawn
    decisions: Mapped[str] = mapped_column(Text, default="")  # DMN 1.3 XML, or nothing
    form: Mapped[dict[str, Any]] = mapped_column(default=dict)
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    scenarios: Mapped[list[Any]] = mapped_column(default=list)
    based_on: Mapped[VersionId | None] = mapped_column(ForeignKey("procedure_version.id"))
    published_as: Mapped[VersionId | None] = mapped_column(ForeignKey("procedure_version.id"))
    created_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    created_at: Mapped[datetime]
    edited_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    edited_at: Mapped[datetime]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - two writers: the second is refused


class DraftStore:
    """Queries over drafts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, draft: ProcedureDraft) -> ProcedureDraft:
        """Add a draft and give it its id."""
        self._session.add(draft)
        self._session.flush()
        return draft

    def get(self, draft_id: int) -> ProcedureDraft:
        """Return the draft with that id.

        Raises:
            DraftNotFoundError: there is none.
        """
        draft = self._session.get(ProcedureDraft, draft_id) if 0 < draft_id < 2**31 else None  # what the column holds
        if draft is None:
            raise DraftNotFoundError(f"there is no draft with number {draft_id}")
        return draft

    def all(self, agency_ids: frozenset[AgencyId]) -> list[ProcedureDraft]:
        """Return the drafts of some agencies, the latest edited first."""
        query = (
            select(ProcedureDraft)
            .where(ProcedureDraft.owner_agency_id.in_(agency_ids))
            .order_by(ProcedureDraft.edited_at.desc(), ProcedureDraft.id.desc())
        )
        return list(self._session.scalars(query))

    def forget(self, versions: Collection[VersionId]) -> None:
        """Let no draft point at versions that are about to be deleted."""
        for column in (ProcedureDraft.based_on, ProcedureDraft.published_as):
            self._session.execute(update(ProcedureDraft).where(column.in_(versions)).values({column: None}))

    def delete(self, draft: ProcedureDraft) -> None:
        """Delete a draft; what was published from it stays."""
        self._session.delete(draft)
        self._session.flush()
