"""What the API takes and tells of the report of time used."""

from __future__ import annotations

import marshmallow as ma

from web.schemas.dossiers import StrictSchema, text


class TimeReportQuerySchema(StrictSchema):
    """Query of ``GET /reports/time``: a period by its name, or by both dates; else the present month."""

    period = text(20)
    from_on = ma.fields.Date(data_key="from")
    to_on = ma.fields.Date(data_key="to")
    per = ma.fields.String(
        data_key="by", load_default="agency", validate=ma.validate.OneOf(["agency", "procedure"])
    )  # fmt: skip
    agency = text(40)
    base_year = ma.fields.Integer(metadata={"description": "a calendar year to compare with"})


class _TimeRateSchema(ma.Schema):
    numerator = ma.fields.Integer()
    denominator = ma.fields.Integer()
    percent = ma.fields.Float(allow_none=True, metadata={"description": "null without anything to divide by"})


class _TimeLegalSchema(ma.Schema):
    dossiers = ma.fields.Integer(metadata={"description": "whose procedure says what the law grants"})
    used_minutes = ma.fields.Integer()
    legal_minutes = ma.fields.Integer()
    cut = ma.fields.Nested(_TimeRateSchema)


class _TimeBaseSchema(ma.Schema):
    dossiers = ma.fields.Integer(metadata={"description": "of procedures that had dossiers in both years"})
    minutes_now = ma.fields.Integer()
    minutes_then = ma.fields.Integer(metadata={"description": "that as many took in the base year on average"})
    cut_percent = ma.fields.Float(allow_none=True)


class _TimeLineSchema(ma.Schema):
    key = ma.fields.String()
    name = ma.fields.String()
    dossiers = ma.fields.Integer()
    median_percent = ma.fields.Integer(allow_none=True, metadata={"description": "of its limit, nearest rank"})
    p90_percent = ma.fields.Integer(allow_none=True)
    p95_percent = ma.fields.Integer(allow_none=True)
    used_minutes = ma.fields.Integer(metadata={"description": "office minutes"})
    limit_minutes = ma.fields.Integer(metadata={"description": "office minutes that were promised"})
    used_of_limit = ma.fields.Nested(_TimeRateSchema)
    legal = ma.fields.Nested(_TimeLegalSchema)
    base = ma.fields.Nested(_TimeBaseSchema, allow_none=True)


class TimeReportSchema(ma.Schema):
    """Time that dossiers closed in the period had used."""

    report = ma.fields.String()
    by = ma.fields.String()
    base_year = ma.fields.Integer(allow_none=True)
    rows = ma.fields.List(ma.fields.Nested(_TimeLineSchema))
    total = ma.fields.Nested(_TimeLineSchema)
    definitions = ma.fields.Dict()
    about = ma.fields.Dict(metadata={"description": "period, agencies, rules and definitions"})
