"""Who reads the books of an agency: the ledger of what its desk received, and what its units handed over."""

from __future__ import annotations

from collections.abc import Collection

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.domain.permissions import READING, NotAllowedError

BOOKS = (Role.DESK, Role.CLERK, Role.APPROVER, Role.SUPERVISOR, Role.AUDITOR)  #: they read the ledger of their agency


def agencies_of_ledger(actor: Actor) -> frozenset[AgencyId]:
    """Return the agencies whose ledger the actor reads; it names people, so it is for who keeps or checks it.

    Raises:
        NotAllowedError: there is none.
    """
    return _some(actor, BOOKS, "read the ledger")


def agencies_of_bundles(actor: Actor) -> frozenset[AgencyId]:
    """Return the agencies whose units' hand-overs the actor may list: those whose dossiers they read.

    Raises:
        NotAllowedError: there is none.
    """
    return _some(actor, READING, "list hand-overs")


def _some(actor: Actor, roles: Collection[Role], what: str) -> frozenset[AgencyId]:
    agencies = frozenset().union(*(each.agencies_with(*roles) for each in actor.standings))
    if not agencies:
        needed = [role.value for role in roles]
        raise NotAllowedError(f"only {', '.join(needed)} may {what}", needed=needed)
    return agencies
