"""The clock process: looks at the limits that are due, any number of copies at once, each limit once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from engine.context import Context
from engine.domain import deadlines
from engine.domain.actors import SYSTEM
from engine.domain.dossier import DeadlineKind, DeadlineState
from engine.domain.ids import DossierId
from engine.errors import UnavailableError
from engine.services import answers, extensions, lateness, waiting
from engine.services.case import Case, case_of
from engine.store.deadlines import Deadline
from engine.store.unit_of_work import ChangedMeanwhileError
from engine.store.waits import ProcessWait

POISONED = timedelta(hours=1)  # a limit that fails is looked at again this much later; the others go on
TRIES = 3  # at a limit that somebody else changes at the same time

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Alarm:
    """A limit of the engine, or a wait of a process, whose instant has come."""

    wake_at: datetime
    id: int
    dossier_id: DossierId
    is_wait: bool


def pass_due(ctx: Context, *, limit: int = 200) -> int:
    """Act on limits whose instant has come, each in a transaction of its own; return how many were acted on.

    Orders apologies, marks broken promises and new dates that were not kept, closes dossiers whose citizen did not
    answer, and tells processes that the time of a wait has passed. A limit that cannot be handled is reported and
    pushed an hour ahead, so that it never stops the others; one that somebody else keeps changing stays due.

    Raises:
        UnavailableError: the database is away, which is no fault of any limit; what is not done stays due.
    """
    acted = 0
    for alarm in _due(ctx, limit):
        try:
            acted += _act_until_won(ctx, alarm)
        except UnavailableError:
            raise
        except Exception as error:  # whatever it is, the other limits must not wait for it
            part = "wait.failed" if alarm.is_wait else "deadline.failed"
            log.exception(part, deadline=alarm.id, dossier=str(alarm.dossier_id), error=str(error))
            _push(ctx, alarm)
    return acted


def _due(ctx: Context, limit: int) -> list[_Alarm]:
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        limits = [_Alarm(at, no, dossier, False) for no, at, dossier in uow.deadlines.due_for_wake(now, limit)]
        waits = [_Alarm(at, no, dossier, True) for no, at, dossier in uow.waits.due_for_wake(now, limit)]
    return sorted([*limits, *waits], key=lambda alarm: (alarm.wake_at, alarm.is_wait, alarm.id))[:limit]


def next_wake(ctx: Context) -> datetime | None:
    """Return the earliest instant at which a limit has to be looked at; the simulation jumps there."""
    with ctx.unit_of_work(read_only=True) as uow:
        instants = [uow.deadlines.next_wake(), uow.waits.next_wake()]
    return min((at for at in instants if at is not None), default=None)


def lag(ctx: Context) -> timedelta:
    """Return how long the oldest due limit has been waiting for a round; nothing when none is due."""
    wake_at = next_wake(ctx)
    return timedelta() if wake_at is None else max(ctx.clock.now() - wake_at, timedelta())


def _act_until_won(ctx: Context, alarm: _Alarm) -> int:
    for _ in range(TRIES):
        try:
            return _tell(ctx, alarm) if alarm.is_wait else _act(ctx, alarm)
        except ChangedMeanwhileError as error:
            log.info("deadline.contended", deadline=alarm.id, dossier=str(alarm.dossier_id), error=str(error))
    return 0  # it stays due: the next round looks at it again


def _act(ctx: Context, alarm: _Alarm) -> int:
    with ctx.unit_of_work() as uow:
        dossier = uow.dossiers.lock(alarm.dossier_id)  # as every other service: dossier first, then its limits
        deadline = uow.deadlines.claim(alarm.id, alarm.wake_at)
        if deadline is None:
            return 0  # another copy, or the officer, got there first
        deadline.attempts = 0
        if deadline.state is DeadlineState.RUNNING:
            _LOOK[deadline.kind](case_of(ctx, uow, by=SYSTEM, dossier=dossier), deadline)
        return 1


def _tell(ctx: Context, alarm: _Alarm) -> int:
    with ctx.unit_of_work() as uow:
        dossier = uow.dossiers.lock(alarm.dossier_id)
        wait = uow.waits.claim(alarm.id, alarm.wake_at)
        if wait is None:
            return 0  # the answer, or another copy, got there first
        wait.attempts = 0
        answers.time_out(case_of(ctx, uow, by=SYSTEM, dossier=dossier), wait)
        return 1


def _look_at_promise(case: Case, promise: Deadline) -> None:
    if deadlines.is_late(case.now, promise.late_after):
        lateness.mark_passed(case, promise)
        lateness.schedule(case, promise)
        return
    wake_at, trigger = lateness.order_at(case, promise)
    if wake_at <= case.now:
        lateness.ensure_letter(case, promise, trigger=trigger)
    lateness.schedule(case, promise)


def _lapse(case: Case, _answer: Deadline) -> None:
    waiting.lapse(case)


_LOOK = {
    DeadlineKind.PROMISE: _look_at_promise,
    DeadlineKind.ANSWER: _lapse,
    DeadlineKind.EXTENSION: extensions.look,
}


def _push(ctx: Context, alarm: _Alarm) -> None:
    # lost to somebody else: then it has another instant by now, or fails and is pushed in the next round
    with contextlib.suppress(ChangedMeanwhileError), ctx.unit_of_work() as uow:
        uow.dossiers.lock(alarm.dossier_id)
        claimed: Deadline | ProcessWait | None
        if alarm.is_wait:
            claimed = uow.waits.claim(alarm.id, alarm.wake_at)
        else:
            claimed = uow.deadlines.claim(alarm.id, alarm.wake_at)
        if claimed is not None:
            claimed.attempts += 1
            claimed.wake_at = ctx.clock.now() + POISONED
