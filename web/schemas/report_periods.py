"""What the API takes and tells of reporting periods: the list, closing one, and what was corrected since."""

from __future__ import annotations

import marshmallow as ma

from web.schemas.dossiers import StrictSchema


class ReportPeriodSchema(ma.Schema):
    """A period of an agency; dates are local, ``to`` is included, the report is sent before ``send_before``."""

    agency = ma.fields.String()
    agency_name = ma.fields.String()
    period = ma.fields.String(metadata={"description": "2026-03, 2026-Q1, 2026-H1, 2026; with -15 from the 15th"})
    kind = ma.fields.String(metadata={"description": "month, quarter, half or year"})
    from_on = ma.fields.String(data_key="from", attribute="from")
    to_on = ma.fields.String(data_key="to", attribute="to")
    send_before = ma.fields.String()
    state = ma.fields.String(metadata={"description": "running, over or closed"})
    closed_at = ma.fields.String(allow_none=True)
    closed_by = ma.fields.String(allow_none=True)
    closed_early = ma.fields.Boolean(metadata={"description": "closed before its last date was over"})
    sha256 = ma.fields.String(allow_none=True, metadata={"description": "of the frozen data"})
    reminded_at = ma.fields.String(allow_none=True)
    content = ma.fields.Dict(metadata={"description": "of a closed one: hashes of its reports, doubtful data"})


class ReportPeriodsSchema(ma.Schema):
    """The latest periods of the agencies whose numbers the actor may see."""

    periods = ma.fields.List(ma.fields.Nested(ReportPeriodSchema))


class CloseSchema(StrictSchema):
    """Body of ``POST /reports/periods/{agency}/{period}/close``."""

    early = ma.fields.Boolean(
        load_default=False, metadata={"description": "close it although it is not over: it is cut off now"}
    )


class ChangedDossierSchema(ma.Schema):
    """A dossier that counts otherwise now than at the close; columns as in ``definitions``."""

    dossier = ma.fields.String()
    before = ma.fields.List(ma.fields.String())
    after = ma.fields.List(ma.fields.String())
    changed = ma.fields.List(ma.fields.String(), metadata={"description": "what else differs"})


class CorrectionsSchema(ma.Schema):
    """All corrections since the close: how many, by how much each column moved, and at most 500 dossiers by code."""

    count = ma.fields.Integer()
    moved = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Integer())
    dossiers = ma.fields.List(ma.fields.Nested(ChangedDossierSchema))
