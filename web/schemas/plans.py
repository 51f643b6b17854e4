"""What the API takes and tells of index 766 and of the targets of plans."""

from __future__ import annotations

import marshmallow as ma

from engine.domain.plan_facts import YEARS
from engine.reports.indicator_dossiers import Part
from engine.reports.indicator_values import Split
from web.schemas.dossiers import StrictSchema, text
from web.schemas.report_tables import TableQuerySchema


class IndexQuerySchema(TableQuerySchema):
    """Query of ``GET /reports/index-766``."""

    by = ma.fields.Enum(Split, by_value=True, load_default=None, allow_none=True)


class IndicatorDossiersQuerySchema(TableQuerySchema):
    """Query of ``GET /reports/index-766/dossiers``."""

    indicator = text(60, required=True, blank=False)
    part = ma.fields.Enum(Part, by_value=True, load_default=Part.LOST)
    unit = text(120)


class _PointsSchema(ma.Schema):
    points = ma.fields.Float(allow_none=True, metadata={"description": "null: nothing is known; never 0 for that"})
    max = ma.fields.Float()
    unknown = ma.fields.Float(metadata={"description": "points of max of which there is no data"})
    not_applicable = ma.fields.Float(metadata={"description": "points of max for things of which there are none"})


class _TermSchema(ma.Schema):
    indicator = ma.fields.String()
    name = ma.fields.String()
    name_en = ma.fields.String()
    origin = ma.fields.String(metadata={"description": "facts, register, tasks or figure"})
    state = ma.fields.String(metadata={"description": "computed, no_data or not_applicable"})
    numerator = ma.fields.Integer(allow_none=True)
    denominator = ma.fields.Integer(allow_none=True)
    percent = ma.fields.Float(allow_none=True)
    points = ma.fields.Float(allow_none=True)
    max = ma.fields.Float()
    by_rule = ma.fields.Boolean(metadata={"description": "the decision gives points to what has no value"})
    missing = ma.fields.Integer(metadata={"description": "entries or agencies that have not said it"})
    figures_of = ma.fields.List(ma.fields.List(ma.fields.String()))
    dossiers = ma.fields.String(allow_none=True, metadata={"description": "address of the lists; add &part="})


class _MetricSchema(_PointsSchema):
    code = ma.fields.String(metadata={"description": "of the portal"})
    name = ma.fields.String()
    name_en = ma.fields.String()
    formula = ma.fields.String(metadata={"description": "A, B, C: the ratios of the terms, in order"})
    terms = ma.fields.List(ma.fields.Nested(_TermSchema))


class _GroupSchema(_PointsSchema):
    group = ma.fields.String()
    metrics = ma.fields.List(ma.fields.Nested(_MetricSchema))


class _ScoresSchema(_PointsSchema):
    key = ma.fields.String(metadata={"description": "code of the agency, AGENCY/UNIT, or empty for all together"})
    name = ma.fields.String()
    rank = ma.fields.String(allow_none=True, metadata={"description": "null while unknown points could change it"})
    groups = ma.fields.List(ma.fields.Nested(_GroupSchema))


class Index766Schema(ma.Schema):
    """The index of Decision 766/QĐ-TTg."""

    report = ma.fields.String()
    by = ma.fields.String(allow_none=True)
    total = ma.fields.Nested(_ScoresSchema)
    rows = ma.fields.List(ma.fields.Nested(_ScoresSchema))
    about = ma.fields.Dict(metadata={"description": "period, agencies, rules, calendars, definitions"})


class _MonthSchema(ma.Schema):
    month = ma.fields.String()
    numerator = ma.fields.Integer(allow_none=True)
    denominator = ma.fields.Integer(allow_none=True)
    measured = ma.fields.Float(allow_none=True)


class _ForecastSchema(ma.Schema):
    numerator = ma.fields.Integer()
    denominator = ma.fields.Integer()
    percent = ma.fields.Float(allow_none=True)
    best_percent = ma.fields.Float(allow_none=True)
    savable = ma.fields.Integer(metadata={"description": "open dossiers that may still be met"})
    needed = ma.fields.Integer(allow_none=True, metadata={"description": "of them; null: even all are too few"})
    may_fail = ma.fields.Integer(allow_none=True)
    further = ma.fields.Integer(allow_none=True, metadata={"description": "new ones that would all have to be met"})


class _TargetSchema(ma.Schema):
    id = ma.fields.Integer()
    agency = ma.fields.String()
    indicator = ma.fields.String()
    name = ma.fields.String()
    name_en = ma.fields.String()
    origin = ma.fields.String()
    comparison = ma.fields.String()
    figure = ma.fields.String(metadata={"description": "a decimal; percent for a share"})
    from_on = ma.fields.String(data_key="from", attribute="from")
    to_on = ma.fields.String(data_key="to", attribute="to")
    base_year = ma.fields.Integer(allow_none=True)
    document = ma.fields.String()
    note = ma.fields.String()
    state = ma.fields.String()
    numerator = ma.fields.Integer(allow_none=True)
    denominator = ma.fields.Integer(allow_none=True)
    missing = ma.fields.Integer()
    measured = ma.fields.Float(allow_none=True)
    verdict = ma.fields.String(metadata={"description": "met, behind, missed, no_data or not_applicable"})
    gap = ma.fields.Float(allow_none=True)
    trend = ma.fields.List(ma.fields.Nested(_MonthSchema))
    forecast = ma.fields.Nested(_ForecastSchema, allow_none=True)
    dossiers = ma.fields.String(allow_none=True, metadata={"description": "address of the lists; add &part="})


class TargetsSchema(ma.Schema):
    """The targets of plans that touch a period."""

    report = ma.fields.String()
    rows = ma.fields.List(ma.fields.Nested(_TargetSchema))
    method = ma.fields.String(metadata={"description": "how forecasts are made"})
    about = ma.fields.Dict()


class TasksQuerySchema(StrictSchema):
    """Query of ``GET /reports/tasks``."""

    year = ma.fields.Integer(
        validate=ma.validate.Range(min=YEARS.start, max=YEARS.stop - 1),
        metadata={"description": "the present one without it"},
    )
    agency = text(40)


class _TaskSchema(ma.Schema):
    agency = ma.fields.String()
    year = ma.fields.Integer()
    number = ma.fields.String()
    name = ma.fields.String()
    lead = ma.fields.String()
    cooperating = ma.fields.String()
    product = ma.fields.String()
    due = ma.fields.String()
    state = ma.fields.String(metadata={"description": "to_do, under_way, done or cancelled"})
    done_on = ma.fields.String(allow_none=True)
    document = ma.fields.String()
    note = ma.fields.String()
    standing = ma.fields.String(metadata={"description": "done_in_time, done_late, overdue, due or cancelled"})


class TasksSchema(ma.Schema):
    """The tasks of a year's plan."""

    report = ma.fields.String()
    year = ma.fields.Integer()
    on_time = ma.fields.Dict(metadata={"description": "done on time, of those done or past their day"})
    counts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Integer(), metadata={"description": "by standing"}
    )
    rows = ma.fields.List(ma.fields.Nested(_TaskSchema))
