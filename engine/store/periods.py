"""Reporting periods of an agency, their calendar, and what was frozen at their close (domain.md §6.2)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.actors import Role
from engine.domain.ids import AgencyId, OfficerId
from engine.domain.report_periods import NamedPeriod
from engine.errors import NotFoundError
from engine.store.base import Base
from engine.store.people import Officer, RoleGrant


class PeriodNotFoundError(NotFoundError):
    """There is no such reporting period."""

    code = "period-not-found"


class ReportSchedule(Base):
    """How an agency reports a kind of period: the unit's own rule, with the paper that sets it."""

    __tablename__ = "report_schedule"
    __table_args__ = (UniqueConstraint("owner_agency_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[str] = mapped_column(String(12))  # month | quarter | half | year
    first_day: Mapped[int]  # 1: calendar periods; 15: from the 15th to the 14th
    send_month: Mapped[int]  # 0: in the last month of the period; 1: in the month after
    send_before_day: Mapped[int]  # the report is sent before this day of that month
    remind_days: Mapped[int]  # working days ahead of it
    consolidated_by: Mapped[AgencyId | None]  # who adds the reports of several agencies up
    document: Mapped[str] = mapped_column(Text)  # what sets the rule
    set_by: Mapped[OfficerId | None]
    set_at: Mapped[datetime]


class ReportPeriod(Base):
    """A period that an agency reports; closed, its data never changes again."""

    __tablename__ = "report_period"
    __table_args__ = (UniqueConstraint("owner_agency_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    name: Mapped[str] = mapped_column(String(40))  # 2026-03, 2026-Q1, 2026-H1, 2026; with -15 from the 15th
    kind: Mapped[str] = mapped_column(String(12))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)  # included
    cut_off_at: Mapped[datetime]  # end of ``to_on``
    send_before: Mapped[date] = mapped_column(Date)
    consolidated_by: Mapped[AgencyId | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[OfficerId | None]
    content_sha256: Mapped[str | None] = mapped_column(String(64))  # of the frozen content, a file of the file store
    content: Mapped[dict[str, Any]]  # how much of what was frozen, quality findings, digests of the standard reports
    reminded_at: Mapped[datetime | None]


class PeriodStore:
    """Queries over periods and their schedules."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: ReportSchedule | ReportPeriod) -> None:
        """Add a row and give it its id."""
        self._session.add(row)
        self._session.flush()

    def drop(self, row: ReportSchedule | ReportPeriod) -> None:
        """Forget a schedule, or a period that was never closed."""
        self._session.delete(row)
        self._session.flush()

    def schedules(self, agency: AgencyId | None = None) -> list[ReportSchedule]:
        """Return the schedules of an agency, or of all, in the order in which they were made."""
        query = select(ReportSchedule).order_by(ReportSchedule.owner_agency_id, ReportSchedule.id)
        if agency is not None:
            query = query.where(ReportSchedule.owner_agency_id == agency)
        return list(self._session.scalars(query))

    def schedule(self, agency: AgencyId, kind: str) -> ReportSchedule | None:
        """Return how the agency reports that kind of period, if it has said so."""
        wanted = (ReportSchedule.owner_agency_id == agency, ReportSchedule.kind == kind)
        return self._session.scalar(select(ReportSchedule).where(*wanted))

    def added_up_by(self, agency: AgencyId, period: NamedPeriod) -> set[AgencyId]:
        """Return whose reports of a period the agency adds up: by their schedules, and by what they closed so."""
        by_schedule = select(ReportSchedule.owner_agency_id).where(
            ReportSchedule.consolidated_by == agency,
            ReportSchedule.kind == period.kind.value,
            ReportSchedule.first_day == period.first_day,
        )
        by_period = select(ReportPeriod.owner_agency_id).where(
            ReportPeriod.consolidated_by == agency, ReportPeriod.name == period.name
        )
        return set(self._session.scalars(by_schedule.union(by_period)))

    def find(self, agency: AgencyId, name: str, *, lock: bool = False) -> ReportPeriod | None:
        """Return the agency's period of that name, if it is there.

        Args:
            lock: nobody else changes it until this transaction ends.
        """
        query = select(ReportPeriod).where(ReportPeriod.owner_agency_id == agency, ReportPeriod.name == name)
        return self._session.scalar(query.with_for_update() if lock else query)

    def by_name(self, agency: AgencyId, name: str) -> ReportPeriod:
        """Return the agency's period of that name.

        Raises:
            PeriodNotFoundError: it has none.
        """
        row = self.find(agency, name)
        if row is None:
            raise PeriodNotFoundError(f"the agency has no period {name}", period=name)
        return row

    def of_agencies(self, agencies: Collection[AgencyId], *, most: int) -> list[ReportPeriod]:
        """Return the latest periods of agencies, those that end last first."""
        query = select(ReportPeriod).where(ReportPeriod.owner_agency_id.in_(agencies))
        order = (ReportPeriod.to_on.desc(), ReportPeriod.from_on.desc(), ReportPeriod.owner_agency_id, ReportPeriod.id)
        return list(self._session.scalars(query.order_by(*order).limit(most)))

    def get(self, period_id: int) -> ReportPeriod | None:
        """Return the period with that id, locked until this transaction ends."""
        return self._session.scalar(select(ReportPeriod).where(ReportPeriod.id == period_id).with_for_update())

    def open_of(self, agency: AgencyId) -> list[ReportPeriod]:
        """Return the periods of an agency that are not closed, by id."""
        is_open = (ReportPeriod.owner_agency_id == agency, ReportPeriod.closed_at.is_(None))
        return list(self._session.scalars(select(ReportPeriod).where(*is_open).order_by(ReportPeriod.id)))

    def names(self, agency: AgencyId) -> frozenset[str]:
        """Return the names of all periods of an agency."""
        query = select(ReportPeriod.name).where(ReportPeriod.owner_agency_id == agency)
        return frozenset(self._session.scalars(query))

    def to_remind(self, until: date) -> list[ReportPeriod]:
        """Return open periods of which nobody was reminded and whose report is to be sent before that date."""
        is_open = (ReportPeriod.closed_at.is_(None), ReportPeriod.reminded_at.is_(None))
        query = select(ReportPeriod).where(*is_open, ReportPeriod.send_before <= until)
        return list(self._session.scalars(query.order_by(ReportPeriod.id)))

    def supervisors(self, agency: AgencyId) -> list[tuple[OfficerId, str, str]]:
        """Return (id, name, e-mail) of the active supervisors of an agency who can be written to, by id."""
        query = (
            select(Officer.id, Officer.name, Officer.email)
            .join(RoleGrant, RoleGrant.officer_id == Officer.id)
            .where(RoleGrant.owner_agency_id == agency, RoleGrant.role == Role.SUPERVISOR)
            .where(Officer.is_active.is_(True), Officer.email.is_not(None), Officer.email != "")
            .order_by(Officer.id)
        )
        return [(row[0], row[1], row[2] or "") for row in self._session.execute(query)]
