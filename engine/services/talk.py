"""What officers say to each other about a dossier: opinions, suggested refusals, notes, and which of these are open."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.acts import Act
from engine.domain.dossier import ENDED, RUNNING
from engine.services import absences, dossier_file, opinions
from engine.services.case import Case
from engine.services.officer_names import OfficerNames
from engine.store.consultations import Opinion


def offered(case: Case) -> set[Act]:
    """Return the acts of this module's kind that are open to the actor; the services check again."""
    row = case.dossier
    acts = {Act.NOTE} if _may_note(case) else set()
    if row.finished_at is not None or case.status in ENDED:
        return acts
    if opinions.open_for(case):
        acts.add(Act.GIVE_OPINION)
    running = case.status in RUNNING
    suggestion = case.uow.consultations.open_suggestion(row.id)
    approves = case.by.may_as(row.resolving_agency_id, (Role.APPROVER,))
    if running and approves and suggestion is not None:
        acts.add(Act.DECLINE_REFUSAL)
    places = [(task.owner_agency_id, task.unit_id) for task in case.uow.tasks.open_of(row.id)]
    if permissions.can_interrupt(case.by, places=places, resolving=row.resolving_agency_id):
        acts.add(Act.ASK_OPINION)
        if running and not approves and suggestion is None:
            acts.add(Act.SUGGEST_REFUSAL)
    return acts


def form_facts(case: Case) -> dict[str, Any]:
    """Return what the forms of a dossier need to know of this.

    ``to_answer``: requests that the actor may answer; ``open_opinions``: how many are not answered yet;
    ``suggestion``: the suggested refusal that nobody has decided, else None; ``away``: by the id of an open task, until
    when its officer is away and who covers; ``behalf``: by the id of an open task that the actor may do only in the
    place of somebody who is away, the name of that officer.
    """
    waiting = [row for row in case.uow.consultations.opinions(case.dossier.id) if opinions.is_open(row)]
    suggestion = case.uow.consultations.open_suggestion(case.dossier.id)
    names = OfficerNames(case.uow)
    return {
        "to_answer": [_opinion(case, row, names) for row in opinions.open_for(case)],
        "open_opinions": len(waiting) if case.dossier.finished_at is None else 0,
        "suggestion": None
        if suggestion is None
        else {
            "no": suggestion.no,
            "reason": suggestion.reason,
            "by": names.of(suggestion.suggested_by),
            "at": _local(case, suggestion.suggested_at),
        },
        "away": _away(case),
        "behalf": _behalf(case),
    }


def listed(ctx: Context, *, by: Actor, dossier: str) -> dict[str, Any]:
    """Return ``told`` of a dossier that is not open yet.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return told(case)


def told(case: Case) -> dict[str, Any]:
    """Return ``opinions``, ``refusal_suggestions`` and ``notes`` of a dossier that is open, each in order."""
    names, store = OfficerNames(case.uow), case.uow.consultations
    return {
        "opinions": [_opinion(case, row, names) for row in store.opinions(case.dossier.id)],
        "refusal_suggestions": [
            {
                "no": row.no,
                "reason": row.reason,
                "by": names.of(row.suggested_by),
                "at": _local(case, row.suggested_at),
                "decision": row.decision,
                "answer": row.answer,
                "decided_by": names.of(row.decided_by),
                "decided_at": _local(case, row.decided_at),
            }
            for row in store.suggestions(case.dossier.id)
        ],
        "notes": [
            {"no": row.no, "text": row.text, "by": names.of(row.made_by), "at": _local(case, row.made_at)}
            for row in store.notes(case.dossier.id)
        ],
    }


def _opinion(case: Case, row: Opinion, names: OfficerNames) -> dict[str, Any]:
    undecided = case.dossier.finished_at is None and case.status not in ENDED
    places = [(task.owner_agency_id, task.unit_id) for task in case.uow.tasks.open_of(case.dossier.id)]
    asked_it = row.asked_by is not None and row.asked_by in {case.by.id, *case.by.covers}
    may_end = asked_it or permissions.can_interrupt(case.by, places=places, resolving=case.dossier.resolving_agency_id)
    state = "given" if row.answered_at is not None else "withdrawn" if row.withdrawn_at is not None else "open"
    return {
        "no": row.no,
        "state": state if undecided or state != "open" else "lapsed",
        "unit": case.uow.agencies.unit(row.unit_id).code,
        "unit_name": case.uow.agencies.unit(row.unit_id).name,
        "agency": case.uow.agencies.get(row.owner_agency_id).code,
        "question": row.question,
        "asked_by": names.of(row.asked_by),
        "asked_at": _local(case, row.asked_at),
        "due_at": _local(case, row.due_at),
        "overdue": state == "open" and row.due_at is not None and row.due_at < case.now,
        "stance": row.stance,
        "answer": row.answer,
        "answered_by": names.of(row.answered_by),
        "answered_at": _local(case, row.answered_at),
        "withdrawn_at": _local(case, row.withdrawn_at),
        "may_withdraw": undecided and state == "open" and may_end,
    }


def _may_note(case: Case) -> bool:
    roles = (*permissions.WORKING, Role.SUPERVISOR)
    return any(case.by.may_as(agency, roles) for agency in case.uow.dossiers.agencies(case.dossier.id))


def _away(case: Case) -> dict[str, dict[str, Any]]:
    tasks = {task.id: task.assignee_id for task in case.uow.tasks.open_of(case.dossier.id) if task.assignee_id}
    away = absences.away_now(case.uow, officers=set(tasks.values()), at=case.now)
    return {
        str(task): away[officer] | {"until": _local(case, away[officer]["until"])}
        for task, officer in tasks.items()
        if officer in away
    }


def _behalf(case: Case) -> dict[str, str]:
    names = {each.id: each.name for each in case.by.absent}
    found = {}
    for task in case.uow.tasks.open_of(case.dossier.id) if names else []:
        check = partial(
            permissions.check_can_work_on,
            agency=task.owner_agency_id,
            unit=task.unit_id,
            phase=task.phase,
            assignee=task.assignee_id,
            role=case.facts.steps[task.node].role,
        )
        try:
            standing = permissions.acting(case.by, check)
        except (permissions.TaskNotYoursError, permissions.TaskClaimedError):
            continue
        if standing.behalf is not None:
            found[str(task.id)] = names[standing.behalf]
    return found


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
