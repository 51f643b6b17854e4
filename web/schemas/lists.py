"""Queries of lists and reports, and what lists answer (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import Channel
from engine.domain.statistics import Column
from engine.reports.filters import Queue
from engine.reports.on_time_values import Dimension, Per
from engine.reports.worklist_order import Sort
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
    step = text(300)
    unit = text(120)
    assignee = text(60)
    unassigned = ma.fields.Boolean(
        metadata={"description": "true: nobody has an open step; false: somebody has. With step, unit and assignee"}
    )
    due_from = ma.fields.Date()
    due_to = ma.fields.Date()
    returned_from = ma.fields.Date()
    returned_to = ma.fields.Date()
    out_of_territory = ma.fields.Boolean(
        metadata={"description": "received by another agency than the one that resolves"}
    )
    q = ma.fields.String()
    sort = ma.fields.Enum(
        Sort, by_value=True, load_default=None,
        metadata={"description": "without it: missing in will_be_late (due when that holds over 500), else due"},
    )  # fmt: skip
    cursor = ma.fields.String(load_default=None)
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 200))


class WorklistSchema(ma.Schema):
    """A page of dossiers."""

    items = ma.fields.List(ma.fields.Dict())
    next_cursor = ma.fields.String(allow_none=True, metadata={"description": "null on the last page"})
    counts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Integer(),
        metadata={"description": "size of each queue under the same filter; at most 1000, see counts_more"},
    )  # fmt: skip
    counts_more = ma.fields.List(
        ma.fields.String(), metadata={"description": "queues that hold more than the 1000 that counts says"}
    )
    sort = ma.fields.String(metadata={"description": "the order of the items"})


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
