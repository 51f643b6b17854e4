"""What happened to a dossier while somebody filled in a form about it: what it was, what it is, who did what."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.events import EventKind
from engine.domain.meanwhile import OpenStep, Standing, standings
from engine.services import calendars
from engine.services.case import find
from engine.services.officer_names import OfficerNames


def since(ctx: Context, *, by: Actor, dossier: str, seq: int) -> dict[str, Any] | None:
    """Return ``was`` and ``now`` with what differs, and the ``events`` after number ``seq``; None when there are none.

    ``was`` and ``now`` have ``status``, ``due_at``, ``paused``, ``steps`` (name and officer) and ``papers``; ``differ``
    names those that are not the same any more. Events are as in ``reading.timeline``.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row = find(uow, by=by, reference=dossier)
        if row.event_seq <= seq:
            return None
        calendar = calendars.in_force(uow, row.resolving_agency_id)
        names = OfficerNames(uow)
        events = uow.events.of(row.id)
        stood = standings((event.seq, EventKind(event.kind), event.payload) for event in events)
        was, now = (_told(stood[at], names) for at in (max(0, min(seq, row.event_seq)), row.event_seq))
        for told in (was, now):
            told["due_at"] = told["due_at"] and calendar.local(datetime.fromisoformat(told["due_at"])).isoformat()
        return {
            "was": was,
            "now": now,
            "differ": [name for name in was if was[name] != now[name]],
            "events": [
                {
                    "seq": event.seq,
                    "kind": str(event.kind),
                    "at": calendar.local(event.at).isoformat(),
                    "actor": names.of(event.actor_id),
                    "facts": {
                        name: value for name, value in event.payload.items() if name not in ("process", "people")
                    },
                }
                for event in events
                if event.seq > seq
            ],
        }


def _told(standing: Standing, names: OfficerNames) -> dict[str, Any]:
    return {
        "status": standing.status,
        "due_at": standing.due_at,
        "paused": standing.is_paused,
        "steps": [_step(step, names) for step in standing.steps.values()],
        "papers": standing.papers,
    }


def _step(step: OpenStep, names: OfficerNames) -> dict[str, Any]:
    return {"name": step.name, "officer": names.of(step.officer)}
