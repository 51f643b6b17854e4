"""Working calendars: the editable days, and the immutable versions that promises pin."""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId
from engine.errors import NotFoundError
from engine.store.base import Base


class CalendarVersionNotFoundError(NotFoundError):
    """No calendar version has this hash."""

    code = "calendar-version-not-found"


class CalendarDay(Base):
    """A day off or a make-up day, with the decision that says so (domain.md §7)."""

    __tablename__ = "calendar_day"

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    on: Mapped[dt.date] = mapped_column("on_date", primary_key=True)
    kind: Mapped[str] = mapped_column(String(4))  # off | work
    decision: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    is_provisional: Mapped[bool] = mapped_column(default=False)


class CalendarVersion(Base):
    """What the calendar was when promises were computed from it; named by the hash of its content."""

    __tablename__ = "calendar_version"

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, 3 … of the agency; the greatest is in force
    version: Mapped[str] = mapped_column(String(64), index=True)  # comes again when a change is taken back
    content: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]


class CalendarStore:
    """Queries over calendars."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def days(self, agency_id: AgencyId) -> list[CalendarDay]:
        """Return the agency's day rows by date."""
        return list(
            self._session.scalars(
                select(CalendarDay).where(CalendarDay.owner_agency_id == agency_id).order_by(CalendarDay.on)
            )
        )

    def remove_days(self, agency_id: AgencyId) -> None:
        """Remove the agency's day rows; versions stay."""
        self._session.execute(delete(CalendarDay).where(CalendarDay.owner_agency_id == agency_id))

    def put_day(self, day: CalendarDay) -> None:
        """Add a day row, or replace the one of that date."""
        self._session.merge(day)
        self._session.flush()

    def add_version(self, version: CalendarVersion) -> None:
        """Add a version."""
        self._session.add(version)
        self._session.flush()

    def current_version(self, agency_id: AgencyId) -> str | None:
        """Return the hash of the version in force for the agency, if it has one."""
        return self._session.scalar(
            select(CalendarVersion.version)
            .where(CalendarVersion.owner_agency_id == agency_id)
            .order_by(CalendarVersion.no.desc())
            .limit(1)
        )

    def latest_no(self, agency_id: AgencyId) -> int:
        """Return the number of the agency's latest version, 0 without one."""
        return (
            self._session.scalar(
                select(CalendarVersion.no)
                .where(CalendarVersion.owner_agency_id == agency_id)
                .order_by(CalendarVersion.no.desc())
                .limit(1)
            )
            or 0
        )

    def content(self, version: str) -> dict[str, Any]:
        """Return the content of a version.

        Raises:
            CalendarVersionNotFoundError: it is not kept.
        """
        row = self._session.scalar(select(CalendarVersion).where(CalendarVersion.version == version).limit(1))
        if row is None:
            raise CalendarVersionNotFoundError(f"calendar version {version} is not kept in this database")
        return row.content
