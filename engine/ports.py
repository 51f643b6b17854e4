"""What the engine needs from outside, as protocols; bootstrap chooses who provides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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


class MailSender(Protocol):
    """Sends e-mail."""

    def send(self, mail: Mail) -> None:
        """Hand the mail over to the mail server.

        Raises:
            UnavailableError: it could not be handed over now; try again later.
        """
        ...
