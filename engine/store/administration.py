"""What administrators keep beside procedures: changes of agencies, fields, fees, and their acts (issue 5)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId, ProcedureId
from engine.store.base import Base
from engine.store.procedures import Procedure


class AgencyChange(Base):
    """Agencies merge, split or take another name from a day on, by a decision; dossiers under way go on."""

    __tablename__ = "agency_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)  # that ends or changes
    successor_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[str] = mapped_column(String(12))  # merged | split | renamed
    facts: Mapped[dict[str, Any]]  # old and new name; what was moved
    effective_on: Mapped[date]
    decision: Mapped[str] = mapped_column(String(200))  # its number and day
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]  # when people, units and procedures were moved


class Field(Base):
    """A field of procedures (lĩnh vực) as the catalogue names it."""

    __tablename__ = "field"
    __table_args__ = (UniqueConstraint("owner_agency_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(120))
    is_active: Mapped[bool] = mapped_column(default=True)


class Fee(Base):
    """What a procedure costs from a day on, by channel and case (domain.md §1.3); the receipt pins what it took."""

    __tablename__ = "fee"
    __table_args__ = (Index("ix_fee_procedure", "procedure_id", "valid_from"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    procedure_id: Mapped[ProcedureId] = mapped_column(ForeignKey("procedure.id"))
    channel: Mapped[str | None] = mapped_column(String(12))  # None: all channels
    case: Mapped[str | None] = mapped_column("case_name", String(120))  # None: all cases
    amount_vnd: Mapped[int] = mapped_column(BigInteger)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it is no longer in force
    decision: Mapped[str] = mapped_column(String(200), default="")


class AdminAct(Base):
    """What an administrator did to agencies, people, roles, fields or fees: who, when, before and after."""

    __tablename__ = "admin_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]]
    ground: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    made_at: Mapped[datetime]


class AdministrationStore:
    """Queries over changes of agencies, fields, fees and acts."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, row: AgencyChange | Field | Fee | AdminAct) -> None:
        """Add a row and give it its id."""
        self._session.add(row)
        self._session.flush()

    def acts(self, agencies: Collection[AgencyId] | None, limit: int) -> list[AdminAct]:
        """Return the latest acts in these agencies, newest first; None: in all."""
        query = select(AdminAct).order_by(AdminAct.id.desc()).limit(limit)
        if agencies is not None:
            query = query.where(AdminAct.owner_agency_id.in_(agencies))
        return list(self._session.scalars(query))

    def change(self, change_id: int) -> AgencyChange | None:
        """Return the change with that id, if any."""
        return self._session.get(AgencyChange, change_id)

    def changes(self, agency_id: AgencyId | None = None) -> list[AgencyChange]:
        """Return the changes of an agency, or of all, oldest first."""
        query = select(AgencyChange).order_by(AgencyChange.effective_on, AgencyChange.id)
        if agency_id is not None:
            query = query.where(AgencyChange.owner_agency_id == agency_id)
        return list(self._session.scalars(query))

    def coming(self, agency_id: AgencyId) -> list[AgencyChange]:
        """Return the changes by which others are to go into this agency, not applied yet, oldest first."""
        waiting = (AgencyChange.successor_id == agency_id, AgencyChange.applied_at.is_(None))
        return list(self._session.scalars(select(AgencyChange).where(*waiting).order_by(AgencyChange.effective_on)))

    def waiting(self, until: date) -> list[AgencyChange]:
        """Return the changes that were not applied yet and take effect by that day, oldest first."""
        due = (AgencyChange.applied_at.is_(None), AgencyChange.effective_on <= until)
        return list(self._session.scalars(select(AgencyChange).where(*due).order_by(AgencyChange.effective_on)))

    def drop(self, row: AgencyChange | Fee) -> None:
        """Forget a change that was never applied, or a fee that nobody was told."""
        self._session.delete(row)

    def fields(self, agencies: Collection[AgencyId] | None = None) -> list[Field]:
        """Return the fields of these agencies, or of all, by name."""
        query = select(Field).order_by(Field.name)
        if agencies is not None:
            query = query.where(Field.owner_agency_id.in_(agencies))
        return list(self._session.scalars(query))

    def find_field(self, agency_id: AgencyId, name: str) -> Field | None:
        """Return the agency's field of that name, if any."""
        return self._session.scalar(select(Field).where(Field.owner_agency_id == agency_id, Field.name == name))

    def rename_field(self, agency_id: AgencyId, old: str, new: str) -> int:
        """Give the procedures of an agency that stand in one field another name of it; return how many."""
        stands = (Procedure.owner_agency_id == agency_id, Procedure.field == old)
        rows = self._session.scalars(select(Procedure).where(*stands)).all()
        for row in rows:
            row.field = new
        return len(rows)

    def used_fields(self) -> list[tuple[AgencyId, str, int]]:
        """Return (agency, field, how many procedures) as the catalogue uses them."""
        counted = select(Procedure.owner_agency_id, Procedure.field, func.count()).where(Procedure.field != "")
        rows = self._session.execute(counted.group_by(Procedure.owner_agency_id, Procedure.field))
        return [(row[0], row[1], row[2]) for row in rows]

    def fees(self, procedure_ids: Collection[ProcedureId]) -> list[Fee]:
        """Return the fees of procedures, the latest first."""
        query = select(Fee).where(Fee.procedure_id.in_(procedure_ids))
        return list(self._session.scalars(query.order_by(Fee.valid_from.desc(), Fee.id.desc())))

    def latest_acts(self, kind: str, agency_ids: Collection[AgencyId]) -> dict[AgencyId, AdminAct]:
        """Return the last act of a kind of each agency that has one, in one query."""
        last = select(func.max(AdminAct.id)).where(AdminAct.kind == kind, AdminAct.owner_agency_id.in_(agency_ids))
        query = select(AdminAct).where(AdminAct.id.in_(last.group_by(AdminAct.owner_agency_id)))
        return {act.owner_agency_id: act for act in self._session.scalars(query)}
