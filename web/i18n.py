"""Languages, and how dates and money are written: Vietnamese is the source, English a catalogue."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import Flask, has_request_context, session
from flask_babel import Babel

from web.auth import signed_in_officer

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}
ZONE = "Asia/Ho_Chi_Minh"  #: where no agency is known

_babel = Babel()


def init_i18n(app: Flask) -> None:
    """Wire languages and filters into the app."""
    app.config["BABEL_DEFAULT_LOCALE"] = "vi"
    app.config["BABEL_DEFAULT_TIMEZONE"] = ZONE
    _babel.init_app(app, locale_selector=language, timezone_selector=zone)
    for format_value in (local_time, local_date, vnd):
        app.add_template_filter(format_value)


def language() -> str:
    """Return the language of this request."""
    chosen = session.get("language") if has_request_context() else None
    return chosen if chosen in LANGUAGES else "vi"


def zone() -> str:
    """Return the time zone of the agency of who is signed in (IANA name)."""
    officer = signed_in_officer()
    return ZONE if officer is None else officer.zone


def local_time(at: datetime | None, zone_name: str | None = None) -> str:
    """Return the instant as ``dd/mm/yyyy HH:MM`` in the agency's zone; an em dash for None."""
    if at is None:
        return "—"
    return _local(at, zone_name).strftime("%d/%m/%Y %H:%M")


def local_date(on: datetime | date | None, zone_name: str | None = None) -> str:
    """Return the date, or the instant's date in the agency's zone, as ``dd/mm/yyyy``; an em dash for None."""
    if on is None:
        return "—"
    return (_local(on, zone_name) if isinstance(on, datetime) else on).strftime("%d/%m/%Y")


def vnd(amount_vnd: int | None) -> str:
    """Return whole đồng as ``50.000 đ``; an em dash for None."""
    if amount_vnd is None:
        return "—"
    return f"{amount_vnd:,}".replace(",", ".") + "\u00a0đ"


def _local(at: datetime, zone_name: str | None) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a naive datetime is not an instant")
    return at.astimezone(ZoneInfo(zone_name or zone()))
