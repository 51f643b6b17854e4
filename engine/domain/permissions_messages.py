"""Who looks after messages to citizens: the desk that they know, the clerk who sends, the supervisor."""

from __future__ import annotations

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError

MINDING = (Role.DESK, Role.CLERK, Role.SUPERVISOR)


def agencies_minded(actor: Actor) -> frozenset[AgencyId]:
    """Return the agencies whose messages the actor looks after, those of the officers whom they cover among them."""
    return frozenset().union(*(each.agencies_with(*MINDING) for each in actor.standings))


def check_can_mind_messages(actor: Actor) -> None:
    """The page of messages is for who looks after those of some agency.

    Raises:
        NotAllowedError: the actor holds none of the roles anywhere.
    """
    if not actor.is_system and not agencies_minded(actor):
        needed = [role.value for role in MINDING]
        raise NotAllowedError(f"only {', '.join(needed)} may see the messages to citizens", needed=needed)


def minds(actor: Actor, agency: AgencyId) -> bool:
    """Whether the actor looks after the messages of an agency; the system after all."""
    return actor.is_system or agency in agencies_minded(actor)
