"""What would become of a dossier on another version of its procedure: judged, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bpmn import model as models
from bpmn import runner
from bpmn.errors import BpmnError, MoveBlockedError
from bpmn.model import StepFacts
from engine.domain import deadlines, permissions
from engine.domain.actors import Actor
from engine.domain.cutoffs import Cutoff
from engine.domain.dossier import DeadlineState, PauseReason
from engine.domain.events import VERSION_KINDS, EventKind
from engine.domain.limits import Limit
from engine.domain.stages import Grant, shares_of
from engine.domain.version_moves import (
    TELL_STAGE,
    Dates,
    Obstacle,
    Origin,
    Recounted,
    recounted,
    same_steps,
    stage_end_over,
    stages_after,
)
from engine.errors import EngineError, InvalidInputError
from engine.services import appointments, lateness, promises, step_units
from engine.services.case import Case
from engine.services.version_places import gone, model_of, position, reason
from engine.store.agencies import AgencyNotFoundError, Unit, UnitNotFoundError
from engine.store.deadlines import Deadline
from engine.store.procedures import Procedure, ProcedureVersion
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork
from engine.store.version_moves import Verdict

Why = list[dict[str, Any]]

ORIGINS = (
    EventKind.RECEIVED,
    EventKind.CORRECTED,
    EventKind.PROMISE_MADE,
    EventKind.CLOCK_RESTARTED,
    *VERSION_KINDS,
)
JUDGED_BY = {*ORIGINS, *TELL_STAGE, EventKind.TASK_OPENED}  #: kinds of all events that a verdict looks at

LEFT = "left"  # reasons beside those of ``Obstacle``: the administrator leaves who stands at the step
BROKEN = "broken"  # the date stays: it was broken before
PASSED = "would-have-passed"  # the date stays: with the new limit it would lie in the past


@dataclass(frozen=True, slots=True)
class Wish:
    """What an administrator asks for: the version, old step -> new step (None: leave who stands there), the dates."""

    to: ProcedureVersion
    mapping: Mapping[str, str | None]
    dates: Dates


@dataclass(frozen=True, slots=True)
class TaskPlan:
    """What becomes of an open task."""

    task: Task
    step: StepFacts
    unit: Unit
    due_at: datetime | None
    grant: Grant | None  # the share of its stage; None where it has none
    was: Grant | None


@dataclass(frozen=True, slots=True)
class Plan:
    """The verdict on one dossier, and what is to be written when it moves."""

    verdict: Verdict
    at: tuple[str, ...]  # nodes at which it stands
    why: Why = field(default_factory=list)
    state: bytes = b""
    mapping: dict[str, str] = field(default_factory=dict)  # what of the wish it needed
    stages: dict[int, int] = field(default_factory=dict)
    left_at: int | None = None
    tasks: list[TaskPlan] = field(default_factory=list)
    promise: Recounted | None = None  # None: what was promised stays
    due_before: datetime | None = None

    @property
    def due_after(self) -> datetime | None:
        """The date that it has afterwards."""
        return self.promise.due_at if self.promise is not None else self.due_before


class InvalidMappingError(InvalidInputError):
    """A step that is mapped, or the one that takes its place, does not exist."""

    code = "version-mapping-invalid"


class _ObstaclesError(Exception):
    """The dossier cannot move."""

    def __init__(self, why: Why) -> None:
        super().__init__(str(why))
        self.why = why


def procedure_of(uow: UnitOfWork, *, by: Actor, code: str, agency: str | None) -> Procedure:
    """Return a procedure of which the actor is an administrator.

    Args:
        agency: code of its agency; None: the first that has it.

    Raises:
        ProcedureNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    asked = [uow.agencies.by_code(agency)] if agency is not None else uow.agencies.all()
    owner = next((each.id for each in asked if uow.procedures.find(each.id, code) is not None), asked[0].id)
    permissions.check_can_administer(by, agency=owner)
    return uow.procedures.by_code(owner, code)


def asked_for(
    uow: UnitOfWork,
    *,
    by: Actor,
    code: str,
    agency: str | None,
    number: int,
    mapping: Mapping[str, str | None],
    dates: Dates,
) -> tuple[Procedure, Wish]:
    """Return what an administrator asks for, checked against the versions of the procedure.

    Raises:
        InvalidMappingError: a step of the mapping does not exist.
        ProcedureNotFoundError, VersionNotFoundError, AgencyNotFoundError, NotAllowedError.
    """
    procedure = procedure_of(uow, by=by, code=code, agency=agency)
    to = uow.procedures.version_number(procedure.id, number)
    others = [version for version in uow.procedures.versions(procedure.id) if version.id != to.id]
    _check_mapping(mapping, to, others)
    return procedure, Wish(to, dict(sorted(mapping.items())), dates)


def _check_mapping(mapping: Mapping[str, str | None], to: ProcedureVersion, others: list[ProcedureVersion]) -> None:
    there = models.facts(to.model).steps
    known = {node for version in others for node in models.facts(version.model).steps}
    for old, new in mapping.items():
        if old not in known and not any(f'"{old}"' in version.model for version in others):
            message = f"no other version of the procedure has a step {old!r}: name it by its node, as the preview does"
            raise InvalidMappingError(message, field="mapping", step=old)
        if new is not None and old in known and new not in there:
            message = f"version {to.number} has no step {new!r}: name one by its node, as procedures show does"
            raise InvalidMappingError(message, field="mapping", step=new)


def on_version(case: Case, version: ProcedureVersion) -> Case:
    """Return the case as it is after the move: the same dossier, read by another version."""
    return replace(case, version=version, facts=models.facts(version.model))


def judge(case: Case, wish: Wish) -> Plan:
    """Return what becomes of a dossier; every reason that stands in the way, not only the first."""
    standing: tuple[str, ...] = ()
    due_before = case.dossier.due_at
    try:
        state = case.uow.tasks.process(case.dossier.id).state
        places = runner.places(model_of(case.version), state)
        standing = tuple(dict.fromkeys(place.place for place in places))
        left = [node for node in standing if node in wish.mapping and wish.mapping[node] is None]
        if left:
            return Plan(Verdict.LEFT, standing, [reason(LEFT, case, node) for node in left], due_before=due_before)
        return _moving(case, wish, state, standing)
    except _ObstaclesError as error:
        return Plan(Verdict.BLOCKED, standing, error.why, due_before=due_before)
    except (BpmnError, EngineError) as error:  # a state or date that cannot be read
        why = [{"reason": Obstacle.UNREADABLE.value, "text": str(error)[:300]}]
        return Plan(Verdict.BLOCKED, standing, why, due_before=due_before)


def _moving(case: Case, wish: Wish, state: bytes, standing: tuple[str, ...]) -> Plan:
    after = on_version(case, wish.to)
    known = same_steps(case.facts.steps.values(), after.facts.steps) | dict(wish.mapping)
    mapping = {node: to for node in standing if (to := known.get(node)) is not None and to != node}
    moved, looks = _moved(case, wish, state, mapping)
    stages = stages_after(case.facts.steps.values(), after.facts.steps, known)
    promise = case.uow.deadlines.promise(case.dossier.id)
    _check_clock(case, after, promise, mapping)
    left_before = appointments.left_at(case)
    left_at = None if left_before is None else stages.get(left_before, left_before)
    new, kept = _new_promise(case, after, wish, promise)
    tasks = _tasks(case, after, mapping, promise, new, left_at, state)
    moves_date = new is not None and promise is not None and new.due_at != promise.due_at
    return Plan(
        Verdict.MOVES_DATE if moves_date else Verdict.MOVES,
        standing,
        [*looks, *([{"reason": kept}] if kept else [])],
        state=moved,
        mapping=mapping,
        stages=stages,
        left_at=left_at,
        tasks=tasks,
        promise=new,
        due_before=case.dossier.due_at,
    )


def _moved(case: Case, wish: Wish, state: bytes, mapping: dict[str, str]) -> tuple[bytes, Why]:
    """Return the state on the new version, and what somebody should look at there."""
    try:
        moved = runner.moved(model_of(case.version), model_of(wish.to), state, mapping)
    except MoveBlockedError as error:
        raise _ObstaclesError([gone(case, node) for node in error.nodes]) from error
    faults, looks = position(wish.to, moved)
    if faults:
        raise _ObstaclesError(faults)
    return moved, looks


def _check_clock(case: Case, after: Case, promise: Deadline | None, mapping: Mapping[str, str]) -> None:
    """Refuse what would leave the clock without an end or a beginning, or appointments without a number."""
    if promise is None:
        return
    why: Why = []
    if len(appointments.limits(case.version)) != len(appointments.limits(after.version)):
        why.append({"reason": Obstacle.APPOINTMENTS.value})
    pauses = case.uow.deadlines.pauses(case.dossier.id)
    stands_for_step = case.dossier.is_paused and bool(pauses) and pauses[-1].reason is PauseReason.STEP
    outside = [node for node, step in _steps_now(case).items() if not step.counts_in_limit]
    there = [after.facts.steps.get(mapping.get(node, node)) for node in _steps_now(case)]
    outside_there = [step for step in there if step is not None and not step.counts_in_limit]
    resumes = any(step.resumes_clock for step in after.facts.steps.values())
    if len(outside) != len(outside_there) or (stands_for_step and not outside and not resumes):
        why.append({"reason": Obstacle.CLOCK.value})
    if why:
        raise _ObstaclesError(why)


def _steps_now(case: Case) -> dict[str, StepFacts]:
    return {task.node: case.facts.steps[task.node] for task in case.uow.tasks.open_of(case.dossier.id)}


# --- the promise -----------------------------------------------------------------------------------------------------


def _new_promise(case: Case, after: Case, wish: Wish, promise: Deadline | None) -> tuple[Recounted | None, str | None]:
    """Return the promise with the limit of the new version, or None with the reason why its date stays."""
    if promise is None or wish.dates is Dates.KEEP or promise.state is DeadlineState.ENDED:
        return None, None
    limit = promises.limit_of(after, promise.promise_no)
    if str(limit) == str(Limit.parse(promise.limit)):
        return None, None
    runs = promise.running_from is not None
    if promise.is_broken or promise.passed_at is not None or (runs and deadlines.is_late(case.now, promise.late_after)):
        return None, BROKEN
    start, pauses = origin_of(case)
    new = recounted(case.calendar, start, limit, pauses, late_rule=case.late_rule, now=case.now)
    return new, None if new is not None else PASSED


def origin_of(case: Case) -> tuple[Origin, list[tuple[datetime, datetime | None]]]:
    """Return from where the promise in force counted its whole limit last, and the pauses since."""
    start, cutoff = None, None
    for event in case.uow.events.of_kinds(case.dossier.id, ORIGINS):
        said = event.payload
        cutoff = said.get("cutoff", cutoff)
        if event.kind == EventKind.RECEIVED:
            start = Origin(datetime.fromisoformat(said["received_at"]), Cutoff.parse(cutoff))
        elif event.kind == EventKind.PROMISE_MADE or (event.kind == EventKind.CLOCK_RESTARTED and not said["broken"]):
            start = Origin(event.at, Cutoff.parse(cutoff))
        elif event.kind == EventKind.CORRECTED and "origin_at" in said:
            start = Origin(datetime.fromisoformat(said["origin_at"]), Cutoff.parse(cutoff))
    assert start is not None  # noqa: S101 - a promise was made by one of these
    pauses = case.uow.deadlines.pauses(case.dossier.id)
    since = [each for each in pauses if each.ended_at is None or each.ended_at > start.at]
    return start, [(each.started_at, each.ended_at) for each in since]


def received_at(case: Case) -> datetime:
    """Return when the dossier was received, as its history says by now."""
    said = [event.payload for event in case.uow.events.of_kinds(case.dossier.id, ORIGINS)]
    return datetime.fromisoformat([each["received_at"] for each in said if each.get("received_at")][-1])


def task_plans(case: Case, promise: Deadline, new: Recounted) -> list[TaskPlan]:
    """Return what becomes of the open tasks when the promise alone is counted again, on the version that it has."""
    state = case.uow.tasks.process(case.dossier.id).state
    return _tasks(case, case, {}, promise, new, appointments.left_at(case), state)


# --- the tasks -------------------------------------------------------------------------------------------------------


def _tasks(
    case: Case,
    after: Case,
    mapping: Mapping[str, str],
    promise: Deadline | None,
    new: Recounted | None,
    left_at: int | None,
    state: bytes,
) -> list[TaskPlan]:
    plans, why = [], []
    waiting = {each.id: each.item for each in runner.open_tasks(model_of(case.version), state)}
    for task in case.uow.tasks.open_of(case.dossier.id):
        step = after.facts.steps[mapping.get(task.node, task.node)]
        if step.phase.value != task.phase:
            why.append(reason(Obstacle.PHASE, case, task.node))
            continue
        try:
            unit = _unit(case, after, task, step, waiting.get(task.process_task))
        except (UnitNotFoundError, AgencyNotFoundError) as error:
            why.append(reason(Obstacle.UNIT, case, task.node) | {"text": error.message})
            continue
        was = lateness.granted(case, task)
        due_at, grant = _stage_end(case, after, task, step, promise, new, was, left_at)
        plans.append(TaskPlan(task, step, unit, due_at, grant, was))
    if why:
        raise _ObstaclesError(why)
    return plans


def _unit(case: Case, after: Case, task: Task, step: StepFacts, item: str | None) -> Unit:
    """Return who does the step from now on: who has it, unless the versions name different units for it."""
    before = case.facts.steps[task.node]
    has_it = case.uow.agencies.unit(task.unit_id)
    if (before.unit, before.agency) == (step.unit, step.agency):
        return has_it  # also where somebody re-routed it by hand
    return step_units.unit_of(after, step, item=item)


def _stage_end(
    case: Case,
    after: Case,
    task: Task,
    step: StepFacts,
    promise: Deadline | None,
    new: Recounted | None,
    was: Grant | None,
    left_at: int | None,
) -> tuple[datetime | None, Grant | None]:
    """Return when the stage should be done: its share counts from where it began; the same share keeps its date."""
    if step.own_limit is not None or case.facts.steps[task.node].own_limit is not None:
        return task.due_at, was  # what was asked of others goes on
    if promise is None or step.stage == 0 or step.phase == "return":
        return None, None
    total = new.limit if new is not None else appointments.limit_now(after, promise)
    stages = lateness.stages_left(after, left_at)
    shares = shares_of(stages, current=step.stage, total=total)
    if shares is None or step.stage not in {stage.no for stage in stages}:
        return None, None
    if was is not None and task.due_at is not None and str(was.share) == str(shares.own):
        return task.due_at, was
    begins = was.begins_at if was is not None else max(task.opened_at, promise.running_from or task.opened_at)
    grant = Grant(begins, shares.own)
    pauses = [(pause.started_at, pause.ended_at) for pause in case.uow.deadlines.pauses(case.dossier.id)]
    return stage_end_over(case.calendar, grant, pauses), grant
