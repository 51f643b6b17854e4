"""The append-only history of dossiers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId, OfficerId
from engine.store.base import Base
from engine.store.calendars import CalendarChange, CalendarMove

Moves = tuple[DossierId, dict[str, Any]]  #: a dossier and what moved its dates


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
        self._read: tuple[frozenset[EventKind], dict[DossierId, list[Event]]] = (frozenset(), {})  # ahead, see ``read``

    def read(self, dossier_ids: Collection[DossierId], kinds: Collection[EventKind]) -> None:
        """Read the events of some kinds of up to 500 dossiers at once, for ``of_kinds`` in a unit that writes nothing.

        What was read ahead before is let go.
        """
        found: dict[DossierId, list[Event]] = {each: [] for each in dossier_ids}
        query = select(Event).where(Event.dossier_id.in_(dossier_ids), Event.kind.in_(kinds))
        for event in self._session.scalars(query.order_by(Event.dossier_id, Event.seq)):
            found[event.dossier_id].append(event)
        self._read = frozenset(kinds), found

    def add(self, event: Event) -> None:
        """Append an event."""
        self._session.add(event)

    def of(self, dossier_id: DossierId) -> list[Event]:
        """Return the events of a dossier in order."""
        return list(self._session.scalars(select(Event).where(Event.dossier_id == dossier_id).order_by(Event.seq)))

    def after(self, dossier_id: DossierId, seq: int) -> list[Event]:
        """Return the events of a dossier after number ``seq``, in order."""
        query = select(Event).where(Event.dossier_id == dossier_id, Event.seq > seq).order_by(Event.seq)
        return list(self._session.scalars(query))

    def of_kind(self, dossier_id: DossierId, kind: EventKind) -> list[Event]:
        """Return the events of a kind in order, those of this transaction with them."""
        return self.of_kinds(dossier_id, (kind,))

    def of_kinds(self, dossier_id: DossierId, kinds: Collection[EventKind]) -> list[Event]:
        """Return the events of some kinds in order, those of this transaction with them."""
        known, found = self._read
        if dossier_id in found and known.issuperset(kinds):
            return [event for event in found[dossier_id] if event.kind in kinds]
        self._session.flush()
        query = select(Event).where(Event.dossier_id == dossier_id, Event.kind.in_(kinds)).order_by(Event.seq)
        return list(self._session.scalars(query))

    def of_move(self, change_id: int) -> list[Moves]:
        """Return dossier and payload of the events by which a calendar change moved dates."""
        return self._moves(CalendarMove.change_id == change_id)

    def of_moves_undone_since(self, change_id: int) -> list[Moves]:
        """Return the same of earlier changes that were undone after this one, for the dossiers that this one moved."""
        theirs = select(CalendarMove.dossier_id).where(CalendarMove.change_id == change_id)
        undone = select(CalendarChange.id).where(CalendarChange.id < change_id, CalendarChange.undone_by > change_id)
        return self._moves(CalendarMove.change_id.in_(undone) & CalendarMove.dossier_id.in_(theirs))

    def _moves(self, chosen: ColumnElement[bool]) -> list[Moves]:
        same = (CalendarMove.dossier_id == Event.dossier_id) & (CalendarMove.seq == Event.seq)
        rows = self._session.execute(select(Event.dossier_id, Event.payload).join(CalendarMove, same).where(chosen))
        return [(row[0], row[1]) for row in rows]
