"""What happened to dossiers as a log for process mining: cases, activities, resources, instants; nobody's data.

``xes`` and ``ocel`` write it to files. Only what is named here leaves the history: no notes, reasons, answers or names
of papers, which people type. One dossier is one case; a step that was taken back has not been (docs/reference/events.md
tells what each kind of event means).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, select, text

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.calendar import WorkingCalendar
from engine.domain.events import EventKind
from engine.domain.ids import AgencyId, DossierId, OfficerId, UnitId
from engine.reports.export import Selection
from engine.reports.filters import in_queue, matching, visible
from engine.reports.localities import Localities
from engine.reports.standing import is_late
from engine.store.agencies import Unit
from engine.store.dossiers import Dossier, Paper
from engine.store.events import Event
from engine.store.letters import Letter
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

AT_ONCE = 500  # dossiers read together
Value = str | int | bool | datetime | None
_CODE_LENGTH = 12  # hex digits of a pseudonym


class Detail(StrEnum):
    """How much of the history a log has."""

    ACTS = "acts"  #: one event for each step that was done and each act that changes where the dossier is
    ALL = "all"  #: every entry of the history; steps with their lifecycle (opened, taken, given, done)


class Officers(StrEnum):
    """How a log names who did something."""

    PSEUDONYM = "pseudonym"  #: the same for the same officer in every log of this installation, and no name
    USERNAME = "username"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Touched:
    """An object that an event is about, besides its dossier: of type ``task``, ``paper``, ``letter`` or ``agency``."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class LogEvent:
    """One event of a case.

    Args:
        activity: the step's name; the kind of event for what is no step.
        transition: of the lifecycle of XES (``complete``, ``schedule``, ``start`` …).
        at: local to the resolving agency, with offset.
        unit: code of agency and unit, joined by ``/``; None for what no unit does.
    """

    seq: int
    kind: str
    activity: str
    transition: str
    at: datetime
    resource: str | None
    unit: str | None
    stage: int | None
    node: str | None
    outcome: str | None
    touched: tuple[Touched, ...]


@dataclass(frozen=True, slots=True)
class Object:
    """Something that events are about, with what is known of it."""

    type: str
    id: str
    attributes: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Trace:
    """A dossier with what happened to it, in order."""

    id: str
    attributes: dict[str, Value]
    events: tuple[LogEvent, ...]
    objects: tuple[Object, ...] = ()  #: its tasks, papers and letters


@dataclass(frozen=True, slots=True)
class Log:
    """Which dossiers a log is about and what it says of them; ``resolving``: None for those of all agencies."""

    selection: Selection = field(default_factory=Selection)
    detail: Detail = Detail.ACTS
    officers: Officers = Officers.PSEUDONYM
    resolving: frozenset[AgencyId] | None = None


def traces(ctx: Context, uow: UnitOfWork, *, by: Actor, log: Log, with_objects: bool = False) -> Iterator[Trace]:
    """Yield a trace for each dossier that the actor may read, in order of filing; memory does not grow with them.

    ``uow`` must be a read-only unit that has read nothing yet: all is of one instant, whatever is written meanwhile.

    Raises:
        InvalidFilterError, InvalidDateError: of the selection.
    """
    _stand_still(uow)
    world = _World.read(ctx, uow, log.officers)
    now = ctx.clock.now()
    condition = and_(
        visible(by),
        matching(log.selection.filters, localities=world.localities),
        in_queue(log.selection.queue, by=by, now=now),
    )
    if log.resolving is not None:
        condition = and_(condition, Dossier.resolving_agency_id.in_(sorted(log.resolving)))
    query = _DOSSIERS.where(condition).order_by(Dossier.id).limit(AT_ONCE)
    after: DossierId | None = None
    while rows := uow.session.execute(query if after is None else query.where(Dossier.id > after)).all():
        after = rows[-1].id
        ids = [row.id for row in rows]
        events = _events(uow, ids, log.detail)
        objects = _objects(uow, ids) if with_objects else {}
        for row in rows:
            yield _trace(world, row, events.get(row.id, ()), objects.get(row.id, []), now, log.detail)


_DOSSIERS = select(
    Dossier.id, Dossier.code, Dossier.source, Dossier.source_key, Dossier.channel, Dossier.status, Dossier.decision,
    Dossier.receiving_agency_id, Dossier.resolving_agency_id, Dossier.returning_agency_id, Dossier.submitted_at,
    Dossier.received_at, Dossier.due_at, Dossier.late_after, Dossier.missed_late_after, Dossier.finished_at,
    Dossier.ended_at, Procedure.code.label("procedure"), Procedure.name.label("procedure_name"), Procedure.field,
).join(Procedure, Procedure.id == Dossier.procedure_id)  # fmt: skip


def _stand_still(uow: UnitOfWork) -> None:
    """Have all statements of the unit see one state of the database; SQLite does so anyway."""
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def _events(uow: UnitOfWork, ids: Sequence[DossierId], detail: Detail) -> dict[DossierId, list[Any]]:
    query = select(Event.dossier_id, Event.seq, Event.kind, Event.at, Event.actor_id, Event.payload)
    query = query.where(Event.dossier_id.in_(ids)).order_by(Event.dossier_id, Event.seq)
    if detail is Detail.ACTS:
        query = query.where(Event.kind.in_(ACTS | _NEEDED))
    found: dict[DossierId, list[Any]] = {}
    for row in uow.session.execute(query):
        found.setdefault(row.dossier_id, []).append(row)
    return found


def _objects(uow: UnitOfWork, ids: Sequence[DossierId]) -> dict[DossierId, list[Object]]:
    """Return papers and letters of the dossiers: by code, never by what somebody called them."""
    found: dict[DossierId, list[Object]] = {}
    papers = select(Paper.dossier_id, Paper.no, Paper.code, Paper.source, Paper.file_sha256)
    for row in uow.session.execute(papers.where(Paper.dossier_id.in_(ids)).order_by(Paper.dossier_id, Paper.no)):
        known: dict[str, Value] = {
            "code": row.code or None,
            "source": row.source,
            "has_file": row.file_sha256 is not None,
        }
        found.setdefault(row.dossier_id, []).append(Object("paper", _paper(row.dossier_id, row.no), known))
    letters = select(Letter.dossier_id, Letter.id, Letter.kind, Letter.cause, Letter.promise_no)
    for letter in uow.session.execute(letters.where(Letter.dossier_id.in_(ids)).order_by(Letter.id)):
        known = {"kind": letter.kind, "cause": letter.cause and letter.cause.value, "promise": letter.promise_no}
        found.setdefault(letter.dossier_id, []).append(Object("letter", f"letter:{letter.id}", known))
    return found


def _paper(dossier_id: DossierId | str, no: int) -> str:
    return f"paper:{dossier_id}/{no}"


@dataclass(frozen=True)
class _World:
    """What every case needs: agencies, units and how officers are called."""

    localities: Localities
    units: Mapping[UnitId, str]
    officers: Mapping[OfficerId, str | None]
    call: Callable[[str], str | None]

    @classmethod
    def read(cls, ctx: Context, uow: UnitOfWork, naming: Officers) -> _World:
        localities = Localities.read(uow)
        units = uow.session.execute(select(Unit.id, Unit.owner_agency_id, Unit.code)).all()
        officers = uow.session.execute(select(Officer.id, Officer.username)).all()
        call = _caller(naming, ctx)
        return cls(
            localities,
            {row.id: f"{localities.agencies[row.owner_agency_id].code}/{row.code}" for row in units},
            {row.id: call(row.username) for row in officers},
            call,
        )


def _caller(naming: Officers, ctx: Context) -> Callable[[str], str | None]:
    """Return what names an officer in the log."""
    if naming is Officers.USERNAME:
        return lambda username: username
    if naming is Officers.NONE:
        return lambda _username: None
    key = ctx.settings.secret_key.encode()  # who has no key cannot find the name by trying all names
    return lambda username: "cb-" + hmac.digest(key, f"event log\0{username}".encode(), "sha256").hex()[:_CODE_LENGTH]


def _trace(
    world: _World, row: Any, events: Iterable[Any], objects: list[Object], now: datetime, detail: Detail
) -> Trace:
    local = world.localities.calendar(row.resolving_agency_id).local
    agencies = world.localities.agencies
    instants = ("submitted_at", "received_at", "due_at", "finished_at", "ended_at")
    attributes: dict[str, Value] = {
        "procedure": row.procedure,
        "procedure_name": row.procedure_name,
        "field": row.field,
        "channel": row.channel.value,
        "receiving": agencies[row.receiving_agency_id].code,
        "resolving": agencies[row.resolving_agency_id].code,
        "returning": agencies[row.returning_agency_id].code,
        "status": row.status,
        "decision": row.decision and row.decision.value,
        **{name: None if (at := getattr(row, name)) is None else local(at) for name in instants},
        "late": is_late(row, now),
        "source": row.source,
        "source_key": row.source_key,
    }
    history = _History(world, world.localities.calendar(row.resolving_agency_id), row.id)
    made = tuple(history.read(events, detail))
    return Trace(row.code or str(row.id), attributes, made, (*history.tasks.values(), *objects))


@dataclass
class _History:
    """One dossier's events while they are read; a step is named when it is opened and meant by id from then on."""

    world: _World
    calendar: WorkingCalendar
    dossier_id: DossierId
    tasks: dict[str, Object] = field(default_factory=dict)

    def read(self, events: Iterable[Any], detail: Detail) -> Iterator[LogEvent]:
        """Yield what the log says of each event that it has."""
        rows = list(events)
        undone = {seq for row in rows if row.kind == EventKind.STEP_TAKEN_BACK for seq in _undone_by(row.payload)}
        for row in rows:
            self._learn(row)
            if detail is Detail.ALL or (row.kind in ACTS and row.seq not in undone):
                yield self._event(row)

    def _learn(self, row: Any) -> None:
        """Note which steps there are, and where."""
        if row.kind == EventKind.TASK_OPENED:
            self._place(row.payload)
        elif row.kind == EventKind.TRANSFERRED:
            known = self.tasks.get(row.payload["task"])
            if known is not None:
                known.attributes["unit"] = self.world.units.get(row.payload["to"])
        elif row.kind in _WITH_TASKS:
            for task in row.payload.get("tasks") or ():
                self._place(task)

    def _place(self, task: Mapping[str, Any]) -> None:
        unit = self.world.units.get(task["unit"]) if "unit" in task else None
        known = {"step": task.get("name"), "node": task.get("node"), "stage": task.get("stage"), "unit": unit}
        before = self.tasks.setdefault(task["task"], Object("task", f"task:{task['task']}", {}))
        before.attributes.update({name: value for name, value in known.items() if value is not None})

    def _event(self, row: Any) -> LogEvent:
        payload = row.payload
        task = self.tasks.get(payload.get("task") or "")
        known: Mapping[str, Value] = {} if task is None else task.attributes
        if row.kind == EventKind.HISTORY_STEP:
            return self._imported(row)
        return LogEvent(
            seq=row.seq,
            kind=row.kind,
            activity=str(known.get("step") or row.kind) if row.kind in _TRANSITIONS else row.kind,
            transition=_TRANSITIONS.get(row.kind, "complete"),
            at=self.calendar.local(row.at),
            resource=None if row.actor_id is None else self.world.officers.get(row.actor_id),
            unit=_text(known.get("unit")),
            stage=known.get("stage") or None,  # type: ignore[arg-type]
            node=_text(known.get("node")),
            outcome=payload.get("outcome") if row.kind == EventKind.TASK_COMPLETED else None,
            touched=tuple(self._touched(row.kind, payload)),
        )

    def _imported(self, row: Any) -> LogEvent:
        """A step of another system, as its file told it; who took it there is no officer of ours."""
        officer = row.payload["officer"]
        return LogEvent(
            seq=row.seq,
            kind=row.kind,
            activity=row.payload["step"],
            transition="complete",
            at=self.calendar.local(datetime.fromisoformat(row.payload["at"])),
            resource=None if officer is None else self.world.call(officer),
            unit=row.payload["unit"],
            stage=None,
            node=None,
            outcome=None,
            touched=(),
        )

    def _touched(self, kind: str, payload: Mapping[str, Any]) -> Iterator[Touched]:
        task = self.tasks.get(payload.get("task") or "")
        if task is not None:
            yield Touched("task", task.id)
            if task.attributes.get("unit"):
                yield Touched("agency", _text(task.attributes["unit"]).partition("/")[0])  # type: ignore[union-attr]
        if payload.get("letter"):
            yield Touched("letter", f"letter:{payload['letter']}")
        if kind == EventKind.PAPER_ADDED:
            yield Touched("paper", _paper(self.dossier_id, payload["no"]))
        elif kind in (EventKind.SUBMITTED, EventKind.SUPPLEMENT_COMPLETED):
            for paper in payload.get("papers") or ():
                yield Touched("paper", _paper(self.dossier_id, paper["no"]))


def _undone_by(payload: Mapping[str, Any]) -> range:
    return range(payload["first_seq"], payload["last_seq"] + 1)


def _text(value: Value) -> str | None:
    return None if value is None else str(value)


_WITH_TASKS = frozenset({EventKind.VERSION_MOVED, EventKind.VERSION_UNDONE, EventKind.STEP_TAKEN_BACK})
_NEEDED = frozenset({EventKind.TASK_OPENED, EventKind.TRANSFERRED}) | _WITH_TASKS
ACTS = frozenset({
    EventKind.SUBMITTED, EventKind.RECEIVED, EventKind.NOT_RECEIVED, EventKind.TASK_COMPLETED, EventKind.TASK_SENT_BACK,
    EventKind.TRANSFERRED, EventKind.SUPPLEMENT_REQUESTED, EventKind.SUPPLEMENT_COMPLETED, EventKind.SUPPLEMENT_LAPSED,
    EventKind.OBLIGATION_RAISED, EventKind.OBLIGATION_SETTLED, EventKind.LETTER_SENT, EventKind.EXTENDED,
    EventKind.OPINION_ASKED, EventKind.OPINION_GIVEN, EventKind.FINISHED,
    EventKind.RESULT_NOTIFIED, EventKind.RESULT_POSTED, EventKind.RETURNED, EventKind.WITHDRAWN, EventKind.STOPPED,
    EventKind.HISTORY_STEP,
})  # fmt: skip  #: kinds of event that a log of acts has
_TRANSITIONS: Mapping[str, str] = {
    EventKind.TASK_OPENED: "schedule",
    EventKind.TASK_CLAIMED: "start",
    EventKind.TASK_ASSIGNED: "assign",
    EventKind.TASK_RELEASED: "reassign",
    EventKind.TASK_COMPLETED: "complete",
    EventKind.TASK_CANCELLED: "withdraw",
}  #: of steps, in the lifecycle of XES (IEEE 1849-2016); everything else is complete when it happens
