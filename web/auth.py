"""From request to actor: session cookie for pages, bearer token for the API, default deny for everything."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app, g, has_request_context, request, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect, validate_csrf
from wtforms.validators import ValidationError

from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.ids import OfficerId
from engine.errors import ForbiddenError
from engine.services import people
from engine.services.people import OfficerFacts
from web.security import client_address, is_direct_loopback

IDLE = timedelta(hours=2)  #: a session that nobody uses for this long ends (ASVS 5.0 §7.3.1)
LONGEST = timedelta(hours=12)  #: a working day; then one signs in again (ASVS 5.0 §7.3.2)
API = "/api/"

# Every other route needs an actor. A test compares this list with the route table.
PUBLIC: dict[str, str] = {
    "static": "style sheets and scripts; no data",
    "session.sign_in": "one must be able to sign in",
    "session.submit_sign_in": "one must be able to sign in",
    "session.choose_language": "the sign-in page offers the language",
    "tracking.ask": "citizens look up their dossier; a form without data",
    "tracking.show": "what the receipt's QR code opens: status and dates of one code, no personal data; rate limited",
    "signature_checks.ask": "anybody may check a signature; a form without data",
    "signature_checks.check": "answers about the file that was sent and keeps nothing; rate limited",
    "hall_board.show": "a screen in the waiting hall: codes and standings, no personal data; off until switched on",
    "health.healthz": "asked by supervisors that have no account; no data",
    "health.readyz": "asked by load balancers that have no account; no data",
    "health.metrics": "decides itself: from this machine, or an auditor or administrator",
    "api-docs.openapi_json": "the public contract",
    "api-docs.openapi_swagger_ui": "pages of the public contract",
}

_csrf = CSRFProtect()
_logins = LoginManager()


class NotSignedInError(ForbiddenError):
    """The request comes from nobody we know."""

    code = "not-signed-in"


class CsrfRefusedError(ForbiddenError):
    """The request does not prove that it comes from one of our pages."""

    code = "csrf-refused"


class MetricsRefusedError(ForbiddenError):
    """Metrics are for this machine, auditors and administrators."""

    code = "metrics-refused"


class SignedIn(UserMixin):  # type: ignore[misc]
    """An officer with a live session, as Flask-Login wants it."""

    def __init__(self, facts: OfficerFacts) -> None:
        self.facts = facts

    def get_id(self) -> str:
        """Return the officer and the epoch under which they signed in."""
        return f"{self.facts.id}.{self.facts.epoch}"


def init_auth(app: Flask) -> None:
    """Wire sessions, tokens, CSRF and the default deny into the app."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the guard below decides where a token is needed
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # as long as the session: a form that took two hours is not lost
    app.config["SESSION_PROTECTION"] = None  # our own check below; an address may change at the desk
    _csrf.init_app(app)
    _logins.init_app(app, add_context_processor=False)
    _logins.user_loader(_load_session)
    app.before_request(_guard)


def current_context() -> Context:
    """Return the context of this process."""
    return cast(Context, current_app.extensions["motcua"])


def signed_in_officer() -> OfficerFacts | None:
    """Return who makes this request, None for nobody (public routes, templates)."""
    return cast("OfficerFacts | None", g.get("officer")) if has_request_context() else None


def actor() -> Actor:
    """Return who makes this request.

    Raises:
        NotSignedInError: nobody does; only public routes can meet this.
    """
    facts = signed_in_officer()
    if facts is None:
        raise NotSignedInError("sign in, or send a valid bearer token")
    return facts.actor


def start_session(facts: OfficerFacts) -> None:
    """Begin a new session; nothing of an earlier one survives (ASVS 5.0 §7.2.4).

    One thing does when it was the same officer's: the CSRF secret, so that a form left open over an ended session can
    still be sent after signing in again in another tab.
    """
    token = session.get("csrf_token") if session.get("officer") == facts.id else None
    language = session.get("language")
    session.clear()
    now = _now()
    session.update({"officer": facts.id, "since": now, "seen": now, "agent": _agent()})
    if token is not None:
        session["csrf_token"] = token
    if language is not None:
        session["language"] = language
    login_user(SignedIn(facts))
    g.officer = facts


def end_session() -> None:
    """End all sessions of the officer and empty this one."""
    people.sign_out(current_context(), by=actor())
    language = session.get("language")
    logout_user()
    session.clear()
    if language is not None:
        session["language"] = language
    g.officer = None


def safe_next(target: str | None) -> str:
    """Return a path of this site to go to after signing in; the start page for anything else (open redirects)."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or not target.isprintable():
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


def require_metrics_reader() -> None:
    """Let pass requests from this machine, and bearers who are auditor or administrator somewhere.

    Raises:
        MetricsRefusedError: anybody else.
    """
    if is_direct_loopback():
        return
    facts = signed_in_officer()
    if facts is None or not facts.actor.agencies_with(Role.AUDITOR, Role.ADMIN):
        raise MetricsRefusedError("metrics are for this machine, auditors and administrators")


def _guard() -> None:
    """Find the actor, check CSRF, and refuse nobody-in-particular unless the route is public."""
    g.officer = None
    if request.endpoint == "static":
        return
    if request.routing_exception is not None:  # becomes 404 or 405 for everybody; the page shows who is signed in
        g.officer = None if request.path.startswith(API) else _session_officer()
        return
    if (bearer := _bearer()) is not None:
        g.officer = people.facts_for_token(current_context(), token=bearer)
        if g.officer is None:
            raise NotSignedInError("the bearer token is unknown or revoked, or its account is disabled")
    else:
        _guard_session()
    if g.officer is None and request.endpoint not in PUBLIC:
        raise NotSignedInError("sign in, or send a valid bearer token")
    if g.officer is not None:
        structlog.contextvars.bind_contextvars(officer=g.officer.id)


def _guard_session() -> None:
    if request.path.startswith(API) and not _has_csrf_header():
        return  # a cookie alone is worth nothing here: browsers attach it for any site
    g.officer = facts = _session_officer()
    changes = request.method not in ("GET", "HEAD", "OPTIONS")
    if changes and facts is None and request.endpoint not in PUBLIC:
        raise NotSignedInError("the session has ended; sign in again")
    if changes:
        _check_csrf()


def _session_officer() -> OfficerFacts | None:
    user = current_user._get_current_object()
    return user.facts if isinstance(user, SignedIn) else None


def _check_csrf() -> None:
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise CsrfRefusedError("this request comes from another site")
    token = request.headers.get("X-CSRFToken") or request.form.get("csrf_token")
    try:
        validate_csrf(token)
    except ValidationError:
        raise CsrfRefusedError("this form is not from the present session; load the page again") from None


def _has_csrf_header() -> bool:
    token = request.headers.get("X-CSRFToken")
    if token is None:
        return False
    try:
        validate_csrf(token)
    except ValidationError:
        raise CsrfRefusedError("the X-CSRFToken header does not belong to the present session") from None
    return True


def _bearer() -> str | None:
    """Return the bearer token, None when there is none. Other schemes are no credentials here."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _load_session(user_id: str) -> SignedIn | None:
    now = _now()
    since, seen = session.get("since", 0), session.get("seen", 0)
    if now - seen > IDLE.total_seconds() or now - since > LONGEST.total_seconds():
        return None
    if not hmac.compare_digest(str(session.get("agent")), _agent()):
        return None  # a cookie that turns up in another browser
    officer_id, _, epoch = user_id.partition(".")
    facts = people.facts_for_session(current_context(), officer_id=OfficerId(int(officer_id)), epoch=int(epoch))
    if facts is None:
        return None
    if now - seen > 60:  # not at every request: the cookie would be written each time
        session["seen"] = now
    return SignedIn(facts)


def _now() -> int:
    return int(current_context().clock.now().timestamp())


def _agent() -> str:
    return hashlib.sha256(request.headers.get("User-Agent", "").encode()).hexdigest()[:16]


def sign_in_key() -> str:
    """Return what the sign-in limit counts per account: the name typed and the address it comes from.

    With the address, so that nobody can lock a colleague out by typing their name somewhere else.
    """
    typed = request.form.get("username", "").strip().lower()
    return f"{hashlib.sha256(typed.encode()).hexdigest()[:24]}:{client_address()}"
