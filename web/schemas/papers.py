"""What the API takes and tells about issued papers (contract §3)."""

from __future__ import annotations

import marshmallow as ma

from engine.services.issued_papers import LONGEST_REASON
from web.schemas.dossiers import DossierSchema, StrictSchema, text


class PaperVoidSchema(StrictSchema):
    """Body of ``POST /papers/{id}/void``."""

    reason = text(LONGEST_REASON, required=True)


class PaperSchema(ma.Schema):
    """A paper that was issued."""

    id = ma.fields.String(metadata={"format": "uuid"})
    kind = ma.fields.String(metadata={"description": "such as receipt or supplement"})
    subject = ma.fields.Integer(metadata={"description": "which of its kind: issue, request, promise"})
    form_set = ma.fields.String()
    form_key = ma.fields.String()
    number = ma.fields.String(allow_none=True)
    issued_at = ma.fields.String(metadata={"format": "date-time"})
    signed = ma.fields.Boolean()
    sha256 = ma.fields.String(allow_none=True, metadata={"description": "of the file, once it is kept"})
    voided_at = ma.fields.String(allow_none=True, metadata={"format": "date-time"})
    void_reason = ma.fields.String(allow_none=True)


class ListedPaperSchema(PaperSchema):
    """An issued paper in the list of its dossier; instants in the agency's zone."""

    issued_by = ma.fields.String(allow_none=True, metadata={"description": "name of the officer"})
    voided_by = ma.fields.String(allow_none=True, metadata={"description": "name of the officer"})
    replaced = ma.fields.Boolean(metadata={"description": "a receipt of which there is a later issue"})
    voidable = ma.fields.Boolean(metadata={"description": "whether the caller may void it"})
    reissuable = ma.fields.Boolean(metadata={"description": "whether it is void and the caller may issue it anew"})


class PaperListSchema(ma.Schema):
    """Papers of a dossier."""

    items = ma.fields.List(ma.fields.Dict(), metadata={"description": "what the citizen brought, as in the dossier"})
    issued = ma.fields.List(ma.fields.Nested(ListedPaperSchema), metadata={"description": "void ones among them"})


class PaperVoidedSchema(ma.Schema):
    """Answer of ``POST /papers/{id}/void``."""

    paper = ma.fields.Nested(PaperSchema)
    dossier = ma.fields.Nested(DossierSchema)
