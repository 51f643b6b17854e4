"""The forms of the dossier page by which officers talk: opinions, suggested refusals, notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.domain.acts import Act
from engine.services import notes, opinions, refusal_suggestions
from engine.services.transactions import Answer
from web.forms import text, whole_number

UNITS = ("units", "units_2", "units_3")  #: of the form that asks for opinions


def _ask_opinion(asked: Any) -> Answer:
    units = [unit for unit in (text(name, longest=200) for name in UNITS) if unit]
    question = text("question", longest=opinions.LONGEST + 1)
    return opinions.ask(asked.ctx, units=units, question=question, days=whole_number("days"), **asked.usual)


def _give_opinion(asked: Any) -> Answer:
    said = text("text", longest=opinions.LONGEST + 1)
    return opinions.give(asked.ctx, no=whole_number("no"), stance=text("stance", longest=20), text=said, **asked.usual)


def _suggest_refusal(asked: Any) -> Answer:
    reason, ground = text("reason", longest=4000), text("ground", longest=500)
    return refusal_suggestions.suggest(asked.ctx, reason=reason, ground=ground, **asked.usual)


def _decline_refusal(asked: Any) -> Answer:
    return refusal_suggestions.decline(asked.ctx, answer=text("answer", longest=4000), **asked.usual)


def _note(asked: Any) -> Answer:
    return notes.add(asked.ctx, text=text("text", longest=notes.LONGEST + 1), **asked.usual)


FORMS: Mapping[Act, Callable[[Any], Answer]] = {
    Act.ASK_OPINION: _ask_opinion,
    Act.GIVE_OPINION: _give_opinion,
    Act.SUGGEST_REFUSAL: _suggest_refusal,
    Act.DECLINE_REFUSAL: _decline_refusal,
    Act.NOTE: _note,
}
