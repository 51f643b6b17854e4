"""Correcting a receipt: the form, what it would change, and the receipts that were issued before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.acts import Act
from engine.domain.events import digest
from engine.domain.fields import InvalidFieldsError
from engine.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.services import correction_form, corrections, receipt_issues, receipts
from web.asked_fields import beside_their_field
from web.auth import actor, current_context
from web.correction_words import CHANNELS, RESULT_CHANNELS, WHAT, told
from web.forms import NOT_TYPED, Refusal, expected_version, named_request, refusal, refuse_unstorable, text
from web.pages.correct_forms import NEW_LINES, chosen_procedure, correction_of
from web.pages.dossier import pdf_response

blueprint = Blueprint("corrections", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)

FORM = Act.CORRECT.value
_FIELDS = {"applicant.name": "name", "owner.name": "owner_name"}  #: of the service, by their name in the form
PREVIEWED = "previewed"  #: names what was typed when the difference was shown


@blueprint.get("/ho-so/<reference>/dinh-chinh")
def show(reference: str) -> str:
    """Show what the receipt says, to be put right."""
    return _page(reference)


@blueprint.post("/ho-so/<reference>/dinh-chinh")
def correct(reference: str) -> BaseResponse:
    """Show the difference first; what was shown is saved when it is sent again."""
    ctx, by = current_context(), actor()
    try:
        shown = correction_form.form(ctx, by=by, dossier=reference, procedure=chosen_procedure())
        wish = correction_of(shown)
        if text("step") == "save" and text(PREVIEWED) == _typed_digest():
            answer = corrections.correct(
                ctx, by=by, dossier=reference, correction=wish, expected=expected_version(), request=named_request()
            )
        else:
            found = corrections.preview(ctx, by=by, dossier=reference, correction=wish, expected=expected_version())
            return make_response(_page(reference, preview=found))
    except (InvalidInputError, ConflictError, ForbiddenError, NotFoundError) as error:
        told_of = beside_their_field(error) if isinstance(error, InvalidFieldsError) else error
        shown_error = refusal(FORM, told_of)
        shown_error = replace(shown_error, field=_FIELDS.get(shown_error.field or "", shown_error.field))
        return make_response(_page(reference, refused=shown_error), shown_error.status)
    flash(_("Đã đính chính. Giấy tiếp nhận được cấp lại; in và đổi cho người dân."), "success")
    return redirect(url_for("corrections.issues", reference=answer["code"]), 303)


@blueprint.get("/ho-so/<reference>/giay-tiep-nhan")
def issues(reference: str) -> str:
    """List the receipts that were issued, the one in force first."""
    found = receipt_issues.listed(current_context(), by=actor(), dossier=reference)
    return render_template("corrections/issues.html", issues=found[::-1], reference=reference)


@blueprint.get("/ho-so/<reference>/giay-tiep-nhan/<int:no>.pdf")
def issue(reference: str, no: int) -> Response:
    """Return one issue of the receipt; one that was replaced is marked."""
    content = receipts.pdf(current_context(), by=actor(), dossier=reference, issue=no)
    return pdf_response(content, f"giay-tiep-nhan-{reference}-lan-{no}")


def _page(reference: str, *, preview: dict[str, Any] | None = None, refused: Refusal | None = None) -> str:
    chosen = chosen_procedure() if refused is None or refused.field != "procedure_code" else None
    ctx, by = current_context(), actor()
    try:
        dossier = correction_form.form(ctx, by=by, dossier=reference, procedure=chosen)
    except (NotFoundError, ConflictError):
        dossier = correction_form.form(ctx, by=by, dossier=reference)
    again = refused
    if preview is not None:  # the form is shown again with what was typed
        again = Refusal(form=FORM, status=200, code="", message="", remedy="", field=None, typed=_typed())
    return render_template(
        "corrections/page.html",
        dossier=dossier,
        reference=dossier["code"],
        preview=preview,
        previewed=_typed_digest() if preview is not None else "",
        refused=again,
        is_refused=refused is not None,
        what=WHAT,
        told=told,
        channels=CHANNELS,
        result_channels=RESULT_CHANNELS,
        new_lines=range(NEW_LINES),
    )


def _typed() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name not in NOT_TYPED}


def _typed_digest() -> str:
    typed = {name: value for name, value in _typed().items() if name not in ("step", PREVIEWED) and value}
    return digest(typed)
