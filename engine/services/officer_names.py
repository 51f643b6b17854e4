"""Names of officers for those who may read a dossier."""

from __future__ import annotations

from engine.domain.ids import OfficerId
from engine.store.unit_of_work import UnitOfWork


class OfficerNames:
    """Names of officers, each looked up once."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._known: dict[OfficerId, str] = {}

    def of(self, officer_id: OfficerId | None) -> str | None:
        """Return the officer's name; None for what the system did."""
        if officer_id is None:
            return None
        if officer_id not in self._known:
            self._known[officer_id] = self._uow.people.get(officer_id).name
        return self._known[officer_id]
