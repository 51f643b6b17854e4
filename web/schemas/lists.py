"""Queries of lists and reports, and what lists answer (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import Channel
from engine.reports.filters import Queue
from engine.reports.on_time_values import Column, Dimension, Per
from engine.reports.worklists import Sort
from web.schemas.dossiers import StrictSchema, text


class WorklistQuerySchema(StrictSchema):
    """Query of ``GET /dossiers``."""

    queue = ma.fields.Enum(Queue, by_value=True, load_default=Queue.ALL)
    agency = text(40)
    procedure = text(40)
    officer = text(60)
    channel = ma.fields.String(validate=validate.OneOf([channel.value for channel in Channel]))
    received_from = ma.fields.Date()
    received_to = ma.fields.Date()
    status = ma.fields.Integer(validate=validate.Range(1, 10))
    q = ma.fields.String()
    sort = ma.fields.Enum(
        Sort, by_value=True, load_default=None,
        metadata={"description": "without it: missing in the queue will_be_late, otherwise due"},
    )  # fmt: skip
    cursor = ma.fields.String(load_default=None)
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 200))


class WorklistSchema(ma.Schema):
    """A page of dossiers."""

    items = ma.fields.List(ma.fields.Dict())
    next_cursor = ma.fields.String(allow_none=True, metadata={"description": "null on the last page"})
    counts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Integer(), metadata={"description": "size of each queue, same filter"}
    )


class OnTimeQuerySchema(StrictSchema):
    """Query of ``GET /reports/on-time``."""

    from_on = ma.fields.Date(required=True, data_key="from")
    to_on = ma.fields.Date(required=True, data_key="to")
    per = ma.fields.Enum(Per, by_value=True, data_key="by", load_default=Per.AGENCY)
    dimension = ma.fields.Enum(Dimension, by_value=True, load_default=Dimension.RESOLVING)
    agency = text(40)


class BehindQuerySchema(OnTimeQuerySchema):
    """Query of ``GET /reports/on-time/dossiers``."""

    column = ma.fields.Enum(Column, by_value=True, required=True)
    key = ma.fields.String(load_default=None, metadata={"description": "key of the row; the total without it"})
