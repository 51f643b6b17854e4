"""The inbox: queues with their counts, claim and bulk completion."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.permissions import WORKING
from engine.errors import EngineError
from engine.reports import worklists
from engine.reports.filters import Filters, Queue
from engine.services import processing
from web.auth import actor, current_context, safe_next
from web.errors import status_of
from web.forms import text
from web.refusals import WORDINGS, wording_of

blueprint = Blueprint("inbox", __name__)

QUEUES: dict[Queue, LazyString] = {
    Queue.MINE: lazy_gettext("Của tôi"),
    Queue.UNCLAIMED: lazy_gettext("Chờ nhận"),
    Queue.DUE_SOON: lazy_gettext("Sắp đến hạn"),
    Queue.WILL_BE_LATE: lazy_gettext("Sẽ trễ"),
    Queue.OVERDUE: lazy_gettext("Quá hạn"),
    Queue.PAUSED: lazy_gettext("Tạm dừng"),
    Queue.TO_RETURN: lazy_gettext("Chờ trả kết quả"),
    Queue.DONE: lazy_gettext("Đã xong"),
    Queue.ALL: lazy_gettext("Tất cả"),
}
ACTING = (Queue.MINE, Queue.UNCLAIMED)  #: queues whose tasks are the actor's to do
PAGE = 25
MOST_AT_ONCE = 200


@blueprint.get("/viec")
def show() -> str:
    """Show a page of a queue."""
    queue = _queue()
    query = request.args.get("q", "").strip()[:200]
    page = worklists.page(
        current_context(),
        by=actor(),
        queue=queue,
        filters=Filters(q=query or None, procedure=request.args.get("thu-tuc") or None),
        cursor=request.args.get("sau") or None,
        limit=PAGE,
    )
    return render_template(
        "inbox/list.html",
        page=page,
        queue=queue,
        queues=QUEUES,
        acting=queue in ACTING,
        query=query,
        procedure=request.args.get("thu-tuc", ""),
    )


@blueprint.post("/viec/nhan")
def claim() -> BaseResponse:
    """Claim a task from the list and stay there."""
    try:
        answer = processing.claim(current_context(), by=actor(), task_id=text("task"))
    except EngineError as error:
        wording = wording_of(error, status_of(error))
        who = error.details.get("officer") or error.details.get("by")
        flash(f"{wording.happened} {_('Người làm: %(who)s.', who=who) if who else wording.remedy}", "warning")
    else:
        flash(_("Đã nhận việc của hồ sơ %(code)s.", code=answer["code"] or ""), "success")
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.post("/viec/hoan-thanh")
def complete() -> str | BaseResponse:
    """Complete the chosen tasks, each for itself, and show a verdict for each."""
    chosen = dict(value.split("|", 1) for value in request.form.getlist("task")[:MOST_AT_ONCE] if "|" in value)
    if not chosen:
        flash(_("Chưa chọn việc nào."), "warning")
        return redirect(safe_next(request.form.get("next")), 303)
    note = text("note") or None
    verdicts = processing.complete_many(current_context(), by=actor(), task_ids=list(chosen), note=note)
    return render_template(
        "inbox/verdicts.html",
        verdicts=[_worded(verdict, chosen[verdict["task"]]) for verdict in verdicts],
        note=note or "",
        back=safe_next(request.form.get("next")) or url_for("inbox.show"),
    )


def _worded(verdict: dict[str, Any], code: str) -> dict[str, Any]:
    wording = WORDINGS.get(verdict.get("code", ""))
    return verdict | {
        "dossier": code,
        "text": f"{wording.happened} {wording.remedy}" if wording else verdict.get("why"),
    }


def _queue() -> Queue:
    wanted = request.args.get("hang-doi")
    if wanted in set(Queue):
        return Queue(wanted)
    return Queue.MINE if actor().agencies_with(*WORKING) else Queue.ALL
