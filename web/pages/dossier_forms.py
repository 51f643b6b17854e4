"""The forms of the dossier page: each act reads its fields and calls its service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import request

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.acts import Act
from engine.domain.dossier import Cause
from engine.domain.fields import InvalidFieldsError
from engine.services import answers as incoming
from engine.services import (
    apologies,
    attachments,
    endings,
    form_drafts,
    intake,
    processing,
    reading,
    transfers,
    waiting,
)
from engine.services.transactions import Answer
from web.asked_fields import answers, beside_their_field
from web.auth import actor, current_context
from web.forms import FieldError, expected_version, instant, lines, named_request, text, whole_number
from web.pages import correct_forms, going_back_forms, return_forms, supervision_forms, talk_forms


@dataclass(frozen=True, slots=True)
class Asked:
    """One form as it came in."""

    ctx: Context
    by: Actor
    dossier: str

    @property
    def usual(self) -> dict:
        """What most services want beside the fields."""
        return {"dossier": self.dossier} | self.of_task

    @property
    def of_task(self) -> dict:
        """What services want that are told a task and not the dossier."""
        return {"by": self.by, "expected": expected_version(), "request": named_request()}


def perform(act: Act, dossier: str) -> Answer:
    """Do what the form asks for; the answer is that of the service."""
    try:
        answer = FORMS[act](Asked(ctx=current_context(), by=actor(), dossier=dossier))
    except InvalidFieldsError as error:
        raise beside_their_field(error) from error
    form_drafts.drop(current_context(), by=actor(), place=f"dossier/{answer['id']}/{act.value}")
    return answer


def new_papers() -> tuple[intake.PaperLine, ...]:
    """Return the papers named one a line; the brought one is an original."""
    return tuple(intake.PaperLine(name=name[:300]) for name in lines("papers"))


def draft_of_form() -> apologies.Draft:
    """Return what was written into an apology.

    Raises:
        FieldError: no cause of the list was chosen, or the new date is no date.
    """
    try:
        cause = Cause(text("cause"))
    except ValueError:
        raise FieldError("choose a cause from the list", field="cause") from None
    return apologies.Draft(cause=cause, reason=text("reason"), new_due_at=instant("new_due_at"))


def _receive(asked: Asked) -> Answer:
    shown = reading.detail(asked.ctx, by=asked.by, dossier=asked.dossier)
    facts = answers([field for field in shown["form"] if field["asked"] == "receipt"])
    return intake.receive_submitted(asked.ctx, facts=facts, **asked.usual)


def _refuse_reception(asked: Asked) -> Answer:
    reason = text("reason")
    if not reason:
        raise endings.GroundMissingError("a refusal at reception needs its reason", field="reason")
    return intake.refuse_to_receive(asked.ctx, reason=reason, **asked.usual)


def _take_supplement(asked: Asked) -> Answer:
    return waiting.complete_supplement(asked.ctx, papers=new_papers(), **asked.usual)


def _supplement(asked: Asked) -> Answer:
    return waiting.request_supplement(asked.ctx, items=lines("items"), reason=text("reason"), **asked.usual)


def _obligation(asked: Asked) -> Answer:
    amount_vnd = whole_number("amount_vnd")
    return waiting.raise_obligation(asked.ctx, amount_vnd=amount_vnd, notice=text("notice", longest=200), **asked.usual)


def _settle(asked: Asked) -> Answer:
    reference = text("reference", longest=200) or None
    how, paid_by = text("how"), text("paid_by") or None
    if how == "paid" and paid_by is None:
        raise FieldError("say how it was paid", field="paid_by")
    return waiting.settle_obligation(asked.ctx, how=how, paid_by=paid_by, reference=reference, **asked.usual)


def _complete(asked: Asked) -> Answer:
    shown = reading.detail(asked.ctx, by=asked.by, dossier=asked.dossier)
    task = next((task for task in shown["open_tasks"] if task["id"] == text("task")), None)
    return processing.complete(
        asked.ctx,
        task_id=text("task"),
        outcome=text("outcome", longest=40) or processing.DONE,
        note=text("note") or None,
        fields=answers(task["inputs"] if task else []),
        **asked.of_task,
    )


def _answer(asked: Asked) -> Answer:
    return incoming.record(
        asked.ctx, message=text("message", longest=60), note=text("note") or None, **asked.usual
    )  # fmt: skip


def _claim(asked: Asked) -> Answer:
    return processing.claim(asked.ctx, task_id=text("task"), **asked.of_task)


def _release(asked: Asked) -> Answer:
    return processing.release(asked.ctx, task_id=text("task"), **asked.of_task)


def _transfer(asked: Asked) -> Answer:
    agency, _, unit = text("unit").partition("/")
    return transfers.transfer(asked.ctx, unit=unit, agency=agency or None, note=text("note"), **asked.usual)


def _apologise(asked: Asked) -> Answer:
    return apologies.extend(asked.ctx, draft=draft_of_form(), **asked.usual)["dossier"]


def _refuse(asked: Asked) -> Answer:
    return endings.refuse(asked.ctx, reason=text("reason"), **asked.usual)


def _withdraw(asked: Asked) -> Answer:
    return endings.withdraw(asked.ctx, reason=text("reason"), **asked.usual)


def _stop(asked: Asked) -> Answer:
    return endings.stop(asked.ctx, ground=text("ground"), **asked.usual)


def _add_paper(asked: Asked) -> Answer:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise attachments.FileNotAllowedError("choose a file", field="file")
    return attachments.add_paper(
        asked.ctx,
        name=text("name", longest=300),
        file_name=file.filename,
        content=file.read(),
        replaces=whole_number("replaces") if text("replaces") else None,
        **asked.usual,
    )


FORMS: Mapping[Act, Callable[[Asked], Answer]] = {
    Act.RECEIVE: _receive,
    Act.TAKE_SUPPLEMENT: _take_supplement,
    Act.SETTLE: _settle,
    Act.COMPLETE: _complete,
    Act.ANSWER: _answer,
    Act.CLAIM: _claim,
    Act.RELEASE: _release,
    Act.SUPPLEMENT: _supplement,
    Act.OBLIGATION: _obligation,
    Act.TRANSFER: _transfer,
    Act.APOLOGISE: _apologise,
    Act.REFUSE_RECEPTION: _refuse_reception,
    Act.REFUSE: _refuse,
    Act.WITHDRAW: _withdraw,
    Act.STOP: _stop,
    Act.ADD_PAPER: _add_paper,
    **going_back_forms.FORMS,
    **correct_forms.FORMS,
    **return_forms.FORMS,
    **supervision_forms.FORMS,
    **talk_forms.FORMS,
}
