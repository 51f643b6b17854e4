"""What the API takes and tells about opinions, suggested refusals, notes and absences."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.services.opinions import LONGEST, LONGEST_DAYS, MOST_UNITS, Stance
from web.schemas.dossiers import StrictSchema, text

_TIME = {"format": "date-time"}


class OpinionRequestSchema(StrictSchema):
    """Body of ``POST /dossiers/{reference}/opinions``."""

    units = ma.fields.List(
        ma.fields.String(validate=validate.Length(1, 121)),
        required=True,
        validate=validate.Length(1, MOST_UNITS),
        metadata={"description": "`AGENCY/unit`, or the code of a unit of the resolving agency"},
    )
    question = text(LONGEST, required=True, blank=False)
    days = ma.fields.Integer(
        load_default=3,
        strict=True,
        validate=validate.Range(1, LONGEST_DAYS),
        metadata={"description": "working days to answer; no clock of the dossier moves"},
    )


class OpinionAnswerSchema(StrictSchema):
    """Body of ``POST /dossiers/{reference}/opinions/{no}/answer``."""

    stance = ma.fields.String(required=True, validate=validate.OneOf([each.value for each in Stance]))
    text = ma.fields.String(load_default="", validate=validate.Length(max=LONGEST))


class OpinionSchema(ma.Schema):
    """A request for an opinion, and the answer."""

    no = ma.fields.Integer()
    state = ma.fields.String(metadata={"enum": ["open", "given", "withdrawn", "lapsed"]})
    unit = ma.fields.String()
    unit_name = ma.fields.String()
    agency = ma.fields.String()
    question = ma.fields.String()
    asked_by = ma.fields.String(allow_none=True)
    asked_at = ma.fields.String(metadata=_TIME)
    due_at = ma.fields.String(allow_none=True, metadata=_TIME)
    overdue = ma.fields.Boolean()
    stance = ma.fields.String(allow_none=True)
    answer = ma.fields.String(allow_none=True)
    answered_by = ma.fields.String(allow_none=True)
    answered_at = ma.fields.String(allow_none=True, metadata=_TIME)
    withdrawn_at = ma.fields.String(allow_none=True, metadata=_TIME)
    may_withdraw = ma.fields.Boolean()


class SuggestionSchema(StrictSchema):
    """Body of ``POST /dossiers/{reference}/refusal-suggestions``."""

    reason = text(4000, required=True, blank=False)
    ground = text(500, required=True, blank=False)


class DeclineSchema(StrictSchema):
    """Body of ``POST /dossiers/{reference}/refusal-suggestions/decline``."""

    answer = text(4000, required=True, blank=False)


class ToldSuggestionSchema(ma.Schema):
    """A suggested refusal, and what the approver decided."""

    no = ma.fields.Integer()
    reason = ma.fields.String()
    by = ma.fields.String(allow_none=True)
    at = ma.fields.String(metadata=_TIME)
    decision = ma.fields.String(allow_none=True, metadata={"enum": ["accepted", "declined", None]})
    answer = ma.fields.String(allow_none=True)
    decided_by = ma.fields.String(allow_none=True)
    decided_at = ma.fields.String(allow_none=True, metadata=_TIME)


class NoteSchema(StrictSchema):
    """Body of ``POST /dossiers/{reference}/notes``."""

    text = text(4000, required=True, blank=False)


class ToldNoteSchema(ma.Schema):
    """A note."""

    no = ma.fields.Integer()
    text = ma.fields.String()
    by = ma.fields.String(allow_none=True)
    at = ma.fields.String(metadata=_TIME)


class TalkSchema(ma.Schema):
    """What officers said to each other about a dossier."""

    opinions = ma.fields.List(ma.fields.Nested(OpinionSchema))
    refusal_suggestions = ma.fields.List(ma.fields.Nested(ToldSuggestionSchema))
    notes = ma.fields.List(ma.fields.Nested(ToldNoteSchema))


class AwaitedSchema(ma.Schema):
    """An opinion that is awaited of one of the caller's units."""

    dossier = ma.fields.String()
    code = ma.fields.String(allow_none=True)
    no = ma.fields.Integer()
    unit_name = ma.fields.String()
    question = ma.fields.String()
    asked_at = ma.fields.String(metadata=_TIME)
    due_at = ma.fields.String(allow_none=True, metadata=_TIME)
    overdue = ma.fields.Boolean()


class AwaitedListSchema(ma.Schema):
    """All that are awaited, the most pressing first."""

    items = ma.fields.List(ma.fields.Nested(AwaitedSchema))


class AbsencePlanSchema(StrictSchema):
    """Body of ``POST /absences``."""

    officer = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(1, 60),
        metadata={"description": "sign-in name of who is away; the caller when it is missing"},
    )
    cover = text(60, required=True, blank=False)
    starts_at = ma.fields.AwareDateTime(required=True, format="iso")
    ends_at = ma.fields.AwareDateTime(required=True, format="iso")
    reason = ma.fields.String(load_default="", validate=validate.Length(max=300))


class AbsenceSchema(ma.Schema):
    """An absence."""

    id = ma.fields.Integer()
    officer = ma.fields.String()
    officer_name = ma.fields.String()
    cover = ma.fields.String()
    cover_name = ma.fields.String()
    starts_at = ma.fields.String(metadata=_TIME)
    ends_at = ma.fields.String(metadata=_TIME)
    reason = ma.fields.String()
    state = ma.fields.String(metadata={"enum": ["coming", "running", "over"]})
    ended_early = ma.fields.Boolean()
    may_end = ma.fields.Boolean()


class AbsenceListSchema(ma.Schema):
    """The absences that the caller may know of, newest first."""

    items = ma.fields.List(ma.fields.Nested(AbsenceSchema))
