"""The promise of a dossier: made at receipt, moved only by a lawful pause or restart, each of them an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.domain import deadlines
from engine.domain.deadlines import Cutoff, Due
from engine.domain.dossier import RUNNING, DeadlineKind, DeadlineState, PauseReason, Status
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.domain.stages import after_pause
from engine.services import appointments, decided, extensions, lateness
from engine.services.case import Case, iso, record
from engine.store.deadlines import Deadline, Pause
from engine.store.tasks import Task

ANSWER_LIMIT = "15 working_day"  # the citizen's time to complete a dossier (domain.md §1.6)


def make(case: Case) -> dict[str, Any]:
    """Make promise 1 of a dossier whose ``received_at`` is set; return the facts for the event of the receipt.

    Raises:
        CalendarGapError: the date cannot be computed; the message names the remedy.
    """
    assert case.dossier.received_at is not None  # noqa: S101 - the caller has just set it
    promise, due = _promise(case, no=1, from_at=case.dossier.received_at)
    _show(case, promise, provisional=due.provisional)
    return _facts(case, promise, due)


def pause(case: Case, *, reason: PauseReason, ground: str, status: Status | None, done: Task | None = None) -> None:
    """Stop the office's clock; a promise that is broken already stays broken (half-open interval from now).

    A pause for money ends the first of two appointments, kept or missed: nothing is promised until it ends. One for
    steps outside the limit ends where another one begins.

    Args:
        status: where the dossier goes; None: only steps outside the limit are open, it stays where it is.
        done: the step whose end pauses the clock.
    """
    end_outside(case)
    promise = current(case)
    outside = status is None
    ends = not outside and appointments.ends_with(case, promise, reason)
    promise.is_broken = deadlines.is_late(case.now, promise.late_after)
    if promise.is_broken:
        lateness.mark_passed(case, promise)  # the clock process looks at no promise that stands still
    no = _begin_pause(case, reason, ground)
    _stand_still(case, promise, ends=ends)
    payload = {
        "no": no,
        "reason": reason.value,
        "ground": ground,
        "rest": promise.rest,
        "due_before": iso(promise.due_at),
        "broken": promise.is_broken,
        "calendar": case.calendar.version,
    }
    if outside:
        payload["outside"] = True
    if ends:
        payload |= {"appointment": promise.promise_no, "stage": appointments.stage_now(case, done)}
    else:
        payload |= extensions.pause(case)
    record(case, EventKind.CLOCK_PAUSED, payload, status=status)
    if ends:
        lateness.settle(case, promise, ended_at=case.now)
        extensions.settle(case, promise_no=promise.promise_no, ended_at=case.now)
    lateness.schedule(case, promise)


def is_outside(case: Case) -> bool:
    """Tell whether the clock stands because only steps outside the limit are open: no other pause keeps the status."""
    return case.dossier.is_paused and case.status in RUNNING


def end_outside(case: Case) -> None:
    """Let the clock run again that stood for steps outside the limit; nothing where it did not."""
    if is_outside(case):
        resume(case, status=None)


def resume(case: Case, *, status: Status | None) -> None:
    """Let the clock run again with what was left: due is axis⁻¹(axis(now) + rest); or make the second appointment."""
    promise, no = _end_pause(case)
    if promise.state is DeadlineState.ENDED:
        _make_next(case, promise, no, status)
        return
    provisional = case.dossier.is_provisional
    if not promise.is_broken and not _on_its_last_day(case, promise):
        resumed_at = max(case.now, counted_from(case))
        due = deadlines.resume(case.calendar, resumed_at=resumed_at, rest=Limit.parse(promise.rest))
        _run_again(case, promise, due)
        provisional = due.provisional
    _move_stage_ends(case)
    _after_move(case, promise, provisional)
    record(case, EventKind.CLOCK_RESUMED, {"no": no, **_moved(promise, case), **extensions.resume(case)}, status=status)


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
    said = {"no": no, **_moved(promise, case), **extensions.resume(case)}
    record(case, EventKind.CLOCK_RESTARTED, said, status=status)


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


def _promise(case: Case, *, no: int, from_at: datetime) -> tuple[Deadline, Due]:
    """Begin a promise by the start rule; dossier and wake follow by the caller."""
    limit = limit_of(case, no)
    cutoff = Cutoff.parse(case.version.policy["cutoff"])
    due = deadlines.due(case.calendar, received_at=from_at, limit=limit, cutoff=cutoff)
    promise = Deadline(
        dossier_id=case.dossier.id,
        owner_agency_id=case.dossier.resolving_agency_id,
        kind=DeadlineKind.PROMISE,
        promise_no=no,
        state=DeadlineState.RUNNING,
        limit=str(limit),
        rest=str(limit),
        running_from=due.counted_from,
        due_at=due.due_at,
        late_after=deadlines.late_after(case.calendar, due.due_at, case.late_rule),
        calendar_version=case.calendar.version,
    )
    case.uow.deadlines.add(promise)
    return promise, due


def limit_of(case: Case, no: int) -> Limit:
    """Return the limit of a promise: that of the version, of its appointment, or as its decisions say of the case.

    Raises:
        DecisionFailedError: the decisions do not decide this case.
    """
    limits = appointments.limits(case.version)
    if len(limits) == 1:
        said = decided.decide(case.version, case.dossier.facts).limit
        return Limit.parse(said) if said is not None else limits[0]
    return limits[no - 1]


def _make_next(case: Case, before: Deadline, no: int, status: Status | None) -> None:
    """Make the appointment that follows payment; the one before, and what an apology moved it to, are over."""
    promise, due = _promise(case, no=before.promise_no + 1, from_at=case.now)
    case.dossier.extended_due_at = None
    _move_stage_ends(case)
    _after_move(case, promise, due.provisional)
    payload = {"no": no, **_facts(case, promise, due), "task_due": _task_ends(case)}
    record(case, EventKind.PROMISE_MADE, payload, status=status)


def _begin_pause(case: Case, reason: PauseReason, ground: str) -> int:
    row = Pause(
        dossier_id=case.dossier.id,
        no=len(case.uow.deadlines.pauses(case.dossier.id)) + 1,
        owner_agency_id=case.dossier.resolving_agency_id,
        reason=reason,
        ground=ground,
        started_by=case.by.id,
        started_at=case.now,
    )
    case.uow.deadlines.add(row)
    return row.no


def _stand_still(case: Case, promise: Deadline, *, ends: bool) -> None:
    """Keep what is left of the promise, unless it is broken and goes on; one that ends broken leaves its mark."""
    if ends or not promise.is_broken:
        assert promise.running_from is not None  # noqa: S101 - only a running promise is paused
        rest = deadlines.rest_of_promise(
            case.calendar,
            limit=Limit.parse(promise.rest),
            running_from=promise.running_from,
            at=case.now,
            due_at=promise.due_at,
        )
        promise.rest = str(rest)
        promise.running_from = None
        case.dossier.late_after = None
    if ends and promise.is_broken:
        case.dossier.missed_late_after = promise.late_after
    if not ends:
        promise.state = DeadlineState.PAUSED
    case.dossier.is_paused = True


def _end_pause(case: Case) -> tuple[Deadline, int]:
    pauses = case.uow.deadlines.pauses(case.dossier.id)
    pauses[-1].ended_at = case.now
    return current(case), pauses[-1].no


def counted_from(case: Case) -> datetime:
    """Return from when the promise counted before the pause: one that ends before that has paused nothing."""
    events = case.uow.events.of(case.dossier.id)
    said = (event.payload.get("running_from") or event.payload.get("counted_from") for event in reversed(events))
    return datetime.fromisoformat(next(at for at in said if at is not None))


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
    """Give open tasks what was left of their stage when the pause began; limits of their own run on."""
    started_at = case.uow.deadlines.pauses(case.dossier.id)[-1].started_at
    for task in _in_stages(case):
        if task.due_at is not None:
            _, due = after_pause(case.calendar, end_at=task.due_at, paused_at=started_at, resumed_at=case.now)
            task.due_at = due.due_at


def _show(case: Case, promise: Deadline, *, provisional: bool) -> None:
    dossier = case.dossier
    dossier.due_at, dossier.late_after = promise.due_at, promise.late_after
    dossier.is_provisional = provisional
    dossier.calendar_version = promise.calendar_version


def _task_ends(case: Case) -> dict[str, str | None]:
    return {str(task.id): iso(task.due_at) for task in _in_stages(case) if task.due_at}


def _in_stages(case: Case) -> list[Task]:
    tasks = case.uow.tasks.open_of(case.dossier.id)
    return [task for task in tasks if case.facts.steps[task.node].own_limit is None]


def _moved(promise: Deadline, case: Case) -> dict[str, Any]:
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
        "task_due": _task_ends(case),
        "stage_calendar": case.calendar.version,
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
