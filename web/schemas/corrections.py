"""What the API takes and tells about corrections, issues of receipts, and numbers reserved for a power cut."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import Channel, ResultChannel
from engine.domain.messages import CHOICES, LANGUAGES
from engine.services.corrected_parts import PaperChange
from engine.services.corrections import LONGEST_REASON, LONGEST_TEXT, Correction
from engine.services.reserved_numbers import LONGEST_COUNTER, MOST_AT_ONCE, STATES
from web.schemas.dossiers import PersonSchema, StrictSchema, text


class PaperChangeSchema(StrictSchema):
    """A paper as it should be written down."""

    no = ma.fields.Integer(
        allow_none=True, load_default=None, strict=True, validate=validate.Range(1, 10_000),
        metadata={"description": "number of the paper in the dossier; null: it was brought and not written down"},
    )  # fmt: skip
    name = ma.fields.String(load_default="", validate=validate.Length(max=300))
    originals = ma.fields.Integer(load_default=1, strict=True, validate=validate.Range(0, 999))
    copies = ma.fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 999))
    struck = ma.fields.Boolean(load_default=False, metadata={"description": "it was never brought"})

    @ma.post_load
    def make(self, data: dict[str, Any], **_: object) -> PaperChange:
        """Return the service's value."""
        return PaperChange(**data)


class CorrectionSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/corrections``; what is absent or null stays as it is."""

    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_REASON))
    applicant = ma.fields.Nested(PersonSchema, allow_none=True)
    owner = ma.fields.Nested(PersonSchema, allow_none=True)
    no_owner = ma.fields.Boolean(load_default=False, metadata={"description": "the applicant files for themselves"})
    papers = ma.fields.List(
        ma.fields.Nested(PaperChangeSchema), data_key="components", validate=validate.Length(max=200), load_default=list
    )
    channel = ma.fields.Enum(Channel, by_value=True, allow_none=True)
    result_channel = ma.fields.Enum(ResultChannel, by_value=True, allow_none=True)
    notify_by = ma.fields.String(validate=validate.OneOf(CHOICES), allow_none=True)
    notify_language = ma.fields.String(validate=validate.OneOf(LANGUAGES), allow_none=True)
    case = text(LONGEST_TEXT)
    authorisation = text(LONGEST_TEXT)
    received_at = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "within 30 days before the receipt was written down"}
    )
    facts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Raw(allow_none=True), allow_none=True)
    procedure_code = text(60)

    @ma.post_load
    def make(self, data: dict[str, Any], **_: object) -> Correction:
        """Return the service's value."""
        return Correction(**(data | {"papers": tuple(data["papers"])}))


class ReceiptIssueSchema(ma.Schema):
    """One issue of a receipt."""

    no = ma.fields.Integer()
    issued_at = ma.fields.String()
    issued_by = ma.fields.String(allow_none=True)
    replaced_at = ma.fields.String(allow_none=True)
    replaced_by = ma.fields.Integer(allow_none=True, metadata={"description": "number of the issue that counts"})
    reason = ma.fields.String(allow_none=True)


class ReceiptIssuesSchema(ma.Schema):
    """The issues of a receipt in order."""

    items = ma.fields.List(ma.fields.Nested(ReceiptIssueSchema))


class PadSchema(StrictSchema):
    """Body of ``POST /reserved-numbers``."""

    counter = ma.fields.String(required=True, validate=validate.Length(min=1, max=LONGEST_COUNTER))
    count = ma.fields.Integer(required=True, strict=True, validate=validate.Range(1, MOST_AT_ONCE))
    agency = text(40)


class PadMadeSchema(ma.Schema):
    """A pad that was reserved."""

    pad = ma.fields.String(metadata={"description": "the first code; it names the pad"})
    codes = ma.fields.List(ma.fields.String())
    counter = ma.fields.String()
    agency = ma.fields.String()


class ReservedQuerySchema(StrictSchema):
    """Which reserved numbers to list."""

    state = ma.fields.String(load_default=None, validate=validate.OneOf(STATES))
    counter = ma.fields.String(load_default=None, validate=validate.Length(max=LONGEST_COUNTER))
    after = ma.fields.String(load_default=None, validate=validate.Length(max=60))
    limit = ma.fields.Integer(load_default=100, validate=validate.Range(1, 500))


class ReservedNumberSchema(ma.Schema):
    """A reserved number, and what became of it."""

    code = ma.fields.String()
    pad = ma.fields.String()
    agency = ma.fields.String()
    counter = ma.fields.String()
    state = ma.fields.String(metadata={"description": "open, used or void"})
    reserved_at = ma.fields.String()
    reserved_by = ma.fields.String(allow_none=True)
    used_at = ma.fields.String(allow_none=True)
    voided_at = ma.fields.String(allow_none=True)
    voided_by = ma.fields.String(allow_none=True)
    reason = ma.fields.String(allow_none=True)


class ReservedNumbersSchema(ma.Schema):
    """Reserved numbers, the latest first."""

    items = ma.fields.List(ma.fields.Nested(ReservedNumberSchema))
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    next = ma.fields.String(allow_none=True)


class VoidSchema(StrictSchema):
    """Body of ``POST /reserved-numbers/voids``."""

    codes = ma.fields.List(
        ma.fields.String(validate=validate.Length(max=60)), required=True, validate=validate.Length(1, MOST_AT_ONCE)
    )
    reason = ma.fields.String(required=True, validate=validate.Length(min=1, max=300))


class VoidedSchema(ma.Schema):
    """Numbers that were voided."""

    codes = ma.fields.List(ma.fields.String())
    reason = ma.fields.String()
