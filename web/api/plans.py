"""Index 766 and the targets of plans over HTTP, each number with the address of its dossiers (contract §3)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import jsonify, request

from engine.reports import indicator_dossiers, plan_lists
from engine.reports.index_766 import index_766
from engine.reports.scope import Asked
from engine.reports.targets import targets as measure
from engine.services.closed_periods import Closed
from web import report_periods
from web.api.base import PREFIX, api_blueprint
from web.auth import actor, current_context
from web.schemas import plans as schemas
from web.schemas.report_tables import EntriesSchema, TableQuerySchema

blueprint = api_blueprint("plans", "Index 766 and targets of plans")


@blueprint.get("/reports/index-766")
@blueprint.arguments(schemas.IndexQuerySchema, location="query")
@blueprint.response(200, schemas.Index766Schema)
def index(query: dict[str, Any]) -> Any:
    """Tell the points of Decision 766, and how many are not known; of each agency or unit besides when asked."""
    ctx, period, closed = report_periods.asked()
    told = index_766(ctx, by=actor(), asked=_asked(query, period, closed), split=query["by"]).as_json()
    for scores in (told["total"], *told["rows"]):
        for group in scores["groups"]:
            for term in (term for metric in group["metrics"] for term in metric["terms"]):
                whole = scores["key"] == ""
                term["dossiers"] = _list(term["indicator"]) if whole else None
    return jsonify(told)


@blueprint.get("/reports/index-766/dossiers")
@blueprint.arguments(schemas.IndicatorDossiersQuerySchema, location="query")
@blueprint.response(200, EntriesSchema)
def behind(query: dict[str, Any]) -> Any:
    """List the dossiers behind an indicator: those that count, are met, cost it, or may still be met."""
    ctx, period, closed = report_periods.asked()
    found = indicator_dossiers.dossiers_of(
        ctx, by=actor(), asked=_asked(query, period, closed), indicator=query["indicator"], part=query["part"],
        unit=query.get("unit"),
    )  # fmt: skip
    return {"items": [each.as_json() for each in found], "count": len(found)}


@blueprint.get("/reports/targets")
@blueprint.arguments(TableQuerySchema, location="query")
@blueprint.response(200, schemas.TargetsSchema)
def targets(query: dict[str, Any]) -> Any:
    """Tell the targets that touch a period: live value, gap, months, forecast, and their dossiers."""
    ctx, period, closed = report_periods.asked()
    told = measure(ctx, by=actor(), asked=_asked(query, period, closed)).as_json()
    for row in told["rows"]:
        own = {"agency": row["agency"], "from": row["from"], "to": row["to"]}
        row["dossiers"] = _list(row["indicator"], **own)
    return jsonify(told)


@blueprint.get("/reports/tasks")
@blueprint.arguments(schemas.TasksQuerySchema, location="query")
@blueprint.response(200, schemas.TasksSchema)
def tasks(query: dict[str, Any]) -> Any:
    """Tell the tasks of a year's plan, how each stands, and how many of them were done on time."""
    found = plan_lists.tasks(
        current_context(), by=actor(), year=query.get("year"), agency=query.get("agency") or None
    )  # fmt: skip
    return jsonify(found.as_json())


def _asked(query: dict[str, Any], period: Any, closed: Closed | None) -> Asked:
    return Asked(period, closed.agency if closed else query.get("agency") or None, query["dimension"])


def _list(indicator: str, **own: str) -> str | None:
    """Return the address of the dossiers of an indicator, under the same period, agency and role."""
    if indicator not in indicator_dossiers.LISTED:
        return None
    kept = {name: value for name, value in request.args.items() if name != "by" and not (own and name == "period")}
    return f"{PREFIX}/reports/index-766/dossiers?{urlencode(kept | own | {'indicator': indicator})}"
