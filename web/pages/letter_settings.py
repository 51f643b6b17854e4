"""Administration: when an agency orders its apologies, how they are signed, symbols of papers, hours without SMS."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.official_forms import SYMBOLS, FormKind, symbol_of
from engine.reports.filters import storable
from engine.services import agency_register, letter_settings, officer_accounts
from web.auth import actor, current_context
from web.forms import Refusal, text
from web.letter_words import KIND_LABELS
from web.pages.form_acts import carry_out

blueprint = Blueprint("letter_settings", __name__, url_prefix="/quan-tri")

NUMBERED = tuple(kind for kind in FormKind if kind in SYMBOLS or kind is FormKind.APOLOGY)  #: that bear a number
UNITS: dict[str, LazyString] = {
    "working_day": lazy_gettext("ngày làm việc"),
    "working_hour": lazy_gettext("giờ làm việc"),
}


@blueprint.get("/thu-xin-loi")
def show() -> str:
    """Show the settings of an agency."""
    return _page(None)


@blueprint.post("/thu-xin-loi")
def change() -> BaseResponse:
    """Save the settings of an agency."""
    code = text("agency", longest=40)

    def save() -> None:
        letter_settings.change(
            current_context(),
            by=actor(),
            agency=code,
            lead=f"{text('lead', longest=20).replace(',', '.')} {text('lead_unit', longest=20)}",
            signs=text("signs", longest=20),
            chair=text("chair", longest=60),
            desk_symbol=text("desk_symbol", longest=40),
            symbols={kind.value: text(f"symbol-{kind.value}", longest=40) for kind in NUMBERED},
            quiet_from=text("quiet_from", longest=5),
            quiet_to=text("quiet_to", longest=5),
            ground=text("ground", longest=300),
        )

    then = url_for("letter_settings.show", **{"co-quan": code})
    return carry_out(save, form="letters", page=_page, said=_("Đã lưu."), then=then)


def _page(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    choices = agency_register.names(ctx, by=by)
    chosen = storable(request.values.get("co-quan") or request.values.get("agency") or "")[:40]
    chosen = chosen or (choices[0][0] if choices else "")
    settings = letter_settings.show(ctx, by=by, agency=chosen) if chosen else None
    people = officer_accounts.listed(ctx, by=by, agency=chosen) if chosen else []
    return render_template(
        "administration/letters.html",
        choices=choices,
        settings=settings,
        chairs=[(each["username"], f"{each['name']} ({each['username']})") for each in people],
        symbols=_symbols(settings) if settings else [],
        lead=(settings["apology_lead"] if settings else "").split(" ", 1),
        units=UNITS,
        refused=refused,
    )


def _symbols(settings: dict[str, Any]) -> list[dict[str, Any]]:
    """Return for each kind of paper its own symbol, and the one that it has without."""
    own: dict[str, str] = settings["paper_symbols"]
    return [
        {
            "kind": kind.value,
            "label": KIND_LABELS[kind],
            "own": own.get(kind.value, ""),
            "usual": symbol_of(kind, desk_symbol=settings["desk_symbol"], own={}),
        }
        for kind in NUMBERED
    ]
