"""How a result reaches its people: who must come, what is collected, when one waits too long (domain.md §1.11, §8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol
from urllib.parse import unquote

from engine.domain.dossier import Decision

RECEIVERS = "receivers"  #: of a procedure's policy: how many people must come for the result, 1 or 2
MARRIAGES = frozenset({"1.000894"})  #: both spouses come, look through the certificate and sign (domain.md §8.2)
UNCOLLECTED_AFTER = timedelta(days=30)  #: a result that lies longer is marked; it stays at the desk (domain.md §1.11)
TRACKING_PATH = "/tra-cuu/"  #: what a QR code says before the dossier's code
LONGEST_SCAN = 300  #: characters of what a scanner sends


class Notice(StrEnum):
    """How people are told that the result is ready."""

    EMAIL = "email"
    PHONE = "phone"
    PRINT = "print"  #: a slip that is printed and sent, or put up


class SignatureKind(StrEnum):
    """How the receiver signs for the result."""

    SCREEN = "screen"
    PAPER = "paper"


class PaperFacts(Protocol):
    """What counts of a paper."""

    @property
    def originals(self) -> int: ...

    @property
    def copies(self) -> int: ...

    @property
    def source(self) -> str: ...


def receivers_needed(policy: Mapping[str, Any], *, code: str, decision: Decision | None) -> int:
    """Return how many people must take the result in person: as the policy says, else two for a marriage.

    A written refusal is handed to one of them (domain.md §8.2).
    """
    if decision is not Decision.GRANTED:
        return 1
    usual = 2 if code in MARRIAGES else 1
    return int(policy.get(RECEIVERS, usual))


def is_collected(paper: PaperFacts) -> bool:
    """Whether the original of a paper is collected at hand-over: it was filed as a copy (domain.md §1.11).

    What we took over from our own data was never asked for, so its original stays where it is.
    """
    return paper.originals == 0 and paper.copies > 0 and paper.source != "reused"


def numbers_differ(typed: str | None, known: Iterable[str | None]) -> bool | None:
    """Whether a receiver's number is none of those that the dossier names; None when there is nothing to compare."""
    named = {number for number in known if number}
    if not typed or not named:
        return None
    return typed not in named


def is_uncollected(*, arrived_at: datetime, now: datetime) -> bool:
    """Whether a result has waited for more than 30 days."""
    return now - arrived_at > UNCOLLECTED_AFTER


def scanned(text: str) -> str:
    """Return the code, or its tail, in what was typed or scanned: a code, the end of one, or the receipt's QR text."""
    bare = "".join(char for char in text if char.isprintable()).strip()[:LONGEST_SCAN]
    _, found, rest = bare.partition(TRACKING_PATH)
    if found:
        bare = unquote(rest).partition("?")[0].partition("#")[0]
    return bare.strip().strip("/").upper()


def tracking_url(public_url: str, code: str) -> str:
    """Return the address of a citizen's page, as QR codes and messages say it; ``scanned`` reads it again."""
    return f"{public_url}{TRACKING_PATH}{code}"
