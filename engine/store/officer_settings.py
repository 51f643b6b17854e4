"""How an officer likes the screens: saved views, columns, page size, digest (issue 5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, and_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base
from engine.store.people import Officer


class SavedView(Base):
    """A queue with filters and columns that an officer named."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("officer_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"))
    name: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(20))
    filters: Mapped[dict[str, Any]]
    columns: Mapped[list[Any]]
    position: Mapped[int] = mapped_column(default=0)


class OfficerSetting(Base):
    """One choice of an officer: ``inbox`` (columns, page size), ``digest`` (wanted or not)."""

    __tablename__ = "officer_setting"

    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    value: Mapped[dict[str, Any]]


class Digest(Base):
    """The morning digest of one officer on one day: the key is what keeps it from going out twice."""

    __tablename__ = "digest"

    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    ordered_at: Mapped[datetime]


class OfficerSettingStore:
    """Queries over saved views, settings and digests."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: SavedView | OfficerSetting | Digest) -> None:
        """Add a row and give it its id."""
        self._session.add(row)
        self._session.flush()

    def drop(self, row: SavedView | OfficerSetting) -> None:
        """Take a row away."""
        self._session.delete(row)

    def setting(self, officer_id: OfficerId, name: str) -> OfficerSetting | None:
        """Return one choice of an officer, None where they chose nothing."""
        return self._session.get(OfficerSetting, (officer_id, name))

    def setting_and_views(self, officer_id: OfficerId, name: str) -> tuple[dict[str, Any], list[SavedView]]:
        """Return one choice of an officer (empty without one) and their saved views in order, in one statement."""
        chosen = and_(OfficerSetting.officer_id == Officer.id, OfficerSetting.name == name)
        query = (
            select(OfficerSetting.value, SavedView)
            .select_from(Officer)
            .outerjoin(OfficerSetting, chosen)
            .outerjoin(SavedView, SavedView.officer_id == Officer.id)
            .where(Officer.id == officer_id)
            .order_by(SavedView.position, SavedView.id)
        )
        rows = self._session.execute(query).all()
        return (rows[0][0] or {}) if rows else {}, [row[1] for row in rows if row[1] is not None]

    def views(self, officer_id: OfficerId) -> list[SavedView]:
        """Return the saved views of an officer in order."""
        query = select(SavedView).where(SavedView.officer_id == officer_id)
        return list(self._session.scalars(query.order_by(SavedView.position, SavedView.id)))
