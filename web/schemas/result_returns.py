"""Bodies of the routes by which a result is returned."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from engine.domain.result_return import Notice, SignatureKind
from engine.services.receivers import CAPACITIES, WAYS, Receiver, SecondReceiver
from web.schemas.dossiers import StrictSchema, text


class SecondReceiverSchema(StrictSchema):
    """The other of two people who must both come, as for a marriage."""

    name = text(200, required=True, blank=False)
    identity_number = text(20)


class HandoverSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/handover``: who took the result."""

    name = text(200, required=True, blank=False)
    identity_number = text(20)
    capacity = ma.fields.String(load_default="owner", validate=validate.OneOf(CAPACITIES))
    how = ma.fields.String(load_default="signature", validate=validate.OneOf(WAYS))
    proof = text(200)
    authorisation = text(200)
    second = ma.fields.Nested(SecondReceiverSchema, load_default=None, allow_none=True)
    signature = ma.fields.Enum(SignatureKind, by_value=True, load_default=None, allow_none=True)
    originals_collected = ma.fields.Boolean(load_default=None, allow_none=True)
    receipt_given_back = ma.fields.Boolean(load_default=None, allow_none=True)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: object) -> Receiver:
        """Return the domain's value."""
        second = data.pop("second")
        return Receiver(**data, second=None if second is None else SecondReceiver(**second))


class ResultNoticeSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/result-notices``."""

    how = ma.fields.Enum(Notice, by_value=True, required=True)


class ResultPostingSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/result-postings``."""

    carrier = text(80, required=True, blank=False)
    tracking_number = text(60, required=True, blank=False)


class ResultDeliverySchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/result-deliveries``: who took it, or why it came back."""

    delivered = ma.fields.Boolean(required=True)
    name = text(200)
    capacity = ma.fields.String(load_default="owner", validate=validate.OneOf(CAPACITIES))
    authorisation = text(200)
    delivered_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)
    reason = text(2000)
