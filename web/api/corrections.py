"""Corrections of a receipt, its issues, and numbers reserved for a power cut."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, send_file

from engine.services import corrections, receipt_issues, receipts, reserved_numbers
from engine.services.corrections import Correction
from web.api.base import api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.schemas import corrections as schemas
from web.schemas.dossiers import DossierSchema

blueprint = api_blueprint("receipt_corrections", "Corrections of receipts, and numbers for a power cut")


@blueprint.post("/dossiers/<reference>/corrections")
@blueprint.arguments(schemas.CorrectionSchema)
@blueprint.response(201, DossierSchema)
def correct(correction: Correction, reference: str) -> Any:
    """Correct what the receipt says, with a reason; it is issued anew and the clock counted again."""
    answer = corrections.correct(
        current_context(),
        by=actor(),
        dossier=reference,
        correction=correction,
        expected=expected_version(),
        request=named_request(correction),
    )
    return answered(answer, 201)


@blueprint.get("/dossiers/<reference>/receipts")
@blueprint.response(200, schemas.ReceiptIssuesSchema)
def issues(reference: str) -> Any:
    """List the issues of the receipt, the replaced ones with their reason."""
    return {"items": receipt_issues.listed(current_context(), by=actor(), dossier=reference)}


@blueprint.get("/dossiers/<reference>/receipts/<int(min=1, max=10000):no>.pdf")
def issue(reference: str, no: int) -> Response:
    """Print one issue of the receipt; one that was replaced is marked."""
    content = receipts.pdf(current_context(), by=actor(), dossier=reference, issue=no)
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{reference}-{no}.pdf")


@blueprint.get("/reserved-numbers")
@blueprint.arguments(schemas.ReservedQuerySchema, location="query")
@blueprint.response(200, schemas.ReservedNumbersSchema)
def reserved(query: dict[str, Any]) -> Any:
    """List the numbers that counters keep for a power cut, and what became of each."""
    return reserved_numbers.listed(current_context(), by=actor(), **query)


@blueprint.post("/reserved-numbers")
@blueprint.arguments(schemas.PadSchema)
@blueprint.response(201, schemas.PadMadeSchema)
def reserve(body: dict[str, Any]) -> Any:
    """Reserve numbers of today for a counter."""
    return reserved_numbers.reserve(current_context(), by=actor(), request=named_request(body), **body)


@blueprint.post("/reserved-numbers/voids")
@blueprint.arguments(schemas.VoidSchema)
@blueprint.response(201, schemas.VoidedSchema)
def void(body: dict[str, Any]) -> Any:
    """Void numbers that were not used, with a reason."""
    return reserved_numbers.void(current_context(), by=actor(), request=named_request(body), **body)
