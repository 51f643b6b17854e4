"""Version moves over HTTP: what would become of each open dossier, the order, its progress, taking it back."""

from __future__ import annotations

from typing import Any

from engine.services import version_moves, version_previews, version_verdicts
from web.api.base import api_blueprint
from web.api.requests import named_request
from web.auth import actor, current_context
from web.schemas import version_moves as schemas

blueprint = api_blueprint("version-moves", "Open dossiers taken to another version of their procedure")


@blueprint.post("/procedures/<code>/moves/preview")
@blueprint.arguments(schemas.SeenQuerySchema, location="query")
@blueprint.arguments(schemas.PlanSchema)
def preview(query: dict[str, Any], body: dict[str, Any], code: str) -> Any:
    """Tell what becomes of each open dossier, without doing it: counts of all, and the first 200 dossiers."""
    agency = body.pop("agency") or query.get("agency")
    return version_previews.preview(
        current_context(), by=actor(), code=code, agency=agency, verdict=query["verdict"],
        after=version_verdicts.dossier_id(query["after"]), **body,
    )  # fmt: skip


@blueprint.get("/procedures/<code>/moves")
@blueprint.arguments(schemas.SeenQuerySchema(only=("agency",)), location="query")
def listed(query: dict[str, Any], code: str) -> Any:
    """List the moves of a procedure, newest first."""
    return {
        "items": version_verdicts.history(current_context(), by=actor(), code=code, agency=query.get("agency")),
    }


@blueprint.post("/procedures/<code>/moves")
@blueprint.arguments(schemas.MoveSchema)
def order(body: dict[str, Any], code: str) -> Any:
    """Order a move; the first dossiers are judged at once, the clock process goes on until ``state`` is ``done``."""
    ctx = current_context()
    begun = version_moves.begin(ctx, by=actor(), code=code, request=named_request([code, body]), **body)
    version_moves.carry_on(ctx, move_id=begun["id"], most=version_moves.IN_A_REQUEST)
    return version_verdicts.told(ctx, begun["id"]), 202


@blueprint.get("/procedures/<code>/moves/<int(min=1, max=2147483647):move_id>")
@blueprint.arguments(schemas.SeenQuerySchema, location="query")
def show(query: dict[str, Any], code: str, move_id: int) -> Any:
    """Show how far a move is, with the verdicts of 200 dossiers."""
    return version_verdicts.show(
        current_context(), by=actor(), code=code, agency=query.get("agency"), move_id=move_id,
        verdict=query["verdict"], after=version_verdicts.dossier_id(query["after"]),
    )  # fmt: skip


@blueprint.post("/procedures/<code>/moves/<int(min=1, max=2147483647):move_id>/undo")
@blueprint.arguments(schemas.SeenQuerySchema(only=("agency",)), location="query")
def undo(query: dict[str, Any], code: str, move_id: int) -> Any:
    """Take a move back for each dossier to which nothing happened since; the clock process goes on until it is done."""
    ctx = current_context()
    agency = query.get("agency")
    version_moves.begin_undo(
        ctx, by=actor(), code=code, agency=agency, move_id=move_id, request=named_request([code, move_id])
    )
    version_moves.carry_on(ctx, move_id=move_id, most=version_moves.IN_A_REQUEST)
    return version_verdicts.told(ctx, move_id), 202
