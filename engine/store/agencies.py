"""Agencies and their units."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.errors import NotFoundError
from engine.store.base import Base


class AgencyNotFoundError(NotFoundError):
    """No agency has this code or id."""

    code = "agency-not-found"


class UnitNotFoundError(NotFoundError):
    """The agency has no such unit."""

    code = "unit-not-found"


class Agency(Base):
    """An agency: owner of rows, receiver, resolver or returner of dossiers (domain.md §1.2, §3.2)."""

    __tablename__ = "agency"

    id: Mapped[AgencyId] = mapped_column(primary_key=True)  # surrogate that never changes; codes do
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    superior_name: Mapped[str] = mapped_column(String(200), default="")
    place: Mapped[str] = mapped_column(String(100), default="")  # địa danh on papers
    phone: Mapped[str] = mapped_column(String(40), default="")
    parent_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agency.id"))
    zone: Mapped[str] = mapped_column(String(40), default="Asia/Ho_Chi_Minh")
    late_rule: Mapped[str] = mapped_column(String(10), default="day")
    nearing_percent: Mapped[int] = mapped_column(default=80, server_default="80")  # of the limit; then it is near
    desk_symbol: Mapped[str] = mapped_column(String(30), default="TTPVHCC", server_default="TTPVHCC")  # in numbers
    paper_symbols: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")  # by kind, instead
    apology_lead: Mapped[str] = mapped_column(String(40), default="1 working_day", server_default="1 working_day")
    signs_letters: Mapped[str] = mapped_column(String(12), default="paper", server_default="paper")  # | electronic
    chair_id: Mapped[OfficerId | None]  # to whom an unkept new date goes; no foreign key
    quiet_from: Mapped[str] = mapped_column(String(5), default="21:00", server_default="21:00")  # local; no SMS then
    quiet_to: Mapped[str] = mapped_column(String(5), default="07:00", server_default="07:00")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # the first day on which it is no more: it receives nothing then, what it has goes on

    def is_in_force(self, on: date) -> bool:
        """Whether the agency exists on a day of its own calendar."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


class Unit(Base):
    """A division inside an agency; lanes of its procedures name it by code."""

    __tablename__ = "unit"
    __table_args__ = (UniqueConstraint("owner_agency_id", "code"),)

    id: Mapped[UnitId] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(200))
    is_one_stop: Mapped[bool] = mapped_column(default=False)
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]  # the first day on which it is no more


class AgencyStore:
    """Queries over agencies and units."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[AgencyId, Agency] = {}  # a session forgets what nobody holds
        self._of_agency: dict[AgencyId, list[Unit]] = {}

    def add(self, agency: Agency) -> Agency:
        """Add an agency and give it its id."""
        self._session.add(agency)
        self._session.flush()
        return agency

    def add_unit(self, unit: Unit) -> Unit:
        """Add a unit and give it its id."""
        self._session.add(unit)
        self._session.flush()
        self._of_agency.pop(unit.owner_agency_id, None)
        return unit

    def get(self, agency_id: AgencyId) -> Agency:
        """Return the agency with that id."""
        agency = self._known.get(agency_id) or self._session.get(Agency, agency_id)
        if agency is None:
            raise AgencyNotFoundError(f"there is no agency with id {agency_id}")
        self._known[agency_id] = agency
        return agency

    def some(self, agency_ids: Collection[AgencyId]) -> dict[AgencyId, Agency]:
        """Return the agencies with these ids, in one query."""
        return {row.id: row for row in self._session.scalars(select(Agency).where(Agency.id.in_(agency_ids)))}

    def lock(self, agency_ids: Collection[AgencyId]) -> None:
        """Let no other administrator change these agencies until the transaction ends; dossiers go on meanwhile."""
        query = select(Agency).where(Agency.id.in_(agency_ids)).order_by(Agency.id).with_for_update(key_share=True)
        self._session.scalars(query.execution_options(populate_existing=True)).all()

    def by_code(self, code: str) -> Agency:
        """Return the agency with that code.

        Raises:
            AgencyNotFoundError: no agency has it.
        """
        agency = self._session.scalar(select(Agency).where(Agency.code == code))
        if agency is None:
            raise AgencyNotFoundError(f"there is no agency with code {code!r}", agency=code)
        return agency

    def find(self, code: str) -> Agency | None:
        """Return the agency with that code, if any."""
        return self._session.scalar(select(Agency).where(Agency.code == code))

    def default(self) -> Agency:
        """Return the agency that ``migrate`` made: the one with the smallest id."""
        agency = self._session.scalar(select(Agency).order_by(Agency.id).limit(1))
        if agency is None:
            raise AgencyNotFoundError("the database has no agency; run 'motcua migrate'")
        return agency

    def all(self) -> list[Agency]:
        """Return all agencies by id."""
        return list(self._session.scalars(select(Agency).order_by(Agency.id)))

    def units(self, agency_id: AgencyId) -> list[Unit]:
        """Return the agency's units by id."""
        if agency_id not in self._of_agency:
            query = select(Unit).where(Unit.owner_agency_id == agency_id).order_by(Unit.id)
            self._of_agency[agency_id] = list(self._session.scalars(query))
        return list(self._of_agency[agency_id])

    def every_unit(self) -> list[tuple[Agency, Unit]]:
        """Return the units of all agencies with their agency, by both ids."""
        query = select(Agency, Unit).join(Unit, Unit.owner_agency_id == Agency.id).order_by(Agency.id, Unit.id)
        return [(agency, unit) for agency, unit in self._session.execute(query)]

    def unit(self, unit_id: UnitId) -> Unit:
        """Return the unit with that id."""
        unit = self._session.get(Unit, unit_id)
        if unit is None:
            raise UnitNotFoundError(f"there is no unit with id {unit_id}")
        return unit

    def some_units(self, unit_ids: Collection[UnitId]) -> dict[UnitId, Unit]:
        """Return the units with these ids, in one query."""
        return {row.id: row for row in self._session.scalars(select(Unit).where(Unit.id.in_(unit_ids)))}

    def find_unit(self, agency_id: AgencyId, code: str) -> Unit | None:
        """Return the agency's unit with that code, if any."""
        return self._session.scalar(select(Unit).where(Unit.owner_agency_id == agency_id, Unit.code == code))
