"""The papers of a dossier with their versions: the newest of each, the older ones under it, and which are new."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from engine.domain.dossier import ENDED
from engine.services import acts
from engine.services.case import Case
from engine.store.dossiers import Paper


def listed(case: Case, told: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the newest version of each paper, in the order in which the papers came.

    ``older`` has the versions before it, the newest first; ``is_new`` says that it was added by somebody else since a
    task of the actor was opened, or that it came with the last supplement, while the dossier goes on.

    Args:
        told: the papers as ``reading.detail`` tells them.
    """
    known = {paper["no"]: paper for paper in told}
    fresh = _new(case)
    before = {paper["replaces"] for paper in known.values()}
    newest = [paper for no, paper in known.items() if no not in before]
    found = []
    for paper in newest:
        older, at = [], paper["replaces"]
        while at in known:
            older.append(known[at])
            at = known[at]["replaces"]
        found.append((min([paper["no"], *(each["no"] for each in older)]), paper, older))
    found.sort(key=lambda each: each[0])
    return [paper | {"older": older, "is_new": paper["no"] in fresh} for _first, paper, older in found]


def _new(case: Case) -> set[int]:
    """Return the numbers of the papers that are new to the actor."""
    if case.status in ENDED:
        return set()
    opened = min((task.opened_at for task in acts.own_tasks(case)), default=None)
    asked = [request for request in case.uow.dossiers.supplements(case.dossier.id) if request.completed_at is not None]
    answered_at = asked[-1].completed_at if asked else None
    return {
        paper.no
        for paper in case.uow.dossiers.papers(case.dossier.id)
        if _since(paper, opened, case) or (answered_at is not None and paper.added_at == answered_at)
    }


def _since(paper: Paper, opened: datetime | None, case: Case) -> bool:
    is_mine = paper.added_by is not None and paper.added_by == case.by.id
    return opened is not None and paper.added_at > opened and not is_mine
