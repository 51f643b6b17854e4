"""The lines of the control slip, told from a dossier's history: every hand-over and what became of it (domain.md §2.7).

Rows of hand-overs follow from the history and lose what was taken back; a paper must not, so it is told from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from engine.domain.events import EventKind
from engine.domain.ids import OfficerId, UnitId, VersionId


class Told(Protocol):
    """What of an event is read; a row of the history, or what a test makes up."""

    @property
    def seq(self) -> int: ...

    @property
    def kind(self) -> str: ...

    @property
    def at(self) -> datetime: ...

    @property
    def actor_id(self) -> OfficerId | None: ...

    @property
    def payload(self) -> Mapping[str, Any]: ...


class LineKind(StrEnum):
    """What a line is. Values are kept with papers that were issued: never rename one."""

    HANDOVER = "handover"  #: giver and receiver are two units
    TAKEN_BACK = "taken-back"  #: from here on a remark across the table: a step was taken back
    SENT_BACK = "sent-back"
    VERSION_MOVED = "version-moved"
    VERSION_UNDONE = "version-undone"
    PROCEDURE_CHANGED = "procedure-changed"


class Mark(StrEnum):
    """What is said beside a hand-over. Values are kept with papers that were issued: never rename one."""

    TRANSFERRED = "transferred"  #: somebody moved the step to another unit, with a reason
    BY_PROCESS = "by-process"  #: the step opened in another unit without a giver: after a refusal, an answer or a wait
    TAKEN_BACK = "taken-back"  #: the step was taken back: the hand-over counts no more


@dataclass(slots=True, eq=False)
class SlipLine:
    """A line; ``events`` are the numbers of the events that it tells."""

    kind: LineKind
    events: list[int]
    at: datetime
    by: OfficerId | None
    no: int | None = None  #: of the hand-over in the history; numbers of lines that were taken back are given again
    from_unit: UnitId | None = None
    to_unit: UnitId | None = None
    taken_at: datetime | None = None
    taken_by: OfficerId | None = None
    result: str | None = None  #: ``early``, ``on_time`` or ``late``: of the giver's stage
    note: str | None = None
    marks: list[Mark] = field(default_factory=list)
    struck: list[SlipLine] = field(default_factory=list)  #: of a step taken back: the hand-overs that count no more
    versions: tuple[VersionId, VersionId] | None = None  #: of a version move or a corrected procedure: from and to


#: Events of which each has a line.
SHOWN = frozenset(
    {
        EventKind.HANDED_OVER,
        EventKind.HANDOVER_RECEIVED,
        EventKind.TRANSFERRED,
        EventKind.STEP_TAKEN_BACK,
        EventKind.TASK_SENT_BACK,
        EventKind.VERSION_MOVED,
        EventKind.VERSION_UNDONE,
    }
)


def lines_of(events: Iterable[Told], *, desk: UnitId | None) -> list[SlipLine]:
    """Return the lines of a history in its order.

    Args:
        events: of one dossier, all, in order.
        desk: the one-stop unit of the receiving agency, for histories whose reception was no step. While nothing was
            handed over, there is one line that names the desk as giver and nobody as receiver.
    """
    walk = _Walk(desk)
    for event in events:
        walk.tell(event)
    return walk.lines


class _Walk:
    """The state of the walk: which lines there are, which tasks are open where."""

    def __init__(self, desk: UnitId | None) -> None:
        self.lines: list[SlipLine] = []
        self._counting: dict[int, SlipLine] = {}  # hand-overs in force by their number
        self._open: dict[str, UnitId] = {}
        self._last: UnitId | None = None  # where the step that was closed last was
        self._desk = desk
        self._receipt: SlipLine | None = None  # the line of the receipt while nobody has taken the dossier from there
        self._received = False
        self._handed_to: UnitId | None = None  # by the event before this one

    def tell(self, event: Told) -> None:
        """Take in the next event."""
        handed_to, self._handed_to = self._handed_to, None
        kind, said = EventKind(event.kind), event.payload
        match kind:
            case EventKind.RECEIVED:
                self._received_by_desk(event)
            case EventKind.HANDED_OVER:
                self._handed_over(event)
            case EventKind.HANDOVER_RECEIVED:
                line = self._counting[said["no"]]
                line.events.append(event.seq)
                line.taken_at, line.taken_by = event.at, event.actor_id
            case EventKind.TRANSFERRED:
                self._open[said["task"]] = said["to"]
                self.lines[-1].events.append(event.seq)
                self.lines[-1].marks.append(Mark.TRANSFERRED)
            case EventKind.TASK_OPENED:
                self._opened(event, handed=handed_to == said["unit"])
            case EventKind.TASK_COMPLETED | EventKind.TASK_CANCELLED:
                self._closed(said["task"])
            case _:
                self._remark(kind, event)

    def _received_by_desk(self, event: Told) -> None:
        self._received = True
        self._desk = next(iter(self._open.values()), self._last or self._desk)
        if self._desk is not None:
            at = datetime.fromisoformat(event.payload["received_at"])
            self._receipt = SlipLine(LineKind.HANDOVER, [event.seq], at, event.actor_id, from_unit=self._desk)
            self.lines.append(self._receipt)

    def _handed_over(self, event: Told) -> None:
        said = event.payload
        line = SlipLine(
            LineKind.HANDOVER, [event.seq], event.at, event.actor_id, no=said["no"], from_unit=said["from"],
            to_unit=said["to"], result=said["result"], note=said["note"],
        )  # fmt: skip
        self._put(line)
        self._counting[said["no"]] = line
        self._handed_to = said["to"]

    def _put(self, line: SlipLine) -> None:
        """Add a hand-over; the first one takes the place of the receipt's open line, or follows it from the desk."""
        receipt, self._receipt = self._receipt, None
        if receipt is not None and line.from_unit == receipt.from_unit:
            line.events = [*receipt.events, *line.events]
            self.lines.remove(receipt)
        elif receipt is not None:  # the desk gave it to where this one comes from, and no step of the desk says so
            receipt.to_unit = line.from_unit
            receipt.marks.append(Mark.BY_PROCESS)
        self.lines.append(line)

    def _opened(self, event: Told, *, handed: bool) -> None:
        said = event.payload
        unit: UnitId = said["unit"]
        before = self._last if self._last is not None else self._desk
        known = {*self._open.values(), before}
        if self._received and not handed and "came_from" not in said and unit not in known and before is not None:
            line = SlipLine(LineKind.HANDOVER, [event.seq], event.at, event.actor_id, from_unit=before, to_unit=unit)
            line.marks.append(Mark.BY_PROCESS)
            self._put(line)
        self._open[said["task"]] = unit

    def _closed(self, task: str) -> None:
        unit = self._open.pop(task, None)
        self._last = self._last if unit is None else unit

    def _remark(self, kind: EventKind, event: Told) -> None:
        if kind is EventKind.STEP_TAKEN_BACK:
            self._taken_back(event)
        elif kind is EventKind.TASK_SENT_BACK:
            self._closed(event.payload["task"])
            self._say(LineKind.SENT_BACK, event, note=event.payload["reason"])
        elif kind is EventKind.VERSION_MOVED or kind is EventKind.VERSION_UNDONE:
            self._moved(kind, event)
        elif kind is EventKind.CORRECTED and "procedure" in event.payload:
            self._say(LineKind.PROCEDURE_CHANGED, event, note=event.payload["reason"])

    def _taken_back(self, event: Told) -> None:
        said = event.payload
        struck = [self._counting.pop(no) for no in said["handovers"]]
        for line in struck:
            line.marks.append(Mark.TAKEN_BACK)
        for task in said["cancelled"]:
            self._open.pop(task, None)
        self._open |= {task["task"]: task["unit"] for task in said["tasks"]}
        self._say(LineKind.TAKEN_BACK, event).struck = struck

    def _moved(self, kind: EventKind, event: Told) -> None:
        said = event.payload
        is_move = kind is EventKind.VERSION_MOVED
        self._say(LineKind.VERSION_MOVED if is_move else LineKind.VERSION_UNDONE, event, note=said["ground"])
        self._open |= {task["task"]: task["unit"] for task in said["tasks"]}  # where one moved, a hand-over follows

    def _say(self, kind: LineKind, event: Told, *, note: str | None = None) -> SlipLine:
        said = event.payload
        versions = (VersionId(said["from"]), VersionId(said["to"])) if "from" in said and "to" in said else None
        self.lines.append(SlipLine(kind, [event.seq], event.at, event.actor_id, note=note, versions=versions))
        return self.lines[-1]
