"""What the engine needs from outside, as protocols; bootstrap chooses who provides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol


class FileStore(Protocol):
    """Bytes by content hash: what was put can be read, and never changes."""

    def put(self, content: bytes) -> str:
        """Store the bytes durably and return their sha256 in hex. Putting them again changes nothing."""
        ...

    def get(self, sha256: str) -> bytes:
        """Return the bytes.

        Raises:
            FileMissingError: nothing is stored under that hash, or what is stored does not match it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail with at most one PDF."""

    to: str
    subject: str
    text: str
    message_id: str  #: the same for every try, so that a mail server may drop doubles
    html: str | None = None  #: the same for readers that show HTML; the text stays
    attachment_name: str | None = None
    attachment: bytes | None = None


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """A text for a telephone, by SMS or Zalo."""

    id: str  #: the same for every try, so that the gateway may drop doubles
    to: str  #: E.164, ``+84…``
    text: str
    kind: str  #: what it tells, as ``MessageKind``: gateways want a template named
    language: str


class TextSender(Protocol):
    """Sends texts to telephones."""

    def send(self, message: ShortMessage) -> None:
        """Hand the message over to the gateway; one that it has already counts as handed over.

        Raises:
            UnavailableError: it could not be handed over now; try again later.
            EngineError: the gateway refused it for good.
        """
        ...


class IndicatorSender(Protocol):
    """Hands figures to an operations centre."""

    def send(self, document_id: str, figures: Mapping[str, Any]) -> None:
        """Hand the figures over; those that it has already count as handed over.

        Args:
            document_id: the same for every try, so that the centre may drop doubles.
            figures: JSON values.

        Raises:
            UnavailableError: they could not be handed over now; try again later.
            EngineError: the centre refused them for good.
        """
        ...


class MailSender(Protocol):
    """Sends e-mail."""

    def send(self, mail: Mail) -> None:
        """Hand the mail over to the mail server.

        Raises:
            UnavailableError: it could not be handed over now; try again later.
        """
        ...


class SigningKey(Protocol):
    """A key that is open: whoever has it can sign with it."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Return its certificate and those that vouch for it, DER, its own first."""
        ...

    def sign(self, content: bytes) -> bytes:
        """Return the raw signature over the SHA-256 of the content: RSA PKCS#1 v1.5, or ECDSA in DER.

        Raises:
            UnavailableError: the signing service does not answer; try again later.
            InvalidInputError: it refuses.
        """
        ...


class RemoteSigner(Protocol):
    """A signing service that keeps keys, in the manner of the Cloud Signature Consortium's API."""

    def certificates(self, credential: str) -> tuple[bytes, ...]:
        """Return the certificate of a key and those that vouch for it, DER, its own first.

        Raises:
            UnavailableError: the service does not answer.
            InvalidInputError: it has no such key, or answers what cannot be read.
        """
        ...

    def opened(self, credential: str, certificates: tuple[bytes, ...], pin: str) -> SigningKey:
        """Return the key; the PIN goes to the service with each signature and nowhere else."""
        ...


@dataclass(frozen=True, slots=True)
class Filling:
    """What is filled into a field of a signed letter: the text, and a page of the field's size that shows it."""

    text: str
    drawing: bytes
