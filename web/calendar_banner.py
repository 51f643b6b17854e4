"""What an administrator should see to in the calendars, on every page; looked up once a minute for each of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, current_app
from flask_babel import LazyString
from flask_babel import gettext as say
from flask_babel import lazy_gettext as _

from engine.domain.actors import Role
from engine.domain.calendar_warnings import WarningCode
from engine.errors import EngineError
from engine.services import calendar_overview
from web.auth import current_context, signed_in_officer
from web.calendar_words import plain_date

FRESH_FOR = timedelta(minutes=1)
MOST_NAMED = 3  #: agencies of one sentence; the others are counted


_SENTENCES: dict[WarningCode, LazyString] = {
    WarningCode.CALENDAR_ENDS: _(
        "Lịch làm việc chỉ có đến hết năm %(year)s: hồ sơ hẹn sang năm sau không tính được hạn. Nhập lịch năm sau."
    ),
    WarningCode.YEAR_UNDECIDED: _(
        "Năm %(year)s chưa có quyết định nghỉ lễ, tết: ngày hẹn rơi vào năm đó là tạm tính. Nhập quyết định khi có."
    ),
    WarningCode.TET_MISSING: _(
        "Lịch năm %(year)s có vẻ thiếu: không có đủ ngày nghỉ Tết Nguyên đán. Kiểm tra và nhập bổ sung."
    ),
    WarningCode.MAKE_UP_ALONE: _(
        "Ngày làm bù %(on)s (%(decision)s) không có ngày nghỉ hoán đổi trong cùng quyết định. Kiểm tra lại."
    ),
}


_KEY = "calendar_banner"  # of app.extensions: agencies administered -> when that was looked up, and what was found


def init_calendar_banner(app: Flask) -> None:
    """Give every template ``calendar_warnings``: sentences for the administrator, nothing for others."""
    app.extensions[_KEY] = {}

    @app.context_processor
    def offer() -> dict[str, object]:
        return {"calendar_warnings": [sentence(each) for each in _warnings()]}


def forget() -> None:
    """Look all up again: a calendar has changed."""
    current_app.extensions[_KEY] = {}


def sentence(warning: dict[str, Any]) -> str:
    """Word a warning for the screen, with the remedy; the agencies that it concerns when it does not concern all."""
    on = None if warning["date"] is None else plain_date(warning["date"])
    values = {"year": warning["year"], "on": on, "decision": warning["decision"]}
    words = str(_SENTENCES[WarningCode(warning["code"])]) % values
    return words if warning["agencies"] is None else f"{_some(warning['agencies'])}: {words}"


def _some(names: list[str]) -> str:
    """Name a few agencies and count the others."""
    more = len(names) - MOST_NAMED
    shown = ", ".join(names[:MOST_NAMED])
    return say("%(names)s và %(more)s cơ quan nữa", names=shown, more=more) if more > 0 else shown


def _warnings() -> list[dict[str, Any]]:
    officer = signed_in_officer()
    mine = frozenset() if officer is None else officer.actor.agencies_with(Role.ADMIN)
    if officer is None or not mine:
        return []
    ctx, known = current_context(), current_app.extensions[_KEY]
    now = ctx.clock.now()
    at, found = known.get(mine, (None, []))
    if at is None or not at <= now < at + FRESH_FOR:
        try:
            found = calendar_overview.warnings(ctx, by=officer.actor)
        except EngineError:  # a page must show even then; what is wrong with the calendar is told where it is used
            found = []
        known[mine] = (now, found)
    return list(found)
