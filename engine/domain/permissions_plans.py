"""Who sets targets, enters figures and keeps the tasks of a plan: who supervises the agency (issue 7)."""

from __future__ import annotations

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError


def can_plan(actor: Actor, *, agency: AgencyId) -> bool:
    """Whether ``check_can_plan`` would pass."""
    return actor.is_system or actor.holds(agency, (Role.SUPERVISOR,))


def check_can_plan(actor: Actor, *, agency: AgencyId) -> None:
    """Plans are kept by supervisors of the agency; auditors and approvers read them.

    Raises:
        NotAllowedError: the actor is none.
    """
    if not can_plan(actor, agency=agency):
        needed = [Role.SUPERVISOR.value]
        raise NotAllowedError("only supervisor of this agency may change its plan and figures", needed=needed)
