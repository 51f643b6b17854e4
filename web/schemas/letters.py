"""What the API takes about letters of apology (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import Cause, LetterState
from engine.services.apologies import Draft
from web.schemas.dossiers import StrictSchema, text


class DraftSchema(StrictSchema):
    """Body of ``PUT /letters/{id}`` and ``POST /dossiers/{id}/extensions``."""

    cause = ma.fields.Enum(Cause, by_value=True, required=True)
    reason = text(2000, required=True)
    new_due_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)

    @ma.post_load
    def make(self, data: dict, **_: object) -> Draft:
        """Return the domain's value."""
        return Draft(**data)


class LetterQuerySchema(StrictSchema):
    """Query of ``GET /letters``."""

    kind = ma.fields.String(load_default=None, validate=validate.OneOf(["apology"]))
    state = ma.fields.Enum(LetterState, by_value=True, load_default=None)
