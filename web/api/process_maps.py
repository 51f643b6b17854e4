"""The process map over HTTP: what really happened to the dossiers of a procedure."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from engine.reports import process_map
from web import report_periods
from web.api.base import api_blueprint
from web.auth import actor, current_context
from web.schemas import process_maps as schemas

blueprint = api_blueprint("process-maps", "What really happened to dossiers")


@blueprint.get("/reports/process-map")
@blueprint.arguments(schemas.ProcessMapQuerySchema, location="query")
@blueprint.response(200, schemas.ProcessMapSchema)
def show(query: dict[str, Any]) -> Any:
    """Tell the steps, which followed which, and the ways that dossiers took, of those closed in a period."""
    _, period, closed = report_periods.asked()  # histories are not frozen: the map is of now
    agency = closed.agency if closed else query.get("agency")
    found = process_map.process_map(
        current_context(), by=actor(), procedure=query["procedure"], period=period, agency=agency
    )
    return jsonify(found.as_json())
