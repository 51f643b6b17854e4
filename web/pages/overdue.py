"""Overdue dossiers and those that will be late, each with the way to its apology."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from engine.reports import worklists
from engine.reports.filters import Filters, Queue
from web.auth import actor, current_context

blueprint = Blueprint("overdue", __name__)

PAGE = 50


@blueprint.get("/qua-han")
def show() -> str:
    """Show the overdue, or with ``?xem=will_be_late`` the will-be-late, dossiers."""
    queue = Queue.WILL_BE_LATE if request.args.get("xem") == Queue.WILL_BE_LATE else Queue.OVERDUE
    query = request.args.get("q", "").strip()[:200]
    page = worklists.page(
        current_context(),
        by=actor(),
        queue=queue,
        filters=Filters(q=query or None),
        cursor=request.args.get("sau") or None,
        limit=PAGE,
    )
    return render_template("overdue/list.html", page=page, queue=queue, query=query)
