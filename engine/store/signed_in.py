"""Who makes a request: officer, agency, roles and units, and those of whom they cover, in one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from engine.domain.actors import Actor
from engine.domain.ids import OfficerId
from engine.store.absences import Absence
from engine.store.agencies import Agency
from engine.store.base import UTCDateTime
from engine.store.people import ApiToken, Officer, RoleGrant, UnitMember
from engine.store.together import Found, Part, Together


@dataclass(frozen=True)
class SignedIn:
    """An officer as the present request needs them."""

    officer: Officer
    agency: Agency
    actor: Actor


def by_id(session: Session, officer_id: OfficerId, *, at: datetime) -> SignedIn | None:
    """Return the officer with that id, with whom they cover at that instant; None when there is none."""
    return _who(_BY_ID.read(session, {"officer": officer_id, "at": at}), officer_id)


def by_token(session: Session, token_hash: str, *, at: datetime) -> SignedIn | None:
    """Return the officer whose token that is, with whom they cover at that instant; None when it is revoked."""
    found = _BY_TOKEN.read(session, {"token": token_hash, "at": at})
    return _who(found, found["tokens"][0].officer_id) if found["tokens"] else None


def _who(found: Found, officer_id: OfficerId) -> SignedIn | None:
    officer = next((row for row in found["officers"] if row.id == officer_id), None)
    if officer is None:
        return None
    away = {row.officer_id for row in found["absences"]}
    absent = sorted((row for row in found["officers"] if row.id in away and row.is_active), key=lambda row: row.id)
    actor = replace(_actor(found, officer), absent=tuple(_actor(found, row) for row in absent if row.id != officer_id))
    return SignedIn(officer, found["agencies"][0], actor)


def _actor(found: Found, officer: Officer) -> Actor:
    return Actor(
        id=officer.id,
        name=officer.name,
        grants=frozenset((row.owner_agency_id, row.role) for row in _of(found["grants"], officer)),
        units=frozenset(row.unit_id for row in _of(found["memberships"], officer)),
    )


def _of(rows: Iterable[Any], officer: Officer) -> list[Any]:
    return [row for row in rows if row.officer_id == officer.id]


def _parts(me: ColumnElement[Any]) -> list[Part]:
    at = bindparam("at", type_=UTCDateTime())
    away = (Absence.cover_id == me) & (Absence.starts_at <= at) & (Absence.ends_at > at)
    covered = select(Absence.officer_id).where(away)
    agency = select(Officer.owner_agency_id).where(Officer.id == me).scalar_subquery()
    return [
        Part("officers", Officer, (Officer.id == me) | Officer.id.in_(covered), frozenset({"password_hash"})),
        Part("agencies", Agency, Agency.id == agency),
        Part("grants", RoleGrant, (RoleGrant.officer_id == me) | RoleGrant.officer_id.in_(covered)),
        Part("memberships", UnitMember, (UnitMember.officer_id == me) | UnitMember.officer_id.in_(covered)),
        Part("absences", Absence, away),
    ]


def _good_token() -> ColumnElement[bool]:
    return (ApiToken.token_hash == bindparam("token")) & ApiToken.revoked_at.is_(None)


_BY_ID = Together(_parts(bindparam("officer", type_=Officer.id.type)))
_BY_TOKEN = Together(
    [
        *_parts(select(ApiToken.officer_id).where(_good_token()).scalar_subquery()),
        Part("tokens", ApiToken, _good_token()),
    ]
)
