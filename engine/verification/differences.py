"""What verify says: a difference names the table, the row, the field, what should be there and what is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

ROW = "*"  #: as field: the row as a whole is missing or should not be there


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the database does not say what its events add up to; all values are JSON-ready.

    ``key`` names the row for people and scripts: dossier code (when it has one), dossier id, key inside the dossier.
    """

    table: str
    key: str
    field: str
    expected: Any
    found: Any
    message: str
    dossier: str | None = None  #: id of the dossier, None for rows that belong to none

    def as_json(self) -> dict[str, Any]:
        """Return the difference as a JSON object."""
        return {
            "table": self.table,
            "key": self.key,
            "dossier": self.dossier,
            "field": self.field,
            "expected": self.expected,
            "found": self.found,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class Behind:
    """A limit that the clock process should have looked at: the data is right, somebody has to start the clock."""

    key: str
    wake_for: str
    wake_at: datetime

    def as_json(self) -> dict[str, Any]:
        """Return the notice as a JSON object."""
        return {"key": self.key, "wake_for": self.wake_for, "wake_at": plain(self.wake_at)}


@dataclass(slots=True)
class Findings:
    """All that a run found, and how much it looked at."""

    differences: list[Difference] = field(default_factory=list)
    behind: list[Behind] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  #: what could not be compared, and why

    def count(self, what: str, by: int = 1) -> None:
        """Add to the number of things checked."""
        self.counts[what] = self.counts.get(what, 0) + by

    def as_json(self) -> dict[str, Any]:
        """Return the document that ``motcua verify --json`` prints."""
        return {
            "clean": not self.differences,
            "differences": [difference.as_json() for difference in self.differences],
            "behind": [behind.as_json() for behind in self.behind],
            "checked": dict(self.counts),
            "notes": list(self.notes),
        }


def plain(value: Any) -> Any:
    """Return a value as JSON can carry it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    if isinstance(value, date | UUID):
        return str(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
