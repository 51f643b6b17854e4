"""Working calendars: the editable days, and the immutable versions that promises pin."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from engine.domain.calendar_acts import act_hash
from engine.domain.ids import AgencyId, DossierId, OfficerId, UnitId
from engine.errors import NotFoundError
from engine.store.agencies import Agency
from engine.store.base import Base


class CalendarVersionNotFoundError(NotFoundError):
    """No calendar version has this hash."""

    code = "calendar-version-not-found"


class CalendarChangeNotFoundError(NotFoundError):
    """No calendar change has this number."""

    code = "calendar-change-not-found"


class CalendarDay(Base):
    """A day that the agency itself declares, with the decision that says so (domain.md §7); others it inherits."""

    __tablename__ = "calendar_day"

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    on: Mapped[dt.date] = mapped_column("on_date", primary_key=True)
    kind: Mapped[str] = mapped_column(String(4))  # off | work
    decision: Mapped[str] = mapped_column(String(200), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    is_provisional: Mapped[bool] = mapped_column(default=False)
    shifts: Mapped[str] = mapped_column(String(200), default="", server_default="")  # of a half day; empty: the usual
    entered_by: Mapped[OfficerId | None]  # None: the seeds or a command
    entered_at: Mapped[datetime | None]
    change_id: Mapped[int | None]  # the act that declared it


class OfficeHoursRow(Base):
    """Weekly hours from a date on: of an agency, or the reception hours of one of its desks (domain.md §7.1)."""

    __tablename__ = "office_hours"
    __table_args__ = (Index("ix_office_hours_owner", "owner_agency_id", "unit_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    unit_id: Mapped[UnitId | None] = mapped_column(ForeignKey("unit.id"))  # None: processing hours of the agency
    valid_from: Mapped[dt.date]
    week: Mapped[list[Any]]  # seven lists of texts such as 07:00-11:30, Monday first
    decision: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(200), default="")
    entered_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    entered_at: Mapped[datetime]
    change_id: Mapped[int | None]


class CalendarChange(Base):
    """One audited act on the calendar: what was declared, what it replaced, who did it, and whether it was undone.

    The settings of an agency are such acts, too: ``declared`` and ``replaced`` have one entry, the values after and
    before.
    """

    __tablename__ = "calendar_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)
    unit_id: Mapped[UnitId | None] = mapped_column(ForeignKey("unit.id"))  # of reception hours
    kind: Mapped[str] = mapped_column(String(12))  # days | hours | reception | undo | settings
    ground: Mapped[str] = mapped_column(Text)  # the decisions
    declared: Mapped[list[Any]]  # what it put into the calendar
    replaced: Mapped[list[Any]]  # what the agency itself had declared in their place
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    undoes: Mapped[int | None]
    undone_by: Mapped[int | None]
    moved: Mapped[int] = mapped_column(default=0)  # open dossiers
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")  # of this act and all before it


class CalendarMove(Base):
    """A dossier of which a calendar change moved a date; the event ``seq`` of its history says what and why."""

    __tablename__ = "calendar_move"

    change_id: Mapped[int] = mapped_column(ForeignKey("calendar_change.id"), primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    seq: Mapped[int]


class CalendarVersion(Base):
    """What the calendar was when promises were computed from it; named by the hash of its content."""

    __tablename__ = "calendar_version"

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    no: Mapped[int] = mapped_column(primary_key=True)  # 1, 2, 3 … of the agency; the greatest is in force
    version: Mapped[str] = mapped_column(String(64), index=True)  # comes again when a change is taken back
    content: Mapped[dict[str, Any]]
    made_at: Mapped[datetime]
    change_id: Mapped[int | None]  # the act that made it; None: the seeds


class CalendarStore:
    """Queries over calendars: what owners declare, the versions in force, and the acts that changed them."""

    def __init__(self, session: Session) -> None:
        self._session = session

    # --- what an owner declares ----------------------------------------------------------------------------------

    def days(self, agency_id: AgencyId) -> list[CalendarDay]:
        """Return the days that the agency itself declares, by date."""
        return list(
            self._session.scalars(
                select(CalendarDay).where(CalendarDay.owner_agency_id == agency_id).order_by(CalendarDay.on)
            )
        )

    def remove_days(self, agency_id: AgencyId, dates: Collection[dt.date]) -> None:
        """Remove the agency's rows of these dates; versions stay."""
        chosen = CalendarDay.on.in_(dates)
        self._session.execute(delete(CalendarDay).where(CalendarDay.owner_agency_id == agency_id, chosen))

    def put_days(self, agency_id: AgencyId, days: Collection[CalendarDay]) -> None:
        """Add day rows of the agency, each in the place of the one of that date."""
        self.remove_days(agency_id, [day.on for day in days])
        self._session.add_all(days)
        self._session.flush()

    def hours(self, agency_id: AgencyId, unit_id: UnitId | None = None) -> list[OfficeHoursRow]:
        """Return the weekly hours that the agency itself declares, or the reception hours of its desk, by date."""
        query = select(OfficeHoursRow).where(OfficeHoursRow.owner_agency_id == agency_id)
        query = query.where(OfficeHoursRow.unit_id.is_(None) if unit_id is None else OfficeHoursRow.unit_id == unit_id)
        return list(self._session.scalars(query.order_by(OfficeHoursRow.valid_from)))

    def add(self, row: OfficeHoursRow) -> None:
        """Add weekly hours and give them their id."""
        self._session.add(row)
        self._session.flush()

    def add_change(self, row: CalendarChange) -> None:
        """Add an act, give it its id and chain it to the one before; nobody else may add one meanwhile."""
        last = select(CalendarChange.hash).order_by(CalendarChange.id.desc()).limit(1)
        previous = self._session.scalar(last) or ""
        self._session.add(row)
        self._session.flush()
        row.hash = act_hash(previous, {column.name: getattr(row, column.name) for column in row.__table__.columns})
        self._session.flush()

    def remove_hours(self, row: OfficeHoursRow) -> None:
        """Remove weekly hours; versions stay."""
        self._session.delete(row)
        self._session.flush()

    # --- acts ----------------------------------------------------------------------------------------------------

    def change(self, change_id: int) -> CalendarChange:
        """Return a change of a calendar.

        Raises:
            CalendarChangeNotFoundError: there is none with that number.
        """
        row = self._session.get(CalendarChange, change_id)
        if row is None:
            raise CalendarChangeNotFoundError(f"there is no calendar change {change_id}", change=change_id)
        return row

    def changes(self, agencies: Collection[AgencyId] | None, *, limit: int) -> list[CalendarChange]:
        """Return the changes made for these agencies (None: all), newest first."""
        query = select(CalendarChange).order_by(CalendarChange.id.desc()).limit(limit)
        if agencies is not None:
            query = query.where(CalendarChange.owner_agency_id.in_(agencies))
        return list(self._session.scalars(query))

    # --- versions ------------------------------------------------------------------------------------------------

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

    def everywhere(self) -> list[tuple[Agency, str | None]]:
        """Return all agencies by id, each with the hash of the version that it has in force itself."""
        newer = aliased(CalendarVersion)
        latest = select(func.max(newer.no)).where(newer.owner_agency_id == Agency.id).scalar_subquery()
        in_force = (CalendarVersion.owner_agency_id == Agency.id) & (CalendarVersion.no == latest)
        query = select(Agency, CalendarVersion.version).outerjoin(CalendarVersion, in_force).order_by(Agency.id)
        return [(agency, version) for agency, version in self._session.execute(query)]

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
