"""Papers that were issued: to print, to edit, and to void with a reason."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.services import dossier_export, issued_papers, office_documents
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.forms import Refusal, named_request, refusal, refuse_unstorable, text
from web.pages.dossier import pdf_response
from web.paper_words import name_of

blueprint = Blueprint("issued_papers", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(paper_name=name_of))


@blueprint.get("/giay-to/<paper_id>.pdf")
def pdf(paper_id: str) -> Response:
    """Return the paper as it was issued: the signed file where there is one."""
    return pdf_response(issued_papers.content(current_context(), actor(), paper_id), f"giay-to-{paper_id[:8]}")


@blueprint.get("/giay-to/<paper_id>.docx")
def docx(paper_id: str) -> Response:
    """Return the paper to edit, from what was fixed at its issue."""
    paper = issued_papers.read(current_context(), actor(), paper_id)
    return docx_response(office_documents.of_paper(current_context(), paper), f"giay-to-{paper_id[:8]}")


@blueprint.get("/giay-to/<paper_id>/huy")
def ask_void(paper_id: str) -> str:
    """Ask why the number is void."""
    return _void_page(paper_id, None)


@blueprint.post("/giay-to/<paper_id>/huy")
def void(paper_id: str) -> BaseResponse:
    """Void the paper; its number stays used."""
    try:
        done = issued_papers.void(current_context(), actor(), paper_id, text("reason"), request=named_request())
    except (InvalidInputError, ConflictError, ForbiddenError) as error:
        shown = refusal("void-paper", error)
        return make_response(_void_page(paper_id, shown), shown.status)
    flash(_("Đã hủy số %(number)s; số này không dùng lại.", number=done["paper"]["number"] or ""), "success")
    dossier: dict[str, Any] = done["dossier"]
    return redirect(url_for("dossier.papers", reference=dossier["code"] or dossier["id"]), 303)


@blueprint.post("/giay-to/<paper_id>/phat-hanh-lai")
def issue_again(paper_id: str) -> BaseResponse:
    """Issue a void notice anew, with the next number."""
    paper = issued_papers.told(current_context(), by=actor(), paper_id=paper_id)
    try:
        done = issued_papers.issue_again(current_context(), actor(), paper_id, request=named_request())
    except (ConflictError, ForbiddenError) as error:
        shown = refusal("issue-again", error)
        flash(f"{shown.message} {shown.remedy}", "warning")
    else:
        flash(_("Đã phát hành lại với số %(number)s.", number=done["paper"]["number"] or ""), "success")
    return redirect(url_for("dossier.papers", reference=paper["dossier_code"] or paper["dossier"]), 303)


@blueprint.get("/ho-so/<reference>/ho-so-luu.pdf")
def archived(reference: str) -> Response:
    """Return a dossier that has ended as one file for the archive."""
    content = dossier_export.pdf(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"ho-so-luu-{reference}")


def _void_page(paper_id: str, refused: Refusal | None) -> str:
    paper = issued_papers.told(current_context(), by=actor(), paper_id=paper_id)
    return render_template("dossier/void_paper.html", paper=paper, name=name_of(paper["kind"]), refused=refused)
