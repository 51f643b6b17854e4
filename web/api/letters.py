"""The apology desk over HTTP (contract §3)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from flask import Response, send_file

from engine.services import apologies, letter_dispatch, office_documents
from web.api.base import api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.schemas import letters as schemas

blueprint = api_blueprint("letters", "Letters of apology")


@blueprint.get("/letters")
@blueprint.arguments(schemas.LetterQuerySchema, location="query")
def listed(query: dict[str, Any]) -> Any:
    """List the letters of one's agencies, oldest order first."""
    return {"items": apologies.listed(current_context(), by=actor(), kind=query["kind"], state=query["state"])}


@blueprint.post("/dossiers/<reference>/extensions")
@blueprint.arguments(schemas.DraftSchema)
def extend(draft: apologies.Draft, reference: str) -> Any:
    """Write the apology of a dossier that will be late, with the one new date it may get."""
    answer = apologies.extend(
        current_context(),
        by=actor(),
        dossier=reference,
        draft=draft,
        expected=expected_version(),
        request=named_request(draft),
    )
    return answered(answer, 201)


@blueprint.put("/letters/<letter_id>")
@blueprint.arguments(schemas.DraftSchema)
def write(draft: apologies.Draft, letter_id: str) -> Any:
    """Fill in cause, reason and new date of an ordered letter."""
    answer = apologies.write(
        current_context(),
        by=actor(),
        letter_id=letter_id,
        draft=draft,
        expected=expected_version(),
        request=named_request(draft),
    )
    return answered(answer)


@blueprint.post("/letters/<letter_id>/approval")
def approve(letter_id: str) -> Any:
    """Approve a complete draft."""
    return _done(apologies.approve, letter_id)


@blueprint.post("/letters/<letter_id>/dispatch")
def dispatch(letter_id: str) -> Any:
    """Number the approved letter and send it."""
    return _done(letter_dispatch.dispatch, letter_id)


@blueprint.get("/letters/<letter_id>.pdf")
def pdf(letter_id: str) -> Response:
    """Print a letter: as it was sent, or as a marked draft."""
    content = apologies.pdf(current_context(), by=actor(), letter_id=letter_id)
    return send_file(BytesIO(content), mimetype="application/pdf", download_name=f"{letter_id}.pdf")


@blueprint.get("/letters/<letter_id>.docx")
def docx(letter_id: str) -> Response:
    """Return a letter as .docx, to edit: by the agency's own template if it uses one."""
    return docx_response(office_documents.of_letter(current_context(), by=actor(), letter_id=letter_id), letter_id)


def _done(act: Any, letter_id: str) -> Any:
    answer = act(
        current_context(), by=actor(), letter_id=letter_id, expected=expected_version(), request=named_request()
    )
    return answered(answer)
