"""Keys that sign for people and agencies, and what they signed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.store.base import Base


class SigningKey(Base):
    """A key of an officer, or the seal of an agency; its secret is under a PIN that is never stored."""

    __tablename__ = "signing_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"), index=True)
    officer_id: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"), index=True)  # None: the seal
    kind: Mapped[str] = mapped_column(String(12))  # pkcs12 | remote
    label: Mapped[str] = mapped_column(String(120))
    certificate: Mapped[str] = mapped_column(Text)  # PEM, with its chain; public
    pkcs12: Mapped[bytes | None] = mapped_column(LargeBinary)  # as the authority made it, under its PIN
    credential: Mapped[str | None] = mapped_column(String(120))  # name of the key at the remote signer
    valid_to: Mapped[datetime]
    added_by: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))
    added_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class PaperSignature(Base):
    """A revision of a signed file: 1 the head's, 2 the agency's seal."""

    __tablename__ = "paper_signature"
    __table_args__ = (UniqueConstraint("document_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    owner_agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agency.id"))
    document_id: Mapped[UUID]  # of the letter or the issued paper
    revision: Mapped[int]
    key_id: Mapped[int] = mapped_column(ForeignKey("signing_key.id"))
    officer_id: Mapped[OfficerId | None] = mapped_column(ForeignKey("officer.id"))  # who gave the PIN
    subject: Mapped[str] = mapped_column(String(300))  # of the certificate
    certificate_sha256: Mapped[str] = mapped_column(String(64))
    file_sha256: Mapped[str] = mapped_column(String(64))  # the file with this revision
    signed_at: Mapped[datetime]


class SignatureStore:
    """Queries over keys and signatures."""

    def __init__(self, session: Session) -> None:
        self._session = session
