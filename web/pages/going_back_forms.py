"""The forms of the dossier page that go back: take back what was just done, send a step back to the one before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.acts import Act
from engine.services import step_back
from engine.services.transactions import Answer
from web.forms import text


def _take_back(asked: Any) -> Answer:
    return step_back.take_back(asked.ctx, task_id=text("task"), **asked.of_task)


def _send_back(asked: Any) -> Answer:
    return step_back.send_back(asked.ctx, task_id=text("task"), reason=text("reason"), **asked.of_task)


FORMS: Mapping[Act, Callable[[Any], Answer]] = {Act.TAKE_BACK: _take_back, Act.SEND_BACK: _send_back}
