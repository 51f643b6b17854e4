"""Replays paths of a reference process through the services, as people and the clock would take them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bpmn import references
from bpmn.model import ModelFacts
from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.clock import TurnedClock
from engine.domain.dossier import Status, TaskState
from engine.domain.ids import DossierId, TaskId
from engine.seeds import base
from engine.services import answers, endings, intake, procedure_library, processing, timekeeping
from engine.store.tasks import Task
from engine.store.waits import WaitState
from tests.support.builders import NO_EMAIL, a_person
from tests.support.contexts import START
from tests.support.model_paths import Act, ModelPath

EVERY_ROLE = (Role.DESK, Role.OFFICER, Role.APPROVER, Role.CLERK, Role.SUPERVISOR)
ANSWER_TAKES = timedelta(hours=26)  # until somebody outside answers: a working day and two hours


@dataclass(frozen=True)
class Played:
    """What became of a path: the answer after each act, and what was promised at receipt."""

    promised: dict[str, Any]
    last: dict[str, Any]


@dataclass(frozen=True)
class Counter:
    """An agency that has published a reference process, and one person in all its units with every role."""

    ctx: Context
    code: str
    actor: Actor
    facts: ModelFacts
    decisions: str


def a_counter(ctx: Context, code: str) -> Counter:
    """Publish a reference process in the default agency; its partners are units of the agency."""
    base.ensure(ctx)
    outcome = procedure_library.add(ctx, by=SYSTEM, code=code)
    assert outcome.refused == []
    return also(ctx, code)


def also(ctx: Context, code: str) -> Counter:
    """Return the counter for a process that the default agency has published."""
    with ctx.unit_of_work() as uow:
        agency = uow.agencies.default()
        units = [(unit.id, each.id) for each in uow.agencies.all() for unit in uow.agencies.units(each.id)]
    for unit, owner in units:
        actor = a_person(ctx, owner, "moi-viec", EVERY_ROLE, [unit])
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = uow.procedures.by_code(agency.id, code)
        version = uow.procedures.in_force(procedure, ctx.clock.now())
        assert version is not None
        return Counter(ctx, code, actor, ModelFacts.from_xml(version.model), references.read(code).decisions)


def filing(counter: Counter, facts: dict[str, Any]) -> intake.Filing:
    """Return what a citizen brings to the counter."""
    return intake.Filing(procedure_code=counter.code, applicant=NO_EMAIL, agency=base.DEFAULT_CODE, facts=facts)


def received(counter: Counter, facts: dict[str, Any]) -> dict[str, Any]:
    """Receive a dossier at the counter."""
    return intake.receive(counter.ctx, by=counter.actor, filing=filing(counter, facts))


def replay(counter: Counter, path: ModelPath) -> Played:
    """Take a dossier through a path; the clock begins anew with it."""
    here = replace(counter, ctx=replace(counter.ctx, clock=TurnedClock(START)))
    told = received(here, dict(path.facts))
    return Played(told, go_through(here, told["id"], path))


def go_through(counter: Counter, dossier: str, path: ModelPath) -> dict[str, Any]:
    """Take a received dossier through the acts of a path; return the last answer."""
    answer: dict[str, Any] = {}
    for act in path.acts:
        answer = _do(counter, dossier, act) or answer
    return answer


def finish(counter: Counter, dossier: str) -> dict[str, Any]:
    """Do the open steps by the first outcome of each, up to the hand-over."""
    answer: dict[str, Any] = {"status": 0}
    while answer["status"] != Status.RETURNED.value:
        with counter.ctx.unit_of_work(read_only=True) as uow:
            row = uow.tasks.open_of(DossierId(UUID(dossier)))[0]
        step = counter.facts.steps[row.node]
        outcome = step.outcomes[0][0] if step.outcomes else "done"
        answer = _complete(counter, dossier, Act("complete", row.node, row.process_task, outcome)) or answer
    return answer


def _do(counter: Counter, dossier: str, act: Act) -> dict[str, Any] | None:
    match act.do:
        case "complete":
            return _complete(counter, dossier, act)
        case "message":
            _clock(counter).advance(ANSWER_TAKES)
            return answers.record(counter.ctx, by=counter.actor, dossier=dossier, message=act.node)
        case _:
            let_pass(counter, dossier, set(act.node.split("+")))
            return None


def _complete(counter: Counter, dossier: str, act: Act) -> dict[str, Any] | None:
    row = _task(counter, dossier, act)
    if row.state is TaskState.DONE:  # the step that the receipt itself has done
        assert row.phase == "reception"
        return None
    if counter.facts.steps[act.node].last:
        receiver = endings.Receiver(name=NO_EMAIL.name, identity_number=NO_EMAIL.identity_number)
        return endings.hand_over_result(counter.ctx, by=counter.actor, dossier=dossier, receiver=receiver)
    task: TaskId = row.id
    fields = dict(act.fields) or None
    done = processing.complete(counter.ctx, by=counter.actor, task_id=str(task), outcome=act.outcome, fields=fields)
    return dict(done)


def _task(counter: Counter, dossier: str, act: Act) -> Task:
    """Return the row of the act's task: by its token, or by its node when something between has moved the numbers."""
    with counter.ctx.unit_of_work(read_only=True) as uow:
        rows = [row for row in uow.tasks.all_of(DossierId(UUID(dossier))) if row.node == act.node]
        still_open = [row for row in rows if row.state is TaskState.OPEN]
        exact = [row for row in still_open if row.process_task == act.task]
        return (exact or still_open or rows)[0]


def let_pass(counter: Counter, dossier: str, nodes: set[str]) -> None:
    """Let the clock run until the times of these waits have passed, and no other of the dossier's."""
    clock = _clock(counter)
    while True:
        left = _open_waits(counter, dossier)
        due = [at for node, at in left if node in nodes]
        if not due:
            return
        at = timekeeping.next_wake(counter.ctx)
        assert at is not None
        assert at <= max(due)
        clock.turn_to(max(at, clock.now()))
        timekeeping.pass_due(counter.ctx)


def _open_waits(counter: Counter, dossier: str) -> list[tuple[str, datetime]]:
    with counter.ctx.unit_of_work(read_only=True) as uow:
        rows = uow.waits.of(DossierId(UUID(dossier)))
        return [(row.node, row.wake_at) for row in rows if row.state is WaitState.OPEN and row.wake_at is not None]


def _clock(counter: Counter) -> TurnedClock:
    clock = counter.ctx.clock
    assert isinstance(clock, TurnedClock)
    return clock


def ends_refused(counter: Counter, path: ModelPath) -> bool:
    """Tell whether the step of the path that ends processing decides against the applicant."""
    steps = [counter.facts.steps[act.node] for act in path.acts if act.do == "complete"]
    (decision,) = (step.decision for step in steps if step.ends_processing)
    return decision == "refused"


def status_of(answer: dict[str, Any]) -> Status:
    """Return the status of an answer."""
    return Status(answer["status"])
