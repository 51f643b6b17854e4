"""Acts that are killed before each of their statements, one after another (``python -m tests.faults.failpoints``).

Reads ``{"act", "at", "targets"}`` from stdin. The first target is done in peace. For the n-th after it a process of its
own does the act and kills itself before its n-th statement, commit or step outside of the database; a second one, ten
minutes later, does the act again. Ends with the first act that is done before it comes so far, and prints how many were
killed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.clock import TurnedClock
from engine.ports import Mail, MailSender
from engine.services import (
    delivery,
    intake,
    letter_dispatch,
    processing,
    rollups,
    task_batches,
    timekeeping,
    version_moves,
)
from engine.services.transactions import Request
from tests.support.builders import NO_EMAIL

LATER = timedelta(minutes=10)  # when a dead worker's lease is over
People = dict[str, Actor]


class Points:
    """Counts the moments at which a process can die, and dies at one of them."""

    def __init__(self, last: int | None) -> None:
        self._last = last
        self._count = 0

    def reach(self, *_what: object) -> None:
        """Pass a moment, or die."""
        self._count += 1
        if self._count == self._last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, ctx: Context) -> Context:
        """Make every statement and commit of the context a moment, and what is before and after a mail."""
        event.listen(ctx.database.engine, "before_cursor_execute", self.reach)
        event.listen(ctx.database.engine, "commit", self.reach)  # called before the commit
        return replace(ctx, mail=_WatchedMail(ctx.mail, self)) if ctx.mail is not None else ctx


class _WatchedMail:
    def __init__(self, real: MailSender, points: Points) -> None:
        self._real = real
        self._points = points

    def send(self, mail: Mail) -> None:
        self._points.reach()
        self._real.send(mail)
        self._points.reach()


def receive(ctx: Context, people: People, target: str) -> object:
    """Receive a dossier under a key."""
    filing = intake.Filing(procedure_code="TP99", applicant=NO_EMAIL, case=target)
    return intake.receive(ctx, by=people["desk"], filing=filing, request=Request(target, "0" * 64))


def complete(ctx: Context, people: People, target: str) -> object:
    """Complete a task under a key."""
    return processing.complete(ctx, by=people["officer"], task_id=target, request=Request(target, "0" * 64))


def dispatch(ctx: Context, people: People, target: str) -> object:
    """Number and send a letter under a key."""
    return letter_dispatch.dispatch(ctx, by=people["approver"], letter_id=target, request=Request(target, "0" * 64))


def tick(ctx: Context, _people: People, _target: str) -> object:
    """Look at one limit that is due."""
    return timekeeping.pass_due(ctx, limit=1)


def deliver(ctx: Context, _people: People, target: str) -> object:
    """Deliver a message of the outbox."""
    return delivery.deliver(ctx, message_id=int(target))


def move(ctx: Context, _people: People, target: str) -> object:
    """Take the next dossier of a version move along."""
    return version_moves.carry_on(ctx, move_id=int(target), most=1)


def batch(ctx: Context, _people: People, target: str) -> object:
    """Do, or undo, what is left of a batch of tasks."""
    return task_batches.carry_on(ctx, batch_id=UUID(target))


def fold(ctx: Context, people: People, target: str) -> object:
    """Receive a dossier under a key, and add what it changed to the roll-ups."""
    receive(ctx, people, target)
    return rollups.fold(ctx)


ACTS: dict[str, Callable[[Context, People, str], object]] = {
    act.__name__: act for act in (receive, complete, dispatch, tick, deliver, move, batch, fold)
}


def main(order: dict[str, Any]) -> int:
    """Do the act for one target after another; return how many were killed."""
    act = ACTS[order["act"]]
    warm, *targets = order["targets"]
    ctx = bootstrap.from_environment(clock=TurnedClock(datetime.fromisoformat(order["at"])))
    people = _people(ctx)
    act(ctx, people, warm)  # so that processes are quick: they inherit what it made, and no connection
    ctx.database.close()
    for point, target in enumerate(targets, start=1):
        first = _attempt(lambda mine: act(mine, people, target), ctx, point)  # noqa: B023 - called at once
        second = _attempt(lambda mine: act(mine, people, target), ctx, None)  # noqa: B023
        if second != 0 or first not in (0, -signal.SIGKILL):
            raise RuntimeError(f"{order['act']} at point {point}: {first}, then {second}")
        if first == 0:
            return point - 1
    raise RuntimeError("there are more points than targets")


def _attempt(act: Callable[[Context], object], ctx: Context, point: int | None) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    status = 1
    try:
        if point is None:
            ctx = replace(ctx, clock=TurnedClock(ctx.clock.now() + LATER))
        points = Points(point)
        act(points.watch(ctx))
        points.reach()  # after the last commit, before anybody is told
        status = 0
    except Exception:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def _people(ctx: Context) -> People:
    with ctx.unit_of_work(read_only=True) as uow:
        return {officer.username: uow.people.actor(officer.id) for officer in uow.people.all()}


if __name__ == "__main__":
    print(main(json.load(sys.stdin)))
