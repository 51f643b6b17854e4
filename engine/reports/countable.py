"""Whose numbers somebody may see: the agencies that a report counts."""

from __future__ import annotations

from sqlalchemy import select

from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.reports.filters import storable
from engine.store.agencies import Agency
from engine.store.unit_of_work import UnitOfWork


def countable(uow: UnitOfWork, by: Actor, agency: str | None = None) -> frozenset[AgencyId]:
    """Return the agencies whose dossiers the actor may count.

    Args:
        agency: code, to count this one alone; None: all that the actor may report on, for the system all there are.

    Raises:
        NotAllowedError: the actor may not see the numbers of that agency, or of any.
        AgencyNotFoundError.
    """
    if agency is not None:
        known = uow.agencies.by_code(storable(agency)).id
        permissions.check_can_report(by, agency=known)
        return frozenset({known})
    mine = frozenset(key for key in uow.session.scalars(select(Agency.id)) if may_report(by, key))
    if not mine:
        raise permissions.NotAllowedError("only supervisor, auditor or approver of an agency may read reports")
    return mine


def may_report(by: Actor, agency: AgencyId) -> bool:
    """Whether ``check_can_report`` would pass."""
    try:
        permissions.check_can_report(by, agency=agency)
    except permissions.NotAllowedError:
        return False
    return True
