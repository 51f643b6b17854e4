"""Reporting periods of an agency, their calendar, and what was frozen at their close (domain.md §6.2)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.errors import NotFoundError
from engine.store.base import Base


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
