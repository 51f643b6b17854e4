"""The apology desk over HTTP (contract §3)."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, request, send_file

from engine.reports import cursors
from engine.services import apologies, letter_dispatch, letter_proofs, letter_signatures, office_documents
from web.api.base import api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.schemas import letters as schemas

blueprint = api_blueprint("letters", "Letters of apology")


@blueprint.get("/letters")
@blueprint.arguments(schemas.LetterQuerySchema, location="query")
@blueprint.response(200, schemas.LetterListSchema)
def listed(query: dict[str, Any]) -> Any:
    """List the letters of one's agencies, oldest order first."""
    found = apologies.listed(
        current_context(),
        by=actor(),
        kind=query["kind"],
        state=query["state"],
        after=None if query["cursor"] is None else _after(query["cursor"]),
        limit=query["limit"] + 1,
    )
    shown, more = found[: query["limit"]], len(found) > query["limit"]
    last = shown[-1] if more else None
    return {"items": shown, "next_cursor": None if last is None else cursors.encode([last["ordered_at"], last["id"]])}


@blueprint.post("/dossiers/<reference>/extensions")
@blueprint.arguments(schemas.DraftSchema)
@blueprint.response(201, schemas.LetterAnswerSchema)
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
@blueprint.response(200, schemas.LetterAnswerSchema)
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
@blueprint.response(200, schemas.LetterAnswerSchema)
def approve(letter_id: str) -> Any:
    """Approve a complete draft."""
    return _done(apologies.approve, letter_id)


@blueprint.post("/letters/<letter_id>/signature")
@blueprint.arguments(schemas.OwnPinSchema)
@blueprint.response(200, schemas.LetterAnswerSchema)
def sign(body: dict[str, Any], letter_id: str) -> Any:
    """Sign an approved letter with one's own key; five wrong PINs in a row, and the key rests for 15 minutes."""
    answer = letter_signatures.sign(
        current_context(),
        by=actor(),
        letter_id=letter_id,
        pin=body["pin"],
        expected=expected_version(),
        request=named_request(),  # without the PIN, which nothing keeps
    )
    return answered(answer)


@blueprint.post("/letters/<letter_id>/dispatch")
@blueprint.arguments(schemas.PinSchema)
@blueprint.response(200, schemas.LetterAnswerSchema)
def dispatch(body: dict[str, Any], letter_id: str) -> Any:
    """Number the letter and send it: one on paper when it is approved, an electronic one when its head has signed."""
    answer = letter_dispatch.dispatch(
        current_context(),
        by=actor(),
        letter_id=letter_id,
        pin=body["pin"],
        expected=expected_version(),
        request=named_request(),  # without the PIN, which nothing keeps
    )
    return answered(answer)


@blueprint.post("/letters/<letter_id>/proof")
@blueprint.arguments(schemas.ProofSchema, location="form")
@blueprint.response(200, schemas.LetterAnswerSchema)
def prove(body: dict[str, Any], letter_id: str) -> Any:
    """Record that a letter was handed over or posted: multipart with ``how``, and ``note``, ``photo`` or both."""
    upload = request.files.get("photo")
    photo = None if upload is None else (upload.filename or "", upload.read())
    seen = [body, None if photo is None else [photo[0], sha256(photo[1]).hexdigest()]]
    answer = letter_proofs.record_proof(
        current_context(),
        by=actor(),
        letter_id=letter_id,
        how=body["how"],
        note=body["note"],
        photo=photo,
        expected=expected_version(),
        request=named_request(seen),
    )
    return answered(answer)


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


def _after(cursor: str) -> tuple[datetime, UUID]:
    at, letter_id = cursors.decode(cursor, kinds=[datetime, str])
    try:
        return at, UUID(letter_id)
    except ValueError as error:
        raise cursors.InvalidCursorError("this cursor is not one of this list; start again without it") from error
