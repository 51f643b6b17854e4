"""Requests about drafts of procedures."""

from __future__ import annotations

import marshmallow as ma

from web.schemas.dossiers import StrictSchema, text


class NewDraftSchema(StrictSchema):
    """A new draft: of step tables, of a BPMN text, of a published version, of the library, or of the usual steps."""

    agency = text(40)
    tables = ma.fields.List(ma.fields.Raw(), metadata={"description": "step tables, as POST /procedures takes them"})
    bpmn = ma.fields.String(metadata={"description": "BPMN 2.0 XML of any editor"})
    version_of = text(40)
    number = ma.fields.Integer(metadata={"description": "of a version; the one in force when left out"})
    reference = text(40)
    code = text(40)
    name = text(500)


class DraftChangesSchema(StrictSchema):
    """Parts of a draft to save."""

    source = ma.fields.String(metadata={"description": "BPMN 2.0 XML as drawn"})
    decisions = ma.fields.String(metadata={"description": "DMN 1.3 XML, or empty"})
    form = ma.fields.Dict()
    policy = ma.fields.Dict()
    scenarios = ma.fields.List(ma.fields.Raw())
    procedure = ma.fields.Dict(metadata={"description": "code, name, limit, fee_vnd; written into the drawing"})


class RehearsalsSchema(StrictSchema):
    """Test runs to play instead of those that the draft keeps."""

    scenarios = ma.fields.List(ma.fields.Raw())


class PublicationSchema(StrictSchema):
    """From when on a published draft is in force."""

    starts = ma.fields.AwareDateTime(metadata={"description": "instant; now when left out"}, allow_none=True)
