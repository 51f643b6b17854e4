"""What the API tells of a date: how it came about, line by line (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.deadlines import LateRule
from engine.domain.dossier import PauseReason
from engine.domain.explanations import StartRule
from engine.domain.limits import Unit
from web.schemas.dossiers import StrictSchema, text

_MOST_REQUESTS = 1_000


def _said(description: str) -> ma.fields.String:
    return ma.fields.String(allow_none=True, metadata={"description": description})


class DeadlineQuerySchema(StrictSchema):
    """Query of ``GET /dossiers/{id}/deadline``: which date; without it the promise."""

    step = text(40)
    supplement = ma.fields.Integer(
        load_default=None, validate=validate.Range(1, _MOST_REQUESTS), metadata={"description": "number of the request"}
    )


_Line = ma.Schema.from_dict({"from": _said("instant")}, name="Line")


class AccountLineSchema(_Line):  # type: ignore[misc, valid-type]  # "from" is no name of an attribute
    """A line of the account; besides the first seven, a line has what its kind needs."""

    kind = ma.fields.String()
    to = _said("instant; null while a pause is open")
    amount = _said("what the line takes of the limit: a decimal, or n/d where it is not finite")
    unit = ma.fields.String(allow_none=True, validate=validate.OneOf([unit.value for unit in Unit]))
    text = ma.fields.String(metadata={"description": "in English"})
    decision = _said("the paper behind it")
    rule = ma.fields.String(validate=validate.OneOf([rule.value for rule in StartRule]))
    source = _said("where the rule comes from")
    cutoff = _said("of the procedure")
    limit = _said("what is counted from here on")
    note = _said("of a declared day")
    hours = _said("of a day with hours of its own")
    week = ma.fields.List(ma.fields.String(), metadata={"description": "hours from Monday to Sunday"})
    reason = ma.fields.String(validate=validate.OneOf([reason.value for reason in PauseReason]))
    ground = _said("legal ground or reason in words")
    rest = _said("what was left of the limit")
    until = _said("of a pause: the date to which the rest is counted, after a calendar change")
    person = _said("who did it; null: the system")
    promise = ma.fields.Integer(metadata={"description": "number of the promise"})
    broken = ma.fields.Boolean(metadata={"description": "the promise was broken before"})
    why = ma.fields.String(validate=validate.OneOf(["broken", "last_day"]))
    change = ma.fields.Integer(metadata={"description": "id of the calendar change"})
    at = _said("when the calendar changed")
    years = ma.fields.List(ma.fields.Integer(), metadata={"description": "years that await their decision"})
    provisional = ma.fields.Boolean()
    stage = ma.fields.Integer()
    planned = _said("the stage's share before it was cut to the promise")
    late_rule = ma.fields.String(validate=validate.OneOf([rule.value for rule in LateRule]))
    what = ma.fields.String(validate=validate.OneOf(["promise", "answer", "step"]))


class DeadlineSchema(ma.Schema):
    """A date and how it came about; fields that the asked kind of date does not have are left out."""

    what = ma.fields.String(validate=validate.OneOf(["promise", "answer", "step"]))
    due_at = _said("the date in force")
    account = ma.fields.List(
        ma.fields.Nested(AccountLineSchema), metadata={"description": "in order, to the date; amounts sum to the limit"}
    )
    beside = ma.fields.List(
        ma.fields.Nested(AccountLineSchema), metadata={"description": "what was said later and moves nothing"}
    )
    received_at = _said("of an answer: when it was asked for")
    limit = ma.fields.String()
    late_after = _said("last instant that is not late; null while the clock stands")
    cutoff = _said("of the procedure")
    counted_from = _said("of the promise at receipt")
    first_due_at = _said("as printed on the receipt")
    late_rule = ma.fields.String()
    provisional = ma.fields.Boolean()
    paused = ma.fields.Boolean()
    extended_due_at = _said("the new date of an apology")
    calendar = ma.fields.String(metadata={"description": "version by which the receipt's date was counted"})
    appointments = ma.fields.List(ma.fields.Dict())
    explanation = ma.fields.List(ma.fields.Nested(AccountLineSchema), metadata={"description": "of the receipt's date"})
    moves = ma.fields.List(ma.fields.Dict(), metadata={"description": "each act that moved it, or did not"})
    step = ma.fields.String(metadata={"description": "id of the task"})
    node = ma.fields.String(metadata={"description": "element id in the model"})
    name = ma.fields.String()
    stage = ma.fields.Integer()
    closed_at = _said("when the step was done")
    no = ma.fields.Integer(metadata={"description": "number of the request to supplement"})
