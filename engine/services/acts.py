"""Which acts a dossier offers to an officer now: what its status allows and what their roles allow, the next one first.

A screen shows these as buttons; every service checks again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain import deadlines, permissions
from engine.domain.actors import Actor, Role
from engine.domain.acts import OF_HISTORY, PRIMARY, Act
from engine.domain.dossier import ENDED, RUNNING, TRANSITIONS, DeadlineState, LetterState, PauseReason, Status
from engine.domain.limits import Limit
from engine.domain.worktable import CalendarGapError
from engine.services import (
    answers,
    corrections,
    dossier_file,
    endings,
    late_causes,
    result_returns,
    step_back,
    supervision,
    talk,
    views,
)
from engine.services.case import Case
from engine.store.tasks import Task

USUAL_EXTENSION = Limit.parse("3 working_day")  # what the form of an apology suggests; the officer decides


def offered(ctx: Context, *, by: Actor, dossier: str, task: str | None = None) -> dict[str, Any]:
    """Return the acts that are open to the actor: ``acts`` in order, ``primary``, and what their forms need.

    ``task`` is the open task that the forms are about, ``own_tasks`` the ids of all that the actor may do.

    Args:
        task: id of the task to offer, when the actor may do several; one that is not open to them is passed over.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return open_acts(case, task)


def open_acts(case: Case, task: str | None = None) -> dict[str, Any]:
    """Return ``offered`` of a dossier that is open."""
    own = own_tasks(case, task)
    chosen = own[0] if own else None
    is_ours = case.dossier.source is None
    waits_for, back = _answers(case) if is_ours else [], step_back.facts(case, chosen)
    possible = {*late_causes.offered(case), *talk.offered(case)}
    if is_ours:
        possible |= _of_process(case, chosen, waits_for, back)
    else:
        possible &= OF_HISTORY
    acts = [act for act in Act if act in possible]
    return {
        "acts": acts,
        "primary": next((act for act in acts if act in PRIMARY), None),
        "task": None if chosen is None else views.task_view(case, chosen) | {"claimed": _is_mine(case, chosen)},
        "own_tasks": [str(each.id) for each in own],
        "answers": waits_for,
        "back": back,
        "result": result_returns.for_forms(case),
        "assignees": {str(row.id): _name(case, row) for row in case.uow.tasks.open_of(case.dossier.id)},
        "units": _units(case) if possible & {Act.TRANSFER, Act.ASK_OPINION} else [],
        "new_due_at": suggested_date(case) if Act.APOLOGISE in possible else None,
        **talk.form_facts(case),
        **supervision.form_facts(case),
    }


def _of_process(case: Case, chosen: Task | None, waits_for: list[str], back: dict[str, Any]) -> set[Act]:
    """Return the open acts that need a process, which a dossier of another system does not have."""
    return {
        *_at_reception(case),
        *_at_work(case, chosen),
        *({Act.ANSWER} if waits_for else set()),
        *_interruptions(case),
        *_endings(case),
        *_beside(case),
        *corrections.offered(case),
        *supervision.offered(case),
        *step_back.offered(back),
        *result_returns.offered(case),
    }


def suggested_date(case: Case) -> datetime | None:
    """Return a lawful new date for an apology: 3 working days after the old date, or after now when that is later.

    None for a finished dossier, and where the calendar does not reach.
    """
    row = case.dossier
    if row.due_at is None or row.finished_at is not None or row.ended_at is not None:
        return None
    try:
        due = deadlines.resume(case.calendar, resumed_at=max(case.now, row.due_at), rest=USUAL_EXTENSION)
        at = case.calendar.local(due.due_at)
        return at if case.calendar.is_working_moment(at) else case.calendar.local(case.calendar.next_opening(at))
    except CalendarGapError:
        return None


def _answers(case: Case) -> list[str]:
    """Return the answers that the actor may record now."""
    waits_for = answers.awaited(case)
    if not waits_for:
        return []
    try:
        answers.check_can_answer(replace(case))  # of its own: the check settles in whose place the actor stands
    except permissions.NotAllowedError:
        return []
    return waits_for


def own_tasks(case: Case, wanted: str | None = None) -> list[Task]:
    """Return the open tasks that the actor may do: the one asked for, one's own, those that wait for anybody."""
    tasks = [task for task in case.uow.tasks.open_of(case.dossier.id) if _may_work(case, task)]
    return sorted(tasks, key=lambda task: (str(task.id) != wanted, not _is_mine(case, task)))


def _may_work(case: Case, task: Task) -> bool:
    return permissions.can_work_on(
        case.by,
        agency=task.owner_agency_id,
        unit=task.unit_id,
        phase=task.phase,
        assignee=task.assignee_id,
        role=case.facts.steps[task.node].role,
    )


def _name(case: Case, task: Task) -> str | None:
    return None if task.assignee_id is None else case.uow.people.get(task.assignee_id).name


def _is_mine(case: Case, task: Task) -> bool:
    return task.assignee_id is not None and task.assignee_id in {case.by.id, *case.by.covers}


def _at_reception(case: Case) -> set[Act]:
    if not case.by.may_as(case.dossier.receiving_agency_id, (Role.DESK,)):
        return set()
    if case.status is Status.SUBMITTED:
        return {Act.RECEIVE, Act.REFUSE_RECEPTION}
    return {Act.TAKE_SUPPLEMENT} if case.status is Status.SUPPLEMENT else set()


def _at_work(case: Case, task: Task | None) -> set[Act]:
    if task is None or case.status is Status.SUBMITTED:
        return set()
    if (case.status is Status.SUPPLEMENT or _owes(case)) and case.facts.steps[task.node].own_limit is None:
        return set()
    acts = {Act.RELEASE if _is_mine(case, task) else Act.CLAIM}
    if not endings.is_last(case, task):
        return acts | {Act.COMPLETE}
    return acts | ({Act.HAND_OVER} if result_returns.may_hand_over(case) else set())


def _interruptions(case: Case) -> set[Act]:
    tasks = case.uow.tasks.open_of(case.dossier.id)
    places = [(task.owner_agency_id, task.unit_id) for task in tasks]
    if not permissions.can_interrupt(case.by, places=places, resolving=case.dossier.resolving_agency_id):
        return set()
    if case.dossier.finished_at is not None:
        return set()
    if _owes(case):
        return {Act.SETTLE}
    nexts = TRANSITIONS[case.status]
    allowed = case.version.policy["supplement"]["max"]
    acts = {Act.SUPPLEMENT} if Status.SUPPLEMENT in nexts and case.dossier.supplement_count < allowed else set()
    if Status.OBLIGATION in nexts:
        acts.add(Act.OBLIGATION)
    if case.status in RUNNING and any(task.phase == "processing" for task in tasks):
        acts.add(Act.TRANSFER)
    return acts


def _endings(case: Case) -> set[Act]:
    by, row, nexts = case.by, case.dossier, TRANSITIONS[case.status]
    if row.finished_at is not None:
        return set()
    acts = set()
    if case.status in RUNNING and by.may_as(row.resolving_agency_id, (Role.APPROVER,)):
        acts.add(Act.REFUSE)
    if Status.WITHDRAWN in nexts and by.may_as(row.receiving_agency_id, (Role.DESK, Role.SUPERVISOR)):
        acts.add(Act.WITHDRAW)
    if Status.STOPPED in nexts and by.may_as(row.resolving_agency_id, (Role.APPROVER, Role.SUPERVISOR)):
        acts.add(Act.STOP)
    return acts


def _beside(case: Case) -> set[Act]:
    """Return what can be done beside the process: papers, and the apology while it can still be written."""
    by, row = case.by, case.dossier
    acts = set()
    agencies = case.uow.dossiers.agencies(row.id)
    if case.status not in ENDED and any(by.may_as(agency, permissions.WORKING) for agency in agencies):
        acts.add(Act.ADD_PAPER)
    promise = case.uow.deadlines.promise(row.id)
    drafters = (Role.OFFICER, Role.APPROVER, Role.SUPERVISOR)
    if promise is None or not by.may_as(row.resolving_agency_id, drafters):
        return acts
    letter = case.uow.letters.of_promise(row.id, promise.promise_no)
    unfinished = promise.state is not DeadlineState.ENDED and row.extension_count == 0
    if letter.state is LetterState.DRAFT if letter is not None else unfinished:
        acts.add(Act.APOLOGISE)
    return acts


def _owes(case: Case) -> bool:
    """Whether the citizen has to pay first; a pause by a step of the procedure is ended by that step's successor."""
    if case.status is not Status.OBLIGATION:
        return False
    return case.uow.deadlines.pauses(case.dossier.id)[-1].reason is not PauseReason.STEP


def _units(case: Case) -> list[dict[str, str]]:
    """Return where the dossier can be transferred: units of its agencies first, then those of others."""
    places = sorted(case.uow.agencies.every_unit(), key=lambda at: at[0].id != case.dossier.resolving_agency_id)
    return [
        {"code": unit.code, "name": unit.name, "agency": agency.code, "agency_name": agency.name}
        for agency, unit in places
    ]
