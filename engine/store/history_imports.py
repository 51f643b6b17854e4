"""Runs of the history import: what came from which file of which system."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.store.base import Base
from engine.store.dossiers import Dossier, DossierAgency, Party
from engine.store.events import Event

Columns = Mapping[str, Any]  #: of a row


class HistoryImport(Base):
    """One run: the hashes of file and mapping, and what became of the rows."""

    __tablename__ = "history_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    source: Mapped[str] = mapped_column(String(40))  # name of the other system
    file_sha256: Mapped[str] = mapped_column(String(64))
    mapping_sha256: Mapped[str] = mapped_column(String(64))
    result: Mapped[dict[str, Any]]  # counts: rows, dossiers added, known before, refused
    made_by: Mapped[OfficerId | None]
    made_at: Mapped[datetime]


class HistoryImportStore:
    """Queries over imports."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def begin(self, run: HistoryImport) -> HistoryImport:
        """Add a run and give it its id."""
        self._session.add(run)
        self._session.flush()
        return run

    def get(self, run_id: int) -> HistoryImport:
        """Return a run that there is."""
        run = self._session.get(HistoryImport, run_id)
        assert run is not None  # noqa: S101 - runs are never deleted
        return run

    def latest(self, agencies: Collection[AgencyId], *, limit: int) -> list[HistoryImport]:
        """Return the latest runs of agencies, the newest first."""
        query = select(HistoryImport).where(HistoryImport.owner_agency_id.in_(agencies))
        return list(self._session.scalars(query.order_by(HistoryImport.id.desc()).limit(limit)))

    def known(self, source: str, keys: Collection[str]) -> dict[str, Dossier]:
        """Return the dossiers of another system that were imported, by their names there; up to 500 names."""
        query = select(Dossier).where(Dossier.source == source, Dossier.source_key.in_(keys))
        return {row.source_key: row for row in self._session.scalars(query) if row.source_key is not None}

    def taken(self, codes: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
        """Return source and name there of the dossiers that have these codes, by code; up to 500 codes."""
        query = select(Dossier.code, Dossier.source, Dossier.source_key).where(Dossier.code.in_(codes))
        return {row[0]: (row[1], row[2]) for row in self._session.execute(query) if row[0] is not None}

    def told(self, ids: Collection[DossierId]) -> dict[DossierId, list[Event]]:
        """Return what was told of imported dossiers: their events of both kinds in order; up to 500 dossiers."""
        kinds = (EventKind.IMPORTED, EventKind.HISTORY_STEP)
        query = select(Event).where(Event.dossier_id.in_(ids), Event.kind.in_(kinds))
        found: dict[DossierId, list[Event]] = {each: [] for each in ids}
        for event in self._session.scalars(query.order_by(Event.dossier_id, Event.seq)):
            found[event.dossier_id].append(event)
        return found

    def add(
        self,
        dossiers: Sequence[Columns],
        *,
        agencies: Sequence[Columns],
        parties: Sequence[Columns],
        events: Sequence[Columns],
    ) -> None:
        """Add rows of dossiers in bulk."""
        parts = ((Dossier, dossiers), (DossierAgency, agencies), (Party, parties), (Event, events))
        for table, rows in parts:
            if rows:
                self._session.execute(insert(table), [dict(row) for row in rows])

    def go_on(self, rows: Iterable[Columns], events: Sequence[Columns]) -> None:
        """Add to the histories of locked dossiers, each named by its ``id``."""
        for row in rows:
            dossier = self._session.get(Dossier, row["id"])
            assert dossier is not None  # noqa: S101 - it is locked
            for name, value in row.items():
                setattr(dossier, name, value)
        self._session.flush()
        if events:
            self._session.execute(insert(Event), [dict(event) for event in events])
