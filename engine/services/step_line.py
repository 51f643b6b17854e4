"""The line of steps of a dossier: those done, those where it stands, and those that will probably come, with dates.

Planned dates follow from the shares of the stages as those of the steps that are open do (docs/reference/
working-time.md): a stage begins when the one before it should end, and has its share of the promise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bpmn.phases import Phase
from bpmn.way_ahead import way_ahead
from engine.domain.calendar import CalendarGapError
from engine.domain.dossier import TaskState
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.domain.stages import shares_of, stage_end
from engine.services import lateness
from engine.services.case import Case
from engine.services.officer_names import OfficerNames
from engine.store.tasks import Task

MINUTE = 60_000_000  # microseconds


def line_of(case: Case, spent: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Return the stations of a dossier in order; each step of a unit is one, where it stands last.

    Args:
        spent: ``time_used.used`` of the dossier; None where that cannot be told.

    Returns:
        ``state`` (``done``, ``open``, ``ahead``), ``node``, ``name``, ``unit``, ``stage``, ``who``, ``times`` (how
        often it was opened), ``outcome`` and ``note`` of one that is done, ``opened_at``, ``closed_at``, ``due_at``
        (of its stage), ``planned_at`` (of what comes), ``left_minutes`` of office time until ``due_at`` (negative when
        that has passed; None while the clock stands), ``used_minutes``, ``share_minutes`` and
        ``over_minutes`` of its stage, ``late``.
    """
    tasks = _as_opened(case)
    latest = {(task.node, task.unit_id): task for task in tasks}  # several units may be asked the same at once
    open_now = [task for task in latest.values() if task.state is TaskState.OPEN]
    ahead = _ahead(case, open_now)
    done = [task for task in latest.values() if task.state is TaskState.DONE and task.node not in ahead]
    often = Counter((task.node, task.unit_id) for task in tasks)
    used, stages = _used(spent)
    told = []
    for task in (*done, *open_now):
        counted = {"times": often[task.node, task.unit_id], "used_minutes": used.get(task.node)}
        told.append(_been(case, task) | counted | stages.get(task.stage, _NONE))
    return told + list(_coming(case, ahead, open_now))


def _as_opened(case: Case) -> list[Task]:
    """Return the tasks in the order in which the history opened them; several may have been opened at one instant."""
    opened = case.uow.events.of_kind(case.dossier.id, EventKind.TASK_OPENED)
    order = {event.payload["task"]: event.seq for event in opened}
    tasks = [task for task in case.uow.tasks.all_of(case.dossier.id) if task.state is not TaskState.CANCELLED]
    return sorted(tasks, key=lambda task: order.get(str(task.id), 0))


_NONE = {"share_minutes": None, "over_minutes": None}
_NOT_YET = _NONE | {
    "who": None, "times": 0, "opened_at": None, "closed_at": None, "due_at": None, "left_minutes": None,
    "used_minutes": None, "outcome": None, "note": None, "late": False,
}  # fmt: skip


def _been(case: Case, task: Task) -> dict[str, Any]:
    """Return a station that was reached."""
    until = task.closed_at or case.now
    is_open = task.state is TaskState.OPEN
    return {
        "state": "open" if is_open else "done",
        "task": str(task.id),
        "node": task.node,
        "name": task.name,
        "unit": case.uow.agencies.unit(task.unit_id).name,
        "stage": task.stage,
        "who": OfficerNames(case.uow).of(task.assignee_id if is_open else task.closed_by),
        "opened_at": _local(case, task.opened_at),
        "closed_at": _local(case, task.closed_at),
        "due_at": _local(case, task.due_at),
        "planned_at": None,
        "left_minutes": _left(case, task) if is_open else None,
        "outcome": _outcome(case, task),
        "note": task.note,
        "late": task.due_at is not None and until > task.due_at and not (is_open and case.dossier.is_paused),
    }


def _outcome(case: Case, task: Task) -> str | None:
    """Return with which outcome the step was done, as its form calls it; None for one that has a single way on."""
    step = case.facts.steps.get(task.node)
    return dict(step.outcomes).get(task.outcome or "") if step is not None else None


def _left(case: Case, task: Task) -> int | None:
    if task.due_at is None or case.dossier.is_paused:
        return None
    try:
        return (case.calendar.worked(task.due_at) - case.calendar.worked(case.now)) // MINUTE
    except CalendarGapError:
        return None


def _ahead(case: Case, open_now: list[Task]) -> list[str]:
    """Return the nodes that will probably come; none once the dossier has ended."""
    if case.dossier.ended_at is not None:
        return []
    waits = [wait.node for wait in case.uow.waits.open_of(case.dossier.id)]
    places = frozenset([*(task.node for task in open_now), *waits])
    decided = case.dossier.finished_at is not None
    found = way_ahead(case.version.model, case.version.decisions, places, decided)
    return [node for node in found if node in case.facts.steps]


def _coming(case: Case, ahead: list[str], open_now: list[Task]) -> Iterator[dict[str, Any]]:
    planned = _planned(case, open_now)
    handed_over = _handed_over(case, planned)
    for node in ahead:
        step = case.facts.steps[node]
        is_return = step.phase is Phase.RETURN
        yield _NOT_YET | {
            "state": "ahead",
            "task": None,
            "node": node,
            "name": step.name,
            "unit": step.unit_label,
            "stage": step.stage,
            "planned_at": _local(case, handed_over if is_return else planned.get(step.stage)),
        }


def _handed_over(case: Case, planned: Mapping[int, datetime | None]) -> datetime | None:
    """Return when the result should be handed over: as promised, but not before the stages end, nor before now."""
    row = case.dossier
    promised = row.extended_due_at or row.due_at
    if row.is_paused or promised is None:
        return None
    at = max([promised, *(end for end in planned.values() if end is not None)])
    return at if at > case.now else None


def _planned(case: Case, open_now: list[Task]) -> dict[int, datetime | None]:
    """Return when each stage should end that is open or comes: one after the other, each with its share.

    None for the open stage when its end has passed: what is left of it may take any time; those that come count from
    now. Nothing while the clock stands, nor where the shares cannot be compared with the promise.
    """
    row, promise = case.dossier, case.uow.deadlines.promise(case.dossier.id)
    staged = [task for task in open_now if task.stage > 0 and task.due_at is not None]
    if promise is None or not staged or row.is_paused or promise.running_from is None:
        return {}
    last = max(staged, key=lambda task: task.stage)
    stages, total = lateness.stages_of(case), Limit.parse(promise.limit)
    due_at = last.due_at or case.now
    at = max(due_at, case.now)
    ends: dict[int, datetime | None] = {last.stage: due_at if due_at > case.now else None}
    for stage in stages:
        shares = shares_of(stages, current=stage.no, total=total)
        if stage.no <= last.stage or shares is None:
            continue
        try:
            ends[stage.no] = at = stage_end(case.calendar, begins_at=at, share=shares.own).due_at
        except CalendarGapError:
            break
    return ends


def _used(spent: Mapping[str, Any] | None) -> tuple[dict[str, int], dict[int, dict[str, Any]]]:
    """Return the minutes of each node, and share and overrun of each stage."""
    if spent is None:
        return {}, {}
    stages = spent["stages"]
    minutes: dict[str, int] = {}
    for stage in stages:
        for step in stage["steps"]:
            minutes[step["node"]] = minutes.get(step["node"], 0) + step["used_minutes"]
    of_stage = {
        stage["no"]: {"share_minutes": stage["share_minutes"], "over_minutes": stage["over_minutes"]}
        for stage in stages
        if stage["no"] > 0
    }
    return minutes, of_stage


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
