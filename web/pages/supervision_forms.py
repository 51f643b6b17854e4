"""The supervisor's forms of the dossier page: whose task, urging, taking it to those who sign, why it is late."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.acts import Act
from engine.domain.dossier import Cause
from engine.services import late_causes, notes, processing, supervision
from engine.services.transactions import Answer
from web.forms import FieldError, text


def _assign(asked: Any) -> Answer:
    task, _, username = text("who", longest=120).partition("/")
    if not task:
        raise FieldError("choose who shall do the step", field="who")
    return processing.assign(
        asked.ctx, task_id=task, username=username or None, note=text("note") or None, **asked.of_task
    )


def _urge(asked: Any) -> Answer:
    return supervision.urge(asked.ctx, task_id=text("task"), note=text("note") or None, **asked.of_task)


def _escalate(asked: Any) -> Answer:
    to = text("to", longest=60) or None
    return supervision.escalate(asked.ctx, reason=text("reason"), to=to, **asked.usual)


def _late_cause(asked: Any) -> Answer:
    try:
        cause = Cause(text("cause"))
    except ValueError:
        raise FieldError("choose a cause from the list", field="cause") from None
    note = text("note", longest=notes.LONGEST + 1)
    return late_causes.record(asked.ctx, cause=cause, note=note, **asked.usual)


FORMS: Mapping[Act, Callable[[Any], Answer]] = {
    Act.ASSIGN: _assign,
    Act.URGE: _urge,
    Act.ESCALATE: _escalate,
    Act.LATE_CAUSE: _late_cause,
}
