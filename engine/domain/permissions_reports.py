"""Who sets how an agency reports, and who closes its periods (contract §4)."""

from __future__ import annotations

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError

CLOSING = (Role.SUPERVISOR, Role.APPROVER)  #: they answer for the numbers; an auditor changes nothing


def can_close(actor: Actor, agency: AgencyId) -> bool:
    """Whether ``check_can_close`` would pass."""
    return actor.is_system or actor.holds(agency, CLOSING)


def check_can_close(actor: Actor, agency: AgencyId) -> None:
    """Closing a period and setting when reports are sent is for who answers for the agency's numbers.

    Raises:
        NotAllowedError: the actor is none of them.
    """
    if not can_close(actor, agency):
        needed = [role.value for role in CLOSING]
        raise NotAllowedError(f"only {' or '.join(needed)} of this agency may close periods", needed=needed)
