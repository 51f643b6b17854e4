"""Who acts: roles held in agencies, membership of units (contract §4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from engine.domain.ids import AgencyId, OfficerId, UnitId


class Role(StrEnum):
    """What a person may do in an agency (contract §4)."""

    DESK = "desk"  #: receives dossiers and returns results
    OFFICER = "officer"  #: processes
    APPROVER = "approver"  #: reviews and signs
    CLERK = "clerk"  #: numbers and issues
    SUPERVISOR = "supervisor"  #: watches, reassigns, apologises, reports
    AUDITOR = "auditor"  #: reads all, changes nothing
    ADMIN = "admin"  #: people, calendar, procedures; no dossier content


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in officer, or the clock process when ``id`` is None."""

    id: OfficerId | None
    name: str
    grants: frozenset[tuple[AgencyId, Role]] = frozenset()
    units: frozenset[UnitId] = frozenset()

    @property
    def is_system(self) -> bool:
        """Whether this is the clock process and no person."""
        return self.id is None

    @property
    def agencies(self) -> frozenset[AgencyId]:
        """The agencies in which the actor holds any role."""
        return frozenset(agency for agency, _ in self.grants)

    def agencies_with(self, *roles: Role) -> frozenset[AgencyId]:
        """Return the agencies in which the actor holds one of the roles."""
        return frozenset(agency for agency, role in self.grants if role in roles)

    def holds(self, agency: AgencyId, roles: Iterable[Role]) -> bool:
        """Whether the actor holds one of the roles in that agency."""
        return any((agency, role) in self.grants for role in roles)


SYSTEM = Actor(id=None, name="motcua")  #: the clock process and other work that no person ordered
