"""What a supervisor does to dossiers that are late or will be: give tasks to others, urge, take it to those who sign.

Each act is an event; who has an address is told by e-mail, ordered in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.context import Context
from engine.domain import permissions_supervision
from engine.domain.actors import Actor, Role
from engine.domain.acts import Act
from engine.domain.dossier import ENDED
from engine.domain.events import EventKind
from engine.errors import ConflictError, EngineError, InvalidInputError
from engine.services import attachments, processing, views
from engine.services.case import Case, open_case, record
from engine.services.process_effects import MAIL
from engine.services.transactions import Answer, Request, transact
from engine.store.people import Officer
from engine.store.tasks import Task
from engine.store.unit_of_work import UnitOfWork
from engine.store.workload import members

LONGEST_NOTE = 4000  #: characters, as many as the forms take


class UrgedTodayError(ConflictError):
    """The task was urged today before; once a day is enough."""

    code = "urged-today"


class NobodyToUrgeError(ConflictError):
    """Nobody has the task; give it to somebody first."""

    code = "nobody-to-urge"


class NobodyToRaiseToError(ConflictError):
    """Nobody in the resolving agency signs, so a dossier can be taken to nobody."""

    code = "nobody-to-raise-to"


class RaiseReasonMissingError(InvalidInputError):
    """Who takes a dossier to those who sign says why."""

    code = "raise-reason-missing"


def urge(
    ctx: Context, *, by: Actor, task_id: str, note: str | None = None, expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Urge the officer who has a task: in the history, and by e-mail where they have an address; once a local day.

    While the officer is away their cover is told, too.

    Args:
        note: what to tell them, at most 4000 characters.

    Raises:
        NobodyToUrgeError: nobody has the task.
        UrgedTodayError: it was urged today already, whoever had it then.
        TaskNotFoundError, TaskGoneError, NotAllowedError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case, task = processing.open_task(ctx, uow, by=by, task_id=task_id, expected=expected)
        permissions_supervision.check_can_press(by, (task.owner_agency_id, case.dossier.resolving_agency_id))
        if task.assignee_id is None:
            raise NobodyToUrgeError(f"nobody has the task {task.name!r}; give it to somebody first", task=task.name)
        _check_not_urged_today(case, task)
        officer = uow.people.get(task.assignee_id)
        told = _with_cover(case, officer)
        said = (note or "").strip()[:LONGEST_NOTE] or None
        mails = sum(1 for each in told if each.email)
        payload = {"task": str(task.id), "to": officer.id, "note": said, "mails": mails}
        record(case, EventKind.URGED, payload)
        day = case.calendar.local_date(case.now).isoformat()
        text = f"Bước “{task.name}” cần được xử lý sớm." + (f"\n{said}" if said else "")
        for no, each in enumerate(told, start=1):
            _mail(case, each, key=f"urge:{task.id}:{day}:{no}", about="nhắc việc", text=text)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def escalate(
    ctx: Context, *, by: Actor, dossier: str, reason: str, to: str | None = None, expected: int | None = None,
    request: Request | None = None,
) -> Answer:  # fmt: skip
    """Take a dossier to those who sign in the resolving agency: in the history, and by e-mail.

    Args:
        reason: why; at most 4000 characters.
        to: sign-in name of one of them; None: all.

    Raises:
        RaiseReasonMissingError: no reason is given.
        NobodyToRaiseToError: nobody signs there, or not the one who was named.
        DossierEndedError: nothing is left to press for.
        DossierNotFoundError, NotAllowedError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        permissions_supervision.check_can_press(by, _pressing(case))
        said = reason.strip()[:LONGEST_NOTE]
        if not said:
            raise RaiseReasonMissingError("say why the dossier is taken to those who sign", field="reason")
        if case.status in ENDED:
            raise attachments.DossierEndedError("the dossier has ended", status=case.dossier.status)
        signers = [officer for officer in _signers(case) if to is None or officer.username == to]
        if not signers:
            raise NobodyToRaiseToError("nobody of that name signs in the resolving agency", field="to")
        mails = sum(1 for officer in signers if officer.email)
        payload = {"officers": [officer.id for officer in signers], "reason": said, "mails": mails}
        seq = record(case, EventKind.RAISED, payload).seq
        for no, officer in enumerate(signers, start=1):
            text = f"{by.name} đề nghị xem xét.\nLý do: {said}"
            _mail(case, officer, key=f"raised:{case.dossier.id}:{seq}:{no}", about="đề nghị xem xét", text=text)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def urge_many(ctx: Context, *, by: Actor, task_ids: Sequence[str], note: str | None = None) -> list[dict[str, Any]]:
    """Urge for each of the tasks in a transaction of its own; return a verdict for each in the order asked."""
    return _each("task", task_ids, lambda each: urge(ctx, by=by, task_id=each, note=note))


def assign_many(
    ctx: Context, *, by: Actor, given: Sequence[tuple[str, str | None]], note: str | None = None
) -> list[dict[str, Any]]:
    """Give each task to the officer named beside it (None: back to the unit); return a verdict for each.

    Args:
        given: task ids, each with a sign-in name.
    """
    to = dict(given)
    return _each(
        "task", [task for task, _ in given],
        lambda each: processing.assign(ctx, by=by, task_id=each, username=to[each], note=note),
    )  # fmt: skip


def escalate_many(ctx: Context, *, by: Actor, dossiers: Sequence[str], reason: str) -> list[dict[str, Any]]:
    """Take each of the dossiers to those who sign; return a verdict for each in the order asked."""
    return _each("dossier_id", dossiers, lambda each: escalate(ctx, by=by, dossier=each, reason=reason))


def _each(name: str, wanted: Sequence[str], act: Callable[[str], Answer]) -> list[dict[str, Any]]:
    verdicts: list[dict[str, Any]] = []
    for each in dict.fromkeys(wanted):
        try:
            answer = act(each)
        except EngineError as error:
            verdicts.append({name: each, "done": False, "code": error.code, "why": error.message})
        else:
            verdicts.append({name: each, "done": True, "dossier": answer["code"] or answer["id"]})
    return verdicts


# --- what the page of a dossier offers -----------------------------------------------------------------------------


def offered(case: Case) -> set[Act]:
    """Return which of these acts are open to the actor."""
    tasks = case.uow.tasks.open_of(case.dossier.id)
    acts = set()
    if any(case.by.holds(task.owner_agency_id, (Role.SUPERVISOR,)) for task in tasks):
        acts.add(Act.ASSIGN)
    if urgeable(case):
        acts.add(Act.URGE)
    if case.status not in ENDED and permissions_supervision.can_press(case.by, _pressing(case)):
        acts.add(Act.ESCALATE)
    return acts


def form_facts(case: Case) -> dict[str, Any]:
    """Return what the forms of these acts need: ``assignable``, ``urgeable``, ``signers``; nothing for a closed act."""
    acts = offered(case)
    return {
        "assignable": assignable(case) if Act.ASSIGN in acts else [],
        "urgeable": urgeable(case) if Act.URGE in acts else [],
        "signers": signers(case) if Act.ESCALATE in acts else [],
    }


def urgeable(case: Case) -> list[dict[str, Any]]:
    """Return the open tasks that the actor may urge somebody for: ``id``, ``name``."""
    resolving = case.dossier.resolving_agency_id
    return [
        {"id": str(task.id), "name": task.name}
        for task in case.uow.tasks.open_of(case.dossier.id)
        if task.assignee_id is not None
        and permissions_supervision.can_press(case.by, (task.owner_agency_id, resolving))
    ]


def assignable(case: Case) -> list[dict[str, Any]]:
    """Return the open tasks that the actor may give to others, each with the people of its unit."""
    tasks = [
        task
        for task in case.uow.tasks.open_of(case.dossier.id)
        if case.by.holds(task.owner_agency_id, (Role.SUPERVISOR,))
    ]
    known = members(case.uow.session, {task.owner_agency_id for task in tasks}) if tasks else []
    return [
        {
            "id": str(task.id),
            "name": task.name,
            "people": [
                {"username": each.username, "name": each.name} for each in known if each.unit_id == task.unit_id
            ],
        }
        for task in tasks
    ]


# --- parts ---------------------------------------------------------------------------------------------------------


def _check_not_urged_today(case: Case, task: Task) -> None:
    today = case.calendar.local_date(case.now)
    for event in case.uow.events.of_kind(case.dossier.id, EventKind.URGED):
        if event.payload["task"] == str(task.id) and case.calendar.local_date(event.at) == today:
            at = case.calendar.local(event.at)
            raise UrgedTodayError(f"the task {task.name!r} was urged today at {at:%H:%M}", at=at.isoformat())


def _with_cover(case: Case, officer: Officer) -> list[Officer]:
    away = case.uow.absences.running(case.now, [officer.id]).get(officer.id)
    return [officer] if away is None else [officer, case.uow.people.get(away.cover_id)]


def _pressing(case: Case) -> set[Any]:
    owners = {task.owner_agency_id for task in case.uow.tasks.open_of(case.dossier.id)}
    return owners | {case.dossier.resolving_agency_id}


def _signers(case: Case) -> list[Officer]:
    return case.uow.people.with_role(case.dossier.resolving_agency_id, Role.APPROVER)


def signers(case: Case) -> list[dict[str, str]]:
    """Return those to whom the dossier can be taken."""
    return [{"username": officer.username, "name": officer.name} for officer in _signers(case)]


def _mail(case: Case, officer: Officer, *, key: str, about: str, text: str) -> None:
    """Order an e-mail about the dossier: its code and what is promised, nothing of its people."""
    if not officer.email:
        return
    row = case.dossier
    named = row.code or "chờ tiếp nhận"
    due = f"\nHẹn trả: {case.calendar.local(row.due_at):%H:%M %d/%m/%Y}" if row.due_at else ""
    link = f"{case.ctx.settings.public_url.rstrip('/')}/ho-so/{row.code or row.id}"
    case.uow.outbox.add(
        agency=row.resolving_agency_id,
        topic=MAIL,
        key=key,
        payload={
            "to": officer.email,
            "subject": f"Hồ sơ {named}: {about}",
            "text": f"Hồ sơ {named} ({case.facts.name}).\n{text}{due}\n\n{link}",
        },
        at=case.now,
    )
