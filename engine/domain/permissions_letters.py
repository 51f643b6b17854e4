"""Who writes, approves, signs, numbers, sends and proves letters of apology (contract §4; domain.md §1.9)."""

from __future__ import annotations

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError

DRAFTING = (Role.OFFICER, Role.APPROVER, Role.SUPERVISOR)
APPROVING = (Role.APPROVER, Role.SUPERVISOR)
SENDING = (Role.CLERK, Role.APPROVER, Role.SUPERVISOR)
PROVING = (Role.DESK, *SENDING)


def check_can_draft_letter(actor: Actor, *, agency: AgencyId) -> None:
    """The processing officer drafts the apology, or who approves it.

    Raises:
        NotAllowedError: the actor does neither in the agency that apologises.
    """
    _need(actor, agency, DRAFTING, "draft an apology")


def check_can_approve_letter(actor: Actor, *, agency: AgencyId) -> None:
    """The head of the agency, or the supervisor in their place, approves and signs.

    Raises:
        NotAllowedError: the actor is neither in the agency that apologises.
    """
    _need(actor, agency, APPROVING, "approve an apology")


def check_can_send_letter(actor: Actor, *, agency: AgencyId) -> None:
    """The clerk numbers and sends what the head has approved; who approves may do so, too.

    Raises:
        NotAllowedError: the actor does neither in the agency that apologises.
    """
    _need(actor, agency, SENDING, "number and send a letter")


def check_can_prove_letter(actor: Actor, *, agency: AgencyId) -> None:
    """Whoever sends letters, or meets citizens at the desk, records that one was handed over or posted.

    Raises:
        NotAllowedError: the actor does neither in the agency that apologises.
    """
    _need(actor, agency, PROVING, "record that a letter arrived")


def _need(actor: Actor, agency: AgencyId, roles: tuple[Role, ...], what: str) -> None:
    if not actor.is_system and not actor.holds(agency, roles):
        needed = [role.value for role in roles]
        raise NotAllowedError(f"only {' or '.join(needed)} of the agency may {what}", needed=needed)
