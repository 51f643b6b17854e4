"""The returning desk: results that wait, what was scanned, slips to print, signatures to look at."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.dossier import Status
from engine.domain.result_return import scanned
from engine.errors import NotFoundError
from engine.reports import waiting_results
from engine.services import reading, result_returns, result_slips
from web.auth import actor, current_context
from web.forms import refuse_unstorable
from web.pages.dossier import pdf_response
from web.return_words import NOTICES, SIGNATURES

blueprint = Blueprint("returns", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)


@blueprint.get("/tra-ket-qua")
def show() -> str | BaseResponse:
    """Show the results that wait; with a code, a tail or a scanned QR text go to its form."""
    wanted = scanned(request.args.get("ma", ""))
    page = waiting_results.page(
        current_context(), by=actor(), tail=wanted, cursor=request.args.get("sau") or None
    )  # fmt: skip
    if wanted and len(page.items) == 1:
        return redirect(_form_of(page.items[0]["code"]))
    if wanted and not page.items:
        found = _elsewhere(wanted)
        if found is not None:
            return found
    return render_template("returns/queue.html", page=page, wanted=wanted)


@blueprint.get("/tra-ket-qua/<reference>/giay-moi.pdf")
def invitation(reference: str) -> Response:
    """Return the invitation to fetch the result, to print."""
    content = result_slips.invitation(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"giay-moi-{reference}")


@blueprint.get("/tra-ket-qua/<reference>/phieu-giao-nhan.pdf")
def slip(reference: str) -> Response:
    """Return the slip that the receiver signs, to print."""
    content = result_slips.receipt(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"giay-bien-nhan-{reference}")


@blueprint.get("/tra-ket-qua/<reference>/phieu-ban-giao.pdf")
def handover_slip(reference: str) -> Response:
    """Return how the result came from who resolved it to the desk, to print."""
    content = result_slips.handover(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"phieu-ban-giao-{reference}")


@blueprint.get("/tra-ket-qua/<reference>/chu-ky")
def signature(reference: str) -> Response:
    """Return the signature, or the picture of the signed slip."""
    return _picture(reference, "signature", f"chu-ky-{reference}")


@blueprint.get("/tra-ket-qua/<reference>/phieu-gui")
def postal_slip(reference: str) -> Response:
    """Return the picture of the postal slip."""
    return _picture(reference, "slip", f"phieu-gui-{reference}")


def _picture(reference: str, which: str, name: str) -> Response:
    """Return a picture; only an image element shows it in our origin, an address that is opened saves it."""
    media_type, content = result_returns.picture(current_context(), by=actor(), dossier=reference, which=which)
    response = Response(content, mimetype=media_type)
    ending = {"image/png": "png", "image/jpeg": "jpg", "application/pdf": "pdf"}.get(media_type, "bin")
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return response


def _elsewhere(code: str) -> BaseResponse | None:
    """Go to a dossier that has no waiting result, and say how it stands; None when there is none with that code."""
    try:
        facts = reading.detail(current_context(), by=actor(), dossier=code)
    except NotFoundError:
        return None
    if facts["status"] == Status.RETURNED:
        flash(_("Kết quả của hồ sơ %(code)s đã được trả.", code=code), "warning")
    else:
        flash(_("Hồ sơ %(code)s chưa có kết quả để trả.", code=code), "warning")
    return redirect(url_for("dossier.show", reference=facts["code"] or facts["id"]))


def _form_of(code: str) -> str:
    return url_for("dossier.show", reference=code, mo="hand-over")


@blueprint.record_once
def _words(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals.update(notice_words=NOTICES, signature_words=SIGNATURES)
