"""What the API tells of the time of a dossier; every figure is in whole working minutes (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import PauseReason
from engine.domain.time_ledger import Side

MINUTES = "working minutes"


def working_minutes(said: str = MINUTES, *, unknown: bool = False) -> ma.fields.Integer:
    """Return a field for working minutes; ``unknown``: null where there is nothing to compare with."""
    return ma.fields.Integer(allow_none=unknown, metadata={"description": said})


class AgencySchema(ma.Schema):
    """An agency that held the dossier."""

    code = ma.fields.String()
    name = ma.fields.String()
    inside = ma.fields.Boolean(metadata={"description": "true for the agency that decides"})


class UnitSchema(ma.Schema):
    """A unit that held the dossier."""

    code = ma.fields.String()
    name = ma.fields.String()


class OfficerSchema(ma.Schema):
    """An officer who held a step; nulls: the unit, while nobody had claimed it."""

    username = ma.fields.String(allow_none=True)
    name = ma.fields.String(allow_none=True)


class HolderSchema(ma.Schema):
    """Who held a step, and for how long."""

    agency = ma.fields.Nested(AgencySchema)
    unit = ma.fields.Nested(UnitSchema)
    officer = ma.fields.Nested(OfficerSchema)
    minutes = working_minutes()


class StepUseSchema(ma.Schema):
    """A step of a stage."""

    node = ma.fields.String(metadata={"description": "element id in the model"})
    name = ma.fields.String()
    advice_minutes = working_minutes("part of the stage's share; null where the table does not say", unknown=True)
    used_minutes = working_minutes()
    holders = ma.fields.List(ma.fields.Nested(HolderSchema))


class StageUseSchema(ma.Schema):
    """A stage with its share of the limit."""

    no = ma.fields.Integer(metadata={"description": "0: at the desk, before the receipt was entered"})
    label = ma.fields.String(allow_none=True, metadata={"description": "unit as the procedure names it"})
    share_minutes = working_minutes("share of the limit; null when shares cannot be compared with it", unknown=True)
    used_minutes = working_minutes()
    uncounted_minutes = working_minutes("part of used_minutes before a restart, not set against the share")
    over_minutes = working_minutes("used beyond the share; negative: not used yet", unknown=True)
    steps = ma.fields.List(ma.fields.Nested(StepUseSchema))


class PauseUseSchema(ma.Schema):
    """A pause in which working time passed."""

    no = ma.fields.Integer()
    reason = ma.fields.String(validate=validate.OneOf(list(PauseReason)))
    holder = ma.fields.String(metadata={"description": "citizen, or step: the procedure itself waits"})
    ground = ma.fields.String()
    from_ = ma.fields.String(data_key="from", attribute="from")
    to = ma.fields.String(allow_none=True, metadata={"description": "null while it lasts"})
    minutes = working_minutes()


class OfficerUseSchema(OfficerSchema):
    """The time of an officer in a unit."""

    minutes = working_minutes()


class UnitUseSchema(UnitSchema):
    """The time of a unit."""

    minutes = working_minutes()
    officers = ma.fields.List(ma.fields.Nested(OfficerUseSchema))


class AgencyUseSchema(AgencySchema):
    """The time of an agency."""

    minutes = working_minutes()
    units = ma.fields.List(ma.fields.Nested(UnitUseSchema))


class ChargeSchema(ma.Schema):
    """A part of the lateness."""

    side = ma.fields.String(validate=validate.OneOf(list(Side)))
    agency = ma.fields.Nested(AgencySchema, allow_none=True)
    unit = ma.fields.Nested(UnitSchema, allow_none=True)
    minutes = working_minutes()


class LatenessSchema(ma.Schema):
    """The working time by which promises were broken, divided among who caused it; the largest part first."""

    minutes = working_minutes("working minutes; the charges sum to it")
    charges = ma.fields.List(ma.fields.Nested(ChargeSchema))


class TimeUsedSchema(ma.Schema):
    """Answer of ``GET /dossiers/{id}/time-used``."""

    counted_from = ma.fields.String(metadata={"description": "where the first promise is counted from"})
    until = ma.fields.String(metadata={"description": "end of processing, end of the dossier, or now"})
    running = ma.fields.Boolean(metadata={"description": "true while until is now"})
    calendar = ma.fields.String(metadata={"description": "hash of the calendar version that measured"})
    limit_minutes = working_minutes("the limit: a working day is a whole office day; calendar days as they fell")
    elapsed_minutes = working_minutes("sum of stages (or agencies), pauses and unassigned_minutes")
    stages = ma.fields.List(ma.fields.Nested(StageUseSchema))
    pauses = ma.fields.List(ma.fields.Nested(PauseUseSchema))
    unassigned_minutes = working_minutes("in which no step was open")
    agencies = ma.fields.List(ma.fields.Nested(AgencyUseSchema))
    lateness = ma.fields.Nested(LatenessSchema, allow_none=True, metadata={"description": "null: not late"})
