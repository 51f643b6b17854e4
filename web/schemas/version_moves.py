"""What the API takes about version moves."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from engine.domain.version_moves import Dates, Verdict
from web.schemas.dossiers import StrictSchema, text

MOST_STEPS = 200  #: in a mapping
LONGEST_GROUND = 500


class PlanSchema(StrictSchema):
    """Body of ``POST /procedures/{code}/moves/preview``."""

    agency = text(40)
    to_version = ma.fields.Integer(required=True, validate=validate.Range(1, 100_000))
    mapping = ma.fields.Dict(
        keys=ma.fields.String(validate=validate.Length(1, 120)),
        values=ma.fields.String(allow_none=True, validate=validate.Length(1, 120)),
        load_default=dict,
        validate=validate.Length(max=MOST_STEPS),
        metadata={"description": "old step -> new step, by node; null: who stands there stays on the old version"},
    )
    dates = ma.fields.Enum(
        Dates, by_value=True, load_default=Dates.FOLLOW, metadata={"description": "follow | keep the promised dates"}
    )

    @ma.post_load
    def fill(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Return the arguments of the services."""
        return {"agency": None} | data


class MoveSchema(PlanSchema):
    """Body of ``POST /procedures/{code}/moves``."""

    ground = text(LONGEST_GROUND, required=True)


class SeenQuerySchema(StrictSchema):
    """Query of a preview and of a move: which dossiers are named."""

    agency = text(40)
    verdict = ma.fields.Enum(Verdict, by_value=True, load_default=None)
    after = ma.fields.String(load_default=None, metadata={"description": "next of the page before"})
