"""How a dossier stands at an instant: the classes that reports count and exports name (domain.md §6.3)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import Punctuality
from engine.domain.dossier import Status


class Standing(StrEnum):
    """Each dossier has exactly one at an instant."""

    EARLY = "early"  #: finished before its due date
    ON_TIME = "on_time"  #: finished on its due date, not late
    LATE = "late"  #: finished late
    OPEN_IN_TIME = "open_in_time"
    OPEN_LATE = "open_late"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    SUBMITTED = "submitted"  #: not received yet: no promise
    NOT_RECEIVED = "not_received"


class Facts(Protocol):
    """What of a dossier decides its standing; a row of a query or a whole dossier."""

    @property
    def status(self) -> int: ...

    @property
    def received_at(self) -> datetime | None: ...

    @property
    def due_at(self) -> datetime | None: ...

    @property
    def late_after(self) -> datetime | None: ...

    @property
    def missed_late_after(self) -> datetime | None: ...

    @property
    def finished_at(self) -> datetime | None: ...

    @property
    def ended_at(self) -> datetime | None: ...


def standing(facts: Facts, calendar: WorkingCalendar, at: datetime) -> Standing:
    """Class a dossier as of ``at``: what happened later has not happened yet (domain.md §1.11, §6.3).

    Measured by the promise, which a lawful pause moves and an extension never does. The promise is the one that
    stands now; while a pause leaves it open, an open dossier is in time. An earlier appointment that was missed by then
    makes it late for good (domain.md §1.7).
    """
    if facts.finished_at is not None and facts.finished_at <= at:
        return _finished(facts, calendar, facts.finished_at)
    if facts.finished_at is None and facts.ended_at is not None and facts.ended_at <= at:
        return _ENDINGS[Status(facts.status)]
    if facts.received_at is None or facts.received_at > at:
        return Standing.SUBMITTED
    late = deadlines.is_broken(
        finished_at=None,
        ended_at=None,
        late_after=facts.late_after,
        missed_late_after=facts.missed_late_after,
        now=at,
    )
    return Standing.OPEN_LATE if late else Standing.OPEN_IN_TIME


def is_late(facts: Facts, at: datetime) -> bool:
    """Tell whether a promise is broken at the end, or at ``at`` without one: the rule of ``lateness_sql``."""
    return deadlines.is_broken(
        finished_at=facts.finished_at,
        ended_at=facts.ended_at,
        late_after=facts.late_after,
        missed_late_after=facts.missed_late_after,
        now=at,
    )


_ENDINGS = {
    Status.WITHDRAWN: Standing.WITHDRAWN,
    Status.STOPPED: Standing.STOPPED,
    Status.NOT_RECEIVED: Standing.NOT_RECEIVED,
}
_FINISHES = {
    Punctuality.EARLY: Standing.EARLY,
    Punctuality.ON_TIME: Standing.ON_TIME,
    Punctuality.LATE: Standing.LATE,
}


def _finished(facts: Facts, calendar: WorkingCalendar, finished_at: datetime) -> Standing:
    if facts.due_at is None or facts.late_after is None:
        return Standing.ON_TIME  # column 9 counts what has no due date; received here, a dossier always has one
    return _FINISHES[
        deadlines.punctuality(
            calendar,
            finished_at=finished_at,
            due_at=facts.due_at,
            late_after=facts.late_after,
            missed_late_after=facts.missed_late_after,
        )
    ]
