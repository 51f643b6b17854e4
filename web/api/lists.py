"""Worklists and numbers over HTTP, each number with the link to its dossiers (contract §3)."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from flask import request

from engine.domain.statistics import Column
from engine.reports import on_time, worklists
from engine.reports.filters import Filters
from engine.reports.on_time import Question
from engine.reports.on_time_values import Period
from web.api.base import PREFIX, api_blueprint
from web.auth import actor, current_context
from web.schemas import lists as schemas

blueprint = api_blueprint("lists", "Worklists and reports")

FILTERS = tuple(each.name for each in fields(Filters))


@blueprint.get("/dossiers")
@blueprint.arguments(schemas.WorklistQuerySchema, location="query")
@blueprint.response(200, schemas.WorklistSchema)
def worklist(query: dict[str, Any]) -> Any:
    """List the dossiers of a queue; counts are of the same filter."""
    page = worklists.page(
        current_context(),
        by=actor(),
        queue=query["queue"],
        filters=Filters(**{name: query.get(name) for name in FILTERS}),
        sort=query["sort"],
        cursor=query["cursor"],
        limit=query["limit"],
    )
    counts = {queue.value: size for queue, size in page.counts.items()}
    more = sorted(queue.value for queue in page.more)
    return {
        "items": page.items,
        "next_cursor": page.next_cursor,
        "counts": counts,
        "counts_more": more,
        "sort": page.sort.value,
    }


@blueprint.get("/reports/on-time")
@blueprint.arguments(schemas.OnTimeQuerySchema, location="query")
def on_time_report(query: dict[str, Any]) -> Any:
    """Tell how promises were kept in a period, with both denominators."""
    report = on_time.on_time(current_context(), by=actor(), question=_question(query)).as_json()
    asked = urlencode(dict(request.args))
    return report | {
        "dossiers": {
            column.value: f"{PREFIX}/reports/on-time/dossiers?{asked}&column={column.value}" for column in Column
        }
    }


@blueprint.get("/reports/on-time/dossiers")
@blueprint.arguments(schemas.BehindQuerySchema, location="query")
def behind(query: dict[str, Any]) -> Any:
    """List the codes of the dossiers that a number counts."""
    codes = on_time.dossiers_behind(
        current_context(), by=actor(), question=_question(query), column=query["column"], key=query["key"]
    )
    return {"items": codes, "count": len(codes)}


def _question(query: dict[str, Any]) -> Question:
    return Question(
        period=Period(query["from_on"], query["to_on"]),
        per=query["per"],
        dimension=query["dimension"],
        agency=query.get("agency"),
    )
