"""What may be read of one dossier: the whole, what happened, where its process stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.forms import fields_of
from engine.services import appointments, dossier_file, fees, result_returns, views
from engine.services.case import Case
from engine.services.officer_names import OfficerNames
from engine.store.dossiers import Dossier
from engine.store.events import Event
from engine.store.tasks import Handover, Task


def detail(ctx: Context, *, by: Actor, dossier: str) -> dict[str, Any]:
    """Return everything that the dossier page shows.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return told(case)


def told(case: Case) -> dict[str, Any]:
    """Return ``detail`` of a dossier that is open."""
    row, uow = case.dossier, case.uow
    parties = uow.dossiers.parties(row.id)
    return views.summary(case) | {
        "procedure_name": case.facts.name,
        "procedure_version": case.version.number,
        "limit": _limit(case),
        "appointments": appointments.listed(case),
        "fee_vnd": fees.fee_of(
            uow, case.version, row.facts, channel=row.channel, case=row.case, at=row.received_at or case.now
        ),
        "event_seq": row.event_seq,
        "facts": _facts(case),
        "form": [field.as_json() | {"asked": field.asked.value} for field in fields_of(case.version.form).values()],
        **_chain(case),
        "waits": _waits(case),
        "case": row.case,
        "result_channel": row.result_channel.value,
        "notify_by": row.notify_by,
        "notify_language": row.notify_language,
        "decision": row.decision.value if row.decision else None,
        "late_cause": row.late_cause,
        "source": row.source,
        "source_key": row.source_key,
        "agencies": {
            "receiving": _agency(case, row.receiving_agency_id),
            "resolving": _agency(case, row.resolving_agency_id),
            "returning": _agency(case, row.returning_agency_id),
        },
        "applicant": _person(parties.get("applicant")),
        "owner": _person(parties.get("owner")),
        "receiver": _person(parties.get("receiver")),
        "result_return": result_returns.shown(case),
        "components": _papers(case),
        "steps": [_step(case, task) for task in uow.tasks.all_of(row.id)],
        "handovers": [_handover(case, line) for line in uow.tasks.handovers(row.id)],
        **_requests(case),
        "may": _may(case),
    }


def timeline(ctx: Context, *, by: Actor, dossier: str) -> list[dict[str, Any]]:
    """Return what happened, oldest first; each entry names who and when."""
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return happened(case)


def happened(case: Case) -> list[dict[str, Any]]:
    """Return ``timeline`` of a dossier that is open."""
    names = OfficerNames(case.uow)
    return [event_told(case, event, names) for event in case.uow.events.of(case.dossier.id)]


def event_told(case: Case, event: Event, names: OfficerNames) -> dict[str, Any]:
    """Return an event as ``timeline`` has it; ``behalf`` names the absent officer for whom it was done."""
    return {
        "seq": event.seq,
        "kind": str(event.kind),
        "at": _local(case, event.at),
        "actor": names.of(event.actor_id),
        "behalf": names.of(event.payload.get("for")),
        "status": event.payload.get("status"),
        "facts": {key: value for key, value in event.payload.items() if key not in ("process", "people")},
    }


def diagram(ctx: Context, *, by: Actor, dossier: str) -> dict[str, Any]:
    """Return the model of a dossier with the nodes where its tokens are, those of waits without any, and those done."""
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return {"model": case.version.model} | marks(case)


def marks(case: Case) -> dict[str, list[str]]:
    """Return the nodes of ``diagram`` of a dossier that is open."""
    tasks = case.uow.tasks.all_of(case.dossier.id)
    waits = [wait.node for wait in case.uow.waits.open_of(case.dossier.id)]
    return {
        "open": [task.node for task in tasks if task.state.value == "open"] or waits,
        "done": [task.node for task in tasks if task.state.value == "done"],
    }


def _papers(case: Case) -> list[dict[str, Any]]:
    """Return every paper in order; ``replaces`` is the number of the one of which it is a new version."""
    names = OfficerNames(case.uow)
    return [
        {
            "no": paper.no,
            "code": paper.code,
            "name": paper.name,
            "originals": paper.originals,
            "copies": paper.copies,
            "file_name": paper.file_name,
            "added_at": _local(case, paper.added_at),
            "added_by": names.of(paper.added_by),
            "source": paper.source,
            "source_no": paper.source_no,
            "replaces": paper.replaces_no,
            "supplement": paper.supplement_no,
        }
        for paper in case.uow.dossiers.papers(case.dossier.id)
    ]


def _limit(case: Case) -> str:
    promise = case.uow.deadlines.promise(case.dossier.id)
    return case.version.limit if promise is None or len(appointments.limits(case.version)) > 1 else promise.limit


def _facts(case: Case) -> list[dict[str, Any]]:
    """Return the answers to the procedure's form with their labels."""
    said = case.dossier.facts
    return [
        {"name": name, "label": field.label, "value": said[name], "choice": dict(field.choices).get(str(said[name]))}
        for name, field in fields_of(case.version.form).items()
        if name in said
    ]


def _chain(case: Case) -> dict[str, Any]:
    """Return the dossier whose result filed this one, and those that its own result filed, where they may be read."""
    store = case.uow.dossiers
    before = store.find(case.dossier.follows_id) if case.dossier.follows_id is not None else None
    return {
        "follows": next(iter(_linked(case, [before] if before is not None else [])), None),
        "followed_by": _linked(case, store.following(case.dossier.id)),
    }


def _linked(case: Case, rows: list[Dossier]) -> list[dict[str, Any]]:
    return [
        {"id": str(row.id), "code": row.code, "procedure_code": case.uow.procedures.get(row.procedure_id).code,
         "status": row.status}
        for row in rows
        if permissions.can_read(case.by, case.uow.dossiers.agencies(row.id))
    ]  # fmt: skip


def _waits(case: Case) -> list[dict[str, Any]]:
    """Return what the process waits for by the calendar."""
    return [
        {"node": wait.node, "message": wait.message, "limit": wait.limit, "due_at": _local(case, wait.due_at)}
        for wait in case.uow.waits.open_of(case.dossier.id)
    ]


def _requests(case: Case) -> dict[str, list[dict[str, Any]]]:
    """Return what the citizen was asked for, and the letters they got."""
    uow, row = case.uow, case.dossier
    return {
        "supplements": [
            {
                "no": asked.no,
                "stage": asked.stage,
                "clock": asked.clock,
                "reason": asked.reason,
                "items": asked.items,
                "requested_at": _local(case, asked.requested_at),
                "answer_due_at": _local(case, asked.answer_due_at),
                "completed_at": _local(case, asked.completed_at),
                "lapsed_at": _local(case, asked.lapsed_at),
            }
            for asked in uow.dossiers.supplements(row.id)
        ],
        "obligations": [
            {
                "no": owed.no,
                "amount_vnd": owed.amount_vnd,
                "notice": owed.notice,
                "raised_at": _local(case, owed.raised_at),
                "settled_at": _local(case, owed.settled_at),
                "settled_how": owed.settled_how,
                "paid_by": owed.paid_by,
            }
            for owed in uow.dossiers.obligations(row.id)
        ],
        "letters": [
            {
                "id": str(letter.id),
                "state": letter.state.value,
                "number": letter.number,
                "new_due_at": _local(case, letter.new_due_at),
                "sent_at": _local(case, letter.sent_at),
            }
            for letter in uow.letters.of_dossier(row.id)
        ],
    }


def _may(case: Case) -> dict[str, bool]:
    """Return which acts the actor's roles allow here; the services check again."""
    by, row = case.by, case.dossier
    tasks = case.uow.tasks.open_of(row.id)
    return {
        "work": any(
            permissions.can_work_on(
                by,
                agency=task.owner_agency_id,
                unit=task.unit_id,
                phase=task.phase,
                assignee=task.assignee_id,
                role=case.facts.steps[task.node].role,
            )
            for task in tasks
        ),
        "receive": by.holds(row.receiving_agency_id, (Role.DESK,)),
        "interrupt": bool(by.units & {task.unit_id for task in tasks})
        or by.holds(row.resolving_agency_id, (Role.SUPERVISOR,)),
        "refuse": by.holds(row.resolving_agency_id, (Role.APPROVER,)),
        "stop": by.holds(row.resolving_agency_id, (Role.APPROVER, Role.SUPERVISOR)),
        "withdraw": by.holds(row.receiving_agency_id, (Role.DESK, Role.SUPERVISOR)),
        "return": by.holds(row.returning_agency_id, (Role.DESK,)),
        "apologise": by.holds(
            row.resolving_agency_id,
            (Role.OFFICER, Role.APPROVER, Role.SUPERVISOR),
        ),
        "assign": any(by.holds(task.owner_agency_id, (Role.SUPERVISOR,)) for task in tasks),
    }


def _step(case: Case, task: Task) -> dict[str, Any]:
    names = OfficerNames(case.uow)
    return views.task_view(case, task) | {
        "state": task.state.value,
        "stage": task.stage,
        "unit_name": case.uow.agencies.unit(task.unit_id).name,
        "agency_name": case.uow.agencies.get(task.owner_agency_id).name,
        "opened_at": _local(case, task.opened_at),
        "closed_at": _local(case, task.closed_at),
        "closed_by": names.of(task.closed_by),
        "outcome": task.outcome,
        "note": task.note,
    }


def _handover(case: Case, line: Handover) -> dict[str, Any]:
    names = OfficerNames(case.uow)
    return {
        "no": line.no,
        "from": case.uow.agencies.unit(line.from_unit_id).name,
        "to": case.uow.agencies.unit(line.to_unit_id).name,
        "given_by": names.of(line.given_by),
        "given_at": _local(case, line.given_at),
        "result": line.result,
        "taken_by": names.of(line.taken_by),
        "taken_at": _local(case, line.taken_at),
        "note": line.note,
    }


def _person(party: Any) -> dict[str, Any] | None:
    if party is None:
        return None
    return {key: getattr(party, key) for key in ("name", "identity_number", "phone", "email", "address")}


def _agency(case: Case, agency_id: Any) -> dict[str, str]:
    agency = case.uow.agencies.get(agency_id)
    return {"code": agency.code, "name": agency.name}


def _local(case: Case, at: datetime | None) -> str | None:
    return None if at is None else case.calendar.local(at).isoformat()
