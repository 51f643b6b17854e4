"""What officers say to each other: the opinions that are awaited of one's unit, and taking a question back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, ForbiddenError
from engine.services import opinions
from web.auth import actor, current_context
from web.errors import status_of
from web.forms import expected_version, named_request, refuse_unstorable
from web.refusals import wording_of
from web.talk_words import STANCES

TALK = "dossier.talk"  #: the tab of the dossier page

blueprint = Blueprint("talk", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.app_context_processor
def _words() -> dict[str, Any]:
    return {"stance_labels": STANCES, "talk_place": TALK}


@blueprint.get("/y-kien")
def awaited() -> str:
    """List the opinions that are awaited of the units of who looks, the most pressing first."""
    return render_template(
        "talk/awaited.html",
        awaited=opinions.awaited(current_context(), by=actor()),
        title=_("Chờ ý kiến của đơn vị tôi"),
    )


@blueprint.post("/ho-so/<reference>/y-kien/<int:no>/rut")
def withdraw(reference: str, no: int) -> BaseResponse:
    """Ask a unit no longer."""
    try:
        opinions.withdraw(
            current_context(), by=actor(), dossier=reference, no=no,
            expected=expected_version(), request=named_request(),
        )  # fmt: skip
    except (ConflictError, ForbiddenError) as error:
        words = wording_of(error, status_of(error))
        flash(f"{words.happened} {words.remedy}", "danger")
    else:
        flash(_("Đã thôi xin ý kiến."), "success")
    return redirect(url_for(TALK, reference=reference, _anchor=f"opinion-{no}"), 303)
