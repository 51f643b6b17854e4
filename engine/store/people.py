"""Officers, their roles, units and tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ForeignKey, String, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.errors import NotFoundError
from engine.store.base import Base, text_enum


class OfficerNotFoundError(NotFoundError):
    """No officer has this name or id."""

    code = "officer-not-found"


class Officer(Base):
    """A person who signs in."""

    __tablename__ = "officer"

    id: Mapped[OfficerId] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)
    username: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(120), default="")
    email: Mapped[str | None] = mapped_column(String(200))
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)  # raised to end all sessions of the account
    created_at: Mapped[datetime]


class RoleGrant(Base):
    """A role held in an agency (contract §4)."""

    __tablename__ = "role_grant"

    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), primary_key=True)
    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), primary_key=True, index=True)
    role: Mapped[Role] = mapped_column(text_enum(Role), primary_key=True)


class UnitMember(Base):
    """An officer works in a unit."""

    __tablename__ = "unit_member"

    unit_id: Mapped[UnitId] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), primary_key=True, index=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))


class ApiToken(Base):
    """A bearer token; only its hash is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    officer_id: Mapped[OfficerId] = mapped_column(ForeignKey("officer.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(120), default="")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class PeopleStore:
    """Queries over officers."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, officer: Officer) -> Officer:
        """Add an officer and give them their id."""
        self._session.add(officer)
        self._session.flush()
        return officer

    def grant(self, officer_id: OfficerId, agency_id: AgencyId, role: Role) -> None:
        """Give a role in an agency; giving it twice changes nothing."""
        if self._session.get(RoleGrant, (agency_id, officer_id, role)) is None:
            self._session.add(RoleGrant(owner_agency_id=agency_id, officer_id=officer_id, role=role))
            self._session.flush()

    def join(self, officer_id: OfficerId, unit_id: UnitId, agency_id: AgencyId) -> None:
        """Make the officer a member of a unit; doing it twice changes nothing."""
        if self._session.get(UnitMember, (unit_id, officer_id)) is None:
            self._session.add(UnitMember(unit_id=unit_id, officer_id=officer_id, owner_agency_id=agency_id))
            self._session.flush()

    def set_roles(self, officer_id: OfficerId, agency_id: AgencyId, roles: Collection[Role]) -> None:
        """Give exactly these roles in an agency."""
        mine = (RoleGrant.officer_id == officer_id, RoleGrant.owner_agency_id == agency_id)
        for grant in self._session.scalars(select(RoleGrant).where(*mine)).all():
            if grant.role not in roles:
                self._session.delete(grant)
        self._session.flush()
        for role in roles:
            self.grant(officer_id, agency_id, role)

    def set_units(self, officer_id: OfficerId, agency_id: AgencyId, units: Collection[UnitId]) -> None:
        """Make the officer a member of exactly these units of an agency."""
        mine = (UnitMember.officer_id == officer_id, UnitMember.owner_agency_id == agency_id)
        for member in self._session.scalars(select(UnitMember).where(*mine)).all():
            if member.unit_id not in units:
                self._session.delete(member)
        self._session.flush()
        for unit_id in units:
            self.join(officer_id, unit_id, agency_id)

    def grants(self, agencies: Collection[AgencyId]) -> list[tuple[OfficerId, AgencyId, Role]]:
        """Return who holds which role in these agencies."""
        query = select(RoleGrant).where(RoleGrant.owner_agency_id.in_(agencies))
        return [(row.officer_id, row.owner_agency_id, row.role) for row in self._session.scalars(query)]

    def memberships(self, agencies: Collection[AgencyId]) -> list[tuple[OfficerId, UnitId, AgencyId]]:
        """Return who is in which unit of these agencies."""
        query = select(UnitMember).where(UnitMember.owner_agency_id.in_(agencies))
        return [(row.officer_id, row.unit_id, row.owner_agency_id) for row in self._session.scalars(query)]

    def of_agencies(self, agencies: Collection[AgencyId]) -> list[Officer]:
        """Return the officers of these agencies, and who else holds a role in one, by name."""
        guests = select(RoleGrant.officer_id).where(RoleGrant.owner_agency_id.in_(agencies))
        concerned = or_(Officer.owner_agency_id.in_(agencies), Officer.id.in_(guests))
        return list(self._session.scalars(select(Officer).where(concerned).order_by(Officer.name, Officer.id)))

    def add_token(self, token: ApiToken) -> None:
        """Add a bearer token."""
        self._session.add(token)
        self._session.flush()

    def find_token(self, token_hash: str) -> ApiToken | None:
        """Return the token that is not revoked."""
        return self._session.scalar(
            select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None))
        )

    def revoke_tokens(self, officer_id: OfficerId, at: datetime) -> int:
        """Revoke the tokens of an officer that are not revoked yet; return how many there were."""
        tokens = self._session.scalars(
            select(ApiToken).where(ApiToken.officer_id == officer_id, ApiToken.revoked_at.is_(None))
        ).all()
        for token in tokens:
            token.revoked_at = at
        return len(tokens)

    def get(self, officer_id: OfficerId) -> Officer:
        """Return the officer with that id."""
        officer = self._session.get(Officer, officer_id)
        if officer is None:
            raise OfficerNotFoundError(f"there is no officer with id {officer_id}")
        return officer

    def some(self, officer_ids: Collection[OfficerId]) -> dict[OfficerId, Officer]:
        """Return the officers with these ids, in one query."""
        return {row.id: row for row in self._session.scalars(select(Officer).where(Officer.id.in_(officer_ids)))}

    def find(self, username: str) -> Officer | None:
        """Return the officer with that sign-in name, if any."""
        return self._session.scalar(select(Officer).where(Officer.username == username))

    def all(self, agency_id: AgencyId | None = None) -> list[Officer]:
        """Return the officers, of one agency or all, by id."""
        query = select(Officer).order_by(Officer.id)
        if agency_id is not None:
            query = query.where(Officer.owner_agency_id == agency_id)
        return list(self._session.scalars(query))

    def members(self, unit_id: UnitId) -> list[Officer]:
        """Return the active members of a unit by id."""
        return list(
            self._session.scalars(
                select(Officer)
                .join(UnitMember, UnitMember.officer_id == Officer.id)
                .where(UnitMember.unit_id == unit_id, Officer.is_active.is_(True))
                .order_by(Officer.id)
            )
        )

    def with_role(self, agency_id: AgencyId, role: Role) -> list[Officer]:
        """Return the active officers who hold a role in the agency, by id."""
        return list(
            self._session.scalars(
                select(Officer)
                .join(RoleGrant, RoleGrant.officer_id == Officer.id)
                .where(RoleGrant.owner_agency_id == agency_id, RoleGrant.role == role, Officer.is_active.is_(True))
                .order_by(Officer.id)
            )
        )

    def actor(self, officer_id: OfficerId) -> Actor:
        """Return the officer as an actor, with roles and units of this moment."""
        officer = self.get(officer_id)
        grants = self._session.execute(
            select(RoleGrant.owner_agency_id, RoleGrant.role).where(RoleGrant.officer_id == officer_id)
        )
        units = self._session.scalars(select(UnitMember.unit_id).where(UnitMember.officer_id == officer_id))
        return Actor(
            id=officer.id,
            name=officer.name,
            grants=frozenset((row[0], row[1]) for row in grants),
            units=frozenset(units),
        )
