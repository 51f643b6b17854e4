"""Who corrects what a receipt says, and who keeps numbers for a power cut (contract §4)."""

from __future__ import annotations

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import NotAllowedError

CORRECTING = (Role.DESK, Role.SUPERVISOR)
WATCHING_PADS = (Role.DESK, Role.SUPERVISOR, Role.AUDITOR)


def can_correct(actor: Actor, *, receiving: AgencyId) -> bool:
    """Whether the actor may correct a dossier that this agency received."""
    return actor.holds(receiving, CORRECTING)


def check_can_correct(actor: Actor, *, receiving: AgencyId) -> None:
    """A receipt is corrected by a desk officer of the agency that issued it, or by its supervisor.

    Raises:
        NotAllowedError: the actor is neither.
    """
    if not can_correct(actor, receiving=receiving):
        _refuse("only the desk that received this dossier, or its supervisor, may correct it", CORRECTING)


def check_can_reserve(actor: Actor, *, agency: AgencyId) -> None:
    """Numbers for a power cut are reserved, and voided, by a desk officer or a supervisor of the agency.

    Raises:
        NotAllowedError: the actor is neither.
    """
    if not actor.holds(agency, CORRECTING):
        _refuse("only a desk officer or a supervisor of the agency may reserve or void its numbers", CORRECTING)


def agencies_of_pads(actor: Actor) -> frozenset[AgencyId]:
    """Return the agencies whose pads the actor may see.

    Raises:
        NotAllowedError: there is none.
    """
    agencies = actor.agencies_with(*WATCHING_PADS)
    if not agencies:
        _refuse("only desk officers, supervisors and auditors see the numbers kept for a power cut", WATCHING_PADS)
    return agencies


def _refuse(message: str, roles: tuple[Role, ...]) -> None:
    raise NotAllowedError(message, needed=[role.value for role in roles])
