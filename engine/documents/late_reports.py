"""*Báo cáo hồ sơ trả kết quả quá hạn*: the list that an agency sends upwards (domain.md §2.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.documents import short_words, words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.domain.official_forms import OfficialForm


@dataclass(frozen=True, slots=True, kw_only=True)
class LateLine:
    """A dossier that is or was late; instants are aware."""

    code: str
    person: str
    procedure_name: str
    received_at: datetime | None
    due_at: datetime
    finished_at: datetime | None  #: None: there is no result yet
    days_late: int  #: calendar days begun since the promise, to the result or to now
    place: str | None  #: unit and officer where it is
    cause: str | None  #: of the apology
    letter: str | None  #: number of the apology, or how it stands
    extended_due_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LateReportValues:
    """All that the report prints; instants print in ``zone``. ``number`` is written in by hand unless there is one."""

    form: OfficialForm
    superior_body: str
    agency_name: str
    symbol: str  #: after the slash of the number, "BC-TTPVHCC"
    place: str
    number: str | None
    what: str  #: which list it is, in words
    lines: tuple[LateLine, ...]
    as_of: datetime
    reporter_name: str
    zone: str


def fields(values: LateReportValues) -> dict[str, Any]:
    """Return what the report prints, worded.

    Raises:
        ValueError: an instant is naive.
    """
    done = sum(line.finished_at is not None for line in values.lines)
    return {
        "superior_body": one_line(values.superior_body, limit=HEAD).upper(),
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        **words.numbered(values.number, values.symbol),
        "place": one_line(values.place, limit=CODE),
        "dated": words.date(values.as_of, values.zone),
        "what": one_line(values.what, limit=LINE),
        "as_of": words.moment(values.as_of, values.zone),
        "count": len(values.lines),
        "done": done,
        "open": len(values.lines) - done,
        "apologised": sum(line.letter is not None for line in values.lines),
        "lines": [_line(line, values.zone) for line in values.lines],
        "reporter": one_line(values.reporter_name, limit=HEAD),
    }


def made_at(values: LateReportValues) -> datetime:
    """Return the instant for which the report tells."""
    return values.as_of


def _line(line: LateLine, zone: str) -> dict[str, Any]:
    def short(at: datetime | None) -> str | None:
        return None if at is None else short_words.short_moment(at, zone)

    return {
        "code": one_line(line.code, limit=CODE),
        "person": one_line(line.person, limit=LINE),
        "procedure": one_line(line.procedure_name, limit=LINE),
        "received": short(line.received_at),
        "due": short(line.due_at),
        "finished": short(line.finished_at),
        "days": line.days_late,
        "place": _text(line.place),
        "cause": _text(line.cause),
        "letter": _text(line.letter),
        "extended": short(line.extended_due_at),
    }


def _text(text: str | None) -> str | None:
    return None if text is None else one_line(text, limit=LINE)
