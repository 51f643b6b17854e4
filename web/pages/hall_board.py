"""The hall board: codes and standings on a screen in the waiting hall, for everybody; and the switch for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import LazyString, lazy_gettext
from flask_limiter import Limiter
from werkzeug.wrappers import Response as BaseResponse

from engine.reports import hall_board
from engine.reports.hall_board import Board, Standing
from engine.services import hall_boards
from web.auth import actor, current_context
from web.forms import refuse_unstorable, text
from web.labels import Look

blueprint = Blueprint("hall_board", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

PER_ADDRESS = "60 per minute; 1200 per hour"  #: a hall with several screens behind one address
FRESH_FOR = timedelta(seconds=10)
ROWS = 14  #: of one page, in two columns: readable from 5 m on a screen of 1920 × 1080
SECONDS = 10  #: that a page stays
MOST_KEPT = 50  #: boards that a process remembers
_KEPT = "motcua.hall_boards"

LOOKS: dict[Standing, Look] = {
    Standing.READY: Look(lazy_gettext("Đã có kết quả"), "check", "good"),
    Standing.SUPPLEMENT: Look(lazy_gettext("Cần bổ sung"), "pause", "late"),
    Standing.PAYMENT: Look(lazy_gettext("Cần nộp tiền"), "pause", "near"),
    Standing.PROCESSING: Look(lazy_gettext("Đang xử lý"), "running", "info"),
}
SWITCHED: dict[bool, LazyString] = {
    True: lazy_gettext("Đã bật bảng tin."),
    False: lazy_gettext("Đã tắt bảng tin."),
}


@dataclass(frozen=True, slots=True)
class _Kept:
    at: datetime
    board: Board


@blueprint.get("/bang-tin")
def settings() -> str:
    """Show which agencies show a board, to those who may switch it."""
    return render_template("hall_board/settings.html", boards=hall_boards.listed(current_context(), by=actor()))


@blueprint.post("/bang-tin")
def switch() -> BaseResponse:
    """Switch the board of an agency on or off."""
    done = hall_boards.switch(current_context(), by=actor(), agency=text("agency", longest=40), on=text("on") == "1")
    current_app.extensions.get(_KEPT, {}).clear()
    flash(str(SWITCHED[done["on"]]), "success")
    return redirect(url_for("hall_board.settings"), 303)


@blueprint.get("/bang-tin/<agency>")
def show(agency: str) -> BaseResponse:
    """Show a page of the board; without scripts the browser goes to the next one by itself, unless it was paused."""
    board = _board(agency)
    pages = [board.rows[start : start + ROWS] for start in range(0, len(board.rows), ROWS)] or [()]
    number = _number(request.args.get("trang", "1"), len(pages))
    page = render_template(
        "hall_board/board.html",
        agency=agency,
        board=board,
        rows=pages[number - 1],
        number=number,
        following=number % len(pages) + 1,
        before=(number - 2) % len(pages) + 1,
        pages=len(pages),
        paused=request.args.get("dung") == "1",
        looks=LOOKS,
        seconds=SECONDS,
        now=current_context().clock.now(),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = f"public, max-age={int(FRESH_FOR.total_seconds())}"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _board(agency: str) -> Board:
    """Return the board, asked of the database once in 10 seconds."""
    kept: dict[str, _Kept] = current_app.extensions.setdefault(_KEPT, {})
    now = current_context().clock.now()
    known = kept.get(agency)
    if known is not None and known.at <= now < known.at + FRESH_FOR:
        return known.board
    found = hall_board.board(current_context(), agency=agency[:40])
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[agency] = _Kept(now, found)
    return found


def _number(typed: str, pages: int) -> int:
    """Return the page that was asked for; the first one where there is none such: the board has become shorter."""
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    return number if 1 <= number <= pages else 1


@blueprint.record_once
def _limit(state: BlueprintSetupState) -> None:
    limiter: Limiter = state.app.extensions["motcua.limiter"]
    views = state.app.view_functions
    views["hall_board.show"] = limiter.limit(PER_ADDRESS)(views["hall_board.show"])
