"""The time ledger of a dossier from its row, its events and its procedure version: one assembly, for one or many."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bpmn import model as models
from engine.domain import deadlines
from engine.domain.calendar import WorkingCalendar
from engine.domain.holding import Appointment, History, history_of
from engine.domain.limits import Limit
from engine.domain.stages import Stage
from engine.domain.time_ledger import Ledger, Promise, ledger, parts_of
from engine.domain.version_moves import TELL_STAGE, left_stage
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.procedures import ProcedureVersion
from engine.store.stage_plans import limits, stages_of


def account(
    row: Dossier, events: Sequence[Event], version: ProcedureVersion, *, calendar: WorkingCalendar, now: datetime
) -> tuple[History, Ledger] | None:
    """Return the time of a dossier in pieces, and its account; None while it is not received.

    Args:
        events: all of the dossier, in order.
        calendar: the one in force for the resolving agency.

    Raises:
        CalendarGapError: the calendar does not cover its time.
    """
    history = history_of(events, until=row.finished_at or row.ended_at or now)
    if history is None or row.due_at is None:
        return None
    due_at = row.due_at
    left_at = left_stage(event.payload for event in events if event.kind in TELL_STAGE)
    stages = stages_of(version, left_at=left_at if len(limits(version)) > 1 else None)
    promises = {
        each.no: _ended(version, each) or _in_force(row, each, due_at, stages, now) for each in history.appointments
    }
    return history, ledger(calendar, history, promises, resolving=row.resolving_agency_id)


def _ended(version: ProcedureVersion, appointment: Appointment) -> Promise | None:
    """Return what was promised at an appointment that a payment ended, as it stood then."""
    due_at, last_stage = appointment.due_before, appointment.last_stage
    if due_at is None or last_stage is None:
        return None
    facts = models.facts(version.model)
    stages = [Stage(each.no, Limit.parse(each.limit)) for each in facts.stages if each.no <= last_stage]
    return Promise(due_at, bool(appointment.is_broken), parts_of(stages, total=appointment.limit))


def _in_force(
    row: Dossier, appointment: Appointment, due_at: datetime, stages: Sequence[Stage], now: datetime
) -> Promise:
    is_broken = deadlines.is_broken(
        finished_at=row.finished_at,
        ended_at=row.ended_at,
        late_after=row.late_after,
        missed_late_after=None,  # an appointment of its own
        now=now,
    )
    return Promise(due_at, is_broken, parts_of(stages, total=appointment.limit))
