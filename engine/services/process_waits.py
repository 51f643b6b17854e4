"""What a process waits for by the calendar: rows follow the process, the clock sends the message (decision 0003).

A wait is counted like the citizen's limit to answer: by the calendar in force when it opens, and over when its last
moment has passed. It does not stand still while the promise does: what others were asked goes on.
"""

from __future__ import annotations

from collections.abc import Iterable

from bpmn import runner
from engine.domain import deadlines
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.services.case import Case, iso, record
from engine.services.lateness import JUST_AFTER
from engine.store.waits import ProcessWait, WaitState


def follow(case: Case, armed: Iterable[runner.Wait]) -> None:
    """Make wait rows agree with the process instance: cancel what it left, open what it reached.

    A boundary event that does not interrupt stays armed after it happened: its time runs once.

    Raises:
        CalendarGapError: the end of a wait cannot be computed; the message names the remedy.
    """
    wanted = {wait.id: wait for wait in armed}
    known = {row.process_wait: row for row in case.uow.waits.of(case.dossier.id)}
    for row in known.values():
        if row.state is WaitState.OPEN and row.process_wait not in wanted:
            _close(case, row, WaitState.CANCELLED)
            record(case, EventKind.WAIT_CANCELLED, {"wait": row.process_wait})
    for name, wait in wanted.items():
        if name not in known:
            _open(case, wait)


def has_passed(case: Case, row: ProcessWait) -> None:
    """Close a wait whose time has passed; the event takes the message that the process was just sent into history."""
    _close(case, row, WaitState.PASSED)
    record(case, EventKind.WAIT_PASSED, {"wait": row.process_wait, "node": row.node, "message": row.message})


def _open(case: Case, wait: runner.Wait) -> None:
    due = deadlines.due(case.calendar, received_at=case.now, limit=Limit.parse(wait.after))
    late_after = deadlines.late_after(case.calendar, due.due_at, case.late_rule)
    row = ProcessWait(
        dossier_id=case.dossier.id,
        owner_agency_id=case.dossier.resolving_agency_id,
        process_wait=wait.id,
        node=wait.node,
        message=wait.message,
        limit=wait.after,
        state=WaitState.OPEN,
        opened_at=case.now,
        due_at=due.due_at,
        calendar_version=case.calendar.version,
        wake_at=late_after + JUST_AFTER,
    )
    case.uow.waits.add(row)
    payload = {
        "wait": wait.id,
        "node": wait.node,
        "message": wait.message,
        "limit": wait.after,
        "begins_at": iso(due.counted_from),  # not as those of promises are called: who looks for them must not see it
        "ends_at": iso(due.due_at),
        "last_at": iso(late_after),
        "late_rule": case.late_rule.value,
        "calendar": case.calendar.version,
        "provisional": due.provisional,
    }
    record(case, EventKind.WAIT_OPENED, payload)


def _close(case: Case, row: ProcessWait, state: WaitState) -> None:
    row.state, row.closed_at, row.wake_at = state, case.now, None
