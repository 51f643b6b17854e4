"""What the API takes and tells of process maps."""

from __future__ import annotations

import marshmallow as ma

from web.schemas.dossiers import StrictSchema, text


class ProcessMapQuerySchema(StrictSchema):
    """Query of ``GET /reports/process-map``: a period by its name, or by both dates; else the present month."""

    procedure = text(40, required=True, blank=False)
    period = text(20)
    from_on = ma.fields.Date(data_key="from")
    to_on = ma.fields.Date(data_key="to")
    agency = text(40)


class _RateSchema(ma.Schema):
    numerator = ma.fields.Integer()
    denominator = ma.fields.Integer()
    percent = ma.fields.Float(allow_none=True, metadata={"description": "null without anything to divide by"})


class _ProcedureSchema(ma.Schema):
    code = ma.fields.String()
    name = ma.fields.String()


class _StepSchema(ma.Schema):
    node = ma.fields.String(metadata={"description": "id of the element in the model"})
    name = ma.fields.String()
    times = ma.fields.Integer(metadata={"description": "how often it was done"})
    dossiers = ma.fields.Integer(metadata={"description": "by how many dossiers"})
    sent_back = ma.fields.Integer(metadata={"description": "how often it ended by sending the dossier back"})
    median_waiting_minutes = ma.fields.Integer(allow_none=True, metadata={"description": "office time until taken"})
    median_working_minutes = ma.fields.Integer(allow_none=True, metadata={"description": "office time until done"})
    spent_minutes = ma.fields.Integer(metadata={"description": "both, of all times together"})
    share = ma.fields.Nested(_RateSchema)


class _EdgeSchema(ma.Schema):
    source = ma.fields.String(data_key="from", metadata={"description": "a node, or `start`"})
    target = ma.fields.String(data_key="to", metadata={"description": "a node, or `end`"})
    times = ma.fields.Integer()
    dossiers = ma.fields.Integer()
    median_waiting_minutes = ma.fields.Integer(allow_none=True)


class _VariantSchema(ma.Schema):
    key = ma.fields.String()
    nodes = ma.fields.List(ma.fields.String())
    names = ma.fields.List(ma.fields.String())
    dossiers = ma.fields.Integer()
    share = ma.fields.Nested(_RateSchema)
    on_time = ma.fields.Nested(_RateSchema)
    median_used_minutes = ma.fields.Integer(allow_none=True)


class ProcessMapSchema(ma.Schema):
    """What happened to the dossiers of a procedure that were closed in the period."""

    report = ma.fields.String()
    procedure = ma.fields.Nested(_ProcedureSchema)
    from_on = ma.fields.Date(data_key="from")
    to_on = ma.fields.Date(data_key="to")
    dossiers = ma.fields.Integer()
    is_cut = ma.fields.Boolean(metadata={"description": "there were more; those closed last are on the map"})
    unmeasured_steps = ma.fields.Integer(metadata={"description": "steps whose time no calendar knows"})
    on_time = ma.fields.Nested(_RateSchema)
    steps = ma.fields.List(ma.fields.Nested(_StepSchema))
    edges = ma.fields.List(ma.fields.Nested(_EdgeSchema))
    variants = ma.fields.List(ma.fields.Nested(_VariantSchema))
    about = ma.fields.Dict(metadata={"description": "period, agencies, rules and definitions"})
