"""The promise of a dossier: made at receipt, moved only by a lawful pause or restart, each of them an event."""

from __future__ import annotations

from typing import Any

from engine.domain import deadlines
from engine.domain.deadlines import Cutoff, Due
from engine.domain.dossier import DeadlineKind, DeadlineState, PauseReason, Status
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.services import lateness
from engine.services.case import Case, iso, record
from engine.store.deadlines import Deadline, Pause

ANSWER_LIMIT = "15 working_day"  # the citizen's time to complete a dossier (domain.md §1.6)


def make(case: Case) -> dict[str, Any]:
    """Make promise 1 of a dossier whose ``received_at`` is set; return the facts for the event of the receipt.

    Raises:
        CalendarGapError: the date cannot be computed; the message names the remedy.
    """
    dossier = case.dossier
    assert dossier.received_at is not None  # noqa: S101 - the caller has just set it
    limit = Limit.parse(case.version.limit)
    due = deadlines.due(
        case.calendar, received_at=dossier.received_at, limit=limit, cutoff=Cutoff.parse(case.version.policy["cutoff"])
    )
    promise = Deadline(
        dossier_id=dossier.id,
        owner_agency_id=dossier.resolving_agency_id,
        kind=DeadlineKind.PROMISE,
        promise_no=1,
        state=DeadlineState.RUNNING,
        limit=str(limit),
        rest=str(limit),
        running_from=due.counted_from,
        due_at=due.due_at,
        late_after=deadlines.late_after(case.calendar, due.due_at, case.late_rule),
        calendar_version=case.calendar.version,
    )
    case.uow.deadlines.add(promise)
    _show(case, promise, provisional=due.provisional)
    return _facts(case, promise, due)


def pause(case: Case, *, reason: PauseReason, ground: str, status: Status) -> None:
    """Stop the office's clock; a promise that is broken already stays broken (half-open interval from now)."""
    promise = current(case)
    if deadlines.is_late(case.now, promise.late_after):
        lateness.mark_passed(case, promise)  # the clock process looks at no promise that stands still
    pauses = case.uow.deadlines.pauses(case.dossier.id)
    row = Pause(
        dossier_id=case.dossier.id,
        no=len(pauses) + 1,
        owner_agency_id=case.dossier.resolving_agency_id,
        reason=reason,
        ground=ground,
        started_by=case.by.id,
        started_at=case.now,
    )
    case.uow.deadlines.add(row)
    promise.is_broken = deadlines.is_late(case.now, promise.late_after)
    if not promise.is_broken:
        assert promise.running_from is not None  # noqa: S101 - only a running promise is paused
        rest = deadlines.rest(
            case.calendar, limit=Limit.parse(promise.rest), running_from=promise.running_from, at=case.now
        )
        promise.rest = str(rest)
        promise.running_from = None
        case.dossier.late_after = None
    promise.state = DeadlineState.PAUSED
    case.dossier.is_paused = True
    lateness.schedule(case, promise)
    payload = {
        "no": row.no,
        "reason": reason.value,
        "ground": ground,
        "rest": promise.rest,
        "due_before": iso(promise.due_at),
        "broken": promise.is_broken,
        "calendar": case.calendar.version,
    }
    record(case, EventKind.CLOCK_PAUSED, payload, status=status)


def resume(case: Case, *, status: Status | None) -> None:
    """Let the clock run again with what was left: due is axis⁻¹(axis(now) + rest)."""
    promise, no = _end_pause(case)
    provisional = case.dossier.is_provisional
    if not promise.is_broken and not _on_its_last_day(case, promise):
        due = deadlines.resume(case.calendar, resumed_at=case.now, rest=Limit.parse(promise.rest))
        _run_again(case, promise, due)
        provisional = due.provisional
    _move_stage_ends(case)
    _after_move(case, promise, provisional)
    record(case, EventKind.CLOCK_RESUMED, {"no": no, **_moved(promise, case)}, status=status)


def restart(case: Case, *, status: Status | None) -> None:
    """Let the whole limit run anew from now, as the law says after a completed supplement (domain.md §1.6)."""
    promise, no = _end_pause(case)
    provisional = case.dossier.is_provisional
    if not promise.is_broken:
        limit = Limit.parse(promise.limit)
        cutoff = Cutoff.parse(case.version.policy["cutoff"])
        due = deadlines.due(case.calendar, received_at=case.now, limit=limit, cutoff=cutoff)
        promise.rest = str(limit)
        _run_again(case, promise, due)
        provisional = due.provisional
    _move_stage_ends(case)
    _after_move(case, promise, provisional)
    record(case, EventKind.CLOCK_RESTARTED, {"no": no, **_moved(promise, case)}, status=status)


def current(case: Case) -> Deadline:
    """Return the promise that counts now."""
    promise = case.uow.deadlines.promise(case.dossier.id)
    assert promise is not None  # noqa: S101 - a received dossier has one; verify tells when a row was deleted
    return promise


def ask_answer(case: Case, *, no: int, limit: str) -> Deadline:
    """Start the citizen's limit for supplement number ``no``; when it ends unanswered the dossier is closed."""
    due = deadlines.due(case.calendar, received_at=case.now, limit=Limit.parse(limit))
    late_after = deadlines.late_after(case.calendar, due.due_at, case.late_rule)
    answer = Deadline(
        dossier_id=case.dossier.id,
        owner_agency_id=case.dossier.resolving_agency_id,
        kind=DeadlineKind.ANSWER,
        promise_no=no,
        state=DeadlineState.RUNNING,
        limit=limit,
        rest=limit,
        running_from=due.counted_from,
        due_at=due.due_at,
        late_after=late_after,
        calendar_version=case.calendar.version,
        wake_at=late_after + lateness.JUST_AFTER,
        wake_for="lapse",
    )
    case.uow.deadlines.add(answer)
    return answer


def end_answer(case: Case) -> None:
    """Stop the citizen's limit, if one runs."""
    answer = case.uow.deadlines.answer(case.dossier.id)
    if answer is not None:
        answer.state = DeadlineState.ENDED
        answer.wake_at = answer.wake_for = None


def close_pause(case: Case) -> None:
    """End an open pause without moving the promise: the dossier has ended."""
    if case.dossier.is_paused:
        _end_pause(case)
        case.dossier.is_paused = False


def _end_pause(case: Case) -> tuple[Deadline, int]:
    pauses = case.uow.deadlines.pauses(case.dossier.id)
    pauses[-1].ended_at = case.now
    return current(case), pauses[-1].no


def _on_its_last_day(case: Case, promise: Deadline) -> bool:
    """Whether the time was used up, and its due date is today still: then the promise stays as it is."""
    today = case.calendar.local_date(case.now)
    if not Limit.parse(promise.rest).is_zero or case.calendar.local_date(promise.due_at) != today:
        return False
    promise.running_from = case.now
    return True


def _run_again(case: Case, promise: Deadline, due: Due) -> None:
    promise.running_from = due.counted_from
    promise.due_at = due.due_at
    promise.late_after = deadlines.late_after(case.calendar, due.due_at, case.late_rule)
    promise.calendar_version = case.calendar.version


def _after_move(case: Case, promise: Deadline, provisional: bool) -> None:
    promise.state = DeadlineState.RUNNING
    case.dossier.is_paused = False
    _show(case, promise, provisional=provisional)
    lateness.schedule(case, promise)


def _move_stage_ends(case: Case) -> None:
    """Give open tasks what was left of their stage when the pause began."""
    started_at = case.uow.deadlines.pauses(case.dossier.id)[-1].started_at
    for task in case.uow.tasks.open_of(case.dossier.id):
        if task.due_at is not None:
            rest = deadlines.left_until(case.calendar, at=started_at, end_at=task.due_at)
            task.due_at = deadlines.resume(case.calendar, resumed_at=case.now, rest=rest).due_at


def _show(case: Case, promise: Deadline, *, provisional: bool) -> None:
    dossier = case.dossier
    dossier.due_at, dossier.late_after = promise.due_at, promise.late_after
    dossier.is_provisional = provisional
    dossier.calendar_version = promise.calendar_version


def _moved(promise: Deadline, case: Case) -> dict[str, Any]:
    tasks = {str(task.id): iso(task.due_at) for task in case.uow.tasks.open_of(case.dossier.id) if task.due_at}
    return {
        "promise": promise.promise_no,
        "running_from": iso(promise.running_from),
        "rest": promise.rest,
        "due_at": iso(promise.due_at),
        "late_after": iso(promise.late_after),
        "calendar": promise.calendar_version,
        "provisional": case.dossier.is_provisional,
        "broken": promise.is_broken,
        "late_rule": case.late_rule.value,
        "task_due": tasks,
    }


def _facts(case: Case, promise: Deadline, due: Due) -> dict[str, Any]:
    return {
        "promise": promise.promise_no,
        "limit": promise.limit,
        "cutoff": case.version.policy["cutoff"],
        "counted_from": iso(due.counted_from),
        "due_at": iso(promise.due_at),
        "late_after": iso(promise.late_after),
        "late_rule": case.late_rule.value,
        "calendar": promise.calendar_version,
        "provisional": due.provisional,
    }
