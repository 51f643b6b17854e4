"""The inbox: queues with their counts, the peek at one dossier, what changed meanwhile, claim and bulk completion."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.acts import PRIMARY, Act
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError
from engine.reports import worklists
from engine.reports.cursors import InvalidCursorError
from engine.reports.filters import Queue
from engine.reports.worklists import Page
from engine.services import officer_settings, processing
from engine.services import peek as at_peek
from engine.services.officer_settings import InboxSettings
from web.auth import actor, current_context, safe_next
from web.errors import status_of
from web.forms import Refusal, refusal, refuse_unstorable, text
from web.pages.dossier import DONE
from web.pages.dossier_forms import perform
from web.pages.inbox_columns import COLUMN_LABELS
from web.pages.inbox_places import filter_page
from web.pages.inbox_query import LABELS, QUEUES, Listed, count_text, of_view, read
from web.refusals import wording_of
from web.timeline import MESSAGES

blueprint = Blueprint("inbox", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

ACTING = (Queue.MINE, Queue.UNCLAIMED)  #: queues whose tasks are the actor's to do
PEEKED = (*PRIMARY, Act.CLAIM, Act.RELEASE)  #: acts that the peek offers; all others are on the dossier's page


@blueprint.get("/viec")
def show() -> str | BaseResponse:
    """Show a page of a queue; without any wish the saved view that the officer begins with."""
    settings = officer_settings.inbox(current_context(), by=actor())
    if not request.args and (view := settings.view(settings.default_view)) is not None:
        return redirect(of_view(view).address())
    listed = read(request.args)
    try:
        page = _page(listed, settings)
    except InvalidCursorError:
        raise
    except InvalidInputError as error:
        return filter_page(listed, refusal("loc", error))
    return render_template(
        "inbox/list.html",
        page=page,
        listed=listed,
        queue=listed.queue,
        queues=QUEUES,
        sizes={each: count_text(page, each) for each in Queue},
        acting=listed.queue in ACTING,
        query=listed.typed.get("q", ""),
        settings=settings,
        view=settings.view(listed.view_id),
        columns=[each.value for each in settings.columns_of(listed.view_id)],
        column_labels=COLUMN_LABELS,
        filter_labels=LABELS,
        versions=dict(_facts(page)["rows"]),
        **_live(page, listed),
    )


@blueprint.get("/viec/moi")
def live() -> Response:
    """Tell what the same list holds now; 304 while nothing changed (docs/decisions/0022).

    The cheap half of the ETag, the marker, is compared first; the list is read only when it is another one.
    """
    ctx = current_context()
    marker, known = worklists.marker(ctx), request.headers.get("If-None-Match", "").strip('"')
    before, _sep, digest = known.partition("/")
    if before == marker:
        return _unchanged(known)
    listed = read(request.args)
    settings = officer_settings.inbox(ctx, by=actor())
    facts = _facts(_page(listed, settings))
    if _digest(facts) == digest:
        return _unchanged(f"{marker}/{digest}")
    response = jsonify(facts)
    response.headers["ETag"] = f'"{marker}/{_digest(facts)}"'
    return response


@blueprint.get("/viec/xem/<reference>")
def peek(reference: str) -> BaseResponse:
    """Show one dossier of a list beside it, or as a page, with what is to be done next."""
    return _peek(reference, None)


@blueprint.post("/viec/lam/<reference>/<any({}):act>".format(", ".join(f"'{act}'" for act in PEEKED)))
def act(reference: str, act: str) -> BaseResponse:
    """Do the next act of a dossier and return to the list; a refused form comes back with all that was typed."""
    try:
        answer = perform(Act(act), reference)
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        return _peek(reference, refusal(act, error))
    flash(f"{answer['code'] or ''}: {DONE[Act(act)]}".removeprefix(": "), "success")
    return redirect(safe_next(request.form.get("next")), 303)


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


def _page(listed: Listed, settings: InboxSettings) -> Page:
    if listed.problem is not None:
        raise listed.problem
    return worklists.page(
        current_context(),
        by=actor(),
        queue=listed.queue,
        filters=listed.filters,
        sort=listed.sort,
        cursor=listed.cursor,
        limit=settings.page_size,
    )


def _live(page: Page, listed: Listed) -> dict[str, Any]:
    """Return what the page's script asks with, from when on."""
    query = listed.query() | ({"sau": listed.cursor} if listed.cursor else {})
    return {"live_address": url_for("inbox.live", **query), "live_tag": f"/{_digest(_facts(page))}"}


def _facts(page: Page) -> dict[str, Any]:
    """Return what a page shows, as far as a script has to know: sizes in words, rows with their versions in order."""
    return {
        "counts": {each.value: count_text(page, each) for each in Queue},
        "rows": [[item["id"], _version(item)] for item in page.items],
    }


def _version(item: dict[str, Any]) -> str:
    task = item["task"] or {}
    return f"{item['version']}.{item['sla_state']}.{task.get('id', '')[-6:]}.{task.get('assignee') or ''}"


def _digest(facts: dict[str, Any]) -> str:
    return sha256(repr(facts).encode()).hexdigest()[:20]


def _unchanged(tag: str) -> Response:
    response = Response(status=304)
    response.headers["ETag"] = f'"{tag}"'
    return response


def _peek(reference: str, refused: Refusal | None) -> BaseResponse:
    ctx, by = current_context(), actor()
    task = request.values.get("task")
    row = worklists.one(ctx, by=by, reference=reference, task=task)
    shown = at_peek.at(ctx, by=by, dossier=reference, task=task)
    whole = "inbox/peek_page.html" if refused or "X-Fragment" not in request.headers else "inbox/peek.html"
    page = render_template(
        whole,
        row=row,
        reference=row["code"] or row["id"],
        listed=read(request.args),
        **shown,
        peeked=[each for each in shown["offered"]["acts"] if each in PEEKED],
        message_labels=MESSAGES,
        refused=refused,
    )
    return make_response(page, refused.status if refused else 200)
