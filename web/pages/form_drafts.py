"""Drafts of forms: kept while one types, given back when the form is opened again, discarded on wish."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, InvalidInputError, NotFoundError
from engine.services import form_drafts, meanwhile
from engine.services.form_drafts import Draft, Page, Typed
from web.auth import actor, current_context
from web.forms import EXPECTED, KEY, SEEN, refuse_unstorable
from web.i18n import local_time

blueprint = Blueprint("form_drafts", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(happened_meanwhile=happened_meanwhile))

NOT_KEPT = frozenset({"csrf_token", KEY, EXPECTED, SEEN, "draft"})  #: what a page says of itself


@blueprint.put("/nhap/<path:place>")
def save(place: str) -> Any:
    """Keep what a form holds. The page's own facts come as headers, so that they are no fields of the form."""
    page = Page(
        key=request.headers.get("X-Form-Key", "")[:80],
        seen=request.headers.get("X-Draft-Seen") or None,
        based_on=_based_on(request.headers.get("X-Based-On")),
    )
    try:
        insist = "X-Draft-Insist" in request.headers
        answer = form_drafts.save(current_context(), by=actor(), place=place, typed=_typed(), page=page, insist=insist)
    except (InvalidInputError, ConflictError) as error:
        return {"code": error.code}, 409 if isinstance(error, ConflictError) else 422
    return {"mark": answer["mark"], "saved_at": answer["saved_at"], "at": _clock(answer["saved_at"])}


@blueprint.get("/nhap/<path:prefix>")
def show(prefix: str) -> Any:
    """Return the drafts of a dossier's forms, with what happened to it since each was opened; or of one form."""
    found = form_drafts.listed(current_context(), by=actor(), prefix=prefix)
    return jsonify([_told(draft) for draft in found])


@blueprint.post("/nhap/bo")
def discard() -> BaseResponse:
    """Discard a draft, and go back to the counter, the dossier or the letter."""
    place = request.form.get("place", "")[:200].replace("\0", "")
    form_drafts.drop(current_context(), by=actor(), place=place)
    flash(_("Đã bỏ bản nháp."), "success")
    kind, _slash, rest = place.partition("/")
    if kind == "dossier" and rest and request.form.get("listed") is None:
        return redirect(url_for("dossier.show", reference=rest.partition("/")[0]), 303)
    if kind == "letter" and rest:
        return redirect(url_for("apologies.show", letter_id=rest.partition("/")[0]), 303)
    return redirect(url_for("counter.show"), 303)


def happened_meanwhile(dossier: str) -> dict[str, Any] | None:
    """Return what happened to a dossier since the form was opened that this request has sent; None for nothing."""
    seq = _based_on(request.form.get(SEEN))
    if seq is None:
        return None
    return meanwhile.since(current_context(), by=actor(), dossier=dossier, seq=seq)


def _typed() -> Typed:
    """Return what the fields hold; a name that comes several times, as a list."""
    form = request.form.to_dict(flat=False)
    fields = {name: [value.replace("\0", "") for value in values] for name, values in form.items()}
    return {name: (found[0] if len(found) == 1 else found) for name, found in fields.items() if name not in NOT_KEPT}


def _told(draft: Draft) -> dict[str, Any]:
    changed = None
    kind, _slash, rest = draft.place.partition("/")
    if kind == "dossier" and draft.based_on is not None:
        try:
            changed = meanwhile.since(current_context(), by=actor(), dossier=rest.partition("/")[0], seq=draft.based_on)
        except NotFoundError:
            changed = None  # it was taken out of the officer's sight; what was typed is theirs all the same
    return {
        "place": draft.place,
        "typed": draft.typed,
        "mark": draft.mark,
        "at": local_time(draft.saved_at),
        "changed": render_template("dossier/meanwhile.html", meanwhile=changed) if changed else None,
    }


def _based_on(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def _clock(iso: str) -> str:
    return local_time(datetime.fromisoformat(iso))
