"""The stages that run, of many dossiers at once: what lists measure a shortfall by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import ColumnElement, select

from engine.domain.foresight import Ledger, StageRun
from engine.domain.ids import DossierId, VersionId
from engine.domain.stages import Stage
from engine.domain.version_moves import TELL_STAGE, left_stage
from engine.store.events import Event
from engine.store.stage_plans import stage_run, stages_of
from engine.store.tasks import Placed
from engine.store.unit_of_work import UnitOfWork


class Received(Protocol):
    """A dossier, or what a query selects of it."""

    @property
    def id(self) -> DossierId: ...

    @property
    def version_id(self) -> VersionId: ...


class StageRuns:
    """Reads each procedure version once a process, and one query more when a dossier is past its first appointment."""

    def __init__(self, uow: UnitOfWork, inside: ColumnElement[bool], hashes: Mapping[VersionId, str]) -> None:
        """Take the condition on ``Event`` that chooses the dossiers, and the hashes of their procedure versions."""
        self._uow = uow
        self._inside = inside
        self._hashes = hashes
        self._left: dict[DossierId, int] | None = None

    def of(self, dossier: Received, promise_no: int, ledger: Ledger, tasks: Iterable[Placed]) -> StageRun | None:
        """Return the stage that runs of a dossier whose latest promise and open tasks these are, as ``stage_run``."""
        left_at = self._left_at(dossier.id) if promise_no > 1 else None
        key = (self._hashes[dossier.version_id], left_at)
        if key not in _stages:
            _stages[key] = stages_of(self._uow.procedures.version(dossier.version_id), left_at=left_at)
        return stage_run(tasks, _stages[key], limit=ledger.limit, running_from=ledger.running_from)

    def _left_at(self, dossier_id: DossierId) -> int | None:
        if self._left is None:
            query = select(Event.dossier_id, Event.payload).where(self._inside, Event.kind.in_(TELL_STAGE))
            rows: Iterable[Any] = self._uow.session.execute(query.order_by(Event.dossier_id, Event.seq))
            said = groupby(rows, key=lambda row: row[0])
            found = {dossier: left_stage(payload for _, payload in theirs) for dossier, theirs in said}
            self._left = {dossier: stage for dossier, stage in found.items() if stage is not None}
        return self._left.get(dossier_id)


_stages: dict[tuple[str, int | None], list[Stage]] = {}  # read once a process: a version never changes (its hash)
