"""What has to leave the database: rows written in the same commit as the change that causes them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, func, or_, select, text, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId
from engine.store.base import Base


class OutboxMessage(Base):
    """A side effect to carry out at least once; (topic, key) makes doing it twice impossible to order."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("topic", "business_key"),
        Index("ix_outbox_todo", "not_before", "id", postgresql_where=text("done_at IS NULL"),
              sqlite_where=text("done_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)  # an integer keeps the order of messages of one instant
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    topic: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column("business_key", String(120))
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(Text)
    dead_at: Mapped[datetime | None]  # given up; a person has to look
    done_at: Mapped[datetime | None]


class OutboxStore:
    """Queries over the outbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(
        self,
        *,
        agency: AgencyId,
        topic: str,
        key: str,
        payload: dict[str, Any],
        at: datetime,
        not_before: datetime | None = None,
    ) -> None:
        """Add a message that is ordered ``at`` an instant, to be sent from ``not_before`` on; None: at once."""
        row = OutboxMessage(owner_agency_id=agency, topic=topic, key=key, payload=payload, created_at=at)
        row.not_before = at if not_before is None else not_before
        self._session.add(row)

    def due(
        self, now: datetime, limit: int, *, topics: Collection[str] | None = None, without: Collection[str] = ()
    ) -> list[int]:
        """Return ids of messages that nobody carries out at the moment, of some topics (None: all), oldest first."""
        return list(
            self._session.scalars(
                select(OutboxMessage.id)
                .where(
                    OutboxMessage.done_at.is_(None),
                    OutboxMessage.dead_at.is_(None),
                    OutboxMessage.not_before <= now,
                    or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
                    *([] if topics is None else [OutboxMessage.topic.in_(topics)]),
                    *([OutboxMessage.topic.not_in(without)] if without else []),
                )
                .order_by(OutboxMessage.id)
                .limit(limit)
            )
        )

    def claim(self, message_id: int, *, now: datetime, lease: timedelta) -> OutboxMessage | None:
        """Take a message for ``lease``, unless it is done or another worker has it."""
        result: CursorResult[Any] = self._session.execute(  # type: ignore[assignment]  # an UPDATE has a row count
            update(OutboxMessage)
            .where(
                OutboxMessage.id == message_id,
                OutboxMessage.done_at.is_(None),
                OutboxMessage.dead_at.is_(None),
                or_(OutboxMessage.claimed_until.is_(None), OutboxMessage.claimed_until <= now),
            )
            .values(claimed_until=now + lease, attempts=OutboxMessage.attempts + 1)
        )
        if result.rowcount != 1:
            return None
        return self._session.get(OutboxMessage, message_id, populate_existing=True)

    def get(self, message_id: int) -> OutboxMessage | None:
        """Return the message with that id."""
        return self._session.get(OutboxMessage, message_id)

    def has(self, topic: str, key: str) -> bool:
        """Whether that was ordered, carried out or not."""
        query = select(OutboxMessage.id).where(OutboxMessage.topic == topic, OutboxMessage.key == key)
        return self._session.scalar(query) is not None

    def counts(self) -> dict[str, int]:
        """Return how many messages wait and how many are dead."""
        todo = OutboxMessage.done_at.is_(None)
        waiting = select(func.count()).where(todo, OutboxMessage.dead_at.is_(None))
        dead = select(func.count()).where(todo, OutboxMessage.dead_at.is_not(None))
        return {"waiting": self._session.scalar(waiting) or 0, "dead": self._session.scalar(dead) or 0}
