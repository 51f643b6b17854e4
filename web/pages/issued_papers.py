"""Papers that were issued: to print, to edit, and to void with a reason."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from engine.domain.official_forms import FormKind
from engine.errors import ConflictError, ForbiddenError, InvalidInputError
from engine.services import dossier_export, issued_papers, office_documents
from web.auth import actor, current_context
from web.docx_files import docx_response
from web.forms import Refusal, named_request, refusal, refuse_unstorable, text
from web.pages.dossier import pdf_response

blueprint = Blueprint("issued_papers", __name__)
blueprint.url_value_preprocessor(refuse_unstorable)
blueprint.record_once(lambda state: state.app.jinja_env.globals.update(paper_name=name_of))

NAMES: dict[FormKind, LazyString] = {
    FormKind.RECEIPT: lazy_gettext("Giấy tiếp nhận hồ sơ và hẹn trả kết quả"),
    FormKind.SUPPLEMENT: lazy_gettext("Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ"),
    FormKind.REFUSAL: lazy_gettext("Phiếu từ chối tiếp nhận giải quyết hồ sơ"),
    FormKind.APOLOGY: lazy_gettext("Phiếu xin lỗi và hẹn lại ngày trả kết quả"),
    FormKind.STOP: lazy_gettext("Thông báo dừng giải quyết hồ sơ"),
    FormKind.CONTROL: lazy_gettext("Phiếu kiểm soát quá trình giải quyết hồ sơ"),
    FormKind.LEDGER: lazy_gettext("Sổ theo dõi hồ sơ"),
    FormKind.OBLIGATION: lazy_gettext("Thông báo nghĩa vụ tài chính"),
    FormKind.RESULT_RECEIPT: lazy_gettext("Giấy biên nhận trả kết quả"),
    FormKind.RESULT_HANDOVER: lazy_gettext("Phiếu bàn giao kết quả"),
    FormKind.BUNDLE: lazy_gettext("Giấy bàn giao hồ sơ"),
    FormKind.COURSE: lazy_gettext("Quá trình xử lý"),
    FormKind.FEE: lazy_gettext("Biên lai thu phí"),
    FormKind.FEEDBACK: lazy_gettext("Phiếu góp ý"),
    FormKind.LATE_REPORT: lazy_gettext("Báo cáo hồ sơ trả kết quả quá hạn"),
}


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


@blueprint.get("/ho-so/<reference>/ho-so-luu.pdf")
def archived(reference: str) -> Response:
    """Return a dossier that has ended as one file for the archive."""
    content = dossier_export.pdf(current_context(), by=actor(), dossier=reference)
    return pdf_response(content, f"ho-so-luu-{reference}")


def name_of(kind: str) -> LazyString:
    """Return what a paper is called."""
    return NAMES[FormKind(kind)]


def _void_page(paper_id: str, refused: Refusal | None) -> str:
    paper = issued_papers.told(current_context(), by=actor(), paper_id=paper_id)
    return render_template("dossier/void_paper.html", paper=paper, name=name_of(paper["kind"]), refused=refused)
