"""What officers say to each other over HTTP: opinions, suggested refusals, notes; and who is away."""

from __future__ import annotations

from typing import Any

from engine.services import absences, notes, opinions, refusal_suggestions, talk
from web.api.base import api_blueprint
from web.api.requests import changed, named_request
from web.auth import actor, current_context
from web.schemas import dossiers as dossier_schemas
from web.schemas import talk as schemas

blueprint = api_blueprint("consultations", "What officers ask and tell each other; absences and their covers")

_NO = "<int(min=1, max=100000):no>"


@blueprint.get("/dossiers/<reference>/talk")
@blueprint.response(200, schemas.TalkSchema)
def show(reference: str) -> Any:
    """Tell the opinions, suggested refusals and notes of a dossier."""
    return talk.listed(current_context(), by=actor(), dossier=reference)


@blueprint.post("/dossiers/<reference>/opinions")
@blueprint.arguments(schemas.OpinionRequestSchema)
@blueprint.response(201, dossier_schemas.DossierSchema)
def ask(body: dict[str, Any], reference: str) -> Any:
    """Ask units for their opinion; the step goes on, no clock moves."""
    return changed(opinions.ask, reference, body, status=201)


@blueprint.post(f"/dossiers/<reference>/opinions/{_NO}/answer")
@blueprint.arguments(schemas.OpinionAnswerSchema)
@blueprint.response(200, dossier_schemas.DossierSchema)
def give(body: dict[str, Any], reference: str, no: int) -> Any:
    """Answer for one's unit."""
    return changed(opinions.give, reference, body | {"no": no})


@blueprint.delete(f"/dossiers/<reference>/opinions/{_NO}")
@blueprint.response(200, dossier_schemas.DossierSchema)
def withdraw(reference: str, no: int) -> Any:
    """Ask a unit no longer."""
    return changed(opinions.withdraw, reference, {"no": no})


@blueprint.get("/opinions")
@blueprint.response(200, schemas.AwaitedListSchema)
def awaited() -> Any:
    """List the opinions that are awaited of the caller's units, the most pressing first."""
    return {"items": opinions.awaited(current_context(), by=actor())}


@blueprint.post("/dossiers/<reference>/refusal-suggestions")
@blueprint.arguments(schemas.SuggestionSchema)
@blueprint.response(201, dossier_schemas.DossierSchema)
def suggest(body: dict[str, Any], reference: str) -> Any:
    """Suggest to refuse; accepting it is ``POST /dossiers/{reference}/refusal``."""
    return changed(refusal_suggestions.suggest, reference, body, status=201)


@blueprint.post("/dossiers/<reference>/refusal-suggestions/decline")
@blueprint.arguments(schemas.DeclineSchema)
@blueprint.response(200, dossier_schemas.DossierSchema)
def decline(body: dict[str, Any], reference: str) -> Any:
    """Decline the suggested refusal with an answer."""
    return changed(refusal_suggestions.decline, reference, body)


@blueprint.post("/dossiers/<reference>/notes")
@blueprint.arguments(schemas.NoteSchema)
@blueprint.response(201, dossier_schemas.DossierSchema)
def add_note(body: dict[str, Any], reference: str) -> Any:
    """Write a note for colleagues."""
    return changed(notes.add, reference, body, status=201)


@blueprint.get("/absences")
@blueprint.response(200, schemas.AbsenceListSchema)
def list_absences() -> Any:
    """List the absences that the caller may know of, newest first."""
    return {"items": absences.listed(current_context(), by=actor())["items"]}


@blueprint.post("/absences")
@blueprint.arguments(schemas.AbsencePlanSchema)
@blueprint.response(201, schemas.AbsenceSchema)
def plan(body: dict[str, Any]) -> Any:
    """Enter an absence with its cover."""
    return absences.plan(current_context(), by=actor(), request=named_request(body), **body)


@blueprint.post("/absences/<int(min=1, max=2147483647):absence>/end")
@blueprint.response(200, schemas.AbsenceSchema)
def end(absence: int) -> Any:
    """End an absence now."""
    return absences.end(current_context(), by=actor(), absence=absence, request=named_request())
