"""Dossiers that were filed online and wait for the desk: the list beside the counter's search."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.dossier import Status
from engine.store.dossiers import Dossier, Party
from engine.store.procedures import Procedure


def online_waiting(ctx: Context, *, by: Actor, limit: int) -> list[dict[str, Any]]:
    """Return what waits for the actor's desk, the oldest first, in one statement (domain.md §1.3).

    Each has ``id``, ``applicant``, ``procedure_name``, ``channel`` and ``submitted_at``.

    Raises:
        NotAllowedError: the actor holds the desk role nowhere.
    """
    permissions.check_can_use_counter(by)
    query = (
        select(Dossier.id, Party.name, Procedure.name, Dossier.channel, Dossier.submitted_at)
        .join(Party, (Party.dossier_id == Dossier.id) & (Party.role == "applicant"))
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .where(
            Dossier.owner_agency_id.in_(by.agencies_with(Role.DESK)),  # the receiving one
            Dossier.status == Status.SUBMITTED.value,
        )
        .order_by(Dossier.submitted_at, Dossier.id)
        .limit(limit)
    )
    with ctx.unit_of_work(read_only=True) as uow:
        return [
            {
                "id": str(row[0]),
                "applicant": row[1],
                "procedure_name": row[2],
                "channel": row[3],
                "submitted_at": row[4],
            }
            for row in uow.session.execute(query)
        ]
