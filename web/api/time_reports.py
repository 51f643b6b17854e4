"""The report of time used over HTTP."""

from __future__ import annotations

from typing import Any

from flask import jsonify

from engine.reports.on_time_values import Per
from engine.reports.time_used import time_used
from web import report_periods
from web.api.base import api_blueprint
from web.auth import actor
from web.schemas import time_reports as schemas

blueprint = api_blueprint("time-reports", "Time used against what was promised")


@blueprint.get("/reports/time")
@blueprint.arguments(schemas.TimeReportQuerySchema, location="query")
@blueprint.response(200, schemas.TimeReportSchema)
def show(query: dict[str, Any]) -> Any:
    """Tell the office time that dossiers closed in a period had used, beside limit, law and a base year."""
    ctx, period, closed = report_periods.asked()
    report = time_used(
        ctx,
        by=actor(),
        period=period,
        per=Per(query["per"]),
        agency=closed.agency if closed else query.get("agency"),
        base_year=query.get("base_year"),
    )
    return jsonify(report.as_json())
