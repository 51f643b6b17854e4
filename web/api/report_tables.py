"""The official tables over HTTP, each number with the address of its dossiers (contract §3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import request

from engine.reports import late_dossiers, quality, table_06, table_07
from engine.reports.fact_entries import Entry
from engine.reports.scope import Asked
from engine.services.closed_periods import Closed
from web import report_periods
from web.api.base import PREFIX, api_blueprint
from web.auth import actor
from web.schemas import report_tables as schemas

blueprint = api_blueprint("report-tables", "Official tables of a period")


@blueprint.get("/reports/table-06")
@blueprint.arguments(schemas.Table06QuerySchema, location="query")
@blueprint.response(200, schemas.Table06Schema)
def form_06(query: dict[str, Any]) -> Any:
    """Tell form II.06: how dossiers were settled, by level and field; for each unit besides when ``per=unit``."""
    ctx, period, closed = report_periods.asked()
    asked = _asked(query, period, closed)
    made = table_06.table_06(
        ctx, by=actor(), period=period, agency=asked.agency, per=query["per"], dimension=asked.dimension
    )
    told = made.as_json()
    for part in (told, *told["parts"]):
        for row in (*part["rows"], part["total"]):
            row["dossiers"] = _list(
                "table-06", part=part["key"] or None, level=row.get("level"), field=row.get("field")
            )
    return told


@blueprint.get("/reports/table-06/dossiers")
@blueprint.arguments(schemas.Behind06QuerySchema, location="query")
@blueprint.response(200, schemas.EntriesSchema)
def behind_06(query: dict[str, Any]) -> Any:
    """List the dossiers that a number of form II.06 counts."""
    ctx, period, closed = report_periods.asked()
    cell = table_06.Cell(query["column"], query.get("part"), query.get("level"), query.get("field"))
    return _told(table_06.dossiers_of(ctx, by=actor(), asked=_asked(query, period, closed), cell=cell))


@blueprint.get("/reports/table-07")
@blueprint.arguments(schemas.TableQuerySchema, location="query")
@blueprint.response(200, schemas.Table07Schema)
def form_07(query: dict[str, Any]) -> Any:
    """Tell form II.07: why dossiers are late, by level and field, with the dossiers."""
    ctx, period, closed = report_periods.asked()
    return table_07.table_07(ctx, by=actor(), asked=_asked(query, period, closed)).as_json()


@blueprint.get("/reports/table-07/dossiers")
@blueprint.arguments(schemas.Behind07QuerySchema, location="query")
@blueprint.response(200, schemas.EntriesSchema)
def behind_07(query: dict[str, Any]) -> Any:
    """List the dossiers that a number of form II.07 counts."""
    ctx, period, closed = report_periods.asked()
    cell = table_07.Cell(query["number"], query.get("level"), query.get("field"))
    return _told(table_07.dossiers_of(ctx, by=actor(), asked=_asked(query, period, closed), cell=cell))


@blueprint.get("/reports/late")
@blueprint.arguments(schemas.TableQuerySchema, location="query")
@blueprint.response(200, schemas.LateSchema)
def late(query: dict[str, Any]) -> Any:
    """List the late dossiers: by how much office time, through whom, and why."""
    ctx, period, closed = report_periods.asked()
    return late_dossiers.late_dossiers(ctx, by=actor(), asked=_asked(query, period, closed)).as_json()


@blueprint.get("/reports/quality")
@blueprint.arguments(schemas.TableQuerySchema, location="query")
@blueprint.response(200, schemas.QualitySchema)
def gate(query: dict[str, Any]) -> Any:
    """Tell what is wrong with the data of a period."""
    ctx, period, closed = report_periods.asked()
    told = quality.quality(ctx, by=actor(), asked=_asked(query, period, closed)).as_json()
    for check in told["checks"]:
        check["dossiers"] = _list("quality", check=check["check"])
    return told


@blueprint.get("/reports/quality/dossiers")
@blueprint.arguments(schemas.FailingQuerySchema, location="query")
@blueprint.response(200, schemas.EntriesSchema)
def failing(query: dict[str, Any]) -> Any:
    """List the dossiers that fail a check."""
    ctx, period, closed = report_periods.asked()
    found = quality.failing(ctx, by=actor(), asked=_asked(query, period, closed), check=query["check"])
    return _told(found)


def _asked(query: dict[str, Any], period: Any, closed: Closed | None) -> Asked:
    return Asked(period, closed.agency if closed else query.get("agency") or None, query["dimension"])


def _told(found: Sequence[Entry]) -> dict[str, Any]:
    return {"items": [each.as_json() for each in found], "count": len(found)}


def _list(table: str, **parts: str | None) -> str:
    """Return the address of the dossiers of a row, under the same period, agency and role."""
    kept = {name: value for name, value in request.args.items() if name != "per"}
    asked = kept | {name: value for name, value in parts.items() if value is not None}
    return f"{PREFIX}/reports/{table}/dossiers?{urlencode(asked)}"
