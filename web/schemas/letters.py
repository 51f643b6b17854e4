"""What the API takes about letters of apology (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import Cause, LetterState
from engine.domain.signing import PIN_LONGEST
from engine.services.apologies import Draft
from engine.services.letter_proofs import LONGEST_NOTE, WAYS
from web.schemas.dossiers import DossierSchema, StrictSchema, text


class DraftSchema(StrictSchema):
    """Body of ``PUT /letters/{id}`` and ``POST /dossiers/{id}/extensions``."""

    cause = ma.fields.Enum(Cause, by_value=True, required=True)
    reason = text(2000, required=True)
    new_due_at = ma.fields.AwareDateTime(load_default=None, allow_none=True)

    @ma.post_load
    def make(self, data: dict, **_: object) -> Draft:
        """Return the domain's value."""
        return Draft(**data)


class LetterQuerySchema(StrictSchema):
    """Query of ``GET /letters``."""

    kind = ma.fields.String(load_default=None, validate=validate.OneOf(["apology"]))
    state = ma.fields.Enum(LetterState, by_value=True, load_default=None)
    cursor = ma.fields.String(load_default=None)
    limit = ma.fields.Integer(load_default=50, validate=validate.Range(1, 200))


class PinSchema(StrictSchema):
    """Body of ``POST /letters/{id}/dispatch``; may be left out for a letter that is signed on paper."""

    pin = ma.fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=PIN_LONGEST),
        metadata={"description": "of the agency's seal; it goes to the key and is kept nowhere"},
    )


class OwnPinSchema(StrictSchema):
    """Body of ``POST /letters/{id}/signature``."""

    pin = ma.fields.String(
        required=True,
        validate=validate.Length(min=1, max=PIN_LONGEST),
        metadata={"description": "of one's own key; it goes to the key and is kept nowhere"},
    )


class ProofSchema(StrictSchema):
    """Fields of ``POST /letters/{id}/proof``, multipart; ``photo`` is a file, and may be left out with a ``note``."""

    how = ma.fields.String(required=True, validate=validate.OneOf(WAYS))
    note = ma.fields.String(load_default="", validate=validate.Length(max=LONGEST_NOTE))


class CausedBySchema(ma.Schema):
    """The unit that caused a lateness, by the ledger of time."""

    code = ma.fields.String()
    name = ma.fields.String()


class LetterSchema(ma.Schema):
    """A letter of apology; instants in UTC."""

    id = ma.fields.String()
    kind = ma.fields.String()
    state = ma.fields.String(validate=validate.OneOf([state.value for state in LetterState]))
    dossier = ma.fields.String()
    dossier_code = ma.fields.String(allow_none=True)
    promise = ma.fields.Integer()
    trigger = ma.fields.String()
    cause = ma.fields.String(allow_none=True, validate=validate.OneOf([cause.value for cause in Cause]))
    reason = ma.fields.String(allow_none=True)
    caused_by = ma.fields.Nested(CausedBySchema, allow_none=True)
    number = ma.fields.String(allow_none=True)
    sent_how = ma.fields.String(allow_none=True, metadata={"description": "email, sms, zalo or print"})
    old_due_at = ma.fields.String()
    new_due_at = ma.fields.String(allow_none=True)
    ordered_at = ma.fields.String()
    approved_at = ma.fields.String(allow_none=True)
    signed_at = ma.fields.String(allow_none=True)
    numbered_at = ma.fields.String(allow_none=True)
    sent_at = ma.fields.String(allow_none=True)
    delivered_at = ma.fields.String(allow_none=True)
    withdrawn_at = ma.fields.String(allow_none=True)


class LetterListSchema(ma.Schema):
    """A page of letters, oldest order first."""

    items = ma.fields.List(ma.fields.Nested(LetterSchema))
    next_cursor = ma.fields.String(allow_none=True, metadata={"description": "null on the last page"})


class LetterAnswerSchema(ma.Schema):
    """Answer of every act upon a letter: the letter, and its dossier."""

    letter = ma.fields.Nested(LetterSchema)
    dossier = ma.fields.Nested(DossierSchema)
