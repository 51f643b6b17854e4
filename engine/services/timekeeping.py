"""The clock process: looks at the limits that are due, any number of copies at once, each limit once."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import structlog

from engine.context import Context
from engine.domain import deadlines
from engine.domain.actors import SYSTEM
from engine.domain.dossier import DeadlineKind, DeadlineState
from engine.domain.ids import DossierId
from engine.errors import UnavailableError
from engine.services import lateness, waiting
from engine.services.case import Case, case_of
from engine.store.deadlines import Deadline
from engine.store.unit_of_work import ChangedMeanwhileError

POISONED = timedelta(hours=1)  # a limit that fails is looked at again this much later; the others go on
TRIES = 3  # at a limit that somebody else changes at the same time

log = structlog.get_logger(__name__)


def pass_due(ctx: Context, *, limit: int = 200) -> int:
    """Act on limits whose instant has come, each in a transaction of its own; return how many were acted on.

    Orders apologies, marks broken promises and closes dossiers whose citizen did not answer. A limit that cannot be
    handled is reported and pushed an hour ahead, so that it never stops the others; one that somebody else keeps
    changing stays due.

    Raises:
        UnavailableError: the database is away, which is no fault of any limit; what is not done stays due.
    """
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        due = uow.deadlines.due_for_wake(now, limit)
    acted = 0
    for deadline_id, wake_at, dossier_id in due:
        try:
            acted += _act_until_won(ctx, deadline_id, wake_at, dossier_id)
        except UnavailableError:
            raise
        except Exception as error:  # whatever it is, the other limits must not wait for it
            log.exception("deadline.failed", deadline=deadline_id, dossier=str(dossier_id), error=str(error))
            _push(ctx, deadline_id, wake_at, dossier_id)
    return acted


def next_wake(ctx: Context) -> datetime | None:
    """Return the earliest instant at which a limit has to be looked at; the simulation jumps there."""
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.deadlines.next_wake()


def lag(ctx: Context) -> timedelta:
    """Return how long the oldest due limit has been waiting for a round; nothing when none is due."""
    wake_at = next_wake(ctx)
    return timedelta() if wake_at is None else max(ctx.clock.now() - wake_at, timedelta())


def _act_until_won(ctx: Context, deadline_id: int, wake_at: datetime, dossier_id: DossierId) -> int:
    for _ in range(TRIES):
        try:
            return _act(ctx, deadline_id, wake_at, dossier_id)
        except ChangedMeanwhileError as error:
            log.info("deadline.contended", deadline=deadline_id, dossier=str(dossier_id), error=str(error))
    return 0  # it stays due: the next round looks at it again


def _act(ctx: Context, deadline_id: int, wake_at: datetime, dossier_id: DossierId) -> int:
    with ctx.unit_of_work() as uow:
        dossier = uow.dossiers.lock(dossier_id)  # in the order of every other service: dossier first, then its limits
        deadline = uow.deadlines.claim(deadline_id, wake_at)
        if deadline is None:
            return 0  # another copy, or the officer, got there first
        deadline.attempts = 0
        if deadline.state is DeadlineState.RUNNING:
            case = case_of(ctx, uow, by=SYSTEM, dossier=dossier)
            if deadline.kind is DeadlineKind.ANSWER:
                waiting.lapse(case)
            else:
                _look_at_promise(case, deadline)
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


def _push(ctx: Context, deadline_id: int, wake_at: datetime, dossier_id: DossierId) -> None:
    # lost to somebody else: then it has another instant by now, or fails and is pushed in the next round
    with contextlib.suppress(ChangedMeanwhileError), ctx.unit_of_work() as uow:
        uow.dossiers.lock(dossier_id)
        deadline = uow.deadlines.claim(deadline_id, wake_at)
        if deadline is not None:
            deadline.attempts += 1
            deadline.wake_at = ctx.clock.now() + POISONED
