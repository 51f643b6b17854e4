"""Whether an agency shows its hall board to everybody: off until a supervisor or an administrator switches it on."""

from __future__ import annotations

from typing import Any

import structlog

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.hall_boards import KIND, is_on
from engine.store.administration import AdminAct
from engine.store.agencies import Agency
from engine.store.unit_of_work import UnitOfWork

SWITCHING = (Role.SUPERVISOR, Role.ADMIN)

log = structlog.get_logger(__name__)


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the agencies whose board the actor may switch: ``code``, ``name``, ``on``.

    Raises:
        NotAllowedError: the actor supervises and administers nowhere.
    """
    mine = by.agencies_with(*SWITCHING)
    if not mine and not by.is_system:
        needed = [role.value for role in SWITCHING]
        raise permissions.NotAllowedError("only supervisor or admin may switch the hall board", needed=needed)
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = [row for row in uow.agencies.all() if by.is_system or row.id in mine]
        states = uow.administration.latest_acts(KIND, [row.id for row in agencies])
        return [{"code": row.code, "name": row.name, "on": _said(states.get(row.id))} for row in agencies]


def switch(ctx: Context, *, by: Actor, agency: str, on: bool) -> dict[str, Any]:
    """Show the board of an agency to everybody, or no longer; switching it to what it is changes nothing.

    Raises:
        AgencyNotFoundError. NotAllowedError: the actor is no supervisor or administrator of the agency.
    """
    with ctx.unit_of_work() as uow:
        row = uow.agencies.by_code(agency)
        if not by.is_system and not by.holds(row.id, SWITCHING):
            needed = [role.value for role in SWITCHING]
            raise permissions.NotAllowedError("only supervisor or admin may switch the hall board", needed=needed)
        if _is_on(uow, row) != on:
            act = AdminAct(
                owner_agency_id=row.id, kind=KIND, subject=row.code, facts={"on": on}, ground="", made_by=by.id,
                made_at=ctx.clock.now(),
            )  # fmt: skip
            uow.administration.add(act)
    log.info("agency.hall_board", agency=agency, on=on)
    return {"code": agency, "on": on}


def _is_on(uow: UnitOfWork, agency: Agency) -> bool:
    return _said(uow.administration.latest_acts(KIND, [agency.id]).get(agency.id))


def _said(act: AdminAct | None) -> bool:
    return is_on(None if act is None else act.facts)
