"""What the API takes and tells about many tasks done in one act (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.services.batch_previews import MOST
from web.schemas.dossiers import OutcomeSchema, StrictSchema, text


class TaskBatchSchema(StrictSchema):
    """Body of ``POST /task-batches``: tasks of one step."""

    tasks = ma.fields.List(
        ma.fields.String(validate=validate.Length(max=40)), required=True, validate=validate.Length(min=1, max=MOST)
    )
    outcome = ma.fields.String(
        load_default="", validate=validate.Length(max=40),
        metadata={"description": "one that the step offers; empty for a step that offers none"},
    )  # fmt: skip
    note = text(2000)


class VerdictSchema(ma.Schema):
    """What became of one task."""

    task = ma.fields.String()
    done = ma.fields.Boolean()
    state = ma.fields.String(metadata={"description": "waiting, done, refused, undone or kept (not undone)"})
    dossier = ma.fields.String(allow_none=True, metadata={"description": "its code"})
    status = ma.fields.Integer(metadata={"description": "of the dossier now"})
    code = ma.fields.String(allow_none=True, metadata={"description": "of the error that refused or kept it"})
    why = ma.fields.String(allow_none=True)
    who = ma.fields.String(allow_none=True, metadata={"description": "who was faster, or holds the task"})


class BatchSchema(ma.Schema):
    """A batch and the verdict of each task."""

    id = ma.fields.String()
    state = ma.fields.String(metadata={"description": "running, done, undoing or undone"})
    step = ma.fields.String()
    outcome = ma.fields.String()
    note = ma.fields.String(allow_none=True)
    made_by = ma.fields.String()
    made_at = ma.fields.String()
    undo_until = ma.fields.String(allow_none=True)
    may_undo = ma.fields.Boolean()
    done = ma.fields.Integer()
    refused = ma.fields.Integer()
    undone = ma.fields.Integer()
    kept = ma.fields.Integer()
    left = ma.fields.Integer(metadata={"description": "tasks without a verdict"})
    verdicts = ma.fields.List(ma.fields.Nested(VerdictSchema))


class PreviewLineSchema(ma.Schema):
    """What would become of one task."""

    task = ma.fields.String()
    dossier = ma.fields.String(allow_none=True, metadata={"description": "its id"})
    code = ma.fields.String(allow_none=True, metadata={"description": "of the dossier"})
    able = ma.fields.Boolean()
    error = ma.fields.String(allow_none=True, metadata={"description": "code of the error that would refuse it"})
    why = ma.fields.String(allow_none=True)
    who = ma.fields.String(allow_none=True)


class PreviewSchema(ma.Schema):
    """What an act on many tasks would do."""

    step = ma.fields.String()
    procedure_code = ma.fields.String()
    procedure_name = ma.fields.String()
    outcomes = ma.fields.List(ma.fields.Nested(OutcomeSchema))
    outcome = ma.fields.String(allow_none=True)
    able = ma.fields.Integer()
    unable = ma.fields.Integer()
    undoable = ma.fields.Boolean(metadata={"description": "false: the step decides or moves the clock"})
    lines = ma.fields.List(ma.fields.Nested(PreviewLineSchema))
