"""What the API tells of a promise before anything is received."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.deadlines import StartRule
from engine.services.promise_simulator import Receipt


class UncomputedSchema(ma.Schema):
    """Why there is no date."""

    code = ma.fields.String(metadata={"description": "such as calendar-gap"})
    message = ma.fields.String()


class PromisedSchema(ma.Schema):
    """What would be promised for a receipt; with ``error`` there are no dates."""

    when = ma.fields.String(validate=validate.OneOf([receipt.value for receipt in Receipt]))
    received_at = ma.fields.String()
    counted_from = ma.fields.String()
    due_at = ma.fields.String()
    provisional = ma.fields.Boolean(metadata={"description": "a year that was counted awaits its decision"})
    reason = ma.fields.String(
        allow_none=True,
        validate=validate.OneOf([rule.value for rule in StartRule]),
        metadata={"description": "start rule, when counting does not begin at the receipt; else null"},
    )
    error = ma.fields.Nested(UncomputedSchema)


class KeptSchema(ma.Schema):
    """How many of the dossiers finished in the last 90 days were not late: rate ``finished`` of the on-time report."""

    from_on = ma.fields.String(data_key="from", attribute="from")
    to_on = ma.fields.String(data_key="to", attribute="to")
    numerator = ma.fields.Integer(metadata={"description": "finished in time"})
    denominator = ma.fields.Integer(metadata={"description": "finished"})
    percent = ma.fields.Float(allow_none=True, metadata={"description": "null without any, never 100"})


class PromiseSchema(ma.Schema):
    """What would be promised now, after the break and on the next working day."""

    code = ma.fields.String()
    name = ma.fields.String()
    agency = ma.fields.String(metadata={"description": "code of the resolving agency"})
    limit = ma.fields.String()
    appointments = ma.fields.List(ma.fields.String(), metadata={"description": "limit of each; the first is promised"})
    cutoff = ma.fields.String(allow_none=True)
    promises = ma.fields.List(ma.fields.Nested(PromisedSchema), metadata={"description": "the one of now first"})
    kept = ma.fields.Nested(KeptSchema)
