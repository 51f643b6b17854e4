"""Numbers that a counter keeps on paper for a power cut: reserve, print the pad, enter a slip later, void."""

from __future__ import annotations

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.reports.filters import storable
from engine.services import reserved_numbers
from web.auth import actor, current_context
from web.forms import Refusal, named_request, refusal, refuse_unstorable, text, whole_number
from web.pages.dossier import pdf_response

blueprint = Blueprint("reserved_numbers", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

STATES: dict[str, tuple[LazyString, str, str]] = {  # label, icon and tone
    "open": (lazy_gettext("Còn trên sổ"), "hourglass", "info"),
    "used": (lazy_gettext("Đã nhập"), "check", "good"),
    "void": (lazy_gettext("Đã hủy"), "cross", "late"),
}
AT_ONCE = 100


@blueprint.get("/quay/so-du-phong")
def show() -> str:
    """Show where each reserved number is, and the forms."""
    return _page()


@blueprint.post("/quay/so-du-phong")
def reserve() -> BaseResponse:
    """Reserve numbers for a counter."""
    try:
        made = reserved_numbers.reserve(
            current_context(),
            by=actor(),
            counter=text("counter", longest=60),
            count=whole_number("count"),
            agency=text("agency", longest=40) or None,
            request=named_request(),
        )
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _refused("reserve", error)
    flash(
        _(
            "Đã giữ %(count)s số cho %(counter)s. In sổ ngay khi còn điện.",
            count=len(made["codes"]),
            counter=made["counter"],
        ),
        "success",
    )
    return redirect(url_for("reserved_numbers.show", so=made["pad"]), 303)


@blueprint.post("/quay/so-du-phong/huy")
def void() -> BaseResponse:
    """Void the numbers that were ticked."""
    codes = [code for code in request.form.getlist("codes") if "\0" not in code]
    try:
        done = reserved_numbers.void(
            current_context(), by=actor(), codes=codes, reason=text("reason", longest=400), request=named_request()
        )
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        return _refused("void", error)
    flash(_("Đã hủy %(count)s số.", count=len(done["codes"])), "success")
    return redirect(url_for("reserved_numbers.show"), 303)


@blueprint.get("/quay/so-du-phong/<pad>.pdf")
def print_pad(pad: str) -> Response:
    """Return the pad to print."""
    return pdf_response(reserved_numbers.pdf(current_context(), by=actor(), pad=pad), f"so-du-phong-{pad}")


def _refused(form: str, error: InvalidInputError | ConflictError | ForbiddenError | NotFoundError) -> BaseResponse:
    shown = refusal(form, error)
    return make_response(_page(shown), shown.status)


def _page(refused: Refusal | None = None) -> str:
    ctx, by = current_context(), actor()
    state = request.args.get("trang-thai", "")
    found = reserved_numbers.listed(
        ctx,
        by=by,
        state=state if state in STATES else None,
        after=storable(request.args.get("sau", ""))[:60] or None,
        limit=AT_ONCE,
    )
    pads: dict[str, list[dict]] = {}
    for item in found["items"]:
        pads.setdefault(item["pad"], []).append(item)
    return render_template(
        "reserved_numbers/page.html",
        found=found,
        pads=pads,
        states=STATES,
        state=state if state in STATES else "",
        made=storable(request.args.get("so", ""))[:60],
        agencies=[(each["code"], each["name"]) for each in reserved_numbers.agencies(ctx, by=by)],
        refused=refused,
    )
