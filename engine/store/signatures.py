"""Keys that sign for people and agencies, and what they signed."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.domain.ids import AgencyId, OfficerId
from engine.domain.signing import WRONG_PINS
from engine.errors import NotFoundError
from engine.store.administration import AdminAct
from engine.store.base import Base

WRONG_PIN = "signing-key.pin_wrong"  #: kind of the act that says so; its subject is the key's number


class SigningKeyNotFoundError(NotFoundError):
    """There is no such key, or it is not the actor's to know."""

    code = "signing-key-not-found"


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

    def add(self, row: SigningKey | PaperSignature) -> None:
        """Add a row and give it its id."""
        self._session.add(row)
        self._session.flush()

    def key(self, key_id: int) -> SigningKey:
        """Return the key with that number.

        Raises:
            SigningKeyNotFoundError: there is none.
        """
        row = self._session.get(SigningKey, key_id)
        if row is None:
            raise SigningKeyNotFoundError(f"there is no signing key {key_id}")
        return row

    def keys(self, agencies: Collection[AgencyId]) -> list[SigningKey]:
        """Return the keys of agencies and of their people, the newest first."""
        query = select(SigningKey).where(SigningKey.owner_agency_id.in_(agencies))
        return list(self._session.scalars(query.order_by(SigningKey.id.desc())))

    def in_use(self, agency: AgencyId, officer: OfficerId | None, at: datetime) -> SigningKey | None:
        """Return with which key an officer signs for an agency, None: the agency's seal; the newest that is valid."""
        whose = SigningKey.officer_id.is_(None) if officer is None else SigningKey.officer_id == officer
        fit = (SigningKey.owner_agency_id == agency, whose, SigningKey.retired_at.is_(None), SigningKey.valid_to >= at)
        return self._session.scalars(select(SigningKey).where(*fit).order_by(SigningKey.id.desc()).limit(1)).first()

    def wrong_pins(self, key: SigningKey) -> list[datetime]:
        """Return when wrong PINs were given since the last signature with a key, newest first, as many as matter."""
        last = self._session.scalar(select(func.max(PaperSignature.signed_at)).where(PaperSignature.key_id == key.id))
        query = select(AdminAct.made_at).where(
            AdminAct.owner_agency_id == key.owner_agency_id,
            AdminAct.kind == WRONG_PIN,
            AdminAct.subject == str(key.id),
        )
        if last is not None:
            query = query.where(AdminAct.made_at > last)
        return list(self._session.scalars(query.order_by(AdminAct.id.desc()).limit(WRONG_PINS)))

    def of_document(self, document_id: UUID) -> list[PaperSignature]:
        """Return the signatures of a letter or an issued paper, in their order."""
        query = select(PaperSignature).where(PaperSignature.document_id == document_id)
        return list(self._session.scalars(query.order_by(PaperSignature.revision)))
