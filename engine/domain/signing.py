"""Electronic signatures as values: who may hold a key, where stamps stand, when a key rests, what a check found.

Nothing here signs: that is engine/integrations. Source of the two revisions: domain.md §1.9, NĐ 30/2020 (the head signs
the text, the clerk's office gives number and day and puts the agency's seal to it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

PAPER, ELECTRONIC = "paper", "electronic"  #: how an agency signs its letters; stored
PIN_LONGEST = 128  #: characters
WRONG_PINS = 5  #: in a row; then the key rests
REST = timedelta(minutes=15)

SIGNATURE_FIELD, SEAL_FIELD = "ky", "dau"  #: names of the signature fields of a letter: the head's, the agency's
NUMBER_FIELD, DATE_FIELD = "so", "ngay"  #: names of its text fields: number and day
REVISIONS = {SIGNATURE_FIELD: 1, SEAL_FIELD: 2}


class KeyKind(StrEnum):
    """Where the secret of a key is. Values are stored: never rename one."""

    PKCS12 = "pkcs12"  #: a file of the certification authority, under its PIN, in our database
    REMOTE = "remote"  #: at a signing service, which asks for the PIN each time


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle on a page, in points from its lower left corner."""

    page: int  #: from 0
    left: float
    bottom: float
    right: float
    top: float


@dataclass(frozen=True, slots=True)
class Places:
    """Where number, day, the head's stamp and the agency's stamp stand on a letter that has none of them yet."""

    number: Place
    dated: Place
    signature: Place
    seal: Place


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What a certificate says; all of it is public."""

    name: str  #: CN, else the whole subject
    subject: str  #: the whole subject, RFC 4514
    issuer: str
    serial: str  #: hexadecimal
    sha256: str  #: of its DER
    valid_from: datetime
    valid_to: datetime

    def is_valid(self, at: datetime) -> bool:
        """Whether an instant lies within its term."""
        return self.valid_from <= at <= self.valid_to


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """What was found about one signature of a file."""

    field: str
    certificate: CertificateFacts
    signed_at: datetime | None  #: as the signer's clock said; no time-stamping service vouches for it
    intact: bool  #: nothing of what it covers was changed, and it was made with the certificate's key
    changed_after: str  #: ``nothing``; ``fields``: only fields that it allows were filled in, or signed; ``text``: more
    trusted: bool  #: the certificate leads to one of the roots, and was neither expired nor revoked then
    problem: str | None  #: why an intact one is not trusted: ``no-roots``, ``unknown-issuer``, ``expired`` (or not yet
    #: in its term), ``revoked`` or ``usage`` (made for something else than signing)

    @property
    def holds(self) -> bool:
        """Whether the file is what was signed, by somebody whom the roots vouch for."""
        return self.intact and self.trusted and self.changed_after != "text"


def rests_until(wrong_at: Sequence[datetime], now: datetime) -> datetime | None:
    """Return until when a key rests after wrong PINs in a row; None: it may be used.

    Args:
        wrong_at: when wrong PINs were given since the last right one, newest first.
    """
    if len(wrong_at) < WRONG_PINS:
        return None
    until = wrong_at[0] + REST
    return until if now < until else None
