"""What officers ask each other about a dossier beside its process: opinions, suggested refusals, notes (issue 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, Text, and_, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId, OfficerId, UnitId
from engine.errors import NotFoundError
from engine.store.agencies import Unit
from engine.store.base import Base
from engine.store.dossiers import Dossier


class OpinionNotFoundError(NotFoundError):
    """The dossier has no request for an opinion with this number."""

    code = "opinion-not-found"


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

    def add(self, row: Opinion | RefusalSuggestion | Note) -> None:
        """Add a row; it is written with the transaction."""
        self._session.add(row)
        self._session.flush()

    def opinions(self, dossier_id: DossierId) -> list[Opinion]:
        """Return what the units were asked, in order."""
        return list(self._session.scalars(select(Opinion).where(Opinion.dossier_id == dossier_id).order_by(Opinion.no)))

    def opinion(self, dossier_id: DossierId, no: int) -> Opinion:
        """Return one request for an opinion.

        Raises:
            OpinionNotFoundError: the dossier has none with this number.
        """
        row = self._session.get(Opinion, (dossier_id, no))
        if row is None:
            raise OpinionNotFoundError(f"the dossier has no request for an opinion {no}", no=no)
        return row

    def suggestions(self, dossier_id: DossierId) -> list[RefusalSuggestion]:
        """Return the suggested refusals of a dossier, in order."""
        query = select(RefusalSuggestion).where(RefusalSuggestion.dossier_id == dossier_id)
        return list(self._session.scalars(query.order_by(RefusalSuggestion.no)))

    def open_suggestion(self, dossier_id: DossierId) -> RefusalSuggestion | None:
        """Return the suggested refusal that nobody has decided yet, if any."""
        return next((row for row in self.suggestions(dossier_id) if row.decision is None), None)

    def notes(self, dossier_id: DossierId) -> list[Note]:
        """Return the notes of a dossier, oldest first."""
        return list(self._session.scalars(select(Note).where(Note.dossier_id == dossier_id).order_by(Note.no)))

    def note_count(self, dossier_id: DossierId) -> int:
        """Return how many notes a dossier has."""
        return self._session.scalar(select(func.count()).where(Note.dossier_id == dossier_id)) or 0

    def awaited_of(self, unit_ids: Collection[UnitId]) -> int:
        """Return how many opinions are awaited of these units, of dossiers that are not decided yet."""
        query = select(func.count()).select_from(Opinion).join(Dossier, Dossier.id == Opinion.dossier_id)
        return self._session.scalar(query.where(_awaited(), Opinion.unit_id.in_(unit_ids))) or 0

    def awaited(self, unit_ids: Collection[UnitId], *, most: int) -> list[tuple[Opinion, str | None, str]]:
        """Return the opinions awaited of these units, most pressing first, with the code and the unit's name."""
        query = (
            select(Opinion, Dossier.code, Unit.name)
            .join(Dossier, Dossier.id == Opinion.dossier_id)
            .join(Unit, Unit.id == Opinion.unit_id)
            .where(_awaited(), Opinion.unit_id.in_(unit_ids))
            .order_by(Opinion.due_at, Opinion.asked_at, Opinion.dossier_id, Opinion.no)
        )
        return [(row[0], row[1], row[2]) for row in self._session.execute(query.limit(most))]


def _awaited() -> ColumnElement[bool]:
    return and_(
        Opinion.answered_at.is_(None),
        Opinion.withdrawn_at.is_(None),
        Dossier.finished_at.is_(None),
        Dossier.ended_at.is_(None),
    )
