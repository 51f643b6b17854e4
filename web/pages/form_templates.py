"""Administration: the office's own .docx templates of forms, uploaded, checked, put to use (issue 6)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.official_forms import OfficialForm, UnknownFormError
from engine.errors import InvalidInputError, NotFoundError
from engine.services import admin_scope, agency_register, form_templates
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.forms import Refusal, refusal, refuse_unstorable, text
from web.pages.form_acts import carry_out
from web.template_words import STATES, form_label, template_finding

blueprint = Blueprint("form_templates", __name__, url_prefix="/quan-tri/mau-giay")
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("")
def listed() -> str:
    """List the office's templates, with the form to upload one."""
    return _list(None)


@blueprint.post("")
def upload() -> BaseResponse:
    """Check an uploaded template and show what the check says."""
    file = request.files.get("file")
    content = file.stream.read(form_templates.LARGEST_FILE + 1) if file else b""  # one byte more tells
    try:
        made = form_templates.upload(
            current_context(),
            by=actor(),
            agency=text("agency", longest=40),
            form=_chosen(text("form", longest=60)),
            file_name=(file.filename if file else None) or "",
            content=content,
        )
    except (InvalidInputError, NotFoundError) as error:
        shown = refusal("upload", error)
        return make_response(_list(shown), shown.status)
    if made["state"] == form_templates.REFUSED:
        flash(_("Mẫu không đạt và chưa dùng được. Sửa theo kết quả kiểm tra rồi tải lên lại."), "warning")
    else:
        flash(_("Mẫu đạt. Xem thử bản điền sẵn rồi bấm Dùng mẫu này."), "success")
    return redirect(url_for("form_templates.show", template_id=made["id"]), 303)


@blueprint.get("/<int:template_id>")
def show(template_id: int) -> str:
    """Show one template with what the check said."""
    return _one(template_id, None)


@blueprint.post("/<int:template_id>/<any('dung', 'thoi'):act>")
def change(template_id: int, act: str) -> BaseResponse:
    """Put a template to use, or use it no more."""
    acts = {"dung": form_templates.activate, "thoi": form_templates.retire}
    said = {
        "dung": _("Từ nay giấy này in theo mẫu của cơ quan."),
        "thoi": _("Từ nay giấy này in theo mẫu của hệ thống."),
    }
    return carry_out(
        lambda: acts[act](current_context(), by=actor(), template_id=template_id),
        form=act,
        page=lambda refused: _one(template_id, refused),
        said=said[act],
        then=url_for("form_templates.show", template_id=template_id),
    )


@blueprint.get("/<int:template_id>/thu.docx")
def sample(template_id: int) -> Response:
    """Return a template filled in with sample data."""
    content = form_templates.filled_in(current_context(), by=actor(), template_id=template_id)
    return docx_response(content, f"mau-thu-{template_id}")


@blueprint.get("/o-dien")
def placeholders() -> str:
    """Show which placeholders a form has, and where to begin."""
    admin_scope.check_administers(actor())
    form = _form_of_address()
    return render_template(
        "administration/form_placeholders.html",
        form=form,
        label=form_label(form),
        choices=_choices(),
        chosen=_value(form),
        placeholders=form_templates.placeholders(form),
    )


@blueprint.get("/goc.docx")
def begin_with() -> Response:
    """Return the template that comes with the system, to begin with."""
    admin_scope.check_administers(actor())
    form = _form_of_address()
    return docx_response(form_templates.ours(form), f"mau-{form.kind.value}-{form.key or 'phieu'}")


def _list(refused: Refusal | None) -> str:
    ctx, by = current_context(), actor()
    return render_template(
        "administration/form_templates.html",
        templates=form_templates.listed(ctx, by=by),
        agencies=agency_register.names(ctx, by=by),
        choices=_choices(),
        names=_names(),
        states=STATES,
        refused=refused,
    )


def _one(template_id: int, refused: Refusal | None) -> str:
    found = form_templates.show(current_context(), by=actor(), template_id=template_id)
    return render_template(
        "administration/form_template.html",
        template=found,
        label=_names().get((found["form_set"], found["kind"]), found["kind"]),
        chosen=f"{found['form_set']} {found['kind']}",
        look=STATES[found["state"]],
        words=template_finding,
        refused=refused,
    )


def _names() -> dict[tuple[str, str], str]:
    return {(form.form_set, form.kind.value): form_label(form) for form in form_templates.forms()}


def _choices() -> list[tuple[str, str]]:
    return [(_value(form), form_label(form)) for form in form_templates.forms()]


def _value(form: OfficialForm) -> str:
    return f"{form.form_set} {form.kind.value}"


def _chosen(value: str) -> OfficialForm:
    form_set, _space, kind = value.partition(" ")
    return form_templates.form_named(form_set, kind)


def _form_of_address() -> OfficialForm:
    wanted = request.args.get("mau", "")
    try:
        return _chosen(wanted) if wanted else form_templates.forms()[0]
    except UnknownFormError:
        abort(404)
