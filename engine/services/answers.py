"""What a process is told from outside: answers that people record, and times that have passed (domain.md §1.7)."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain import forms, permissions
from engine.domain.actors import Actor
from engine.domain.dossier import ENDED
from engine.domain.events import EventKind
from engine.domain.fields import check_fields
from engine.errors import InvalidInputError
from engine.services import process_waits, steps, views
from engine.services.case import Case, allow, open_case
from engine.services.case import record as write
from engine.services.transactions import Answer, Request, transact
from engine.services.waiting import NotWaitingError
from engine.store.unit_of_work import UnitOfWork
from engine.store.waits import ProcessWait

# Messages that a person may record; the others are sent by acts of their own, or by the clock.
ANSWERS = (
    "opinion.answered",
    "verification.answered",
    "payment.confirmed",
    "objection.raised",
    "result.arrived",
    "applicant.confirmed",
)


class InvalidMessageError(InvalidInputError):
    """There is no such message that could be recorded."""

    code = "invalid-message"


def record(
    ctx: Context,
    *,
    by: Actor,
    dossier: str,
    message: str,
    note: str | None = None,
    fields: dict[str, Any] | None = None,
    expected: int | None = None,
    request: Request | None = None,
) -> Answer:
    """Record that an answer came for which the process waits; what has waited longest for it goes on.

    Args:
        message: one of ANSWERS.
        note: what the answer says, or its number; kept in the history.
        fields: answers to fields of the procedure's form that gateways ask for.

    Raises:
        InvalidMessageError: no such message.
        NotWaitingError: the process does not wait for it; the details name what it waits for.
        NotAllowedError: the actor neither works on the dossier nor receives it.
        InvalidFieldsError: see ``forms.check_inputs``.
        ProcessStuckError, CalendarGapError, VersionMismatchError.
    """

    def work(uow: UnitOfWork) -> Answer:
        case = open_case(ctx, uow, by=by, reference=dossier, expected=expected)
        check_can_answer(case)
        if message not in ANSWERS:
            raise InvalidMessageError(f"message must be one of {', '.join(ANSWERS)}", field="message")
        waits_for = awaited(case)
        if message not in waits_for:
            what = ", ".join(waits_for) or "nothing"
            raise NotWaitingError(f"the dossier does not wait for {message}; it waits for: {what}", awaited=waits_for)
        check_fields(fields or {})
        said = forms.check_answers(case.version.form, fields or {})
        steps.send(case, message, forms.routed(case.version.form, said))
        write(case, EventKind.ANSWER_RECORDED, {"message": message, "note": note or None, "fields": said})
        steps.follow(case)
        return views.summary(case)

    return transact(ctx, by=by, request=request, work=work)


def awaited(case: Case) -> list[str]:
    """Return the answers for which the process waits now, in the order of ANSWERS."""
    if case.status in ENDED:
        return []
    waiting = steps.awaited(case)
    return [message for message in ANSWERS if message in waiting]


def check_can_answer(case: Case) -> None:
    """Let an answer be recorded by who works on the dossier, by a supervisor, or by the desk that received it.

    While nothing is open but the wait itself, those who have processed the dossier so far are who works on it: they
    asked, and the answer comes to them.

    Raises:
        NotAllowedError: the actor is none of these.
    """
    tasks = case.uow.tasks.open_of(case.dossier.id) or [
        task for task in case.uow.tasks.all_of(case.dossier.id) if task.phase == "processing"
    ]
    allow(
        case,
        permissions.check_can_answer,
        places=[(task.owner_agency_id, task.unit_id) for task in tasks],
        resolving=case.dossier.resolving_agency_id,
        receiving=case.dossier.receiving_agency_id,
    )


def time_out(case: Case, wait: ProcessWait) -> None:
    """Tell the process that the time of a wait has passed, inside the clock's transaction."""
    steps.send(case, wait.message, token=wait.process_wait)
    process_waits.has_passed(case, wait)
    steps.follow(case)
