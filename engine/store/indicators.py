"""Figures that people enter, targets of a plan, and its tasks (domain.md §5, §9.1)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base


class IndicatorFigure(Base):
    """A figure of a period that no dossier tells: entered with its source; a later entry stands instead of it."""

    __tablename__ = "indicator_figure"
    __table_args__ = (Index("ix_indicator_figure_of", "owner_agency_id", "indicator", "from_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    indicator: Mapped[str] = mapped_column(String(60))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)  # included
    numerator: Mapped[int] = mapped_column(BigInteger)
    denominator: Mapped[int] = mapped_column(BigInteger)  # 1 for a figure that is no share
    source: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[OfficerId | None]
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class PlanTarget(Base):
    """A target of a unit's plan: what, how much, by when, and the paper that sets it."""

    __tablename__ = "plan_target"
    __table_args__ = (Index("ix_plan_target_of", "owner_agency_id", "from_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    indicator: Mapped[str] = mapped_column(String(60))
    comparison: Mapped[str] = mapped_column(String(2))  # > | >= | < | <=
    figure: Mapped[str] = mapped_column(String(20))  # a decimal number; percent for a share
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)  # included
    base_year: Mapped[int | None]  # for targets against an earlier year
    document: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    entered_by: Mapped[OfficerId | None]
    entered_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class PlanTask(Base):
    """A task of a unit's plan: lead, who co-operates, due date, product, and how it stands."""

    __tablename__ = "plan_task"
    __table_args__ = (UniqueConstraint("owner_agency_id", "year", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    year: Mapped[int]
    number: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(Text)
    lead: Mapped[str] = mapped_column(Text)
    cooperating: Mapped[str] = mapped_column(Text)
    product: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(12))  # to_do | under_way | done | cancelled
    done_on: Mapped[date | None] = mapped_column(Date)
    document: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[OfficerId | None]
    changed_at: Mapped[datetime]


class IndicatorStore:
    """Queries over figures, targets and tasks."""

    def __init__(self, session: Session) -> None:
        self._session = session
