"""Why this date: the whole history of a promise, an answer limit or a stage's end, from a dossier's events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.date_lines import (
    Calendars,
    by,
    corrected_line,
    due_line,
    end_text,
    ended_line,
    kept_line,
    late_line,
    met_line,
    move_end,
    moved_line,
    moves_of,
    pause_line,
    version_line,
    waiting_line,
)
from engine.domain.date_walks import Account, Act, Stretch, Walk
from engine.domain.events import EventKind
from engine.domain.explanations import DECREE_297_6_4, Line, clock_text
from engine.domain.limits import Limit

_ENDS = frozenset({EventKind.FINISHED, EventKind.WITHDRAWN, EventKind.STOPPED})


def promise_account(acts: Iterable[Act], calendars: Calendars) -> Account | None:
    """Account for the promise that is in force, from the receipt on; None for a dossier that is not received.

    Raises:
        CalendarGapError: an instant lies outside the calendar that its event names.
    """
    account = _Promise(calendars)
    for act in acts:
        account.read(act)
    return account.told()


def answer_account(acts: Iterable[Act], calendars: Calendars, *, no: int) -> Account | None:
    """Account for the citizen's limit to answer request number ``no``; None when there was no such request.

    Raises:
        CalendarGapError: an instant lies outside the calendar that its event names.
    """
    walk: Walk | None = None
    for act in acts:
        if act.kind == EventKind.SUPPLEMENT_REQUESTED and act.facts["no"] == no:
            walk = _asked(act, calendars)
        elif walk is not None and act.kind == EventKind.PROMISE_MOVED:
            move_end(walk, act, calendars, what="answer", key=no)
        elif walk is not None and act.facts.get("no") == no:
            walk.beside += _answered(walk, act)
    return None if walk is None else walk.finish(due_line(walk, "answer"))


class _Promise:
    """Reads the events of a dossier for its promises, one after the other."""

    def __init__(self, calendars: Calendars) -> None:
        self._calendars = calendars
        self._walk: Walk | None = None
        self._limit = ""
        self._cutoff: str | None = None
        self._late: tuple[datetime, str] | None = None  # the last instant that is not late, and by which rule
        self._no = 1
        self._readers: Mapping[str, Callable[[Walk, Act], None]] = {
            EventKind.CLOCK_PAUSED: self._pause,
            EventKind.CLOCK_RESUMED: self._resume,
            EventKind.CLOCK_RESTARTED: self._restart,
            EventKind.PROMISE_MADE: self._make_next,
            EventKind.PROMISE_MOVED: self._move,
            EventKind.VERSION_MOVED: self._change_version,
            EventKind.VERSION_UNDONE: self._change_version,
            EventKind.CORRECTED: self._correct,
            EventKind.EXTENDED: self._extend,
            EventKind.DEADLINE_PASSED: self._pass,
        }

    def read(self, act: Act) -> None:
        """Take in the next event."""
        if act.kind == EventKind.RECEIVED:
            self._receive(act)
        elif self._walk is not None and act.kind in self._readers:
            self._readers[act.kind](self._walk, act)
        elif self._walk is not None and act.kind in _ENDS:
            self._walk.go_on(act.at)

    def told(self) -> Account | None:
        """Return the account as it stands."""
        walk = self._walk
        if walk is None:
            return None
        if walk.pause is not None and self._late is None:
            return walk.finish(waiting_line(walk))
        if self._late is None:
            return walk.finish(ended_line(walk))
        walk.beside.insert(0, late_line(walk, *self._late))
        return walk.finish(due_line(walk, "promise", promise=self._no))

    def _receive(self, act: Act) -> None:
        self._cutoff = act.facts["cutoff"]
        stretch = self._promised(act, received_at=act.when("received_at"))
        self._walk = Walk(stretch.calendar, stretch.recorded_at)
        self._walk.begin(stretch)

    def _promised(self, act: Act, *, received_at: datetime) -> Stretch:
        calendar = self._calendars(act.facts["calendar"])
        self._limit, self._no = act.facts["limit"], act.facts["promise"]
        self._keep_late(act)
        limit = Limit.parse(self._limit)
        due = deadlines.due(calendar, received_at=received_at, limit=limit, cutoff=Cutoff.parse(self._cutoff))
        return Stretch(calendar, limit, due, act.when("due_at"))

    def _keep_late(self, act: Act) -> None:
        self._late = act.when("late_after"), act.facts["late_rule"]

    def _make_next(self, walk: Walk, act: Act) -> None:
        walk.go_on(act.at)
        stretch = self._promised(act, received_at=act.at)
        start = stretch.due.explanation[0]
        text = (
            f"What was to be paid is settled: appointment {self._no} counts from "
            f"{clock_text(stretch.calendar, stretch.due.counted_from)}."
        )
        details = {**start.details, "promise": self._no}
        walk.begin(stretch, first=replace(start, kind="appointment", text=text, details=details))

    def _pause(self, walk: Walk, act: Act) -> None:
        calendar = self._calendars(act.facts["calendar"])
        if act.facts["broken"]:
            walk.close()
            walk.stop(pause_line(calendar, act))
        else:
            rest = Limit.parse(act.facts["rest"])
            keeps = walk.stretch is not None and not walk.stretch.leaves(rest, act.at, calendar)
            line = pause_line(calendar, act, until=walk.due_at if keeps else None)
            walk.interrupt(act.at, walk.calendar if keeps else calendar, line)
            self._late = None
        if "appointment" in act.facts:
            self._late = None
            walk.lines.append(met_line(calendar, act))

    def _resume(self, walk: Walk, act: Act) -> None:
        walk.go_on(act.at)
        self._keep_late(act)
        if act.facts["broken"]:
            walk.lines.append(kept_line(walk, act, why="broken"))
            return
        calendar, recorded_at = self._calendars(act.facts["calendar"]), act.when("due_at")
        rest = Limit.parse(act.facts["rest"])
        due = deadlines.resume(calendar, resumed_at=act.at, rest=rest)
        if due.counted_from < act.when("running_from"):  # the pause ended before the counting began
            due = deadlines.resume(calendar, resumed_at=act.when("running_from"), rest=rest)
        if due.due_at != recorded_at == walk.due_at:
            walk.lines.append(kept_line(walk, act, why="last_day"))
        else:
            walk.begin(Stretch(calendar, rest, due, recorded_at), first=by(due.explanation[0], act))

    def _restart(self, walk: Walk, act: Act) -> None:
        walk.go_on(act.at)
        self._keep_late(act)
        if act.facts["broken"]:
            walk.lines.append(kept_line(walk, act, why="broken"))
            return
        calendar, limit = self._calendars(act.facts["calendar"]), Limit.parse(act.facts["rest"])
        due = deadlines.due(calendar, received_at=act.at, limit=limit, cutoff=Cutoff.parse(self._cutoff))
        begins = clock_text(calendar, due.counted_from)
        text = f"Complete since {clock_text(calendar, act.at)}: the whole limit counts anew from {begins}."
        start = due.explanation[0]
        first = replace(by(start, act), kind="restart", text=text, decision=DECREE_297_6_4)
        walk.begin(Stretch(calendar, limit, due, act.when("due_at")), first=first)

    def _move(self, walk: Walk, act: Act) -> None:
        if move_end(walk, act, self._calendars, what="promise", key=self._no):
            self._keep_late(act)
        for each in moves_of(act, "extension"):
            calendar = self._calendars(act.facts["calendar"])
            walk.beside.append(replace(moved_line(calendar, act, each), kind="extension_moved"))

    def _change_version(self, walk: Walk, act: Act) -> None:
        """Count from here with the limit of the version gone to, where that moved the date."""
        said = act.facts
        self._cutoff = said["cutoff"]
        if "due_at" not in said:
            line = version_line(walk.calendar, act, walk.due_at, walk.due_at)
            walk.beside.append(replace(line, kind="version_kept", text=f"{line.text} It stays as it was."))
            return
        calendar = self._calendars(said["calendar"])
        self._count_on(walk, act, version_line(calendar, act, walk.due_at, act.when("due_at")), calendar)

    def _correct(self, walk: Walk, act: Act) -> None:
        """Count from here with what was corrected, where that moved the date."""
        if "due_at" not in act.facts:
            return
        self._cutoff = act.facts["cutoff"]
        calendar = self._calendars(act.facts["calendar"])
        self._count_on(walk, act, corrected_line(calendar, act, walk.due_at, act.when("due_at")), calendar)

    def _count_on(self, walk: Walk, act: Act, line: Line, calendar: WorkingCalendar) -> None:
        """Let the clock run on with another limit or from another begin, as the event counts it."""
        said, after = act.facts, act.when("due_at")
        line = replace(line, details={**line.details, "limit": said["limit"], "rest": said["rest"]})
        self._limit = said["limit"]
        stands = walk.pause is not None
        walk.close()
        if stands or walk.pause is not None:
            walk.lines.append(line)
            walk.calendar, walk.due_at = calendar, after
            return
        self._keep_late(act)
        due = deadlines.resume(calendar, resumed_at=act.when("running_from"), rest=Limit.parse(said["rest"]))
        walk.lines.append(line)
        walk.begin(Stretch(calendar, Limit.parse(said["rest"]), due, after), first=due.explanation[0])

    def _extend(self, walk: Walk, act: Act) -> None:
        new_due_at = act.when("new_due_at")
        text = f"An apology names {clock_text(walk.calendar, new_due_at)}; the promise stays what it was."
        details = {"person": act.person, "promise": act.facts["promise"]}
        walk.beside.append(Line("extended", act.at, new_due_at, text, details=details))

    def _pass(self, walk: Walk, act: Act) -> None:
        late_after = act.when("late_after")
        text = f"Nothing was decided until {end_text(walk.calendar, late_after)}: the promise was broken."
        walk.beside.append(Line("passed", late_after, act.at, text, details={"promise": act.facts["promise"]}))


def _asked(act: Act, calendars: Calendars) -> Walk:
    calendar, limit = calendars(act.facts["calendar"]), Limit.parse(act.facts["answer_limit"])
    due = deadlines.due(calendar, received_at=act.at, limit=limit)
    walk = Walk(calendar, act.when("answer_due_at"))
    start = due.explanation[0]
    first = replace(by(start, act), kind="asked", text=start.text.replace("Received", "Asked", 1))
    walk.begin(Stretch(calendar, limit, due, walk.due_at), first=first)
    walk.beside.append(late_line(walk, act.when("answer_late_after"), act.facts["late_rule"]))
    return walk


def _answered(walk: Walk, act: Act) -> list[Line]:
    kinds: dict[str, tuple[str, str]] = {
        EventKind.SUPPLEMENT_COMPLETED: ("answered", "The answer came"),
        EventKind.SUPPLEMENT_LAPSED: ("lapsed", "No answer came"),
    }
    if act.kind not in kinds:
        return []
    kind, words = kinds[act.kind]
    return [Line(kind, act.at, act.at, f"{words}: {clock_text(walk.calendar, act.at)}.")]
