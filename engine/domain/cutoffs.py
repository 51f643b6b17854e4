"""Cut-offs: until when a receipt still counts from its own day (domain.md §1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from engine.errors import InvalidInputError

_LAST_HOUR = "last-hour"


class InvalidCutoffError(InvalidInputError):
    """A cut-off is neither a time of day nor ``last-hour``."""

    code = "invalid-cutoff"


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The time of day strictly after which a receipt counts from the next working day (domain.md §1.5).

    ``at`` is local; ``None`` stands for the last hour of office time.
    """

    at: time | None

    @classmethod
    def parse(cls, text: str | None) -> Cutoff | None:
        """Read ``15:00``, ``last-hour`` or nothing (``None`` and the empty text: no cut-off).

        Raises:
            InvalidCutoffError: the text is something else.
        """
        text = (text or "").strip()
        if not text:
            return None
        if text == _LAST_HOUR:
            return cls(None)
        try:
            at = time.fromisoformat(text)
        except ValueError:
            at = None
        if at is None or at.tzinfo is not None or ":" not in text:
            raise InvalidCutoffError(f'"{text}" is not a cut-off: write HH:MM or {_LAST_HOUR}', cutoff=text)
        return cls(at)

    def __str__(self) -> str:
        return _LAST_HOUR if self.at is None else self.at.isoformat("auto" if self.at.second else "minutes")
