"""Who sends the report of a period to an agency that adds reports up, and whether it is closed yet (domain.md §6.2)."""

from __future__ import annotations

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.report_periods import named
from engine.services.periods import Member, members_of


def members(ctx: Context, *, by: Actor, agency: str, name: str) -> list[Member]:
    """Return the agencies whose schedules, or closed periods of that name, name this one; and itself first.

    Nobody names it: an empty list. The members gave their numbers to it by their own schedules, so whoever may see the
    numbers of the agency may see the sums of theirs.

    Raises:
        InvalidPeriodNameError, AgencyNotFoundError, NotAllowedError.
    """
    period, now = named(name), ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        owner = uow.agencies.by_code(agency)
        permissions.check_can_report(by, agency=owner.id)
        return members_of(uow, owner, period, now)
