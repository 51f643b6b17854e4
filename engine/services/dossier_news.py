"""What happened to a dossier since a page of it was made: asked every half minute by each page that is open."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.services import dossier_file, reading
from engine.services.case import find
from engine.services.officer_names import OfficerNames


def since(ctx: Context, *, by: Actor, dossier: str, after: int) -> dict[str, Any] | None:
    """Return ``events`` after number ``after`` that others did and the dossier's ``steps``; None where there are none.

    Nothing new costs two statements.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = find(uow, by=by, reference=dossier)
        if row.event_seq <= after or all(event.actor_id == by.id for event in uow.events.after(row.id, after)):
            return None
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        names = OfficerNames(case.uow)
        events = [event for event in case.uow.events.of(case.dossier.id) if event.seq > after]
        others = [reading.event_told(case, event, names) for event in events if event.actor_id != by.id]
        return {"events": others, "steps": reading.told(case)["steps"]} if others else None
