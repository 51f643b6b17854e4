"""Who voids a paper that was issued (contract §4)."""

from __future__ import annotations

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError

VOIDING = (Role.CLERK, Role.APPROVER, Role.SUPERVISOR)


def can_void(actor: Actor, *, agency: AgencyId) -> bool:
    """Whether the actor may void a paper that this agency issued."""
    return actor.holds(agency, VOIDING)


def check_can_void(actor: Actor, *, agency: AgencyId) -> None:
    """A number is voided by who keeps the register of the agency that issued it, or by who signs there.

    Raises:
        NotAllowedError: the actor does neither.
    """
    if not actor.is_system and not can_void(actor, agency=agency):
        needed = [role.value for role in VOIDING]
        raise NotAllowedError(
            f"only {' or '.join(needed)} of the agency that issued it may void a paper", needed=needed
        )
