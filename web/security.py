"""Headers, cookies and limits against abuse (libraries.md §7; ASVS 5.0 §3.3, §3.4, §6.3)."""

from __future__ import annotations

from ipaddress import ip_address

from flask import Flask, Response, request
from flask_limiter import Limiter

CSP = (
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
LARGEST_BODY = 32 * 1024 * 1024  #: bytes
LARGEST_FORM = 2 * 1024 * 1024  #: bytes of form fields outside files
YEAR = 365 * 24 * 3600  #: seconds


def client_address() -> str:
    """Return the address of the client; behind a proxy on this machine, what that proxy says."""
    peer = request.remote_addr or "unknown"
    forwarded = request.headers.get("X-Forwarded-For")
    if forwarded and _is_loopback(peer):
        return forwarded.rsplit(",", 1)[-1].strip()[:64]
    return peer


def is_direct_loopback() -> bool:
    """Whether the request comes from this machine itself, not through a proxy on it."""
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip"))
    return not passed_on and _is_loopback(request.remote_addr or "")


def init_security(app: Flask, *, public_url: str, redis_url: str) -> None:
    """Set limits, cookie flags and headers."""
    https = public_url.startswith("https://")
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=2000,
        SESSION_COOKIE_NAME="__Host-motcua" if https else "motcua",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_PATH="/",
        RATELIMIT_STORAGE_URI=redis_url.replace("unix://", "redis+unix://", 1),
    )
    app.extensions["motcua.limiter"] = Limiter(
        key_func=client_address,
        app=app,
        strategy="moving-window",
        storage_options={"socket_connect_timeout": 0.3, "socket_timeout": 0.3},
        in_memory_fallback_enabled=True,  # Redis away: each process counts for itself, and no page waits or fails
        headers_enabled=True,
    )

    app.before_request(_limit_form)

    @app.after_request
    def add_headers(response: Response) -> Response:
        return _with_headers(response, https=https)


def _limit_form() -> None:
    # werkzeug holds multipart forms to MAX_FORM_MEMORY_SIZE, but reads the other kind whole, up to the limit for files.
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = LARGEST_FORM


def _with_headers(response: Response, *, https: bool) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CSP)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")  # nearly every page names a citizen (ASVS 5.0 §14.3.2)
    if https:
        headers.setdefault("Strict-Transport-Security", f"max-age={YEAR}; includeSubDomains")
    return response


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
