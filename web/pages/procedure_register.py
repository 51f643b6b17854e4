"""Administration: what the register says of procedures beside their model (domain.md §5, §9.1)."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from engine.reports.filters import storable
from engine.services import agency_register, procedure_register
from engine.services.procedure_register import Entry
from web.auth import actor, current_context
from web.forms import Refusal, refuse_unstorable, text
from web.pages.form_acts import carry_out
from web.pages.index_766 import typed_day, uploaded

blueprint = Blueprint("procedure_register", __name__, url_prefix="/quan-tri/danh-muc-thu-tuc")
blueprint.url_value_preprocessor(refuse_unstorable)

LEVELS = {"commune": lazy_gettext("Cấp xã"), "province": lazy_gettext("Cấp tỉnh")}
ONLINE = {
    "none": lazy_gettext("Không trực tuyến"),
    "partial": lazy_gettext("Một phần"),
    "full": lazy_gettext("Toàn trình"),
}
KINDS = {"public": lazy_gettext("Giải quyết cho người dân"), "internal": lazy_gettext("Nội bộ")}


@blueprint.get("")
def show() -> str:
    """Show the procedures of an agency with what the register says; ``sua`` opens one in the form."""
    return _page(None)


@blueprint.post("/sua")
def change() -> BaseResponse:
    """Change what the register says of a procedure."""
    agency, code = text("agency", longest=40), text("code", longest=40)

    def save() -> None:
        published = text("published_at", longest=20)
        entry = Entry(
            level=text("level", longest=12),
            online_level=text("online_level", longest=8) or None,
            legal_limit=text("legal_limit", longest=120) or None,
            kind=text("kind", longest=12),
            published_at=typed_day("published_at") if published else None,
            is_nonterritorial=text("is_nonterritorial") == "true",
        )
        procedure_register.change(current_context(), by=actor(), agency=agency, code=code, entry=entry)

    then = url_for("procedure_register.show", **{"co-quan": agency})
    return carry_out(save, form="entry", page=_page, said=_("Đã lưu thủ tục %(code)s.", code=code), then=then)


@blueprint.post("/tep")
def import_file() -> BaseResponse:
    """Change the register by a file."""
    agency = text("agency", longest=40)

    def save() -> None:
        name, content = uploaded()
        procedure_register.import_file(current_context(), by=actor(), agency=agency, content=content, name=name)

    then = url_for("procedure_register.show", **{"co-quan": agency})
    return carry_out(save, form="file", page=_page, said=_("Đã sửa danh mục theo tệp."), then=then)


def _page(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    choices = agency_register.names(ctx, by=by)
    chosen = storable(request.args.get("co-quan") or text("agency", longest=40))[:40]
    chosen = chosen or (choices[0][0] if choices else "")
    rows = procedure_register.listed(ctx, by=by, agency=chosen) if chosen else []
    opened = storable(request.args.get("sua") or text("code", longest=40))[:40]
    edited = next((row for row in rows if row["code"] == opened), None)
    if request.args.get("sua") and edited is None:
        raise NotFound
    return render_template(
        "administration/procedure_register.html",
        choices=choices,
        agency=chosen,
        keeping=[(chosen, chosen)],
        rows=rows,
        edited=edited,
        levels=LEVELS,
        online=ONLINE,
        kinds=KINDS,
        refused=refused,
        problems=(refused.details.get("problems") if refused else None) or [],
    )
