"""Working calendars over HTTP: a year, what a change would move, making it, taking it back."""

from __future__ import annotations

from typing import Any

from engine.services import calendar_changes, calendar_overview
from web.api.base import api_blueprint
from web.api.requests import named_request
from web.auth import actor, current_context
from web.schemas import calendars as schemas

blueprint = api_blueprint("calendars", "Working calendars")


@blueprint.get("/calendars/<agency>")
@blueprint.arguments(schemas.YearQuerySchema, location="query")
def year(query: dict[str, Any], agency: str) -> Any:
    """Show a year: declared days with their decisions and who declares them, weekly hours, states by month."""
    return calendar_overview.overview(current_context(), by=actor(), agency=agency, year=query["year"])


@blueprint.get("/calendar-changes")
@blueprint.arguments(schemas.AgencyQuerySchema, location="query")
def listed(query: dict[str, Any]) -> Any:
    """List the acts that made an agency's calendar what it is, newest first."""
    return {"items": calendar_changes.history(current_context(), by=actor(), agency=query["agency"])}


@blueprint.post("/calendar-changes/preview")
@blueprint.arguments(schemas.ChangeSchema)
def preview(body: dict[str, Any]) -> Any:
    """Tell what a change would do, without doing it; ``token`` is the ``expected`` of the change."""
    return calendar_changes.preview(current_context(), by=actor(), change=body["change"], agency=body["agency"])


@blueprint.post("/calendar-changes")
@blueprint.arguments(schemas.ChangeSchema)
def change(body: dict[str, Any]) -> Any:
    """Change a calendar in one act; dates whose day becomes a day off move to the next working moment."""
    return calendar_changes.apply(current_context(), by=actor(), request=named_request(body), **body), 201


@blueprint.get("/calendar-changes/<int(min=1, max=2147483647):change_id>/undo")
def preview_undo(change_id: int) -> Any:
    """Tell what taking a change back would do."""
    return calendar_changes.preview_undo(current_context(), by=actor(), change_id=change_id)


@blueprint.post("/calendar-changes/<int(min=1, max=2147483647):change_id>/undo")
@blueprint.arguments(schemas.UndoSchema)
def undo(body: dict[str, Any], change_id: int) -> Any:
    """Take a change back: what it replaced is in force again, dates go back unless something moved them since."""
    return calendar_changes.undo(
        current_context(), by=actor(), change_id=change_id, expected=body["expected"], request=named_request(body)
    )
