"""Sign in, sign out, choose the language."""

from __future__ import annotations

import structlog
from flask import Blueprint, Flask, Response, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_limiter import Limiter, RequestLimit
from werkzeug.wrappers import Response as BaseResponse

from engine.services import people
from engine.services.people import SignInRefusedError
from web.auth import current_context, end_session, safe_next, sign_in_key, signed_in_officer, start_session
from web.i18n import LANGUAGES

blueprint = Blueprint("session", __name__)

PER_ACCOUNT = "5 per minute; 30 per hour"  #: refused tries for one name from one address
PER_ADDRESS = "60 per minute; 600 per hour"  #: refused tries from one address; an office shares one


def limit_sign_in(app: Flask) -> None:
    """Slow down who guesses passwords: per account, and per address (ASVS 5.0 §6.3.1)."""
    limiter: Limiter = app.extensions["motcua.limiter"]
    view = app.view_functions["session.submit_sign_in"]
    for limit, key in ((PER_ADDRESS, None), (PER_ACCOUNT, sign_in_key)):
        view = limiter.limit(limit, key_func=key, deduct_when=_was_refused, on_breach=_too_many)(view)
    app.view_functions["session.submit_sign_in"] = view


def _was_refused(response: Response) -> bool:
    return response.status_code == 403


def _too_many(limit: RequestLimit) -> Response:  # noqa: ARG001 - Flask-Limiter calls it so
    structlog.get_logger().warning("sign-in-throttled")
    page = _form(_("Bạn đã thử quá nhiều lần. Chờ vài phút rồi thử lại."))
    response = make_response(page, 429)
    response.headers["Retry-After"] = "60"
    return response


@blueprint.get("/dang-nhap")
def sign_in() -> str | BaseResponse:
    """Show the sign-in form."""
    if signed_in_officer() is not None:
        return redirect(safe_next(request.args.get("next")))
    return _form(None)


@blueprint.post("/dang-nhap")
def submit_sign_in() -> BaseResponse:
    """Check name and password and begin a session."""
    typed = request.form.get("username", "")
    try:
        facts = people.sign_in(current_context(), username=typed, password=request.form.get("password", ""))
    except SignInRefusedError:
        structlog.get_logger().warning("sign-in-refused")
        return make_response(_form(_("Tên đăng nhập hoặc mật khẩu không đúng.")), 403)
    start_session(facts)
    structlog.get_logger().info("signed-in", officer=facts.id)
    return redirect(safe_next(request.form.get("next")), 303)


@blueprint.post("/dang-xuat")
def sign_out() -> BaseResponse:
    """End the sessions of this account, here and on other machines."""
    end_session()
    return redirect(url_for("session.sign_in"), 303)


@blueprint.post("/ngon-ngu")
def choose_language() -> BaseResponse:
    """Remember the language for this browser session."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(safe_next(request.form.get("next")), 303)


def _form(refusal: str | None) -> str:
    target = request.values.get("next")
    return render_template(
        "sign_in.html", refusal=refusal, username=request.form.get("username", "")[:60], next=safe_next(target)
    )
