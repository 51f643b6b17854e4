"""How many messages were given up, beside the navigation; looked up once a minute for the same agencies."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask, current_app

from engine.domain import permissions_messages
from engine.errors import EngineError
from engine.reports import message_desk
from web.auth import current_context, signed_in_officer

FRESH_FOR = timedelta(minutes=1)
_KEY = "message_count"  # of app.extensions: agencies looked after -> when that was counted, and how many there were
PLACE = "/tin-nhan"


def init_message_count(app: Flask) -> None:
    """Give every template ``nav_counts``: by place, how much there needs somebody."""
    app.extensions[_KEY] = {}

    @app.context_processor
    def offer() -> dict[str, object]:
        count = _count()
        return {"nav_counts": {PLACE: count} if count else {}}


def forget() -> None:
    """Count anew: somebody has sent something again."""
    current_app.extensions[_KEY] = {}


def _count() -> int:
    officer = signed_in_officer()
    mine = frozenset() if officer is None else permissions_messages.agencies_minded(officer.actor)
    if officer is None or not mine:
        return 0
    ctx, known = current_context(), current_app.extensions[_KEY]
    now = ctx.clock.now()
    at, found = known.get(mine, (None, 0))
    if at is None or not at <= now < at + FRESH_FOR:
        try:
            found = message_desk.given_up(ctx, by=officer.actor)
        except EngineError:  # a page must show even then
            found = 0
        known[mine] = (now, found)
    return int(found)
