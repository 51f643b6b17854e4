"""What a process waits for by the calendar: message events whose time the engine keeps (decision 0003)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
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
