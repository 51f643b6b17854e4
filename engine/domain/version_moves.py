"""Taking a dossier to another version of its procedure: what its dates become, and which step takes a gone one's place.

The rule is decision 0019. Pure functions over values; dates are counted by the
functions of ``deadlines``, pause after pause, as the acts themselves would have counted them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.cutoffs import Cutoff
from engine.domain.deadlines import LateRule
from engine.domain.events import VERSION_KINDS, EventKind
from engine.domain.limits import Limit
from engine.domain.stages import Grant, stage_end
from engine.domain.text import fold

Pauses = Sequence[tuple[datetime, datetime | None]]  #: begin and end of each pause in order; None: it lasts

TELL_STAGE = (EventKind.CLOCK_PAUSED, *VERSION_KINDS)  #: events that say at which stage the first appointment ended
MOST_SUGGESTED = 3  # steps that may take the place of one that is gone


class Dates(StrEnum):
    """Whether the limit of the new version moves what was promised."""

    FOLLOW = "follow"  #: promises are counted again with the new limit
    KEEP = "keep"  #: what was promised stays


class MoveState(StrEnum):
    """Where a version move stands."""

    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Verdict(StrEnum):
    """What became, or would become, of one dossier in a version move."""

    MOVES = "moves"
    MOVES_DATE = "moves_date"  #: moves, and its due date changes
    BLOCKED = "blocked"  #: a step at which it stands is gone from the new version
    LEFT = "left"  #: the administrator left it on its version
    UNDONE = "undone"  #: was moved and taken back


class Obstacle(StrEnum):
    """Why a dossier cannot be taken to a version."""

    STEP_GONE = "step-gone"  #: where it stands is not in the new version, or is another kind of element there
    JOIN_GONE = "join-gone"  #: it waits for its other branches at a join where they cannot all come in the new version
    POSITION = "position-unsound"  #: from where it would stand something sticks, is done twice or is left open
    PHASE = "phase"  #: the step belongs to another phase there
    UNIT = "unit-missing"  #: the agency has no such unit
    APPOINTMENTS = "appointments"  #: the versions differ in the number of appointments, and one is made
    CLOCK = "clock"  #: its clock stands, or runs, where the new version says otherwise and nothing would turn it
    UNREADABLE = "unreadable"  #: its state or its dates cannot be read; the words say why


@dataclass(frozen=True, slots=True)
class Origin:
    """From where the whole limit of a promise was counted last, and by which cut-off."""

    at: datetime
    cutoff: Cutoff | None


@dataclass(frozen=True, slots=True)
class Recounted:
    """A promise with another limit: its ledger and its date.

    ``running_from`` is None while a pause lasts; then ``counted_from`` is where it ran from before, and ``due_at``
    where that would have ended.
    """

    limit: Limit
    rest: Limit
    running_from: datetime | None
    counted_from: datetime
    due_at: datetime
    late_after: datetime
    is_provisional: bool


class Step(Protocol):
    """What tells of a step of a version; ``key`` is the name that its step table or drawing gives it."""

    @property
    def node(self) -> str: ...

    @property
    def key(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def unit(self) -> str: ...

    @property
    def stage(self) -> int: ...

    @property
    def order(self) -> int: ...


def recounted(
    calendar: WorkingCalendar,
    origin: Origin,
    limit: Limit,
    pauses: Pauses,
    *,
    late_rule: LateRule,
    now: datetime,
    may_pass: bool = False,
) -> Recounted | None:
    """Count a promise again from its origin with another limit; what its pauses held stays held.

    None when the date would have passed, now or when a pause began: a version that comes into force breaks no promise
    that was being kept.

    Args:
        pauses: those since the origin.
        may_pass: the date may have passed by now; a correction says what was promised, whether it was kept or not.

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    due = deadlines.due(calendar, received_at=origin.at, limit=limit, cutoff=origin.cutoff)
    runs_from, rest, due_at, awaits = due.counted_from, limit, due.due_at, due.provisional
    stands = False
    for begins, ends in pauses:
        if deadlines.is_late(begins, deadlines.late_after(calendar, due_at, late_rule)):
            return None
        rest = deadlines.rest(calendar, limit=rest, running_from=runs_from, at=begins)
        if ends is None:
            stands = True
        elif rest.is_zero and calendar.local_date(due_at) == calendar.local_date(ends):
            runs_from = ends
        else:
            due = deadlines.resume(calendar, resumed_at=max(ends, runs_from), rest=rest)
            runs_from, due_at, awaits = due.counted_from, due.due_at, due.provisional
    late_after = deadlines.late_after(calendar, due_at, late_rule)
    if not stands and not may_pass and deadlines.is_late(now, late_after):
        return None
    return Recounted(limit, rest, None if stands else runs_from, runs_from, due_at, late_after, awaits)


def stage_end_over(calendar: WorkingCalendar, grant: Grant, pauses: Pauses) -> datetime:
    """Find when a stage should be done that was granted a share, its clock standing still in the pauses.

    A pause that lasts moves nothing yet: its end does.

    Raises:
        CalendarGapError: the calendar does not reach that far.
    """
    left, runs_from = grant.share, grant.begins_at
    end_at = stage_end(calendar, begins_at=runs_from, share=left).due_at
    for begins, ends in pauses:
        if ends is None or ends <= runs_from or end_at <= begins:
            continue
        left = deadlines.left_until(calendar, at=max(begins, runs_from), end_at=end_at)
        runs_from = ends
        end_at = stage_end(calendar, begins_at=runs_from, share=left).due_at
    return end_at


def same_steps(old: Iterable[Step], new: Mapping[str, Step]) -> dict[str, str]:
    """Return which steps of a new version are steps of an old one under another node, because they have its key.

    Nodes of a step table count its rows: a row put in before them names all that follow anew. A key that stands for
    several steps tells nothing.
    """
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    for found, steps in ((before, old), (after, new.values())):
        for step in steps:
            found.setdefault(step.key, []).append(step.node)
    pairs = {nodes[0]: after[key][0] for key, nodes in before.items() if len(nodes) == len(after.get(key, ())) == 1}
    return {node: there for node, there in pairs.items() if node not in new}


def stages_after(old: Iterable[Step], new: Mapping[str, Step], mapping: Mapping[str, str | None]) -> dict[int, int]:
    """Return which stage of the new version takes the place of each old one.

    It is that of the first of its steps that the new version has; a stage without such a step goes with the one before
    it, and with the first of the new version where there is none.
    """
    after: dict[int, int] = {}
    steps = [step for step in old if step.stage > 0]
    last = min((step.stage for step in new.values() if step.stage > 0), default=1)
    for no in sorted({step.stage for step in steps}):
        there = (new.get(mapping.get(step.node) or step.node) for step in steps if step.stage == no)
        last = next((step.stage for step in there if step is not None and step.stage > 0), last)
        after[no] = last
    return after


def left_stage(payloads: Iterable[Mapping[str, Any]]) -> int | None:
    """Return the stage at which the first appointment ended, by the numbers of the version in force; None: it did not.

    Args:
        payloads: of the events of ``TELL_STAGE`` of a dossier, in order.
    """
    stage: int | None = None
    for said in payloads:
        if said.get("appointment") is not None:
            stage = said["stage"]
        elif said.get("left_at") is not None:
            stage = said["left_at"]
    return stage


def suggested(gone: Step, steps: Iterable[Step]) -> list[str]:
    """Return the nodes of a version that most likely took the place of a step, the likeliest first.

    Told by name, by unit, and by the place in the order.
    """
    wanted = fold(gone.name)

    def likeness(step: Step) -> int:
        return 4 * (fold(step.name) == wanted) + 2 * (step.unit == gone.unit) + (step.order == gone.order)

    staged = [step for step in steps if (step.stage > 0) is (gone.stage > 0) and likeness(step) > 0]
    ranked = sorted(staged, key=lambda step: (-likeness(step), abs(step.order - gone.order), step.order))
    return [step.node for step in ranked[:MOST_SUGGESTED]]
