"""Figures that people enter, targets of a plan, and its tasks (domain.md §5, §9.1)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, String, Text, UniqueConstraint, select
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

    def add(self, row: IndicatorFigure | PlanTarget | PlanTask) -> None:
        """Add a row and give it its id."""
        self._session.add(row)
        self._session.flush()

    def figure(self, figure_id: int) -> IndicatorFigure | None:
        """Return the figure with that id, if any."""
        return self._session.get(IndicatorFigure, figure_id)

    def figures(
        self, agencies: Collection[AgencyId], *, from_on: date, to_on: date, indicator: str | None = None
    ) -> list[IndicatorFigure]:
        """Return the figures that stand whose days lie inside a period, by indicator and day, the later entry last.

        Args:
            indicator: key; None: all.
        """
        query = select(IndicatorFigure).where(
            IndicatorFigure.owner_agency_id.in_(sorted(agencies)),
            IndicatorFigure.from_on >= from_on,
            IndicatorFigure.to_on <= to_on,
            IndicatorFigure.withdrawn_at.is_(None),
        )
        if indicator is not None:
            query = query.where(IndicatorFigure.indicator == indicator)
        order = (IndicatorFigure.indicator, IndicatorFigure.from_on, IndicatorFigure.to_on, IndicatorFigure.id)
        return list(self._session.scalars(query.order_by(*order)))

    def target(self, target_id: int) -> PlanTarget | None:
        """Return the target with that id, if any."""
        return self._session.get(PlanTarget, target_id)

    def targets(self, agencies: Collection[AgencyId], *, from_on: date, to_on: date) -> list[PlanTarget]:
        """Return the targets that stand and touch a period, by agency, then in the order in which they were set."""
        query = select(PlanTarget).where(
            PlanTarget.owner_agency_id.in_(sorted(agencies)),
            PlanTarget.from_on <= to_on,
            PlanTarget.to_on >= from_on,
            PlanTarget.withdrawn_at.is_(None),
        )
        return list(self._session.scalars(query.order_by(PlanTarget.owner_agency_id, PlanTarget.id)))

    def task(self, task_id: int) -> PlanTask | None:
        """Return the task with that id, if any."""
        return self._session.get(PlanTask, task_id)

    def find_task(self, agency_id: AgencyId, year: int, number: str) -> PlanTask | None:
        """Return the task of a year's plan with that number, if any."""
        query = select(PlanTask).where(
            PlanTask.owner_agency_id == agency_id, PlanTask.year == year, PlanTask.number == number
        )
        return self._session.scalar(query)

    def tasks(
        self, agencies: Collection[AgencyId], *, year: int | None = None, from_on: date | None = None,
        to_on: date | None = None,
    ) -> list[PlanTask]:  # fmt: skip
        """Return tasks by agency, year and due date; of one year, or those that are due in a period."""
        query = select(PlanTask).where(PlanTask.owner_agency_id.in_(sorted(agencies)))
        if year is not None:
            query = query.where(PlanTask.year == year)
        if from_on is not None:
            query = query.where(PlanTask.due_on >= from_on)
        if to_on is not None:
            query = query.where(PlanTask.due_on <= to_on)
        order = (PlanTask.owner_agency_id, PlanTask.year, PlanTask.due_on, PlanTask.id)
        return list(self._session.scalars(query.order_by(*order)))
