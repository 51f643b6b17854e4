"""Every step of the reference processes taken back and sent back on the way: refused, or undone to the last byte."""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any
from uuid import UUID

import pytest

from bpmn import references
from bpmn.assembly import assemble
from engine.context import Context
from engine.domain.clock import TurnedClock
from engine.domain.ids import DossierId
from engine.errors import EngineError
from engine.services import step_back
from engine.store.dossiers import Dossier
from engine.store.tasks import Task
from engine.verification.verify import verify
from tests.support.contexts import START
from tests.support.model_paths import Act, Explorer, ModelPath
from tests.support.path_replay import Counter, a_counter, finish, go_through, received

MOST = 40  # paths among which the longest is looked for
REFUSED = {"step-not-reversible", "no-step-before", "dossier-waits"}
KEPT = ("status", "due_at", "late_after", "is_paused", "nears_at", "foreseen_at", "finished_at")


@cache
def longest(code: str) -> ModelPath:
    """Return the path with most acts among the first ones."""
    reference = references.read(code)
    explorer = Explorer(assemble(reference.source), reference.form, reference.decisions)
    return max(islice(explorer.paths(), MOST), key=lambda path: len(path.acts))


def facts(ctx: Context, dossier: str) -> dict[str, Any]:
    """Return what a step that is taken back must leave as it was."""
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.session.get(Dossier, UUID(dossier))
        of = DossierId(UUID(dossier))
        promise = uow.deadlines.promise(of)
        return {
            **{name: getattr(row, name) for name in KEPT},
            "process": uow.tasks.process(of).state,
            "open": sorted((str(task.id), task.process_task, task.due_at) for task in uow.tasks.open_of(of)),
            "waits": sorted((wait.process_wait, wait.state, wait.due_at, wait.wake_at) for wait in uow.waits.of(of)),
            "lines": [(line.no, line.from_unit_id, line.to_unit_id, line.taken_at) for line in uow.tasks.handovers(of)],
            "promise": None if promise is None else (promise.due_at, promise.wake_at, promise.wake_for),
        }


def just_done(ctx: Context, dossier: str) -> Task | None:
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.session.get(Dossier, UUID(dossier))
        assert row is not None
        tasks = uow.tasks.all_of(DossierId(UUID(dossier)))
        return next((task for task in tasks if task.last_seq == row.event_seq), None)


def opened_by(ctx: Context, dossier: str, task: Task) -> list[Task]:
    with ctx.unit_of_work(read_only=True) as uow:
        return [each for each in uow.tasks.open_of(DossierId(UUID(dossier))) if each.came_from == task.id]


def attempt(tally: Tally[str], name: str, call: Any) -> bool:
    try:
        call()
    except EngineError as error:
        if error.code not in REFUSED:
            raise
        tally[f"{name} refused"] += 1
        return False
    tally[name] += 1
    return True


def go_there_and_back(counter: Counter, dossier: str, act: Act, path: ModelPath, tally: Tally[str]) -> None:
    """Do an act of the path, take it back, do it again, send back what it opened, and do it once more."""
    ctx, again = counter.ctx, replace(path, acts=(act,))
    before = facts(ctx, dossier)
    go_through(counter, dossier, again)
    done = just_done(ctx, dossier) if act.do == "complete" else None
    if done is None:
        return

    def take() -> object:
        return step_back.take_back(ctx, by=counter.actor, task_id=str(done.id))

    if attempt(tally, "taken", take):
        after = facts(ctx, dossier)
        signed = [(no, giver, taker) for no, giver, taker, _ in before.pop("lines")]  # the receiver has signed since
        assert [(no, giver, taker) for no, giver, taker, _ in after.pop("lines")] == signed
        assert after == before
        go_through(counter, dossier, again)
    done = just_done(ctx, dossier)
    for opened in [] if done is None else opened_by(ctx, dossier, done):

        def send(task: str = str(opened.id)) -> object:
            return step_back.send_back(ctx, by=counter.actor, task_id=task, reason="Xem lại")

        if attempt(tally, "sent", send):
            go_through(counter, dossier, again)


@pytest.mark.parametrize("code", references.codes())
def test_each_step_of_a_reference_process_goes_back_exactly_or_not_at_all(sqlite_ctx: Context, code: str) -> None:
    counter = a_counter(sqlite_ctx, code)
    counter = replace(counter, ctx=replace(counter.ctx, clock=TurnedClock(START)))
    path, tally = longest(code), Tally[str]()
    told = received(counter, dict(path.facts))
    for act in path.acts[:-1]:
        go_there_and_back(counter, told["id"], act, path, tally)
    go_through(counter, told["id"], replace(path, acts=path.acts[-1:]))
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        ended = uow.dossiers.get(DossierId(UUID(told["id"]))).ended_at is not None
    if not ended:
        finish(counter, told["id"])
    assert verify(replace(sqlite_ctx, clock=counter.ctx.clock)) == []
    assert tally["taken"] > 0
    assert tally["sent"] + tally["sent refused"] > 0
