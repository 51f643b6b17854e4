"""What citizens were told, by which channel, and whether it arrived."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, DossierId
from engine.store.base import Base


class Message(Base):
    """A message to a citizen; the outbox row of the same key carries it out."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("dossier_id", "kind", "subject_no", "channel"),
        Index("ix_message_state", "owner_agency_id", "state", "ordered_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    dossier_id: Mapped[DossierId] = mapped_column(ForeignKey("dossier.id"))
    kind: Mapped[str] = mapped_column(String(24))  # engine.domain.messages.MessageKind
    subject_no: Mapped[int] = mapped_column(default=1)
    channel: Mapped[str] = mapped_column(String(8))  # email | sms | zalo
    language: Mapped[str] = mapped_column(String(2))
    address: Mapped[str] = mapped_column(String(200))  # personal data, so kept apart from the history
    outbox_id: Mapped[int | None]  # no foreign key: the row may be cleared away one day
    state: Mapped[str] = mapped_column(String(12))  # engine.domain.messages.MessageState
    ordered_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    dead_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)


class MessageStore:
    """Queries over messages."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, message: Message) -> Message:
        """Add a message."""
        self._session.add(message)
        return message

    def find(self, message_id: UUID) -> Message | None:
        """Return the message with that id, None when there is none."""
        return self._session.get(Message, message_id)

    def of_subject(self, dossier_id: DossierId, kind: str, subject_no: int) -> Message | None:
        """Return what was ordered of a kind for a subject of a dossier, by whatever channel."""
        wanted = (Message.dossier_id == dossier_id, Message.kind == kind, Message.subject_no == subject_no)
        return self._session.scalars(select(Message).where(*wanted).order_by(Message.id).limit(1)).first()

    def of_dossier(self, dossier_id: DossierId) -> list[Message]:
        """Return the messages of a dossier in the order in which they were ordered."""
        query = select(Message).where(Message.dossier_id == dossier_id)
        return list(self._session.scalars(query.order_by(Message.ordered_at, Message.id)))
