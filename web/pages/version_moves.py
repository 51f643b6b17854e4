"""Moving open dossiers to another version: what becomes of each, the order, its progress, and taking it back.

Nothing here holds a long request: an order is written and its first dossiers are judged, the clock process does the
rest (decision 0019).
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.version_moves import Dates, Verdict
from engine.errors import ConflictError, InvalidInputError
from engine.services import version_moves, version_previews, version_verdicts
from web.auth import actor, current_context
from web.forms import Refusal, named_request, refusal, refuse_unstorable, text
from web.version_words import DATES, STATES, VERDICTS, reason_words

blueprint = Blueprint("version_moves", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

PLACE = "buoc:"  #: before the node of a step, in the names of fields
LEAVE = "-"  #: as its value: who stands there stays
_PATH = "/thu-tuc/<agency>/<code>/chuyen-phien-ban"


@blueprint.get(_PATH)
def show(agency: str, code: str) -> str:
    """Choose a version and see what becomes of each open dossier; nothing is saved."""
    return _page(agency, code, None)


@blueprint.post(f"{_PATH}/chuyen")
def order(agency: str, code: str) -> BaseResponse:
    """Order the move that was previewed, and begin it."""
    ctx = current_context()
    try:
        begun = version_moves.begin(
            ctx,
            by=actor(),
            code=code,
            agency=agency,
            to_version=_number(request.form.get("den", "")) or 0,
            mapping=_mapping(),
            dates=_dates(),
            ground=text("ground"),
            request=named_request(),
        )
    except (InvalidInputError, ConflictError) as error:
        shown = refusal("move", error)
        return make_response(_page(agency, code, shown), shown.status)
    version_moves.carry_on(ctx, move_id=begun["id"], most=version_moves.IN_A_REQUEST)
    return redirect(url_for("version_moves.result", agency=agency, code=code, move_id=begun["id"]), 303)


@blueprint.get(f"{_PATH}/<int:move_id>")
def result(agency: str, code: str, move_id: int) -> str:
    """Show how far a move is, and what became of each dossier."""
    return _result(agency, code, move_id, None)


@blueprint.post(f"{_PATH}/<int:move_id>/hoan-tac")
def undo(agency: str, code: str, move_id: int) -> BaseResponse:
    """Order that a move is taken back, and begin it."""
    ctx = current_context()
    try:
        version_moves.begin_undo(ctx, by=actor(), code=code, agency=agency, move_id=move_id, request=named_request())
    except ConflictError as error:
        shown = refusal("undo", error)
        return make_response(_result(agency, code, move_id, shown), shown.status)
    version_moves.carry_on(ctx, move_id=move_id, most=version_moves.IN_A_REQUEST)
    flash(_("Đã ghi yêu cầu hoàn tác."), "success")
    return redirect(url_for("version_moves.result", agency=agency, code=code, move_id=move_id), 303)


def _page(agency: str, code: str, refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    known = version_previews.versions(ctx, by=by, code=code, agency=agency)
    to = _number(request.values.get("den", ""))
    told = None
    if to is not None:
        told = version_previews.preview(
            ctx, by=by, code=code, agency=agency, to_version=to, mapping=_mapping(), dates=_dates(),
            verdict=_verdict(), after=version_verdicts.dossier_id(request.values.get("sau")),
        )  # fmt: skip
    return render_template(
        "version_moves/page.html", known=known, told=told, refused=refused, to=to, dates=_dates().value,
        all_dates=DATES, verdicts=VERDICTS, states=STATES, shown=_verdict(), reason_words=reason_words,
        moves=version_verdicts.history(ctx, by=by, code=code, agency=agency), place=PLACE, leave=LEAVE,
        asked={name: value for name, value in request.values.items() if name.startswith(PLACE) and value},
    )  # fmt: skip


def _result(agency: str, code: str, move_id: int, refused: Refusal | None) -> str:
    move = version_verdicts.show(
        current_context(), by=actor(), code=code, agency=agency, move_id=move_id, verdict=_verdict(),
        after=version_verdicts.dossier_id(request.values.get("sau")),
    )  # fmt: skip
    return render_template(
        "version_moves/result.html", move=move, refused=refused, verdicts=VERDICTS, states=STATES, shown=_verdict(),
        all_dates=DATES, reason_words=reason_words,
    )  # fmt: skip


def _mapping() -> dict[str, str | None]:
    """Return what was decided for steps that are gone; nothing for those without decision."""
    said: dict[str, Any] = {
        name.removeprefix(PLACE): value for name, value in request.values.items() if name.startswith(PLACE) and value
    }
    return {node: None if value == LEAVE else value for node, value in said.items()}


def _dates() -> Dates:
    return Dates.KEEP if request.values.get("ngay") == Dates.KEEP else Dates.FOLLOW


def _verdict() -> Verdict | None:
    asked = request.args.get("xem", "")
    return Verdict(asked) if asked in set(Verdict) else None


def _number(typed: str) -> int | None:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= 6 else None
