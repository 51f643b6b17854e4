"""Walking through the events of a dossier: the chain that nobody can cut, the legal moves, and each event's effect."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bpmn.errors import BpmnError
from engine.domain.dossier import ENDED, TRANSITIONS, Status
from engine.domain.events import EventKind, chain_hash
from engine.errors import EngineError
from engine.verification import (
    on_calendar,
    on_clock,
    on_consultations,
    on_corrections,
    on_endings,
    on_extensions,
    on_going_back,
    on_history,
    on_intake,
    on_letters,
    on_papers,
    on_signatures,
    on_supervision,
    on_versions,
    on_waits,
    on_work,
)
from engine.verification.differences import ROW
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row
from engine.verification.slow_time import OutsideCalendarError

HANDLERS: dict[EventKind, Callable[[Life, Moment], None]] = {
    **on_intake.HANDLERS,
    **on_work.HANDLERS,
    **on_clock.HANDLERS,
    **on_corrections.HANDLERS,
    **on_calendar.HANDLERS,
    **on_endings.HANDLERS,
    **on_extensions.HANDLERS,
    **on_going_back.HANDLERS,
    **on_history.HANDLERS,
    **on_letters.HANDLERS,
    **on_papers.HANDLERS,
    **on_signatures.HANDLERS,
    **on_supervision.HANDLERS,
    **on_versions.HANDLERS,
    **on_waits.HANDLERS,
    **on_consultations.HANDLERS,
}

_STAYS: frozenset[int | None] = frozenset({None})
_S = Status
MOVES: dict[EventKind, frozenset[int | None]] = {  # to which statuses an event may move; None: it may leave it
    EventKind.SUBMITTED: frozenset({_S.SUBMITTED}),
    EventKind.RECEIVED: frozenset({_S.RECEIVED}),
    EventKind.NOT_RECEIVED: frozenset({_S.NOT_RECEIVED}),
    EventKind.PROCESSING_STARTED: frozenset({_S.PROCESSING}),
    EventKind.STEP_TAKEN_BACK: frozenset({_S.RECEIVED, None}),
    EventKind.SUPPLEMENT_REQUESTED: frozenset({_S.SUPPLEMENT, None}),
    EventKind.SUPPLEMENT_COMPLETED: frozenset({_S.SUBMITTED, None}),
    EventKind.CLOCK_PAUSED: frozenset({_S.SUPPLEMENT, _S.OBLIGATION, None}),  # None: steps outside the limit
    EventKind.CLOCK_RESUMED: frozenset({_S.RECEIVED, _S.PROCESSING, None}),
    EventKind.CLOCK_RESTARTED: frozenset({_S.RECEIVED, _S.PROCESSING, None}),
    EventKind.PROMISE_MADE: frozenset({_S.RECEIVED, _S.PROCESSING, None}),
    EventKind.FINISHED: frozenset({_S.FINISHED}),
    EventKind.RETURNED: frozenset({_S.RETURNED}),
    EventKind.WITHDRAWN: frozenset({_S.WITHDRAWN}),
    EventKind.STOPPED: frozenset({_S.STOPPED}),
    EventKind.IMPORTED: frozenset({_S.RECEIVED, _S.PROCESSING, _S.WITHDRAWN, _S.STOPPED, _S.FINISHED, _S.RETURNED}),
}
AFTER_THE_END = frozenset(
    {
        EventKind.TASK_COMPLETED,  # of the act that ended it, written right after
        EventKind.TASK_CANCELLED,
        EventKind.WAIT_CANCELLED,
        EventKind.DEADLINE_PASSED,  # marked by the act that ended it, when no clock process had come before
        EventKind.EXTENSION_BROKEN,
        EventKind.APPLICANT_NOTIFIED,  # of what the process asked for with its last step
        EventKind.ESCALATED,
        EventKind.MILESTONE,
        EventKind.NEXT_ORDERED,
        EventKind.HANDOVER_RECEIVED,
        EventKind.NOTE_ADDED,
        EventKind.LATE_CAUSE_GIVEN,
        EventKind.HISTORY_STEP,
        EventKind.PAPER_ISSUED,
        EventKind.PAPER_VOIDED,
        EventKind.LETTER_ORDERED,
        EventKind.LETTER_DRAFTED,
        EventKind.LETTER_APPROVED,
        EventKind.LETTER_SIGNED,
        EventKind.LETTER_NUMBERED,
        EventKind.LETTER_SENT,
        EventKind.LETTER_DELIVERED,
        EventKind.LETTER_WITHDRAWN,
    }
)


def fold(life: Life, events: list[Row]) -> None:
    """Apply all events in order; what does not fit is reported and left out."""
    for row in events:
        payload = row["payload"]
        if not isinstance(payload, dict):
            _differ(life, row["seq"], "payload", "an object", payload, "the payload is no JSON object")
            continue
        moment = Moment(row["seq"], row["kind"], row["at"], row["actor_id"], payload)
        try:
            _apply(life, moment)
        except MisfitError as error:
            _differ(life, row["seq"], error.field, error.expected, error.found, error.message)
        except KeyError as error:
            name = f"payload.{error.args[0]}"
            _differ(life, row["seq"], name, "a value", None, "the event, or one before it, lacks what this one needs")
        except OutsideCalendarError as error:
            _differ(life, row["seq"], "payload.calendar", "dates that it covers", None, str(error))
        except (AttributeError, BpmnError, EngineError, IndexError, TypeError, ValueError) as error:
            _differ(life, row["seq"], "payload", "values that can be read", None, f"cannot be applied: {error}")
        life.last_at = row["at"]


def check_chain(life: Life, events: list[Row], owner: int) -> None:
    """Report gaps, changed events, people that do not exist and time that runs backwards (domain.md §1.15, 6)."""
    previous, wanted, last_at = "", 1, None
    for row in events:
        seq = row["seq"]
        if seq != wanted:
            _differ(life, wanted, ROW, "an event", None, f"events #{wanted} to #{seq - 1} are missing")
        found = {
            "hash": (_hash_of(life, previous, row), row["hash"], "the event is not what was chained"),
            "owner_agency_id": (owner, row["owner_agency_id"], "the event belongs to another agency than its dossier"),
        }
        for name, (expected, value, message) in found.items():
            if expected != value:
                _differ(life, seq, name, expected, value, message)
        if row["actor_id"] is not None and row["actor_id"] not in life.reference.officers:
            _differ(life, seq, "actor_id", "an officer", row["actor_id"], "there is no such officer")
        if last_at is not None and row["at"] < last_at:
            _differ(life, seq, "at", f"not before {last_at.isoformat()}", row["at"], "time runs backwards")
        previous, wanted, last_at = row["hash"], seq + 1, row["at"]


def _hash_of(life: Life, previous: str, row: Row) -> str:
    try:
        return chain_hash(
            previous,
            dossier=str(life.id),
            seq=row["seq"],
            kind=row["kind"],
            at=row["at"],
            actor=row["actor_id"],
            payload=row["payload"],
        )
    except ValueError as error:  # a number or text that no event can hold: somebody else wrote it
        return f"none: {error}"


def _apply(life: Life, moment: Moment) -> None:
    try:
        kind = EventKind(moment.kind)
    except ValueError:
        raise MisfitError("kind", "a known kind", moment.kind, "no such thing can happen to a dossier") from None
    if life.status in ENDED and kind not in AFTER_THE_END:
        life.expect(moment, "kind", "nothing", moment.kind, "the dossier had ended before")
    _move(life, moment, kind)
    if "process" in moment.payload:
        life.process = moment.payload["process"]
    on_consultations.check_cover(life, moment)
    HANDLERS[kind](life, moment)
    on_versions.remember(life, moment)
    life.happened.append(moment)


def _move(life: Life, moment: Moment, kind: EventKind) -> None:
    target = moment.payload.get("status")
    if target not in MOVES.get(kind, _STAYS):
        raise MisfitError("payload.status", sorted(map(str, MOVES.get(kind, _STAYS))), target, "not where it leads")
    if target is None:
        return
    # what is taken back was no lawful move, and another system has its own
    is_move = kind not in (EventKind.SUBMITTED, EventKind.STEP_TAKEN_BACK, EventKind.IMPORTED)
    if is_move and (life.status is None or target not in TRANSITIONS[life.status]):
        message = "the table of transitions does not know this move"
        life.expect(moment, "payload.status", f"a move from {life.status}", target, message)
    life.status = Status(target)


def _differ(life: Life, seq: int, name: str, expected: Any, found: Any, message: str) -> None:
    life.differ("event", life.name(f"#{seq}"), name, expected, found, message)
