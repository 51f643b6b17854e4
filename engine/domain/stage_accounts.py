"""Why a stage should end then: the share it has of the promise, and what moved its end, from a dossier's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from engine.domain.calendar import WorkingCalendar
from engine.domain.date_lines import (
    Calendars,
    by,
    corrected_line,
    due_line,
    move_end,
    pause_line,
    version_line,
    waiting_line,
)
from engine.domain.date_walks import Account, Act, Stretch, Walk, limit_text
from engine.domain.deadlines import Due, due, left_until
from engine.domain.events import EventKind
from engine.domain.explanations import Line, clock_text
from engine.domain.limits import Limit
from engine.domain.stages import after_pause, stage_end

_MOVES_ENDS = frozenset({EventKind.VERSION_MOVED, EventKind.VERSION_UNDONE, EventKind.CORRECTED})
_RUNS_AGAIN = frozenset({EventKind.CLOCK_RESUMED, EventKind.CLOCK_RESTARTED, EventKind.PROMISE_MADE})

_ENDS_STEP = frozenset(
    {EventKind.TASK_COMPLETED, EventKind.TASK_CANCELLED, EventKind.TASK_SENT_BACK, EventKind.STEP_TAKEN_BACK}
)


def stage_accounts(
    acts: Iterable[Act],
    calendars: Calendars,
    *,
    planned: Mapping[int, Limit],
    later: Mapping[int, Mapping[int, Limit]] | None = None,
) -> dict[str, Account]:
    """Account for the end of the stage of each step that has one, by the id of the step's task.

    Args:
        planned: the share of each stage in the procedure's table, by number; what a step got is cut to the promise.
        later: the same of versions to which the dossier was moved, by id.

    Raises:
        CalendarGapError: an instant lies outside the calendar that its event names.
    """
    steps = _Steps(calendars, planned, later or {})
    for act in acts:
        steps.read(act)
    return {task: steps.told(task) for task in steps.walks}


class _Steps:
    """Reads the events of a dossier for its steps; steps of one stage that follow each other share its end."""

    def __init__(
        self, calendars: Calendars, planned: Mapping[int, Limit], later: Mapping[int, Mapping[int, Limit]]
    ) -> None:
        self.walks: dict[str, Walk] = {}
        self._calendars = calendars
        self._planned = planned
        self._later = later
        self._open: set[str] = set()
        self._apart: set[str] = set()  # with a limit of their own, which no pause of the promise touches
        self._done = ""  # the task that was completed last
        self._paused: Act | None = None
        self._pauses: list[tuple[Act, Act]] = []  # how each began and ended
        self._known = ""  # the calendar that an event named last

    def read(self, act: Act) -> None:
        """Take in the next event."""
        match act.kind:
            case EventKind.TASK_OPENED if act.facts["due_at"] is not None:
                self._start(act)
            case kind if kind in _ENDS_STEP:
                self._end(act)
            case EventKind.CLOCK_PAUSED:
                self._paused = act
            case EventKind.PROMISE_MOVED:
                for task in self._open:
                    move_end(self.walks[task], act, self._calendars, what="step", key=task)
            case kind if kind in _MOVES_ENDS and "tasks" in act.facts:
                self._change_version(act)
            case kind if kind in _RUNS_AGAIN:
                self._go_on(act)
            case _:
                pass
        self._known = act.facts.get("calendar") or self._known

    def _end(self, act: Act) -> None:
        if act.kind == EventKind.STEP_TAKEN_BACK:
            self._open.difference_update(act.facts["cancelled"])
            self._open.update(each["task"] for each in act.facts["tasks"] if each["task"] in self.walks)
            return
        self._done = act.facts["task"]
        self._open.discard(self._done)

    def _change_version(self, act: Act) -> None:
        """Move the ends of open steps as the version gone to says; one that it gives no date has none any more."""
        self._planned = self._later.get(act.facts.get("to", 0), self._planned)
        told = corrected_line if act.kind == EventKind.CORRECTED else version_line
        calendar = self._calendars(self._known)
        for said in act.facts["tasks"]:
            task, end = said["task"], said["due_at"]
            walk = self.walks.get(task)
            if end is None:
                self.walks.pop(task, None)
                self._open.discard(task)
                continue
            end_at = datetime.fromisoformat(end)
            self._open.add(task)
            if walk is None:
                self.walks[task] = Walk(calendar, end_at, [told(calendar, act, None, end_at)])
            elif walk.due_at != end_at:
                walk.move(told(calendar, act, walk.due_at, end_at), calendar)

    def told(self, task: str) -> Account:
        """Return the account of one step as it stands."""
        walk = self.walks[task]
        if self._paused is None or task not in self._open or task in self._apart:
            return walk.finish(due_line(walk, "step"))
        calendar = self._calendars(self._paused.facts["calendar"])
        _interrupt(walk, self._paused, calendar, left_until(calendar, at=self._paused.at, end_at=walk.due_at))
        return walk.finish(waiting_line(walk))

    def _start(self, act: Act) -> None:
        task, due_at = act.facts["task"], act.when("due_at")
        self._open.add(task)
        before = self.walks.get(self._done)
        if "own_limit" in act.facts:
            self._apart.add(task)
            self.walks[task] = self._own(act)
        elif act.facts.get("stage_share") is not None:
            self.walks[task] = self._counted(act)
        elif before is not None and before.due_at == due_at:
            walk = before.copied()
            walk.lines[:1] = [_shared_line(act, due_at), *(line for line in walk.lines[:1] if line.kind != "shared")]
            self.walks[task] = walk
        else:
            calendar = self._calendars(self._known)
            self.walks[task] = Walk(calendar, due_at, [_unaccounted_line(calendar, act, due_at)])

    def _own(self, act: Act) -> Walk:
        calendar, limit = self._calendars(act.facts["calendar"]), Limit.parse(act.facts["own_limit"])
        counted = due(calendar, received_at=act.at, limit=limit)
        walk = Walk(calendar, act.when("due_at"))
        walk.begin(Stretch(calendar, limit, counted, walk.due_at), first=counted.explanation[0])
        return walk

    def _counted(self, act: Act) -> Walk:
        calendar, share = self._calendars(act.facts["calendar"]), Limit.parse(act.facts["stage_share"])
        begins_at = act.when("stage_from")
        due = stage_end(calendar, begins_at=begins_at, share=share)
        over = [(paused, resumed) for paused, resumed in self._pauses if resumed.at > begins_at]
        walk = Walk(calendar, due.due_at)
        first = _stage_line(calendar, act, due, share=share, planned=self._planned.get(act.facts["stage"], share))
        walk.begin(Stretch(calendar, share, due, due.due_at if over else act.when("due_at")), first=first)
        for paused, resumed in over:  # the stage had begun before: a join, a wait or a step apart lay between
            if walk.due_at > paused.at:
                self._step_over(walk, paused, resumed)
        return walk

    def _go_on(self, act: Act) -> None:
        paused, self._paused = self._paused, None
        if paused is None:
            return
        self._pauses.append((paused, act))
        for task, end in act.facts["task_due"].items():
            if task in self.walks:
                self._step_over(self.walks[task], paused, act, datetime.fromisoformat(end))

    def _step_over(self, walk: Walk, paused: Act, act: Act, end_at: datetime | None = None) -> None:
        """Write a pause and the end after it; ``end_at`` is the one on record."""
        calendar = self._calendars(act.facts.get("stage_calendar") or act.facts["calendar"])
        left, due = after_pause(calendar, end_at=walk.due_at, paused_at=paused.at, resumed_at=act.at)
        _interrupt(walk, paused, self._calendars(paused.facts["calendar"]), left)
        walk.go_on(act.at)
        walk.begin(Stretch(calendar, left, due, end_at or due.due_at), first=by(due.explanation[0], act))


def _interrupt(walk: Walk, paused: Act, calendar: WorkingCalendar, left: Limit) -> None:
    said = replace(paused, facts={**paused.facts, "rest": str(left), "broken": False})
    walk.interrupt(paused.at, calendar, pause_line(calendar, said))


def _stage_line(calendar: WorkingCalendar, act: Act, due: Due, *, share: Limit, planned: Limit) -> Line:
    no = act.facts["stage"]
    cut = ""
    details: dict[str, object] = {"limit": str(share), "stage": no}
    if planned != share:
        cut = f" (cut from {limit_text(planned)}, as the stages sum to more than the promise)"
        details["planned"] = str(planned)
    begins = clock_text(calendar, due.counted_from)
    text = f"Stage {no} has {limit_text(share)} of the promise{cut}, counted from {begins}."
    return Line("stage", act.when("stage_from"), due.counted_from, text, details=details)


def _shared_line(act: Act, due_at: datetime) -> Line:
    text = "The step shares the end of its stage with the step before it."
    return Line("shared", act.at, due_at, text, details={"stage": act.facts["stage"]})


def _unaccounted_line(calendar: WorkingCalendar, act: Act, due_at: datetime) -> Line:
    text = f"The end on record is {clock_text(calendar, due_at)}; how it was counted was not kept."
    return Line("unaccounted", act.at, due_at, text)
