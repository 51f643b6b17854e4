"""Papers that need not be asked for again, because an earlier dossier of the same person has them (domain.md §1.15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.papers import is_same_paper
from engine.services import calendars
from engine.services.filed_papers import GIVEN_BACK
from engine.store.known_papers import known_papers

MOST_OFFERED = 3  #: of one line, the latest first
MOST_LOOKED_AT = 300  #: papers of one person


def offered(
    ctx: Context, *, by: Actor, identity_number: str, papers: Sequence[Mapping[str, Any]]
) -> list[list[dict[str, Any]]]:
    """Return for each paper of a check-list those that are there already, the latest first.

    Each has ``dossier`` (id), ``no``, ``code`` (of the dossier), ``received_at`` (ISO 8601, in the zone of the desk's
    agency), ``name`` and ``has_file``. Only dossiers of the actor's own desk count, whose owner has this number.

    Args:
        papers: each with ``name`` and ``code``.

    Raises:
        NotAllowedError: the actor holds the desk role nowhere.
    """
    permissions.check_can_use_counter(by)
    mine = by.agencies_with(Role.DESK)
    if not identity_number:
        return [[] for _paper in papers]
    with ctx.unit_of_work(read_only=True) as uow:
        ended = sorted(status.value for status in GIVEN_BACK)
        rows = known_papers(uow.session, mine, identity_number, without=ended, limit=MOST_LOOKED_AT)
        calendar = calendars.in_force(uow, min(mine))
        there: list[dict[str, Any]] = [
            {
                "dossier": str(dossier.id),
                "no": paper.no,
                "code": dossier.code,
                "received_at": calendar.local(dossier.received_at or dossier.submitted_at).isoformat(),
                "name": paper.name,
                "paper_code": paper.code,
                "has_file": paper.file_sha256 is not None,
            }
            for paper, dossier in rows
        ]
    return [
        [
            each
            for each in there
            if is_same_paper(each["name"], each["paper_code"], as_name=paper["name"], as_code=paper["code"])
        ][:MOST_OFFERED]
        for paper in papers
    ]
