"""The append-only history of dossiers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.store.base import Base


class Event(Base):
    """One change of a dossier; ``hash`` chains it to all before it."""

    __tablename__ = "event"
    __table_args__ = (Index("ix_event_agency_at", "owner_agency_id", "at"),)

    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    kind: Mapped[EventKind] = mapped_column(String(40))
    at: Mapped[datetime]
    actor_id: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    payload: Mapped[dict[str, Any]]
    hash: Mapped[str] = mapped_column(String(64))


class EventStore:
    """Queries over events."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: Event) -> None:
        """Append an event."""
        self._session.add(event)

    def of(self, dossier_id: DossierId) -> list[Event]:
        """Return the events of a dossier in order."""
        return list(self._session.scalars(select(Event).where(Event.dossier_id == dossier_id).order_by(Event.seq)))

    def of_kind(self, dossier_id: DossierId, kind: EventKind) -> list[Event]:
        """Return the events of a kind in order, those of this transaction with them."""
        self._session.flush()
        query = select(Event).where(Event.dossier_id == dossier_id, Event.kind == kind).order_by(Event.seq)
        return list(self._session.scalars(query))

    def at(self, positions: Sequence[tuple[DossierId, int]]) -> list[Event]:
        """Return the events at these positions: dossier and number."""
        found: list[Event] = []
        for first in range(0, len(positions), 300):
            wanted = positions[first : first + 300]
            found += self._session.scalars(select(Event).where(tuple_(Event.dossier_id, Event.seq).in_(wanted)))
        return found
