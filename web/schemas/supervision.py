"""What the API takes and tells of supervision: tiles, board, loads, trend; urging and escalating."""

from __future__ import annotations

import marshmallow as ma

from engine.domain.dossier import Cause
from web.schemas.dossiers import StrictSchema, text


class SupervisionQuerySchema(StrictSchema):
    """Query of ``GET /reports/supervision``; without a period the last 30 days."""

    from_on = ma.fields.Date(data_key="from")
    to_on = ma.fields.Date(data_key="to")

    @ma.validates_schema
    def both_or_none(self, data: dict, **_: object) -> None:
        """Refuse half a period."""
        if ("from_on" in data) != ("to_on" in data):
            raise ma.ValidationError("name both ends of the period, or none")


class SupervisionSchema(ma.Schema):
    """The tiles; each number is the size of the list that ``lists`` names."""

    tiles = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    unfinished = ma.fields.Integer(metadata={"description": "what the tiles are parts of"})
    on_time = ma.fields.Dict(metadata={"description": "finished in the period; percent is null without any, never 100"})
    lists = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.String())


class UrgeSchema(StrictSchema):
    """Body of ``POST /tasks/{id}/urges``."""

    note = text(500)


class LateCauseSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/late-causes``."""

    cause = ma.fields.Enum(Cause, by_value=True, required=True)
    note = text(4000)


class EscalationSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/escalations``."""

    reason = text(500, required=True, blank=False)
    to = text(60)
