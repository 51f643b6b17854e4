"""Procedures over HTTP: catalogue, import, models (contract §3)."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import Response, request

from engine.errors import InvalidInputError
from engine.reports.kept_promises import kept_lately
from engine.services import counter, imports, procedures
from web.api.base import api_blueprint
from web.api.requests import named_request
from web.auth import actor, current_context
from web.schemas.dossiers import StrictSchema, text
from web.schemas.promises import PromiseSchema

SHEETS = {
    "text/csv": "csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}  #: media types of spreadsheets
MODELS = frozenset({"application/xml", "text/xml", "application/bpmn+xml"})

blueprint = api_blueprint("procedures", "Procedures and their models")


class NoTableError(InvalidInputError):
    """The body is no JSON list of step tables."""

    code = "no-step-tables"


class CatalogueQuerySchema(StrictSchema):
    """Query of the catalogue."""

    agency = text(40)


@blueprint.get("/procedures")
@blueprint.arguments(CatalogueQuerySchema, location="query")
def catalogue(query: dict[str, Any]) -> Any:
    """List published procedures."""
    return {"items": procedures.catalogue(current_context(), agency=query.get("agency"))}


@blueprint.post("/procedures")
@blueprint.arguments(CatalogueQuerySchema, location="query")
def publish(query: dict[str, Any]) -> Any:
    """Publish procedures: what ``motcua procedures import`` reads, by the media type of the body.

    A JSON list of step tables; a spreadsheet (``text/csv``, or the type of .xlsx); or a BPMN drawing (``…/xml``).
    """
    agency = query.get("agency")
    outcome = _outcome(agency)
    return outcome.as_json(), 201 if outcome.published else 422


def _outcome(agency: str | None) -> imports.Import:
    ctx, by, kind = current_context(), actor(), request.mimetype
    if kind in SHEETS:
        content = request.get_data(cache=False)
        named = named_request([agency, kind, sha256(content).hexdigest()])
        return imports.import_sheet(ctx, by=by, content=content, kind=SHEETS[kind], agency=agency, request=named)
    if kind in MODELS:
        content = request.get_data(cache=False)
        named = named_request([agency, kind, sha256(content).hexdigest()])
        return imports.import_model(ctx, by=by, xml=content, agency=agency, request=named)
    data = request.get_json(silent=True)
    if not isinstance(data, list):
        raise NoTableError("send a JSON list of step tables, a spreadsheet or a BPMN drawing, with its media type")
    return imports.import_tables(ctx, by=by, data=data, agency=agency, request=named_request([agency, data]))


@blueprint.get("/procedures/<code>/promise")
@blueprint.arguments(CatalogueQuerySchema, location="query")
@blueprint.response(200, PromiseSchema)
def promise(query: dict[str, Any], code: str) -> Any:
    """Tell a desk what would be promised now or later, and how often such promises were kept lately."""
    ctx, by = current_context(), actor()
    promised = counter.preview(ctx, by=by, procedure=code, agency=query.get("agency"))
    return promised | {"kept": kept_lately(ctx, by=by, procedure=code, agency=promised["agency"])}


@blueprint.get("/procedures/<code>/versions/<int(min=1, max=100000):number>/bpmn")
@blueprint.arguments(CatalogueQuerySchema, location="query")
def model(query: dict[str, Any], code: str, number: int) -> Response:
    """Return the BPMN model of a version."""
    found = procedures.show(current_context(), code=code, number=number, agency=query.get("agency"))
    return Response(found["model"], mimetype="application/xml")
