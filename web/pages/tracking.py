"""The citizen's page: what the QR code of the receipt opens. Public, and without personal data."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_limiter import Limiter
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import NotFoundError
from engine.services import tracking
from web.auth import current_context

blueprint = Blueprint("tracking", __name__)

PER_ADDRESS = "30 per minute; 300 per hour"  #: codes run in a row: nobody shall read them all


@blueprint.get("/tra-cuu")
def ask() -> str | BaseResponse:
    """Show the form, or go to the dossier whose code was typed."""
    code = request.args.get("ma", "").strip().upper()
    if code:
        return redirect(url_for("tracking.show", code=code[:60]))
    return _quiet(render_template("tracking/ask.html", code="", unknown=False), 200)


@blueprint.get("/tra-cuu/<code>")
def show(code: str) -> BaseResponse:
    """Show where a dossier stands."""
    try:
        dossier = tracking.look_up(current_context(), code=code.strip().upper())
    except NotFoundError:
        return _quiet(render_template("tracking/ask.html", code=code[:60], unknown=True), 404)
    return _quiet(render_template("tracking/one.html", dossier=dossier), 200)


def _quiet(page: str, status: int) -> BaseResponse:
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.record_once
def _limit(state: BlueprintSetupState) -> None:
    limiter: Limiter = state.app.extensions["motcua.limiter"]
    views = state.app.view_functions
    views["tracking.show"] = limiter.limit(PER_ADDRESS)(views["tracking.show"])
