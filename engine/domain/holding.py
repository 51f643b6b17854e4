"""Who held a dossier from when to when, read from its events (domain.md §1.7; docs/reference/working-time.md).

Events are the only record of who had a task before: rows keep the last unit and the last officer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from engine.domain.dossier import PauseReason
from engine.domain.events import VERSION_KINDS, EventKind
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.domain.limits import Limit

ENDS_TASK = frozenset({EventKind.TASK_COMPLETED, EventKind.TASK_CANCELLED, EventKind.TASK_SENT_BACK})
ENDS_PAUSE = frozenset({EventKind.CLOCK_RESUMED, EventKind.CLOCK_RESTARTED, EventKind.PROMISE_MADE})
MAKES_PROMISE = frozenset({EventKind.RECEIVED, EventKind.PROMISE_MADE})
GIVES_TASK = frozenset({EventKind.TASK_CLAIMED, EventKind.TASK_ASSIGNED, EventKind.TASK_RELEASED})


class Happening(Protocol):
    """An event as the store keeps it; ``payload`` as docs/reference/events.md says."""

    @property
    def kind(self) -> str:
        """One of ``EventKind``."""
        ...

    @property
    def at(self) -> datetime:
        """When."""
        ...

    @property
    def payload(self) -> Mapping[str, Any]:
        """What was recorded."""
        ...


@dataclass(frozen=True, slots=True)
class Hold:
    """An open step in the hands of a unit, and of the officer who has claimed it or was given it."""

    agency: AgencyId
    unit: UnitId
    officer: OfficerId | None
    stage: int  #: 0 outside the stages: the check of completeness at the desk
    node: str
    name: str  #: of the step


@dataclass(frozen=True, slots=True)
class Pause:
    """A span in which the office's clock stood; ``to_at`` is None while it lasts, and when the dossier ended in it."""

    no: int
    reason: PauseReason
    ground: str
    from_at: datetime
    to_at: datetime | None


Holder: TypeAlias = Hold | Pause | None
"""Whose time it is; None: nobody's, between two steps."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A half-open span in which nothing changed hands; ``holders`` have equal parts of it, at least one."""

    from_at: datetime
    to_at: datetime
    holders: tuple[Holder, ...]


@dataclass(frozen=True, slots=True)
class Appointment:
    """A promise while it was the one to keep; a dossier has one, or one before and one after payment.

    ``granted_from`` is where its whole limit was counted from last: when it was made, or at the last restart. What
    ended it is a pause for money: then ``due_before``, ``is_broken`` and ``last_stage`` are known.
    """

    no: int
    limit: Limit
    granted_from: datetime
    until: datetime
    due_before: datetime | None = None
    is_broken: bool | None = None
    last_stage: int | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The pieces of a dossier's time, one after the other without gap from ``counted_from`` to ``until``."""

    counted_from: datetime
    until: datetime
    appointments: tuple[Appointment, ...]
    pauses: tuple[Pause, ...]
    pieces: tuple[Piece, ...]


def history_of(events: Sequence[Happening], *, until: datetime) -> History | None:
    """Cut the time of a dossier at each change of hands; None when it was never received.

    It begins where promise 1 is counted from: what the start rule leaves out is nobody's time. A receipt entered later
    than it took place was held meanwhile by the desk that enters it, whose check is open at that event.

    Args:
        events: all events of one dossier in order.
        until: the end of its processing, its end, or now.
    """
    receipt = next((event for event in events if event.kind == EventKind.RECEIVED), None)
    if receipt is None:
        return None
    corrected = [event.payload for event in events if event.kind == EventKind.CORRECTED]
    begins = [receipt.payload["counted_from"], *(said["receipt_from"] for said in corrected if "receipt_from" in said)]
    counted_from = datetime.fromisoformat(begins[-1])
    until = max(until, counted_from)
    pauses = _pauses(events)
    return History(
        counted_from=counted_from,
        until=until,
        appointments=tuple(_appointments(events, until).values()),
        pauses=tuple(pauses.values()),
        pieces=tuple(_Sweep(counted_from, until, pauses).over(events)),
    )


def _appointments(events: Sequence[Happening], until: datetime) -> dict[int, Appointment]:
    found: dict[int, Appointment] = {}
    for event in events:
        facts = event.payload
        if event.kind in MAKES_PROMISE:
            counted_from = datetime.fromisoformat(facts["counted_from"])
            limit = Limit.parse(facts["limit"])
            found[facts["promise"]] = Appointment(facts["promise"], limit, counted_from, until)
        elif event.kind == EventKind.CLOCK_RESTARTED and not facts["broken"]:  # a broken promise stays as it is
            running_from = datetime.fromisoformat(facts["running_from"])
            found[facts["promise"]] = replace(found[facts["promise"]], granted_from=running_from)
        elif event.kind == EventKind.CLOCK_PAUSED and "appointment" in facts:
            found[facts["appointment"]] = replace(
                found[facts["appointment"]],
                until=event.at,
                due_before=datetime.fromisoformat(facts["due_before"]),
                is_broken=facts["broken"],
                last_stage=facts["stage"],
            )
        elif event.kind == EventKind.CORRECTED and facts.get("promise") in found:
            granted_from, limit = datetime.fromisoformat(facts["origin_from"]), Limit.parse(facts["limit"])
            found[facts["promise"]] = replace(found[facts["promise"]], limit=limit, granted_from=granted_from)
        elif event.kind in VERSION_KINDS:
            _renumber(found, facts["left_at"])
            if facts.get("promise") in found:
                found[facts["promise"]] = replace(found[facts["promise"]], limit=Limit.parse(facts["limit"]))
    return found


def _renumber(appointments: dict[int, Appointment], left_at: int | None) -> None:
    """Give the stage at which an appointment ended the number that it has in the version gone to."""
    for no, each in appointments.items():
        if each.last_stage is not None and left_at is not None:
            appointments[no] = replace(each, last_stage=left_at)


def _pauses(events: Sequence[Happening]) -> dict[int, Pause]:
    pauses: dict[int, Pause] = {}
    for event in events:
        facts = event.payload
        if event.kind == EventKind.CLOCK_PAUSED:
            pauses[facts["no"]] = Pause(facts["no"], PauseReason(facts["reason"]), facts["ground"], event.at, None)
        elif event.kind in ENDS_PAUSE:
            pauses[facts["no"]] = replace(pauses[facts["no"]], to_at=event.at)
    return pauses


class _Sweep:
    """Walks the events with what is open at each of them."""

    def __init__(self, counted_from: datetime, until: datetime, pauses: Mapping[int, Pause]) -> None:
        self._at = counted_from
        self._until = until
        self._pauses = pauses
        self._open: dict[str, Hold] = {}
        self._pause: Pause | None = None
        self._pieces: list[Piece] = []
        self._before: tuple[list[Piece], dict[str, Hold]] = ([], {})  # the latest move to another version

    def over(self, events: Sequence[Happening]) -> list[Piece]:
        received = False
        for event in events:
            if received:
                self._pass_to(min(event.at, self._until))
            received = received or event.kind == EventKind.RECEIVED
            self._take(EventKind(event.kind), event.payload)
        self._pass_to(self._until)
        return self._pieces

    def _pass_to(self, at: datetime) -> None:
        if at > self._at:  # clocks of two machines may differ a little: time never runs back
            self._pieces.append(Piece(self._at, at, self._holders()))
            self._at = at

    def _holders(self) -> tuple[Holder, ...]:
        return (self._pause,) if self._pause is not None else tuple(self._open.values()) or (None,)

    def _take(self, kind: EventKind, payload: Mapping[str, Any]) -> None:
        if kind is EventKind.CLOCK_PAUSED:
            self._pause = self._pauses[payload["no"]]
        elif kind in ENDS_PAUSE:
            self._pause = None
        elif kind in VERSION_KINDS:
            self._change_version(kind, payload)
        elif kind is EventKind.CORRECTED and "stages" in payload:  # another procedure: no stage of it is of this one
            self._pieces = [_renumbered(piece, payload["stages"]) for piece in self._pieces]
        else:
            self._take_task(kind, payload)

    def _take_task(self, kind: EventKind, payload: Mapping[str, Any]) -> None:
        if kind is EventKind.TASK_OPENED:
            self._open[payload["task"]] = _opened(payload)
        elif kind in ENDS_TASK:
            self._open.pop(payload["task"], None)
        elif kind is EventKind.STEP_TAKEN_BACK:  # who was to do the next step had it meanwhile
            for task in payload["cancelled"]:
                self._open.pop(task, None)
            self._open |= {each["task"]: _opened(each) for each in payload["tasks"]}
        elif kind in GIVES_TASK:
            self._open[payload["task"]] = replace(self._open[payload["task"]], officer=payload.get("officer"))
        elif kind is EventKind.TRANSFERRED:
            moved = replace(self._open[payload["task"]], agency=payload["agency"], unit=payload["to"], officer=None)
            self._open[payload["task"]] = moved

    def _change_version(self, kind: EventKind, payload: Mapping[str, Any]) -> None:
        """Number stages as the version gone to does, also those of the time before; an undo brings the old ones back.

        Between a move and its undo nothing happened: who holds the open steps now held them then.
        """
        if kind is EventKind.VERSION_MOVED:
            self._before = list(self._pieces), dict(self._open)
            self._pieces = [_renumbered(piece, payload["stages"]) for piece in self._pieces]
            self._open |= {each["task"]: _opened(each) for each in payload["tasks"]}
            return
        pieces, self._open = list(self._before[0]), dict(self._before[1])
        for piece in self._pieces[len(pieces) :]:
            stood = any(isinstance(holder, Pause) for holder in piece.holders)
            pieces.append(piece if stood else replace(piece, holders=tuple(self._open.values()) or (None,)))
        self._pieces = pieces


def _opened(payload: Mapping[str, Any]) -> Hold:
    return Hold(
        agency=AgencyId(payload["agency"]),
        unit=UnitId(payload["unit"]),
        officer=payload.get("officer"),
        stage=payload["stage"],
        node=payload["node"],
        name=payload["name"],
    )


def _renumbered(piece: Piece, stages: Mapping[str, int]) -> Piece:
    """Return the piece with the numbers that its stages have in another version; none stays none."""
    holders = [
        replace(holder, stage=stages.get(str(holder.stage), holder.stage)) if isinstance(holder, Hold) else holder
        for holder in piece.holders
    ]
    return replace(piece, holders=tuple(holders))
