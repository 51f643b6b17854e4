"""What would become of each of many chosen tasks, by the checks that the act itself makes; nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor
from engine.domain.dossier import TaskState
from engine.domain.ids import TaskId, VersionId
from engine.errors import EngineError, InvalidInputError
from engine.services import processing, views
from engine.services.case import Case, as_uuid, case_of
from engine.store.task_batches import Chosen
from engine.store.tasks import Task, TaskNotFoundError
from engine.store.unit_of_work import UnitOfWork

MOST = 200  #: tasks of one act

_Step = tuple[Any, ...]


class MixedStepsError(InvalidInputError):
    """The chosen tasks are not of one step; ``groups`` says which steps, and which of the tasks stand at each."""

    code = "mixed-steps"


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen: the tasks that there are for the actor, in the order asked, and the ids that name none."""

    found: list[Chosen]
    unknown: list[str]


def preview(ctx: Context, *, by: Actor, task_ids: Sequence[str], outcome: str | None = None) -> dict[str, Any]:
    """Tell what completing these tasks with one outcome would do: ``able`` and ``unable``, and a line for each.

    Args:
        task_ids: at most MOST; one that is named twice counts once.
        outcome: one of those that the step offers; None: its only one, else none is judged and ``outcomes`` says which.

    Raises:
        MixedStepsError: they are not of one step.
        InvalidInputError: there are none, or too many.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        selection = select(uow, by=by, task_ids=task_ids)
        cases = cases_of(ctx, uow, by=by, found=selection.found)
        check_same_step(cases)
        first, task = cases[0]
        wanted = outcome or _only(processing.outcomes_of(first, task))
        lines = [_line(case, each, wanted) for case, each in cases]
        lines += [_unknown(task_id) for task_id in selection.unknown]
        step = first.facts.steps[task.node]
        return {
            "step": task.name,
            "procedure_code": first.facts.code,
            "procedure_name": first.facts.name,
            "outcomes": views.task_view(first, task)["outcomes"],
            "outcome": wanted,
            "lines": lines,
            "able": sum(line["able"] for line in lines),
            "unable": sum(not line["able"] for line in lines),
            "undoable": not (step.ends_processing or step.pauses_clock or step.resumes_clock),
        }


def select(uow: UnitOfWork, *, by: Actor, task_ids: Sequence[str]) -> Selection:
    """Return the chosen tasks; what the actor may not know of is as if there were none (S05).

    Raises:
        InvalidInputError: no task is chosen, none of them exists, or there are more than MOST.
    """
    wanted = list(dict.fromkeys(task_ids))
    if not wanted or len(wanted) > MOST:
        raise InvalidInputError(f"choose 1 to {MOST} tasks, not {len(wanted)}", field="tasks")
    ids = {text: as_uuid(text) for text in wanted}
    known = uow.task_batches.chosen([TaskId(each) for each in ids.values() if each is not None])
    found, unknown = dict[TaskId, Chosen](), list[str]()
    for text, each in ids.items():
        chosen = None if each is None else known.get(TaskId(each))
        if chosen is None or not permissions.can_read(by, chosen.agencies):
            unknown.append(text)
        else:
            found[chosen.task.id] = chosen
    if not found:
        raise TaskNotFoundError("none of these tasks exists")
    return Selection(list(found.values()), unknown)


def check_same_step(cases: Iterable[tuple[Case, Task]]) -> None:
    """Refuse tasks of different steps, or of one step that offers different outcomes on different versions.

    Raises:
        MixedStepsError.
    """
    groups: dict[_Step, dict[str, Any]] = {}
    for case, task in cases:
        key = (case.dossier.procedure_id, task.node, task.name, tuple(processing.outcomes_of(case, task)))
        told = {"step": task.name, "procedure": case.facts.code, "version": case.version.number, "tasks": []}
        groups.setdefault(key, told)["tasks"].append(str(task.id))
    if len(groups) > 1:
        names = "; ".join(f"{each['step']} ({each['procedure']}): {len(each['tasks'])}" for each in groups.values())
        message = f"the chosen tasks stand at {len(groups)} different steps: {names}. Choose those of one step"
        raise MixedStepsError(message, field="tasks", groups=list(groups.values()))


def cases_of(ctx: Context, uow: UnitOfWork, *, by: Actor, found: list[Chosen]) -> list[tuple[Case, Task]]:
    """Open each dossier for looking; version and calendar are read once for all that share them."""
    alike: dict[tuple[VersionId, int], Case] = {}
    cases = []
    for chosen in found:
        key = chosen.dossier.version_id, chosen.dossier.resolving_agency_id
        if key not in alike:
            alike[key] = case_of(ctx, uow, by=by, dossier=chosen.dossier)
        cases.append((replace(alike[key], by=by, dossier=chosen.dossier, effects=[]), chosen.task))
    return cases


def _only(outcomes: list[str]) -> str | None:
    return outcomes[0] if len(outcomes) == 1 else None


def _line(case: Case, task: Task, outcome: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"task": str(task.id), "dossier": str(case.dossier.id), "code": case.dossier.code}
    try:
        if task.state is not TaskState.OPEN:
            raise processing.gone(case, task)
        processing.check_completion(case, task, outcome=outcome or processing.outcomes_of(case, task)[0])
        processing.check_fields_of(case, task, {})
    except EngineError as error:
        return told | {"able": False, **refused(error)}
    return told | {"able": True, "error": None, "why": None, "who": None}


def _unknown(task_id: str) -> dict[str, Any]:
    error = TaskNotFoundError(f"there is no task with id {task_id[:40]}")
    return {"task": task_id, "dossier": None, "code": None, "able": False, **refused(error)}


def refused(error: EngineError) -> dict[str, Any]:
    """Return why a task is not done: the code of the error, its message, and who did or holds it when that is known."""
    who = error.details.get("officer") or error.details.get("by")
    return {"error": error.code, "why": error.message, "who": who if isinstance(who, str) else None}
