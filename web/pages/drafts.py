"""One draft: overview, settings, drawing, publishing; the parts beside the drawing are in ``draft_parts``."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, InvalidInputError
from engine.services import draft_palette, drafts, own_units
from web.api.base import etag, if_match_version
from web.auth import actor, current_context
from web.draft_forms import settings_of
from web.finding_words import finding_words, worded
from web.forms import FieldError, Refusal, day_begins, expected_version, named_request, refusal, refuse_unstorable, text
from web.i18n import zone
from web.workbench_words import MESSAGES, ROLES, SERVICES

blueprint = Blueprint("drafts", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

LARGEST_DRAWING = 5 * 1024 * 1024  #: bytes


@blueprint.get("/quy-trinh/<int:draft_id>")
def show(draft_id: int) -> str:
    """Show a draft: what is wrong with it, its drawing, its steps, and the way to publishing."""
    read = drafts.reading(current_context(), by=actor(), draft_id=draft_id)
    draft = drafts.show(current_context(), by=actor(), draft_id=draft_id)
    findings = [found.as_json() for found in read.findings]
    return render_template(
        "workbench/draft.html", draft=draft, findings=findings, words=finding_words, steps=drafts.steps_of(read),
        here_step=0,
    )  # fmt: skip


@blueprint.get("/quy-trinh/<int:draft_id>/thong-tin")
def settings(draft_id: int) -> str:
    """Show code, name, limit, fee and policy."""
    return _settings_page(draft_id, None)


@blueprint.post("/quy-trinh/<int:draft_id>/thong-tin")
def save_settings(draft_id: int) -> BaseResponse:
    """Save code, name, limit, fee and policy."""
    try:
        changes = settings_of()
        drafts.save(current_context(), by=actor(), draft_id=draft_id, changes=changes, expected=expected_version(),
                    request=named_request())  # fmt: skip
    except (InvalidInputError, ConflictError) as error:
        shown = refusal("settings", error)
        return make_response(_settings_page(draft_id, shown), shown.status)
    flash(_("Đã lưu thông tin chung."), "success")
    return redirect(url_for("drafts.show", draft_id=draft_id), 303)


@blueprint.get("/quy-trinh/<int:draft_id>/so-do")
def drawing(draft_id: int) -> str:
    """Show the modeler."""
    draft = drafts.show(current_context(), by=actor(), draft_id=draft_id)
    urls = {
        "xml": url_for("drafts.source", draft_id=draft_id),
        "save": url_for("drafts.save_source", draft_id=draft_id, made=draft["created_at"]),
        "lint": url_for("drafts.lint", draft_id=draft_id),
        "palette": url_for("drafts.palette", draft_id=draft_id),
        "catalogue": url_for("drafts.show", draft_id=draft_id),
    }
    return render_template("workbench/editor.html", draft=draft, urls=urls, read_only=not draft["may_edit"])


@blueprint.get("/quy-trinh/<int:draft_id>/so-do.bpmn")
def source(draft_id: int) -> Response:
    """Return the drawing."""
    draft = drafts.show(current_context(), by=actor(), draft_id=draft_id)
    # A draft holds what anybody typed, unread: a browser that is led here keeps it as a file and shows none of it.
    headers = {"ETag": etag(draft["version"]), "Content-Disposition": "attachment; filename=so-do.bpmn"}
    return Response(draft["source"], mimetype="application/xml", headers=headers)


@blueprint.put("/quy-trinh/<int:draft_id>/so-do.bpmn")
def save_source(draft_id: int) -> BaseResponse:
    """Save the drawing over the version that was read (If-Match) of the draft that was made then (``made``)."""
    saved = drafts.save(
        current_context(), by=actor(), draft_id=draft_id, changes={"source": _body()}, expected=if_match_version(),
        created_at=request.args.get("made"),
    )  # fmt: skip
    response = jsonify({"version": saved["version"], "code": saved["code"], "name": saved["name"]})
    response.headers["ETag"] = etag(saved["version"])
    return response


@blueprint.post("/quy-trinh/<int:draft_id>/kiem-tra")
def lint(draft_id: int) -> Response:
    """Lint a drawing that is not saved yet, with everything else of the draft."""
    found = drafts.findings(current_context(), by=actor(), draft_id=draft_id, source=_body() or None)
    return jsonify({"findings": [worded(each) for each in found]})


@blueprint.get("/quy-trinh/<int:draft_id>/bang-mau.json")
def palette(draft_id: int) -> Response:
    """Return what the modeler offers for choosing: units, roles, parts, services, messages, decisions, fields."""
    offered = draft_palette.palette(current_context(), by=actor(), draft_id=draft_id)
    offered["roles"] = [{"value": each, "label": str(ROLES.get(each, each))} for each in offered["roles"]]
    for name, words in (("services", SERVICES), ("messages", MESSAGES)):
        offered[name] = [{"name": each, "label": str(words.get(each, each))} for each in offered[name]]
    return jsonify(offered)


@blueprint.get("/quy-trinh/<int:draft_id>/ban-hanh")
def publishing(draft_id: int) -> str:
    """Show what stands between a draft and being in force."""
    return _publishing_page(draft_id, None)


@blueprint.post("/quy-trinh/<int:draft_id>/ban-hanh")
def publish(draft_id: int) -> BaseResponse:
    """Publish a draft, now or from a day on."""
    try:
        starts = _starts()
        made = drafts.publish(
            current_context(), by=actor(), draft_id=draft_id, starts=starts, expected=expected_version(),
            request=named_request(),
        )  # fmt: skip
    except (InvalidInputError, ConflictError) as error:
        shown = refusal("publish", error)
        return make_response(_publishing_page(draft_id, shown), shown.status)
    if not made["new"]:
        flash(_("Không khác phiên bản %(no)s nên không có phiên bản mới.", no=made["version"]), "success")
    elif "effective_from" in made:
        flash(_("Đã ban hành phiên bản %(no)s, có hiệu lực từ ngày đã chọn.", no=made["version"]), "success")
    else:
        flash(_("Đã ban hành phiên bản %(no)s. Hồ sơ mới dùng phiên bản này.", no=made["version"]), "success")
    return redirect(url_for("catalogue.show", agency=made["agency"], code=made["code"]), 303)


@blueprint.post("/quy-trinh/<int:draft_id>/xoa")
def delete(draft_id: int) -> BaseResponse:
    """Delete a draft."""
    drafts.delete(current_context(), by=actor(), draft_id=draft_id, expected=expected_version())
    flash(_("Đã xóa bản thảo."), "success")
    return redirect(url_for("workbench.listed"), 303)


def _settings_page(draft_id: int, refused: Refusal | None) -> str:
    draft = drafts.show(current_context(), by=actor(), draft_id=draft_id)
    return render_template("workbench/settings.html", draft=draft, refused=refused, here_step=1)


def _publishing_page(draft_id: int, refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    draft = drafts.show(ctx, by=by, draft_id=draft_id)
    found = drafts.findings(ctx, by=by, draft_id=draft_id)
    return render_template(
        "workbench/publish.html", draft=draft, findings=found, words=finding_words, refused=refused, here_step=5,
        errors=[each for each in found if each["severity"] == "error"], today=_today(),
        unmanned=own_units.unmanned(ctx, by=by, draft_id=draft_id),
    )  # fmt: skip


def _today() -> str:
    return current_context().clock.now().astimezone(ZoneInfo(zone())).date().isoformat()


def _starts() -> datetime | None:
    """Return the beginning of the day that was chosen, in the agency's zone; None: now.

    Raises:
        FieldError: a later day is chosen but not named, named but not chosen, or past: nothing takes effect by mistake.
    """
    starts = day_begins("starts")
    if (text("when", longest=10) == "later") is not (starts is not None):
        raise FieldError("choose either now or a day from which it takes effect", field="starts")
    if starts is not None and starts.date().isoformat() < _today():
        raise FieldError("the day from which it takes effect has passed", field="starts")
    return starts


def _body() -> str:
    raw = request.get_data(cache=False)
    if len(raw) > LARGEST_DRAWING:
        raise drafts.InvalidDraftError("the drawing is larger than 5 MB", field="source")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise drafts.InvalidDraftError("the drawing is not UTF-8", field="source") from None
