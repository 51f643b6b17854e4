"""Papers that were issued: number, what each was made from, and the bytes that are kept (domain.md §2)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NewType
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.domain.official_forms import FormKind
from engine.errors import NotFoundError
from engine.store.base import Base

PaperId = NewType("PaperId", UUID)


class IssuedPaperNotFoundError(NotFoundError):
    """There is no such paper, or the actor may not know of it."""

    code = "issued-paper-not-found"


class IssuedPaper(Base):
    """A paper that left the office; it never changes: what was wrong is voided with its reason, and issued anew."""

    __tablename__ = "issued_paper"
    __table_args__ = (
        Index(
            "uq_issued_paper_subject",
            "dossier_id",
            "kind",
            "subject_no",
            unique=True,
            postgresql_where=text("voided_at IS NULL"),
            sqlite_where=text("voided_at IS NULL"),
        ),
        UniqueConstraint("owner_agency_id", "kind", "year", "counter"),
        Index("ix_issued_paper_dossier", "dossier_id", "issued_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))  # who issues and numbers
    dossier_id: Mapped[DossierId | None] = mapped_column(ForeignKey("dossier.id"))
    kind: Mapped[str] = mapped_column(String(24))  # engine.domain.official_forms.FormKind
    subject_no: Mapped[int] = mapped_column(default=1)  # which of them: issue of the receipt, request, promise
    form_set: Mapped[str] = mapped_column(String(20))
    form_key: Mapped[str] = mapped_column(String(8))
    form_version: Mapped[int]
    year: Mapped[int]  # of the number, in the agency's zone
    counter: Mapped[int | None]  # running number of (agency, kind, year); None for a paper without a number of its own
    number: Mapped[str | None] = mapped_column(String(60))  # as printed
    made_from: Mapped[dict[str, Any]]  # the frozen values; personal data, so kept apart from the history
    made_from_sha256: Mapped[str] = mapped_column(String(64))  # of their canonical JSON; the history has it, too
    issued_at: Mapped[datetime]
    issued_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    file_sha256: Mapped[str | None] = mapped_column(String(64))  # the unsigned rendering, once it is made
    signed_sha256: Mapped[str | None] = mapped_column(String(64))  # the signed file: then this one is what is kept
    voided_at: Mapped[datetime | None]
    voided_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    void_reason: Mapped[str | None] = mapped_column(Text)


class PaperStore:
    """Queries over issued papers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[DossierId, list[IssuedPaper]] = {}

    def know(self, dossier_id: DossierId, papers: Iterable[IssuedPaper]) -> None:
        """Answer for a dossier from rows that were read ahead, in a unit that writes nothing."""
        self._known[dossier_id] = sorted(
            papers,
            key=lambda paper: (paper.issued_at, paper.kind, paper.subject_no, paper.counter or 0, paper.id),
        )

    def add(self, paper: IssuedPaper) -> None:
        """Add a paper; a second one of the same subject, or with the same number, violates a unique key at the end."""
        self._session.add(paper)

    def get(self, paper_id: PaperId) -> IssuedPaper:
        """Return the paper with that id.

        Raises:
            IssuedPaperNotFoundError: there is none.
        """
        self._session.flush()
        paper = self._session.get(IssuedPaper, paper_id)
        if paper is None:
            raise IssuedPaperNotFoundError(f"there is no paper {paper_id}")
        return paper

    def of(self, dossier_id: DossierId) -> list[IssuedPaper]:
        """Return the papers of a dossier as they were issued, void ones among them."""
        if dossier_id in self._known:
            return list(self._known[dossier_id])
        self._session.flush()
        query = select(IssuedPaper).where(IssuedPaper.dossier_id == dossier_id)
        return list(
            self._session.scalars(
                query.order_by(
                    IssuedPaper.issued_at, IssuedPaper.kind, IssuedPaper.subject_no, IssuedPaper.counter, IssuedPaper.id
                )
            )
        )

    def in_force(self, dossier_id: DossierId, kind: FormKind, *, subject_no: int = 1) -> IssuedPaper | None:
        """Return the paper of a kind that counts, if it was issued and is not void."""
        self._session.flush()
        query = select(IssuedPaper).where(
            IssuedPaper.dossier_id == dossier_id,
            IssuedPaper.kind == kind.value,
            IssuedPaper.subject_no == subject_no,
            IssuedPaper.voided_at.is_(None),
        )
        return self._session.scalar(query)
