"""What administrators keep beside procedures: changes of agencies, fields, fees, and their acts (issue 5)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId, ProcedureId
from engine.store.base import Base


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
