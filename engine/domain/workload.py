"""How much work an officer has, in office time, and whether it can be done in time (peers.md §4, 13).

What a task needs is what is left of its stage's share: from now until its stage should be done. That is the plan of the
procedure, not a measurement. A task whose stage has used its share needs nothing more by the plan and is counted apart;
one whose dossier stands still needs nothing now. Taken in the order in which the dossiers are due, the tasks fit when
at each due instant all that is due by then needs no more than the office time until then; what is beyond is overload
(docs/reference/working-time.md, "Load of an officer").
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from engine.domain.calendar import CalendarGapError, WorkingCalendar

_MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Work:
    """An open task: when its stage should be done, when its dossier is promised, whether the clock stands."""

    due_at: datetime | None
    promise_at: datetime | None
    paused: bool


@dataclass(frozen=True, slots=True)
class Need:
    """What a task needs, and how much office time there is until its dossier is due, in minutes; not negative."""

    minutes: int
    until_due: int


@dataclass(frozen=True, slots=True)
class Load:
    """The open tasks of an officer.

    ``minutes`` of office time are needed in all; ``over_minutes`` of them do not fit before what is due, 0 when all do.
    ``used_up`` tasks have used their stage's share; ``paused`` ones stand still; both are among ``tasks``.
    """

    tasks: int
    paused: int
    used_up: int
    minutes: int
    over_minutes: int

    @property
    def is_overload(self) -> bool:
        """Whether the tasks do not fit."""
        return self.over_minutes > 0


def need(calendar: WorkingCalendar, work: Work, at: datetime) -> Need | None:
    """Measure a task at ``at``; None where the plan says nothing: no share, no running clock, no calendar."""
    if work.paused or work.due_at is None or work.promise_at is None:
        return None
    with suppress(CalendarGapError):
        now = calendar.worked(at)
        minutes = max(0, calendar.worked(work.due_at) - now) // _MINUTE
        return Need(minutes, max(0, calendar.worked(work.promise_at) - now) // _MINUTE)
    return None


def load(works: Iterable[tuple[WorkingCalendar, Work]], at: datetime) -> Load:
    """Add up the tasks of one officer; each is measured on the calendar of the agency that decides its dossier."""
    known = list(works)
    needs = [found for calendar, work in known if (found := need(calendar, work, at)) is not None]
    used_up = sum(1 for _, work in known if not work.paused and work.due_at is not None and work.due_at <= at)
    return Load(
        tasks=len(known),
        paused=sum(1 for _, work in known if work.paused),
        used_up=used_up,
        minutes=sum(each.minutes for each in needs),
        over_minutes=_beyond(needs),
    )


def _beyond(needs: Iterable[Need]) -> int:
    """Return by how much the needs exceed the time, at the due instant where they exceed it most."""
    asked, beyond = 0, 0
    for each in sorted(needs, key=lambda need: need.until_due):
        asked += each.minutes
        beyond = max(beyond, asked - each.until_due)
    return beyond
