"""What a process waits for by the calendar: message events whose time the engine keeps (decision 0003)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, and_, func, select, text, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId
from engine.store.base import Base, text_enum


class WaitState(StrEnum):
    """Where a wait stands."""

    OPEN = "open"
    PASSED = "passed"  #: the time came and the process was told
    CANCELLED = "cancelled"  #: the process went on before


class ProcessWait(Base):
    """A message event with a time: when it has passed, the engine sends the message to that token."""

    __tablename__ = "process_wait"
    __table_args__ = (
        Index("ix_process_wait_wake", "wake_at", "id", postgresql_where=text("wake_at IS NOT NULL"),
              sqlite_where=text("wake_at IS NOT NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"), index=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    process_wait: Mapped[str] = mapped_column(String(200))  # id of the wait inside the process instance
    node: Mapped[str] = mapped_column(String(120))
    message: Mapped[str] = mapped_column(String(60))
    limit: Mapped[str] = mapped_column("time_limit", String(120))
    state: Mapped[WaitState] = mapped_column(text_enum(WaitState))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    calendar_version: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    wake_at: Mapped[datetime | None]  # when the clock process has to send the message
    attempts: Mapped[int] = mapped_column(default=0)  # failed wakes in a row


class WaitStore:
    """Queries over waits."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[DossierId, list[ProcessWait]] = {}  # read once a transaction

    def add(self, wait: ProcessWait) -> None:
        """Add a wait; it is written with the transaction."""
        self.of(wait.dossier_id).append(wait)
        self._session.add(wait)

    def of(self, dossier_id: DossierId) -> list[ProcessWait]:
        """Return the waits of a dossier, closed ones too, in the order in which they were opened."""
        if dossier_id not in self._known:
            query = select(ProcessWait).where(ProcessWait.dossier_id == dossier_id).order_by(ProcessWait.id)
            self._known[dossier_id] = list(self._session.scalars(query))
        return self._known[dossier_id]

    def remove(self, wait: ProcessWait) -> None:
        """Take a wait away: what opened it was taken back."""
        self.of(wait.dossier_id).remove(wait)
        self._session.delete(wait)

    def open_of(self, dossier_id: DossierId) -> list[ProcessWait]:
        """Return the waits of a dossier that are open."""
        return [wait for wait in self.of(dossier_id) if wait.state is WaitState.OPEN]

    def due_for_wake(self, now: datetime, limit: int) -> list[tuple[int, datetime, DossierId]]:
        """Return (id, wake_at, dossier) of the waits whose time has passed, oldest first."""
        rows = self._session.execute(
            select(ProcessWait.id, ProcessWait.wake_at, ProcessWait.dossier_id)
            .where(ProcessWait.wake_at.is_not(None), ProcessWait.wake_at <= now)
            .order_by(ProcessWait.wake_at, ProcessWait.id)
            .limit(limit)
        )
        return [(row[0], row[1], row[2]) for row in rows if row[1] is not None]

    def next_wake(self) -> datetime | None:
        """Return the earliest instant at which the time of a wait has passed."""
        return self._session.scalar(
            select(ProcessWait.wake_at).where(ProcessWait.wake_at.is_not(None)).order_by(ProcessWait.wake_at).limit(1)
        )

    def overdue(self, before: datetime) -> tuple[int, datetime | None]:
        """Return how many waits should have been looked at before that instant and were not, and the oldest's."""
        count, oldest_at = self._session.execute(
            select(func.count(), func.min(ProcessWait.wake_at)).where(ProcessWait.wake_at < before)
        ).one()
        return count, oldest_at

    def failing(self, until: datetime) -> int:
        """Return how many waits failed when they were looked at last, and are looked at again by that instant."""
        fails = and_(ProcessWait.attempts > 0, ProcessWait.wake_at <= until)
        return self._session.scalar(select(func.count()).select_from(ProcessWait).where(fails)) or 0

    def claim(self, wait_id: int, wake_at: datetime) -> ProcessWait | None:
        """Take a due wait if nobody did meanwhile: the guarded write decides who acts."""
        result: CursorResult[Any] = self._session.execute(  # type: ignore[assignment]  # an UPDATE has a row count
            update(ProcessWait).where(ProcessWait.id == wait_id, ProcessWait.wake_at == wake_at).values(wake_at=None)
        )
        if result.rowcount != 1:
            return None
        return self._session.get(ProcessWait, wait_id, populate_existing=True)
