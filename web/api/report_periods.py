"""Reporting periods over HTTP: the list, closing one, and what was corrected since its close."""

from __future__ import annotations

from typing import Any

from engine.domain.report_periods import named
from engine.reports import standard_reports
from engine.reports.on_time_values import Period
from engine.reports.period_corrections import corrections as corrected
from engine.services import closed_periods, closing, periods
from web.api.base import api_blueprint
from web.auth import actor, current_context
from web.schemas import report_periods as schemas

blueprint = api_blueprint("report-periods", "Reporting periods and their close")


@blueprint.get("/reports/periods")
@blueprint.response(200, schemas.ReportPeriodsSchema)
def listed() -> Any:
    """List the reporting periods, the latest first, at most 60."""
    return periods.listed(current_context(), by=actor())


@blueprint.get("/reports/periods/<agency>/<name>")
@blueprint.response(200, schemas.ReportPeriodSchema)
def one(agency: str, name: str) -> Any:
    """Tell of one period; one that no schedule asks for is told as it would be."""
    return periods.one(current_context(), by=actor(), agency=agency, name=name)


@blueprint.post("/reports/periods/<agency>/<name>/close")
@blueprint.arguments(schemas.CloseSchema)
@blueprint.response(200, schemas.ReportPeriodSchema)
def close(body: dict[str, Any], agency: str, name: str) -> Any:
    """Close a period: its data are frozen under their hash, and never change again. A second time it is refused."""
    closing.close(
        current_context(), by=actor(), agency=agency, name=name, reports=standard_reports.summary, early=body["early"]
    )
    return periods.one(current_context(), by=actor(), agency=agency, name=name)


@blueprint.get("/reports/periods/<agency>/<name>/corrections")
@blueprint.response(200, schemas.CorrectionsSchema)
def corrections(agency: str, name: str) -> Any:
    """Tell which dossiers count otherwise now than at the close of a period, with old and new."""
    ctx, by, period = current_context(), actor(), named(name)
    with closed_periods.context_of(ctx, by=by, agency=agency, name=name) as then:
        span = Period(period.from_on, period.to_on)
        return corrected(ctx, then, by=by, agency=agency, period=span).as_json()
