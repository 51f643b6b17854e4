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


WORKING = (
    Role.DESK,
    Role.OFFICER,
    Role.APPROVER,
    Role.CLERK,
)  #: advance dossiers; a cover takes these on


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in officer, or the clock process when ``id`` is None.

    Args:
        absent: officers who are away at this moment and whose work this one does meanwhile, with their own grants and
            units; a cover does not cover others through them.
        behalf: the absent officer in whose place this one stands (see ``in_place_of``), None: for oneself.
    """

    id: OfficerId | None
    name: str
    grants: frozenset[tuple[AgencyId, Role]] = frozenset()
    units: frozenset[UnitId] = frozenset()
    absent: tuple[Actor, ...] = ()
    behalf: OfficerId | None = None

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

    @property
    def covers(self) -> frozenset[OfficerId]:
        """The officers who are away now and whom this one covers."""
        return frozenset(each.id for each in self.absent if each.id is not None)

    @property
    def in_name_of(self) -> OfficerId | None:
        """Whose tasks these are: the absent officer's where this one stands in their place, else one's own."""
        return self.id if self.behalf is None else self.behalf

    def in_place_of(self, absent: Actor) -> Actor:
        """Return this officer with the units and the working roles of an absent one: no supervisor's, no admin's."""
        grants = frozenset(grant for grant in absent.grants if grant[1] in WORKING)
        return Actor(id=self.id, name=self.name, grants=grants, units=absent.units, behalf=absent.id)

    @property
    def standings(self) -> tuple[Actor, ...]:
        """The actor as themselves, then in the place of each officer whom they cover."""
        return (self, *(self.in_place_of(each) for each in self.absent))

    @property
    def reached_units(self) -> frozenset[UnitId]:
        """One's units with those of the officers whom one covers."""
        return self.units.union(*(each.units for each in self.absent))

    def may_as(self, agency: AgencyId, roles: Iterable[Role]) -> bool:
        """Whether the actor, or one whom they cover, holds one of the roles in that agency."""
        wanted = tuple(roles)
        return any(each.holds(agency, wanted) for each in self.standings)


SYSTEM = Actor(id=None, name="motcua")  #: the clock process and other work that no person ordered
