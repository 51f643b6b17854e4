"""Who watches dossiers from above, and may urge officers or take a dossier to those who sign (contract §4)."""

from __future__ import annotations

from collections.abc import Collection

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError

WATCHING = (Role.SUPERVISOR, Role.AUDITOR, Role.APPROVER)  #: they read the numbers of their agency
BOARD = (Role.SUPERVISOR, Role.AUDITOR, Role.APPROVER, Role.OFFICER)  #: they see what is overdue where they may read


def watched(actor: Actor) -> frozenset[AgencyId]:
    """Return the agencies whose work the actor watches.

    Raises:
        NotAllowedError: there is none.
    """
    agencies = actor.agencies_with(*WATCHING)
    if not agencies:
        needed = [role.value for role in WATCHING]
        raise NotAllowedError("only supervisor, auditor or approver of an agency may watch its work", needed=needed)
    return agencies


def can_press(actor: Actor, agencies: Collection[AgencyId]) -> bool:
    """Whether the actor supervises one of the agencies: the one that has to act, or the one that decides."""
    return actor.is_system or any(actor.holds(agency, (Role.SUPERVISOR,)) for agency in agencies)


def check_can_press(actor: Actor, agencies: Collection[AgencyId]) -> None:
    """Urging an officer and taking a dossier to those who sign are supervisors' acts.

    Raises:
        NotAllowedError: ``can_press`` says no.
    """
    if not can_press(actor, agencies):
        needed = [Role.SUPERVISOR.value]
        raise NotAllowedError("only a supervisor of this agency may urge or escalate", needed=needed)


def check_can_see_board(actor: Actor) -> None:
    """The overdue board is for who works on dossiers or watches over them; rows are those that they may read.

    Raises:
        NotAllowedError: the actor is neither anywhere.
    """
    if not actor.is_system and not actor.agencies_with(*BOARD):
        needed = [role.value for role in BOARD]
        raise NotAllowedError(f"only {', '.join(needed)} may see what is overdue", needed=needed)
