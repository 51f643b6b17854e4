"""*Giấy bàn giao hồ sơ*: dossiers that one unit hands to another on a day, as a list to sign (domain.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import short_words, words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleLine:
    """A dossier of the bundle; instants are aware."""

    code: str
    person: str
    procedure_name: str
    received_at: datetime | None
    due_at: datetime | None
    given_at: datetime
    taken_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleValues:
    """All that the slip prints; instants print in ``zone``."""

    form: OfficialForm
    superior_body: str
    agency_name: str  #: of the giving unit
    place: str
    from_unit: str
    from_agency: str
    given_by: tuple[str, ...]  #: officers who gave; empty: the system
    to_unit: str
    to_agency: str
    taken_by: tuple[str, ...]  #: officers who have taken something of it
    lines: tuple[BundleLine, ...]
    printed_at: datetime
    zone: str


def fields(values: BundleValues) -> dict[str, Any]:
    """Return what the slip prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    zone = values.zone
    kinds: dict[str, int] = {}
    for line in values.lines:
        kinds[line.procedure_name] = kinds.get(line.procedure_name, 0) + 1
    given = [line.given_at for line in values.lines]
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(given[-1] if given else values.printed_at, zone),
        "giver": _side(values.from_unit, values.from_agency),
        "given_by": "; ".join(one_line(name, limit=HEAD) for name in values.given_by) or None,
        "receiver": _side(values.to_unit, values.to_agency),
        "taken_by": "; ".join(one_line(name, limit=HEAD) for name in values.taken_by) or None,
        "count": words.number(str(len(values.lines))),
        "kinds": [f"{one_line(name, limit=LINE)} ({count} hồ sơ)" for name, count in sorted(kinds.items())],
        "time": _time(given, zone),
        "lines": [_line(line, zone) for line in values.lines],
    }


def made_at(values: BundleValues) -> datetime:
    """Return when the slip was made."""
    return values.printed_at


def _side(unit: str, agency: str) -> str:
    return f"{one_line(unit, limit=HEAD)}, {one_line(agency, limit=HEAD)}"


def _time(given: list[datetime], zone: str) -> str | None:
    if not given:
        return None
    first, last = words.moment(given[0], zone), words.moment(given[-1], zone)
    return first if first == last else f"từ {first} đến {last}"


def _line(line: BundleLine, zone: str) -> dict[str, str | None]:
    def short(at: datetime | None) -> str | None:
        return None if at is None else short_words.short_moment(at, zone)

    return {
        "code": one_line(line.code, limit=CODE),
        "person": one_line(line.person, limit=LINE),
        "received": short(line.received_at),
        "due": short(line.due_at),
        "taken": short(line.taken_at),
    }
