"""The supervisor's forms of the dossier page: give a task to somebody, urge, take the dossier to those who sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.acts import Act
from engine.services import processing, supervision
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


FORMS: Mapping[Act, Callable[[Any], Answer]] = {Act.ASSIGN: _assign, Act.URGE: _urge, Act.ESCALATE: _escalate}
