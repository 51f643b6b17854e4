"""What supervisors watch and do, over HTTP: numbers with the link to their lists, urging, escalating."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from engine.reports import heat_map, officer_load, overdue_board, trend
from engine.reports import supervision as reports
from engine.reports.on_time_values import Period
from engine.services import late_causes, supervision
from web.api.base import PREFIX, api_blueprint
from web.api.requests import answered, expected_version, named_request
from web.auth import actor, current_context
from web.schemas import dossiers as dossier_schemas
from web.schemas import supervision as schemas

blueprint = api_blueprint("supervision", "What supervisors watch and do")


@blueprint.get("/reports/supervision")
@blueprint.arguments(schemas.SupervisionQuerySchema, location="query")
@blueprint.response(200, schemas.SupervisionSchema)
def tiles(query: dict[str, Any]) -> Any:
    """Tell how many dossiers stand how, each number that of the list it links to."""
    period = Period(query["from_on"], query["to_on"]) if query else None
    told = reports.overview(current_context(), by=actor(), period=period).as_json()
    return told | {"lists": {tile.value: _list_of(listed) for tile, listed in reports.LISTS.items()}}


@blueprint.get("/reports/overdue-board")
def board() -> Any:
    """Tell what is overdue by unit, procedure, step and officer, with how long it has been late."""
    return overdue_board.board(current_context(), by=actor()).as_json()


@blueprint.get("/reports/loads")
def loads() -> Any:
    """Tell how much work each officer has, in minutes of office time."""
    return {"units": officer_load.loads(current_context(), by=actor())}


@blueprint.get("/reports/trend")
def weeks() -> Any:
    """Tell the last 12 weeks: median and 90th percentile of office time used, and the share in time."""
    return {"weeks": [week.as_json() for week in trend.trend(current_context(), by=actor())]}


@blueprint.get("/reports/heat/<code>")
def heat(code: str) -> Any:
    """Tell how long the steps of a procedure wait and are worked on, medians in minutes of office time."""
    found = heat_map.heat_map(current_context(), by=actor(), procedure=code)
    return found | {
        "period": {"from": found["period"].from_on.isoformat(), "to": found["period"].to_on.isoformat()},
        "steps": [
            {
                "node": step.node,
                "name": step.name,
                "done": step.done,
                "waiting_minutes": step.waiting,
                "working_minutes": step.working,
            }
            for step in found["steps"]
        ],
    }


@blueprint.post("/tasks/<task_id>/urges")
@blueprint.arguments(schemas.UrgeSchema)
@blueprint.response(201, dossier_schemas.DossierSchema)
def urge(body: dict[str, Any], task_id: str) -> Any:
    """Urge who has a task; once a local day."""
    answer = supervision.urge(
        current_context(), by=actor(), task_id=task_id, note=body.get("note"), expected=expected_version(),
        request=named_request(body),
    )  # fmt: skip
    return answered(answer, 201)


@blueprint.post("/dossiers/<reference>/escalations")
@blueprint.arguments(schemas.EscalationSchema)
@blueprint.response(201, dossier_schemas.DossierSchema)
def escalate(body: dict[str, Any], reference: str) -> Any:
    """Take a dossier to those who sign in the resolving agency."""
    answer = supervision.escalate(
        current_context(), by=actor(), dossier=reference, reason=body["reason"], to=body.get("to"),
        expected=expected_version(), request=named_request(body),
    )  # fmt: skip
    return answered(answer, 201)


@blueprint.post("/dossiers/<reference>/late-causes")
@blueprint.arguments(schemas.LateCauseSchema)
@blueprint.response(201, dossier_schemas.DossierSchema)
def late_cause(body: dict[str, Any], reference: str) -> Any:
    """Say why a dossier is late, when no letter of apology says it; the latest stands."""
    answer = late_causes.record(
        current_context(), by=actor(), dossier=reference, cause=body["cause"], note=body.get("note") or "",
        expected=expected_version(), request=named_request(body),
    )  # fmt: skip
    return answered(answer, 201)


def _list_of(listed: reports.Listed) -> str:
    asked: dict[str, Any] = {"queue": listed.queue.value}
    if listed.filters.status is not None:
        asked["status"] = listed.filters.status
    return f"{PREFIX}/dossiers?{urlencode(asked)}"
