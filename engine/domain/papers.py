"""Papers as they are handed in: counted, scanned, or taken over from what the office has already (domain.md §1.15)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.domain.ids import DossierId
from engine.domain.text import fold


class PaperOrigin(StrEnum):
    """Where a paper of a dossier came from."""

    FILED = "filed"  #: handed in with the dossier, or with an answer to a request
    REUSED = "reused"  #: taken over from an earlier dossier of the same person (invariant 8)
    ADDED = "added"  #: put in by somebody who works on the dossier


@dataclass(frozen=True, slots=True)
class PaperFile:
    """A scanned or uploaded file that is stored already."""

    sha256: str
    name: str
    media_type: str


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A paper of an earlier dossier."""

    dossier: DossierId
    no: int


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A component that was handed in (form 01, field 9), or one that need not be because it is there already."""

    name: str
    code: str = ""
    originals: int = 1
    copies: int = 0
    files: tuple[PaperFile, ...] = ()  #: the pages; the second and further ones become papers of their own
    known: KnownPaper | None = None  #: taken over from there; then nothing was handed in


def is_same_paper(name: str, code: str, *, as_name: str, as_code: str) -> bool:
    """Whether two papers are the same kind: by code where both have one, else by name without accents and case."""
    if code and as_code:
        return code == as_code
    return fold(name) == fold(as_name)
