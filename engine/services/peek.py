"""What the peek at a dossier shows beside its row of a list: its facts and the acts that are open, read at once."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.services import acts, dossier_file, reading


def at(ctx: Context, *, by: Actor, dossier: str, task: str | None = None) -> dict[str, Any]:
    """Return ``dossier`` (``reading.detail``), ``offered`` (``acts.offered``) and ``timeline`` (``reading.timeline``).

    Args:
        task: id of the task to offer, see ``acts.offered``.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return {
            "dossier": reading.told(case),
            "offered": acts.open_acts(case, task),
            "timeline": reading.happened(case),
        }
