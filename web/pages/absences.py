"""Absences: who is away from–to and who does their work meanwhile, entered and ended."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError, NotFoundError
from engine.services import absences
from web.auth import actor, current_context, signed_in_officer
from web.errors import status_of
from web.forms import FieldError, Refusal, instant, named_request, refusal, refuse_unstorable, text
from web.refusals import wording_of

FORM = "absence"
STATES: dict[str, tuple[LazyString, str, str]] = {  # label, icon, tone
    "running": (lazy_gettext("Đang vắng"), "running", "near"),
    "coming": (lazy_gettext("Sắp vắng"), "clock", "info"),
    "over": (lazy_gettext("Đã hết"), "check", "ended"),
}

blueprint = Blueprint("absences", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/vang-mat")
def show() -> str:
    """List the absences that one may know of, and offer to enter one."""
    return _page(None)


@blueprint.post("/vang-mat")
def plan() -> BaseResponse:
    """Enter an absence; a refused form comes back with all that was typed."""
    try:
        made = absences.plan(
            current_context(),
            by=actor(),
            officer=text("officer", longest=60) or None,
            cover=text("cover", longest=60),
            starts_at=_needed("starts_at"),
            ends_at=_needed("ends_at"),
            reason=text("reason", longest=400),
            request=named_request(),
        )
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        shown = refusal(FORM, error)
        return make_response(_page(shown), shown.status)
    flash(
        _("Đã ghi: %(who)s vắng mặt, %(cover)s làm thay.", who=made["officer_name"], cover=made["cover_name"]),
        "success",
    )
    return redirect(url_for("absences.show"), 303)


@blueprint.post("/vang-mat/<int:absence>/ket-thuc")
def end(absence: int) -> BaseResponse:
    """End an absence now."""
    try:
        absences.end(current_context(), by=actor(), absence=absence, request=named_request())
    except (ConflictError, ForbiddenError) as error:
        flash(_said(error), "danger")
    else:
        flash(_("Đã kết thúc vắng mặt. Việc lại do chính người đó làm."), "success")
    return redirect(url_for("absences.show"), 303)


def _needed(name: str) -> Any:
    at = instant(name)
    if at is None:
        raise FieldError(f"{name} must be a date and time", field=name)
    return at


def _said(error: EngineError) -> str:
    words = wording_of(error, status_of(error))
    return f"{words.happened} {words.remedy}"


def _page(refused: Refusal | None) -> str:
    found = absences.listed(current_context(), by=actor())
    own = signed_in_officer()
    return render_template(
        "absences/page.html",
        **found,
        own=None if own is None else own.username,
        states=STATES,
        refused=refused,
        now=current_context().clock.now(),
        title=_("Vắng mặt và người làm thay"),
    )
