"""Are the signatures of a PDF good? For anybody; the file is read, answered and forgotten."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from flask import Blueprint, make_response, render_template, request
from flask.blueprints import BlueprintSetupState
from flask_limiter import Limiter
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import InvalidInputError
from engine.services import signature_verification
from web.auth import current_context
from web.forms import FieldError, Refusal, refusal
from web.signature_words import CHANGES, ROLES, look_of, trust_words

blueprint = Blueprint("signature_checks", __name__, url_prefix="/kiem-tra-chu-ky")

PER_ADDRESS = "10 per minute; 100 per hour"  #: each takes a process of its own for a second


@blueprint.get("")
def ask() -> BaseResponse:
    """Show the form."""
    return _page(None, None)


@blueprint.post("")
def check() -> BaseResponse:
    """Say what was found about each signature of the file that came."""
    upload = request.files.get("file")
    try:
        if upload is None or not upload.filename:
            raise FieldError("choose a PDF", field="file")
        with closing(upload):
            content = upload.stream.read(signature_verification.LARGEST + 1)
        found = signature_verification.verify(current_context(), content=content)
    except InvalidInputError as error:
        return _page(None, refusal("check", error))
    return _page(found, None)


def _page(found: list[dict[str, Any]] | None, refused: Refusal | None) -> BaseResponse:
    page = render_template(
        "signatures/check.html",
        found=found,
        refused=refused,
        holds=bool(found) and all(each["holds"] for each in found or ()),
        roles=ROLES,
        changes=CHANGES,
        look_of=look_of,
        trust_words=trust_words,
        name_words=signature_verification.written_out,
    )
    response = make_response(page, refused.status if refused else 200)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.record_once
def _limit(state: BlueprintSetupState) -> None:
    limiter: Limiter = state.app.extensions["motcua.limiter"]
    views = state.app.view_functions
    views["signature_checks.check"] = limiter.limit(PER_ADDRESS)(views["signature_checks.check"])
