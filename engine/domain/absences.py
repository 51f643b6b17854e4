"""When an officer may be away, and who may do their work meanwhile: rules over values (peers.md §4, 13).

An absence is the half-open time [starts_at, ends_at). Nothing is reassigned for it: tasks stay with the officer who is
away, the cover acts on them in that officer's name, and at the end everything is as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.domain.ids import OfficerId
from engine.errors import ConflictError, InvalidInputError

LONGEST = timedelta(days=366)
EARLIEST = timedelta(days=1)  #: before now; somebody who fell ill this morning is entered at noon
LONGEST_REASON = 300  # characters


class InvalidAbsenceError(InvalidInputError):
    """The absence has no time that can be, or no cover."""

    code = "invalid-absence"


class AbsenceOverlapError(ConflictError):
    """The officer is away at that time already."""

    code = "absence-overlap"


class OfficerCoversError(ConflictError):
    """The officer does the work of somebody else at that time, who would be without a cover."""

    code = "absence-of-cover"


class CoverUnavailableError(ConflictError):
    """Who should do the work is away at that time, disabled, or of another agency."""

    code = "cover-unavailable"


class AbsenceOverError(ConflictError):
    """The absence has ended."""

    code = "absence-over"


@dataclass(frozen=True, slots=True)
class Away:
    """Who is away when, and who covers; ``starts_at`` inclusive, ``ends_at`` exclusive."""

    officer_id: OfficerId
    cover_id: OfficerId
    starts_at: datetime
    ends_at: datetime

    def meets(self, other: Away) -> bool:
        """Whether the two have an instant in common."""
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


def check_period(starts_at: datetime, ends_at: datetime, *, now: datetime) -> None:
    """Check that an absence has a time that can be.

    Raises:
        InvalidAbsenceError: it ends before it begins or before now, began more than EARLIEST ago, or is longer than
            LONGEST.
    """
    if ends_at <= starts_at:
        raise InvalidAbsenceError("an absence ends after it begins; change the end", field="ends_at")
    if ends_at <= now:
        raise InvalidAbsenceError("this absence would be over already; change the end", field="ends_at")
    if starts_at < now - EARLIEST:
        raise InvalidAbsenceError("an absence begins at most one day ago; change the beginning", field="starts_at")
    if ends_at - starts_at > LONGEST:
        raise InvalidAbsenceError("an absence lasts at most 366 days; change the end", field="ends_at")


def check_free(planned: Away, others: Iterable[Away]) -> None:
    """Check that nobody is away twice, and that no cover is away: so that a chain or circle of covers cannot be.

    Args:
        others: absences in which the officer or the cover has a part.

    Raises:
        InvalidAbsenceError: the officer would cover themselves.
        AbsenceOverlapError, OfficerCoversError, CoverUnavailableError: the details name the time.
    """
    if planned.cover_id == planned.officer_id:
        raise InvalidAbsenceError("nobody covers themselves; choose somebody else", field="cover")
    for other in others:
        if not planned.meets(other):
            continue
        facts = {"starts_at": other.starts_at.isoformat(), "ends_at": other.ends_at.isoformat()}
        if other.officer_id == planned.officer_id:
            raise AbsenceOverlapError("the officer is away at that time already", field="starts_at", **facts)
        if other.cover_id == planned.officer_id:
            message = "the officer covers somebody at that time; end that absence first, or name another cover for it"
            raise OfficerCoversError(message, field="starts_at", **facts)
        if other.officer_id == planned.cover_id:
            raise CoverUnavailableError("the cover is away at that time; choose another", field="cover", **facts)
