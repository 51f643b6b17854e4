"""What the API takes and tells of the official tables."""

from __future__ import annotations

import marshmallow as ma

from engine.reports.on_time_values import Dimension
from engine.reports.quality import Check
from engine.reports.table_06 import Split
from engine.reports.table_07 import Number
from web.schemas.dossiers import StrictSchema, text


class TableQuerySchema(StrictSchema):
    """Query of an official table: a period by its name, or by both dates; else the present month."""

    period = text(20)
    from_on = ma.fields.Date(data_key="from")
    to_on = ma.fields.Date(data_key="to")
    agency = text(40)
    dimension = ma.fields.Enum(Dimension, by_value=True, load_default=Dimension.RESOLVING)


class Table06QuerySchema(TableQuerySchema):
    """Query of ``GET /reports/table-06``."""

    per = ma.fields.Enum(Split, by_value=True, load_default=Split.CENTRE)


class Behind06QuerySchema(TableQuerySchema):
    """Query of ``GET /reports/table-06/dossiers``."""

    column = ma.fields.Integer(
        required=True, metadata={"description": "3 to 13 as in the form; 14: withdrawn or stopped, of column 9"}
    )
    part = text(200)
    level = text(12)
    field = text(200)


class Behind07QuerySchema(TableQuerySchema):
    """Query of ``GET /reports/table-07/dossiers``."""

    number = ma.fields.Enum(Number, by_value=True, required=True)
    level = text(12)
    field = text(200)


class FailingQuerySchema(TableQuerySchema):
    """Query of ``GET /reports/quality/dossiers``."""

    check = ma.fields.Enum(Check, by_value=True, required=True)


class _Row06Schema(ma.Schema):
    level = ma.fields.String(metadata={"description": "province, commune, or empty for unknown procedures"})
    field = ma.fields.String(allow_none=True, metadata={"description": "null: the sum of the level"})
    columns = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Integer(), metadata={"description": "by number, 3 to 13"}
    )
    withdrawn_or_stopped = ma.fields.Integer(metadata={"description": "of column 9"})
    rates = ma.fields.Dict(metadata={"description": "with_ended: (8+9)/7; decided: without withdrawn and stopped"})
    dossiers = ma.fields.String(metadata={"description": "address of the lists; add &column=3 to 13"})


class _PartSchema(ma.Schema):
    key = ma.fields.String()
    name = ma.fields.String()
    rows = ma.fields.List(ma.fields.Nested(_Row06Schema))
    total = ma.fields.Nested(_Row06Schema)


class Table06Schema(_PartSchema):
    """Form II.06; 3 = 4 + 5 + 6 = 7 + 11, 7 = 8 + 9 + 10, 11 = 12 + 13 in every row."""

    report = ma.fields.String()
    per = ma.fields.String()
    reporter = ma.fields.String()
    receiver = ma.fields.String()
    parts = ma.fields.List(ma.fields.Nested(_PartSchema), metadata={"description": "by unit, when asked for"})
    about = ma.fields.Dict(metadata={"description": "period, rules, calendars, findings of the gate, definitions"})


class Table07Schema(ma.Schema):
    """Form II.07: in every row, ``late`` is the sum of the causes and of ``finished`` and ``open``."""

    report = ma.fields.String()
    reporter = ma.fields.String()
    receiver = ma.fields.String()
    rows = ma.fields.List(ma.fields.Dict())
    total = ma.fields.Dict()
    dossiers = ma.fields.List(ma.fields.Dict())
    about = ma.fields.Dict()


class LateSchema(ma.Schema):
    """The late dossiers of a period, those that are late longest first."""

    report = ma.fields.String()
    reporter = ma.fields.String()
    counts = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    dossiers = ma.fields.List(ma.fields.Dict())
    about = ma.fields.Dict()


class QualitySchema(ma.Schema):
    """The findings of the data-quality gate."""

    report = ma.fields.String()
    dossiers = ma.fields.Integer(metadata={"description": "how many were looked at"})
    checks = ma.fields.List(ma.fields.Dict(), metadata={"description": "check, count, meaning, dossiers"})
    about = ma.fields.Dict()


class EntriesSchema(ma.Schema):
    """Dossiers behind a number."""

    items = ma.fields.List(ma.fields.Dict())
    count = ma.fields.Integer()
