"""What the API takes and tells about dossiers (contract §3)."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import validate

from engine.domain.dossier import Channel, ResultChannel
from engine.domain.fields import InvalidFieldsError, check_fields
from engine.domain.foresight import SlaState
from engine.domain.messages import CHOICES, LANGUAGES
from engine.domain.papers import KnownPaper
from engine.services.answers import ANSWERS
from engine.services.intake import Filing, PaperLine, Person
from engine.services.waiting import LARGEST_AMOUNT_VND, PAID_BY, SETTLED_HOW


class StrictSchema(ma.Schema):
    """Unknown fields are refused: a misspelt one must not be lost in silence."""

    class Meta:
        unknown = ma.RAISE


def text(longest: int, *, required: bool = False, blank: bool = True) -> ma.fields.String:
    """Return a field for text of bounded length."""
    return ma.fields.String(
        required=required, allow_none=not required, validate=validate.Length(min=0 if blank else 1, max=longest)
    )


def _check_fields(fields: dict[str, object]) -> None:
    try:
        check_fields(fields)
    except InvalidFieldsError as error:
        raise ma.ValidationError(error.message) from None


class PersonSchema(StrictSchema):
    """An applicant or owner."""

    name = text(200, required=True, blank=False)
    identity_number = text(20)
    phone = text(20)
    email = ma.fields.Email(allow_none=True, validate=validate.Length(max=200))
    address = text(300)

    @ma.post_load
    def make(self, data: dict, **_: object) -> Person:
        """Return the domain's value."""
        return Person(**data)


class KnownPaperSchema(StrictSchema):
    """A paper of an earlier dossier of the same person."""

    dossier = ma.fields.UUID(required=True, metadata={"description": "id of that dossier"})
    no = ma.fields.Integer(required=True, strict=True, validate=validate.Range(1, 9999))

    @ma.post_load
    def make(self, data: dict, **_: object) -> KnownPaper:
        """Return the domain's value."""
        return KnownPaper(**data)


class ComponentSchema(StrictSchema):
    """A paper that was handed in, or that the office has already."""

    code = ma.fields.String(load_default="", validate=validate.Length(max=60))
    name = ma.fields.String(load_default="", validate=validate.Length(max=300))
    originals = ma.fields.Integer(load_default=1, strict=True, validate=validate.Range(0, 999))
    copies = ma.fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 999))
    known = ma.fields.Nested(
        KnownPaperSchema, data_key="reuse_of", allow_none=True,
        metadata={"description": "taken over from there: nothing is handed in, originals and copies are 0"},
    )  # fmt: skip

    @ma.validates_schema
    def check_named(self, data: dict, **_: object) -> None:
        """A paper is named by code or by name."""
        if not data.get("code") and not data.get("name"):
            raise ma.ValidationError("a component needs a code or a name", "name")

    @ma.post_load
    def make(self, data: dict, **_: object) -> PaperLine:
        """Return the domain's value; a paper without name is called by its code."""
        return PaperLine(**(data | {"name": data["name"] or data["code"]}))


class FilingSchema(StrictSchema):
    """Body of ``POST /dossiers``."""

    procedure_code = text(40, required=True, blank=False)
    agency = text(40)
    resolving_agency = text(40)
    channel = ma.fields.Enum(Channel, by_value=True, required=True)
    applicant = ma.fields.Nested(PersonSchema, required=True)
    owner = ma.fields.Nested(PersonSchema, allow_none=True)
    authorisation = text(300)
    papers = ma.fields.List(
        ma.fields.Nested(ComponentSchema), data_key="components", validate=validate.Length(max=100), load_default=list
    )
    case = text(120)
    result_channel = ma.fields.Enum(ResultChannel, by_value=True, load_default=ResultChannel.DESK)
    notify_by = ma.fields.String(
        validate=validate.OneOf(CHOICES), load_default="email",
        metadata={"description": "by which channel the citizen wants to be told; else by what they have"},
    )  # fmt: skip
    notify_language = ma.fields.String(validate=validate.OneOf(LANGUAGES), load_default="vi")
    received_at = ma.fields.AwareDateTime(
        allow_none=True, metadata={"description": "for post that arrived earlier; never in the future"}
    )

    slip = ma.fields.String(
        allow_none=True, validate=validate.Length(max=60),
        metadata={"description": "reserved code on a slip that was handed out in a power cut; needs received_at"},
    )  # fmt: skip
    facts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Raw(allow_none=True), load_default=dict,
        metadata={"description": "answers to the procedure's form; fractions as text or numbers"},
    )  # fmt: skip

    @ma.post_load
    def make(self, data: dict, **_: object) -> Filing:
        """Return the domain's value."""
        return Filing(**(data | {"papers": tuple(data["papers"])}))


class OutcomeSchema(ma.Schema):
    """How a task can be done."""

    value = ma.fields.String()
    label = ma.fields.String()


class AskedFieldSchema(ma.Schema):
    """A field that a task asks for."""

    name = ma.fields.String()
    label = ma.fields.String()
    type = ma.fields.String(metadata={"description": "boolean, number, text or choice"})
    choices = ma.fields.List(ma.fields.Nested(OutcomeSchema))
    required = ma.fields.Boolean()


class OpenTaskSchema(ma.Schema):
    """A task that waits for somebody."""

    id = ma.fields.String()
    node = ma.fields.String(metadata={"description": "element id in the model"})
    name = ma.fields.String()
    phase = ma.fields.String()
    unit = ma.fields.String()
    assignee = ma.fields.String(allow_none=True)
    due_at = ma.fields.String(allow_none=True)
    outcomes = ma.fields.List(
        ma.fields.Nested(OutcomeSchema), metadata={"description": "one of which completes it; none: only done"}
    )
    inputs = ma.fields.List(ma.fields.Nested(AskedFieldSchema), metadata={"description": "that its completion asks"})
    role = ma.fields.String(allow_none=True, metadata={"description": "that may do it; null: any that fits its phase"})
    form = ma.fields.String(allow_none=True)
    issues = ma.fields.List(ma.fields.String(), metadata={"description": "keys of the papers that it issues"})
    own_limit = ma.fields.String(
        allow_none=True, metadata={"description": "from which due_at is counted, whatever the dossier's clock does"}
    )


class ShortfallSchema(ma.Schema):
    """What is left of the stages beyond what is left until the promise is due."""

    missing = ma.fields.String(metadata={"description": "amount and unit of the limit, such as 1.25 working_day"})
    missing_minutes = ma.fields.Integer(metadata={"description": "office time"})


class DossierSchema(ma.Schema):
    """What every change of a dossier answers."""

    id = ma.fields.String()
    code = ma.fields.String(allow_none=True)
    status = ma.fields.Integer(metadata={"description": "national status 1 to 10"})
    status_label = ma.fields.String()
    procedure_code = ma.fields.String()
    channel = ma.fields.String()
    received_at = ma.fields.String(allow_none=True)
    due_at = ma.fields.String(allow_none=True, metadata={"description": "the promise"})
    late_after = ma.fields.String(allow_none=True)
    provisional = ma.fields.Boolean()
    paused = ma.fields.Boolean()
    extended_due_at = ma.fields.String(allow_none=True)
    finished_at = ma.fields.String(allow_none=True)
    late = ma.fields.Boolean()
    unfinished = ma.fields.Boolean()
    sla_state = ma.fields.String(
        allow_none=True, validate=validate.OneOf([state.value for state in SlaState]),
        metadata={"description": "how the clock stands; null before the receipt"},
    )  # fmt: skip
    used_percent = ma.fields.Integer(
        allow_none=True, metadata={"description": "of the promise's limit; more than 100 when it is overrun"}
    )
    left_minutes = ma.fields.Integer(
        allow_none=True,
        metadata={"description": "office time until due_at, negative after it; null while the clock stands, and after"},
    )
    will_be_late = ma.fields.Nested(ShortfallSchema, allow_none=True)
    version = ma.fields.Integer(metadata={"description": "also the ETag"})
    open_tasks = ma.fields.List(ma.fields.Nested(OpenTaskSchema))


class CompletionSchema(StrictSchema):
    """Body of ``POST /tasks/{id}/completion``."""

    outcome = ma.fields.String(load_default="done", validate=validate.Length(max=40))
    note = text(2000)
    fields_ = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Raw(allow_none=True), data_key="fields", load_default=dict,
        validate=_check_fields, metadata={"description": "text, true, false, null or whole numbers; no fractions"},
    )  # fmt: skip


class AssignmentSchema(StrictSchema):
    """Body of ``PUT /tasks/{id}/assignment``."""

    username = text(60)
    note = text(2000)


class MessageSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/messages``: an answer came for which the process waits."""

    message = ma.fields.String(required=True, validate=validate.OneOf(ANSWERS))
    note = text(2000)
    fields_ = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Raw(allow_none=True), data_key="fields", load_default=dict,
        validate=_check_fields, metadata={"description": "answers to fields of the procedure's form"},
    )  # fmt: skip


class ReceiptSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/receipt``."""

    facts = ma.fields.Dict(
        keys=ma.fields.String(), values=ma.fields.Raw(allow_none=True), load_default=dict,
        metadata={"description": "answers to the procedure's form that the desk adds or corrects"},
    )  # fmt: skip


class SupplementRequestSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/supplement-requests`` (form 02)."""

    items = ma.fields.List(
        ma.fields.String(validate=validate.Length(max=500)), required=True, validate=validate.Length(max=50)
    )
    reason = text(2000, required=True)


class SupplementSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/supplements``."""

    components = ma.fields.List(ma.fields.Nested(ComponentSchema), validate=validate.Length(max=100), load_default=list)


class ReasonSchema(StrictSchema):
    """Body of acts that need a reason."""

    reason = text(2000, required=True)


class WithdrawalSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/withdrawal``."""

    reason = ma.fields.String(load_default="", validate=validate.Length(max=2000))


class GroundSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/stop``."""

    ground = text(2000, required=True)


class ObligationSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/financial-obligations``."""

    amount_vnd = ma.fields.Integer(required=True, strict=True, validate=validate.Range(0, LARGEST_AMOUNT_VND))
    notice = text(200, required=True)


class PaymentSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/payments``."""

    how = ma.fields.String(load_default="paid", validate=validate.OneOf(SETTLED_HOW))
    paid_by = ma.fields.String(load_default=None, allow_none=True, validate=validate.OneOf(PAID_BY))
    reference = text(200)


class TransferSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/transfers``."""

    unit = text(80, required=True, blank=False)
    agency = text(40)
    note = text(2000, required=True)


class ResultSchema(StrictSchema):
    """Body of ``POST /dossiers/{id}/result``."""

    number = text(60, required=True)
    outcome = ma.fields.String(load_default="done", validate=validate.Length(max=40))
    note = text(2000)
