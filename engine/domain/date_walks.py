"""Writing down how a date came about: stretches in which a clock ran, what interrupted them, what moved their end.

The account of a stretch is that of the function which made its end (``deadlines.due``, ``deadlines.resume``), so the
two cannot part; where the end on record is another one, a line ``recorded`` says so (docs/reference/working-time.md,
"The account of a date").
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from engine.domain import axes, deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import Due
from engine.domain.explanations import Line, clock_text, quantity_text, segment_lines
from engine.domain.limits import Limit, Segment


@dataclass(frozen=True, slots=True)
class Act:
    """An event of a dossier: its kind (``EventKind``), its instant, the officer's id, and what it says."""

    kind: str
    at: datetime
    person: int | None
    facts: Mapping[str, Any]

    def when(self, name: str) -> datetime:
        """Return an instant that the event names."""
        return datetime.fromisoformat(self.facts[name])


@dataclass(frozen=True, slots=True)
class Account:
    """Why a date is what it is.

    ``lines`` lead to ``due_at`` and end with it: a line ``due``, or ``waiting`` while the clock stands, or ``ended``.
    ``beside`` is what was said later and moves nothing: when it counts as late, an apology's new date. Besides those of
    ``Line``, the kinds are ``restart``, ``appointment``, ``asked``, ``stage`` and ``shared`` (where counting starts),
    ``pause``, ``met``, ``kept``, ``moved``, ``recorded``, ``unaccounted`` and ``provisional``; ``late_after``,
    ``since``, ``extended``, ``extension_moved``, ``passed``, ``answered`` and ``lapsed`` are beside. ``details`` may
    name the ``person`` (id), ``reason`` and ``ground`` of an act; a pause that is not over has ``open``.
    """

    due_at: datetime
    lines: tuple[Line, ...]
    beside: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A clock that runs: ``limit`` from ``due.counted_from``, to the end that is on record."""

    calendar: WorkingCalendar
    limit: Limit
    due: Due
    recorded_at: datetime

    @property
    def introduction(self) -> list[Line]:
        """The lines before anything is counted: the start, and days off that put it off."""
        start, *others = self.due.explanation
        return [start, *(line for line in others if line.kind == "day_off" and line.to_at <= self.due.counted_from)]

    def whole(self) -> list[Line]:
        """Account for all of the limit."""
        lines = list(self.due.explanation[:-1])
        if self.due.due_at != self.recorded_at:
            lines.append(_recorded(self.calendar, self.due.due_at, self.recorded_at))
        return lines

    def until(self, at: datetime, calendar: WorkingCalendar) -> list[Line]:
        """Account for what was spent of the limit when it was interrupted, on a calendar."""
        return [*self.introduction, *spent_lines(calendar, self.limit, self.due.counted_from, at)]

    def leaves(self, rest: Limit, at: datetime, calendar: WorkingCalendar) -> bool:
        """Tell whether ``rest`` is what a calendar leaves of the limit at ``at``.

        It is not where the calendar changed under a promise: its date is kept, and office time until that is left.
        """
        return deadlines.rest(calendar, limit=self.limit, running_from=self.due.counted_from, at=at) == rest


@dataclass(slots=True)
class Walk:
    """The account of one date so far."""

    calendar: WorkingCalendar
    due_at: datetime
    lines: list[Line] = field(default_factory=list)
    beside: list[Line] = field(default_factory=list)
    stretch: Stretch | None = None
    moves: list[Line] = field(default_factory=list)  # of the end of the stretch that runs
    pause: int | None = None  # where in ``lines`` the open pause is
    counted_from: datetime | None = None  # of the latest stretch

    def copied(self) -> Walk:
        """Return a walk that goes on from here without changing this one."""
        return replace(self, lines=list(self.lines), beside=list(self.beside), moves=list(self.moves))

    def begin(self, stretch: Stretch, *, first: Line | None = None) -> None:
        """Let a clock run.

        Args:
            first: says where counting starts, in place of the stretch's own first line.
        """
        if first is not None:
            due = replace(stretch.due, explanation=(first, *stretch.due.explanation[1:]))
            stretch = replace(stretch, due=due)
        self.stretch, self.calendar, self.due_at = stretch, stretch.calendar, stretch.recorded_at
        self.counted_from = stretch.due.counted_from

    def close(self) -> None:
        """Write down the stretch that runs, to its end."""
        if self.stretch is not None:
            self.lines += self.stretch.whole()
        self._write_moves()

    def interrupt(self, at: datetime, calendar: WorkingCalendar, pause: Line) -> None:
        """Write down what the stretch had spent on a calendar when the clock stopped, and the pause."""
        if self.stretch is not None:
            self.lines += self.stretch.until(at, calendar)
        self._write_moves()
        self.stop(pause)

    def stop(self, pause: Line) -> None:
        """Write down a pause, open until ``go_on``."""
        self.pause = len(self.lines)
        self.lines.append(replace(pause, details={**pause.details, "open": True}))

    def go_on(self, at: datetime) -> None:
        """End the open pause."""
        if self.pause is None:
            return
        line = self.lines[self.pause]
        details = {name: value for name, value in line.details.items() if name != "open"}
        text = f"{line.text.removesuffix('.')}; the pause ended {clock_text(self.calendar, at)}."
        self.lines[self.pause] = replace(line, to_at=at, text=text, details=details)
        self.pause = None

    def move(self, line: Line, calendar: WorkingCalendar) -> None:
        """Move the end to that of the line."""
        self.calendar, self.due_at = calendar, line.to_at
        (self.lines if self.stretch is None else self.moves).append(line)

    def finish(self, last: Line) -> Account:
        """Close the account with its last line."""
        self.close()
        return Account(self.due_at, (*self.lines, *self._provisional(), last), tuple(self.beside))

    def _write_moves(self) -> None:
        self.lines += self.moves
        self.stretch, self.moves = None, []

    def _provisional(self) -> list[Line]:
        begins = min(self.counted_from or self.due_at, self.due_at)
        first, last = (self.calendar.local_date(at).year for at in (begins, self.due_at))
        years = [year for year in range(first, last + 1) if year in self.calendar.provisional_years]
        if not years:
            return []
        named = ", ".join(map(str, years))
        text = f"{named} awaits its decision: the days off of that year may still move this date."
        return [Line("provisional", self.due_at, self.due_at, text, details={"years": years})]


def spent_lines(calendar: WorkingCalendar, limit: Limit, running_from: datetime, at: datetime) -> list[Line]:
    """Account for what is spent of a limit at ``at``, segment by segment; ``deadlines.rest`` is what is left.

    A segment that has spent its axis while its end is still to come is accounted for to that end.

    Raises:
        CalendarGapError: an instant lies outside the calendar.
    """
    lines: list[Line] = []
    start_at = running_from
    for segment in limit.segments:
        end_at = axes.advance(calendar, start_at, segment)
        if at < end_at:
            return lines + _begun_lines(calendar, start_at, segment, at, end_at)
        lines += segment_lines(calendar, start_at, segment, end_at)
        start_at = end_at
    return lines


def _begun_lines(
    calendar: WorkingCalendar, start_at: datetime, segment: Segment, at: datetime, end_at: datetime
) -> list[Line]:
    spent = axes.spent(calendar, start_at, max(at, start_at), segment.unit)
    if spent >= segment.amount:
        return segment_lines(calendar, start_at, segment, end_at)
    return segment_lines(calendar, start_at, Segment(spent, segment.unit), at) if spent > 0 else []


def limit_text(limit: Limit) -> str:
    """Write a limit for a sentence: ``15 working days + 2.5 calendar days``."""
    return " + ".join(quantity_text(segment.amount, segment.unit) for segment in limit.segments)


def _recorded(calendar: WorkingCalendar, counted_at: datetime, recorded_at: datetime) -> Line:
    text = (
        f"The end on record is {clock_text(calendar, recorded_at)}; "
        f"counted again by the rules of today it would be {clock_text(calendar, counted_at)}."
    )
    return Line("recorded", counted_at, recorded_at, text)
