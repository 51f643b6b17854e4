"""Who is away and who does their work meanwhile (issue 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, String, and_, exists, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.actors import Role
from engine.domain.ids import AgencyId, OfficerId
from engine.errors import NotFoundError
from engine.store.base import Base
from engine.store.people import Officer, RoleGrant


class AbsenceNotFoundError(NotFoundError):
    """There is no such absence, or it is of an agency that the actor does not look after."""

    code = "absence-not-found"


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

    def add(self, absence: Absence) -> Absence:
        """Add an absence and give it its id."""
        self._session.add(absence)
        self._session.flush()
        return absence

    def get(self, absence_id: int) -> Absence:
        """Return the absence with that id, to be changed: other writers wait.

        Raises:
            AbsenceNotFoundError: there is none.
        """
        absence = self._session.get(Absence, absence_id, with_for_update=True, populate_existing=True)
        if absence is None:
            raise AbsenceNotFoundError(f"there is no absence with id {absence_id}")
        return absence

    def lock(self, officer_ids: Collection[OfficerId]) -> None:
        """Let others wait who plan an absence of these officers, or make them covers, until the transaction ends."""
        query = select(Officer.id).where(Officer.id.in_(officer_ids)).order_by(Officer.id).with_for_update()
        self._session.execute(query).all()

    def meeting(self, officer_id: OfficerId, *, starts_at: datetime, ends_at: datetime) -> list[Absence]:
        """Return the absences in which the officer is away or covers at some instant of [starts_at, ends_at)."""
        touched = or_(Absence.officer_id == officer_id, Absence.cover_id == officer_id)
        inside = and_(Absence.starts_at < ends_at, Absence.ends_at > starts_at, Absence.ends_at > Absence.starts_at)
        return list(self._session.scalars(select(Absence).where(touched, inside).order_by(Absence.starts_at)))

    def known_to(
        self, *, officer_id: OfficerId | None, agencies: Collection[AgencyId], since: datetime, most: int = 200
    ) -> list[Absence]:
        """Return absences that end after ``since``, newest first: of the officer, covered by them, of the agencies."""
        theirs = or_(Absence.officer_id == officer_id, Absence.cover_id == officer_id)
        query = select(Absence).where(
            or_(theirs, Absence.owner_agency_id.in_(agencies)), Absence.ends_at > since, _happens()
        )
        return list(self._session.scalars(query.order_by(Absence.starts_at.desc(), Absence.id.desc()).limit(most)))

    def running(self, at: datetime, officer_ids: Collection[OfficerId]) -> dict[OfficerId, Absence]:
        """Return who of these officers is away at an instant, with their absence."""
        query = select(Absence).where(_runs(at), Absence.officer_id.in_(officer_ids))
        return {absence.officer_id: absence for absence in self._session.scalars(query)}

    def hold_covered_by(self, cover_id: OfficerId, *, at: datetime) -> frozenset[OfficerId]:
        """Return whom an officer covers at an instant; who ends such an absence waits until the transaction ends."""
        query = select(Absence.officer_id).where(_runs(at), Absence.cover_id == cover_id).with_for_update(read=True)
        return frozenset(self._session.scalars(query))

    def staff(self, agencies: Collection[AgencyId], *, roles: Collection[Role]) -> list[tuple[Officer, bool]]:
        """Return the active officers of the agencies by name, with whether each holds one of the roles there."""
        holds = exists().where(
            RoleGrant.officer_id == Officer.id,
            RoleGrant.owner_agency_id == Officer.owner_agency_id,
            RoleGrant.role.in_(roles),
        )
        query = select(Officer, holds).where(Officer.owner_agency_id.in_(agencies), Officer.is_active.is_(True))
        return [(row[0], row[1]) for row in self._session.execute(query.order_by(Officer.name, Officer.id))]


def _happens() -> ColumnElement[bool]:
    return Absence.ends_at > Absence.starts_at  # one that was called off before it began is empty


def _runs(at: datetime) -> ColumnElement[bool]:
    return and_(Absence.starts_at <= at, Absence.ends_at > at)
